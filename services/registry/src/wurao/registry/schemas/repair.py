"""Credit repair in and out: applications, notices, what the public sees."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator

from wurao.registry.schemas.base import Identifier, Line, Name, Reason
from wurao.registry.schemas.grading import FactIn

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
PAPERS = 30

Cause = Literal["source_withdrew", "entered_in_error", "revoked_on_review", "revoked_in_court"]


class Out(BaseModel):
    """Base of answers."""

    model_config = ConfigDict(from_attributes=True)


class Paper(BaseModel):
    """A paper by its digest; the file lies in the recording store, under `reference`."""

    kind: Identifier
    name: Name
    sha256: Sha256
    reference: Line = ""


Papers = Annotated[list[Paper], Field(max_length=PAPERS)]


class ApplicationIn(BaseModel):
    """An application for the repair of one adverse fact."""

    fact_id: Identifier
    materials: Papers


class SupplementIn(BaseModel):
    """Papers added to an application that was returned."""

    materials: Annotated[list[Paper], Field(min_length=1, max_length=PAPERS)]


class Fault(BaseModel):
    """A paper that lacks or is not in order, and why."""

    kind: Identifier
    reason: Reason


class CheckIn(BaseModel):
    """The look at the papers: complete, or every paper that lacks."""

    complete: StrictBool
    lacking: Annotated[list[Fault], Field(max_length=PAPERS)] = []

    @model_validator(mode="after")
    def _told_at_once(self) -> Self:
        if self.complete == bool(self.lacking):
            raise ValueError("材料齐全的不列缺项；不齐全的应列明全部缺项")
        return self


class DecisionIn(BaseModel):
    """A decision with its reason."""

    granted: StrictBool
    reason: Reason


class ReasonIn(BaseModel):
    """Why."""

    reason: Reason


class LackingOut(Out):
    """A paper that lacks, and why."""

    kind: str
    name: str
    reason: str


class StepOut(Out):
    """A step of an application."""

    act: str
    state: str
    by: str
    at: AwareDatetime
    note: str


class ApplicationOut(Out):
    """An application as it stands; `due` is the last day to check it, once accepted to decide on it."""

    application_id: str
    fact_id: str
    enterprise_id: str
    area: str
    agency_id: str | None
    state: str
    materials: list[Paper]
    lacking: list[LackingOut]
    receipt_no: str | None
    submitted_at: AwareDatetime
    accepted_at: AwareDatetime | None
    due: date | None
    overdue: bool
    decided_by: str | None
    decided_at: AwareDatetime | None
    reason: str
    remedies: str
    version: int


class ApplicationWithSteps(ApplicationOut):
    """An application with its course."""

    steps: list[StepOut]


class NoticeOut(Out):
    """The notice of credit repair of an adverse fact, and how its display stands."""

    fact_id: str
    enterprise_id: str
    agency_id: str | None
    case_id: str | None
    severity: str
    state: str
    shown: bool
    shown_from: date
    shown_until: date | None
    apply_from: date
    owes: bool
    barred_until: date | None
    title: str
    paragraphs: list[str]
    clause: str
    cite: str
    noticed_at: AwareDatetime


class FactWithdrawal(BaseModel):
    """Why a source takes a fact back; `document` names the act that says so."""

    cause: Cause
    reason: Reason
    document: Line = ""


class Correction(BaseModel):
    """The fact as it should be, and why."""

    fact: FactIn
    reason: Reason
    document: Line = ""


class ChangeOut(Out):
    """What became of a fact."""

    act: str
    cause: str
    reason: str
    document: str
    replaced_by: str | None
    by: str
    at: AwareDatetime


class TermOut(BaseModel):
    """How long records of a class are shown, in months; absent: until the cause is removed."""

    severity: str
    label: str
    shown: bool
    min_months: int
    max_months: int | None


class MaterialOut(BaseModel):
    """A paper that an application must bring."""

    kind: str
    name: str
    note: str


class Cited(BaseModel):
    """Where a rule is written."""

    subject: str
    clause: str
    cite: str


class RepairRules(BaseModel):
    """Conditions, standards, procedure, papers, time limits and office of credit repair in an area (LX-12)."""

    area: str
    on: date
    terms: list[TermOut]
    serious_kinds: list[str]
    serious_fine_fen: int
    slight_kinds: list[str]
    slight_procedures: list[str]
    conditions: list[str]
    excluded: list[str]
    procedure: list[str]
    materials: list[MaterialOut]
    check_working_days: int
    decision_working_days: int
    office: str
    remedies: str
    citations: list[Cited]


class ShownFact(BaseModel):
    """An adverse record that the public sees, until when, and how it is repaired."""

    indicator: str
    label: str
    severity: str
    record: str
    source: str
    established_on: date
    shown_until: date | None
    apply_from: date
    how_to_repair: str


class PublicCredit(BaseModel):
    """What the public sees of an enterprise's credit; the grade only where the pack makes it public."""

    enterprise_id: str
    name: str
    facts: list[ShownFact]
    grade: str | None
