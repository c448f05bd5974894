"""Complaints in and out."""

from datetime import date

from pydantic import AwareDatetime, Field, StrictBool

from wurao.supervision.domain.complaints import Channel, Outcome
from wurao.supervision.schemas.corrections import CorrectionOut
from wurao.supervision.schemas.leads import LeadOut
from wurao.supervision.schemas.parts import Code, Identifier, In, Out, OuterId, Text


class ComplaintIn(In):
    """A complaint as filed; `external_id` is the id that the channel gave it."""

    channel: Channel
    category: Code
    enterprise_id: Identifier
    agency_id: Identifier | None = None
    visit_id: Identifier | None = None
    officer_ids: list[Identifier] = Field(default_factory=list, max_length=50)
    description: Text = ""
    external_id: OuterId | None = None


class ComplaintOut(Out):
    """A complaint as its reader may see it: the agency complained about learns nothing of who complained."""

    complaint_id: str
    category: str
    area: str
    agency_id: str | None
    officers: list[str]
    filed_at: AwareDatetime
    due: date
    explanation: list[str]
    clause: str
    cite: str
    state: str
    escalated_at: AwareDatetime | None
    outcome: str | None
    suspected_breach: bool
    closed_at: AwareDatetime | None
    version: int
    channel: str | None = None
    external_id: str | None = None
    enterprise_id: str | None = None
    enterprise_name: str | None = None
    visit_id: str | None = None
    description: str | None = None
    reply: str | None = None


COMPLAINANT = frozenset(
    {"channel", "external_id", "enterprise_id", "enterprise_name", "visit_id", "description", "reply"}
)


class ClosingIn(In):
    """How a complaint ends. What is left out is taken from the complaint, but outcome and reply are needed."""

    outcome: Outcome | None = None
    reply: Text = ""
    agency_id: Identifier | None = None
    officer_ids: list[Identifier] = Field(default_factory=list, max_length=50)
    suspected_breach: StrictBool = False


class ClosedOut(Out):
    """A closed complaint, and what followed."""

    complaint: ComplaintOut
    correction: CorrectionOut | None
    leads: list[LeadOut]


class CategoryOut(Out):
    """Something that can be complained about, in Chinese; `urgent` ones reach the supervisors at once."""

    category: str
    label: str
    urgent: bool
    clause: str
    cite: str
