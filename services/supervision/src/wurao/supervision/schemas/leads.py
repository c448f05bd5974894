"""Leads in and out."""

from typing import Any

from pydantic import AwareDatetime

from wurao.supervision.schemas.parts import In, Out, Text


class LeadOut(Out):
    """A lead as its recipient reads it."""

    lead_id: str
    recipient: str
    management_authority: str
    routed_area: str
    area: str
    category: str
    clause: str
    cause: str
    cause_id: str
    agency_id: str | None
    officers: list[dict[str, Any]]
    enterprise_id: str | None
    evidence: list[str]
    summary: str
    referred_at: AwareDatetime
    state: str
    acknowledged_at: AwareDatetime | None
    note: str | None
    version: int


class AcknowledgementIn(In):
    """What the recipient says on receipt."""

    note: Text = ""
