"""Visits, filings and keys in and out."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from wurao.common.contracts.shared import JsonObject, OfficerRef, Question, VisitItem, Window
from wurao.scheduling.domain import visits as rules
from wurao.scheduling.schemas.shared import Body, Day, Ground, Identifier, Line, Moment, Out, Reason
from wurao.scheduling.tables import Visit, VisitChange, VisitOfficer

OfficerIds = Annotated[list[Identifier], Field(max_length=20)]


class CodeOut(BaseModel):
    """An action code: its id and the signed token."""

    code_id: str
    token: str


class ChangeOut(Out):
    """A change of a visit: who asked for it, why, who decided, and the values before and after."""

    change_id: str
    visit_id: str
    kind: Literal["approve", "reschedule", "officers", "prolong", "cancel", "take_back", "lapse", "merge"]
    state: Literal["awaiting", "applied", "refused", "withdrawn", "overtaken"]
    reason: str
    wanted: JsonObject
    old: JsonObject
    new: JsonObject
    proposed_by: str
    proposed_at: AwareDatetime
    decided_by: str | None
    decided_at: AwareDatetime | None
    remark: str
    version: int


class VisitOfficerOut(OfficerRef):
    """An officer of a visit; `eligible_sha256` is the digest of the list that he was drawn from.

    Null where nobody drew him: sent by a head, there in an emergency, or drawn before lists were kept.
    """

    eligible_sha256: str | None


class VisitOut(BaseModel):
    """A visit as it stands; `code` is there while it is approved, `pending_change` while one waits for approval.

    `officer_seed`: the seed of its officers' tickets, empty where none were drawn.
    """

    visit_id: str
    merge_id: str
    enterprise_id: str
    enterprise_name: str
    premises_id: str | None
    area: str
    lead_agency_id: str
    agencies: list[str]
    officers: list[VisitOfficerOut]
    officer_seed: str
    items: list[VisitItem]
    questions: list[Question]
    kind: str
    ground: str | None
    source_record: str | None
    day: date
    window: Window
    minutes: int
    state: Literal["proposed", "approved", "started", "finished", "cancelled", "lapsed"]
    code: CodeOut | None
    pending_change: ChangeOut | None
    makeup_for: str | None
    proposed_by: str
    approved_by: str | None
    approved_at: AwareDatetime | None
    note: str
    version: int

    @classmethod
    def of(
        cls, visit: Visit, agencies: Sequence[str], officers: Sequence[VisitOfficer], pending: VisitChange | None
    ) -> Self:
        """The answer for a row with its agencies, its officers and the change that waits."""
        own = {name: getattr(visit, name) for name in cls.model_fields if name in visit.__mapper__.columns}
        return cls.model_validate(
            own
            | {
                "agencies": list(agencies),
                "officers": [
                    VisitOfficerOut(
                        officer_id=o.officer_id, agency_id=o.agency_id, name=o.name, eligible_sha256=o.eligible_sha256
                    )
                    for o in officers
                ],
                "window": rules.window(visit.day, visit.opens_at, visit.closes_at),
                "pending_change": ChangeOut.model_validate(pending) if pending else None,
                "code": CodeOut(code_id=visit.code_id, token=visit.code) if visit.code_id and visit.code else None,
            }
        )


class OfficersIn(Body):
    """Who no longer goes, who goes instead, and why."""

    remove: OfficerIds = Field(default_factory=list)
    add: OfficerIds = Field(default_factory=list)
    reason: Reason

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.remove and not self.add:
            raise ValueError("应写明撤下或者增派的执法人员")
        return self


class RescheduleIn(Body):
    """Another day, and why."""

    date: Day
    reason: Reason


class ProlongIn(Body):
    """How many minutes the visit takes in all, or until when it may last on its day, and why."""

    minutes: Annotated[int, Field(strict=True, ge=1, le=1_440)] | None = None
    until: Moment | None = None
    reason: Reason

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.minutes is None and self.until is None:
            raise ValueError("应写明时长或者结束时间")
        return self


class RevokedCodeOut(Out):
    """A code that is no longer good, until its window is over."""

    code_id: str
    revoked_at: AwareDatetime
    expires_at: AwareDatetime


class FilingIn(Body):
    """An inspection that could not wait."""

    enterprise_id: Identifier
    agency_id: Identifier
    ground: Ground
    source_record: Line
    officer_ids: Annotated[list[Identifier], Field(min_length=1, max_length=20)]
    item_ids: Annotated[list[Identifier], Field(min_length=1, max_length=100)]
    began_at: Moment
    ended_at: Moment | None = None
    entry_id: Identifier | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.ended_at is not None and self.ended_at < self.began_at:
            raise ValueError("结束时间早于开始时间")
        return self


class FilingOut(Out):
    """A filing as kept; `due` only for one after the fact."""

    filing_id: str
    agency_id: str
    enterprise_id: str
    area: str
    ground: str
    source_record: str
    officers: list[OfficerRef]
    item_ids: list[str]
    entry_id: str | None
    began_at: AwareDatetime
    ended_at: AwareDatetime | None
    filed_at: AwareDatetime
    filed_by: str
    after_the_fact: bool
    due: AwareDatetime | None
    late: bool
    clause: str
    reckoning: list[str]
    visit_id: str | None
    approved_late: bool | None
    version: int


class KeysOut(BaseModel):
    """A JWK set (RFC 7517) of the keys that verify action codes."""

    keys: list[dict[str, Any]]


__all__ = [
    "ChangeOut",
    "CodeOut",
    "FilingIn",
    "FilingOut",
    "KeysOut",
    "Line",
    "OfficersIn",
    "ProlongIn",
    "RescheduleIn",
    "RevokedCodeOut",
    "VisitOut",
]
