"""Visits, filings and keys in and out."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from wurao.common.contracts.shared import OfficerRef, Question, VisitItem, Window
from wurao.scheduling.domain import visits as rules
from wurao.scheduling.schemas.shared import Body, Day, Ground, Identifier, Line, Moment, Out, Reason
from wurao.scheduling.tables import Visit, VisitOfficer

OfficerIds = Annotated[list[Identifier], Field(max_length=20)]


class CodeOut(BaseModel):
    """An action code: its id and the signed token."""

    code_id: str
    token: str


class VisitOut(BaseModel):
    """A visit as it stands; `code` is there while it is approved."""

    visit_id: str
    merge_id: str
    enterprise_id: str
    enterprise_name: str
    premises_id: str | None
    area: str
    lead_agency_id: str
    agencies: list[str]
    officers: list[OfficerRef]
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
    proposed_by: str
    approved_by: str | None
    approved_at: AwareDatetime | None
    note: str
    version: int

    @classmethod
    def of(cls, visit: Visit, agencies: Sequence[str], officers: Sequence[VisitOfficer]) -> Self:
        """The answer for a row with its agencies and officers."""
        own = {name: getattr(visit, name) for name in cls.model_fields if name in visit.__mapper__.columns}
        return cls.model_validate(
            own
            | {
                "agencies": list(agencies),
                "officers": [OfficerRef(officer_id=o.officer_id, agency_id=o.agency_id, name=o.name) for o in officers],
                "window": rules.window(visit.day),
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
            raise ValueError("nobody to remove or add")
        return self


class RescheduleIn(Body):
    """Another day, and why."""

    date: Day
    reason: Reason


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
            raise ValueError("ended_at is before began_at")
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


class KeysOut(BaseModel):
    """A JWK set (RFC 7517) of the keys that verify action codes."""

    keys: list[dict[str, Any]]


__all__ = [
    "CodeOut",
    "FilingIn",
    "FilingOut",
    "KeysOut",
    "Line",
    "OfficersIn",
    "RescheduleIn",
    "VisitOut",
]
