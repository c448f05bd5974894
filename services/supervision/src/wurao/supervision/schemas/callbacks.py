"""Callbacks in and out."""

from datetime import date

from pydantic import AwareDatetime, Field, StrictBool

from wurao.supervision.domain.callbacks import Proposal
from wurao.supervision.schemas.parts import Code, In, Out, Text


class CallbackOut(Out):
    """A call to an inspected enterprise."""

    callback_id: str
    entry_id: str
    visit_id: str | None
    enterprise_id: str
    enterprise_name: str
    area: str
    agencies: list[str]
    officers: list[str]
    finished_at: AwareDatetime
    due: date | None
    explanation: list[str]
    clause: str
    cite: str
    state: str
    escalated_at: AwareDatetime | None
    satisfied: bool | None
    issues: list[str]
    note: str
    done_at: AwareDatetime | None
    version: int


class ResultIn(In):
    """What the enterprise said; `issues` are codes of GET /v1/complaints/categories."""

    satisfied: StrictBool
    issues: list[Code] = Field(default_factory=list, max_length=30)
    note: Text = ""


class ClueOut(Out):
    """A line of the quarter's list: what an enterprise reported, and what is proposed."""

    callback_id: str
    entry_id: str
    enterprise_id: str
    enterprise_name: str
    agencies: list[str]
    officers: list[str]
    done_at: AwareDatetime
    satisfied: bool
    issues: list[str]
    labels: list[str]
    note: str
    proposal: Proposal
    proposed: str
