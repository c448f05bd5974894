"""Approvals of inspections outside an agency's own area, in and out."""

from datetime import date

from pydantic import AwareDatetime

from wurao.scheduling.schemas.shared import Body, Day, Identifier, Line, Out, Reason


class AreaApprovalIn(Body):
    """What the common superior approved: `number` of its document, who may inspect whom, until which day."""

    number: Line
    agency_id: Identifier
    enterprise_id: Identifier
    reason: Reason
    until: Day


class AreaApprovalOut(Out):
    """An approval as it stands; without `approver_agency_id` it was recorded from the paper."""

    approval_id: str
    number: str
    agency_id: str
    enterprise_id: str
    area: str
    superior: str
    reason: str
    until: date
    approved_by: str
    approver_agency_id: str | None
    approved_at: AwareDatetime
    withdrawn_at: AwareDatetime | None
    version: int
