"""Entries, records, evidence and signatures in and out."""

from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, StrictBool, StrictInt, StringConstraints

from wurao.checkin.schemas.fields import (
    Body,
    Identifier,
    Moment,
    OfficerIds,
    Out,
    Sha256,
    Slug,
    SomeWords,
    Token,
    Words,
)
from wurao.common.contracts.shared import Finding, ItemResult, OfficerRef, Question, VisitItem

LARGEST = 10**15


def _plain_zero(value: float) -> float:
    """A database may drop the sign of zero, and with it the digest."""
    return value + 0.0


class EntryIn(Body):
    """A knock at the door. Which codes must be there is for the gate to say, with its clause."""

    enterprise_code: Token | None = None
    action_code: Token | None = None
    officer_ids: OfficerIds


class ExceptionIn(Body):
    """An entry without an approved visit; the enterprise by its id or its scanned code."""

    enterprise_id: Identifier | None = None
    enterprise_code: Token | None = None
    officer_ids: OfficerIds
    ground: Slug
    source_record: Words
    item_ids: Annotated[list[Identifier], Field(min_length=1, max_length=100)]
    filing_id: Identifier | None = None


class EnteredOut(Out):
    """What officers see once they are in."""

    entry_id: str
    visit_id: str | None
    enterprise_id: str
    started_at: AwareDatetime
    questions: list[Question]
    items: list[VisitItem]


Number = Annotated[float, Field(strict=True, ge=-LARGEST, le=LARGEST, allow_inf_nan=False), AfterValidator(_plain_zero)]
Whole = Annotated[StrictInt, Field(ge=-LARGEST, le=LARGEST)]


class AnswerIn(Body):
    """An answer: true or false, a number, or text, as its question asks."""

    question_id: Annotated[str, StringConstraints(pattern=r"^[^\x00]{1,200}$")]
    value: StrictBool | Whole | Number | Words


class ResultIn(Body):
    """What one item came to."""

    item_id: Identifier
    result: Literal["conform", "violation", "not_applicable"]


class FindingIn(Body):
    """A violation that officers saw."""

    item_id: Identifier
    violation: Slug
    description: SomeWords
    circumstances: Annotated[list[Slug], Field(max_length=20, default_factory=list)]


class RecordIn(Body):
    """An on-site record; `present` names who was there for the enterprise."""

    answers: Annotated[list[AnswerIn], Field(max_length=2000)]
    results: Annotated[list[ResultIn], Field(max_length=200)]
    findings: Annotated[list[FindingIn], Field(max_length=500, default_factory=list)]
    present: SomeWords


class RecordOut(Out):
    """A record as kept; `record_digest` is what officers sign."""

    entry_id: str
    record_digest: str
    findings: list[Finding]
    version: int


class EvidenceIn(Body):
    """Evidence by its digest; the file lies in the recording store."""

    kind: Literal["photo", "video", "audio", "document", "sample", "other"]
    media_type: Annotated[str, StringConstraints(pattern=r"^[a-z]+/[A-Za-z0-9.+-]{1,80}$")]
    size: Annotated[int, Field(strict=True, ge=0, le=2**50)]
    sha256: Sha256
    taken_at: Moment


class EvidenceOut(Out):
    """Evidence as registered."""

    evidence_id: str
    kind: str
    media_type: str
    size: int
    sha256: str
    taken_at: AwareDatetime
    registered_by: str
    registered_at: AwareDatetime


class DigestIn(Body):
    """The digest of a file at hand."""

    sha256: Sha256


class Intact(Out):
    """Whether something is what it was."""

    intact: bool


class SignatureIn(Body):
    """The digest that the officer read, if the client wants the platform to compare."""

    record_digest: Sha256 | None = None


class SignatureOut(Out):
    """A signature; `valid` false: the record was changed afterwards."""

    officer_id: str
    digest: str
    signed_at: AwareDatetime
    valid: bool = True


class FinishedOut(Out):
    """A finished visit."""

    entry_id: str
    record_digest: str
    ledger_seq: int
    finished_at: AwareDatetime
    filing_due: AwareDatetime | None


class AnswerOut(Out):
    """An answer as kept."""

    question_id: str
    value: StrictBool | int | float | str


class KeptRecord(Out):
    """An on-site record as kept."""

    answers: list[AnswerOut]
    results: list[ItemResult]
    findings: list[Finding]
    present: str


class EntryOut(Out):
    """Everything about an entry."""

    entry_id: str
    visit_id: str | None
    enterprise_id: str
    enterprise_name: str
    area: str
    agencies: list[str]
    officers: list[OfficerRef]
    items: list[VisitItem]
    questions: list[Question]
    mode: Literal["scan", "exception"]
    ground: str | None
    source_record: str | None
    filing_id: str | None
    filed_as: str | None
    filing_state: str
    filing_due: AwareDatetime | None
    filing_explained: list[str]
    makeup_visit_id: str | None
    started_at: AwareDatetime
    finished_at: AwareDatetime | None
    record: KeptRecord | None
    record_digest: str | None
    ledger_seq: int | None
    evidence: list[EvidenceOut] = Field(default_factory=list)
    signatures: list[SignatureOut] = Field(default_factory=list)
    version: int
