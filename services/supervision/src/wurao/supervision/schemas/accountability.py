"""Sanctions, lost cases and heavy cases in and out."""

from datetime import date

from pydantic import AwareDatetime, Field

from wurao.supervision.domain.sanctions import LostKind, Sanction
from wurao.supervision.schemas.parts import Identifier, In, Out, ShortText


class SanctionIn(In):
    """A decision on an officer's certificate; `until` is the last day of a suspension."""

    officer_id: Identifier
    sanction: Sanction
    until: date | None = None
    reason: ShortText
    lead_id: Identifier | None = None


class SanctionOut(Out):
    """A decision as kept."""

    decision_id: str
    officer_id: str
    number: int
    agency_id: str
    area: str
    sanction: str
    until: date | None
    reason: str
    lead_id: str | None
    clause: str
    cite: str
    decided_at: AwareDatetime


class LostCaseIn(In):
    """A case lost in reconsideration or in court."""

    case_id: Identifier
    agency_id: Identifier
    officer_ids: list[Identifier] = Field(default_factory=list, max_length=50)
    kind: LostKind
    summary: ShortText


class ConclusionIn(In):
    """Who is liable for a lost case, and why."""

    conclusion: ShortText
    liable: list[Identifier] = Field(default_factory=list, max_length=50)


class TraceBackOut(Out):
    """A lost case traced back."""

    trace_back_id: str
    case_id: str
    kind: str
    agency_id: str
    area: str
    officers: list[str]
    summary: str
    opened_at: AwareDatetime
    state: str
    conclusion: str | None
    liable: list[str]
    concluded_at: AwareDatetime | None
    version: int


class HeavyCaseOut(Out):
    """A heavy case as filed by event; the list runs by the time of filing only."""

    case_id: str
    case_no: str
    enterprise_id: str
    agency_id: str
    area: str
    grounds: list[str]
    fine_fen: int
    filed_at: AwareDatetime
