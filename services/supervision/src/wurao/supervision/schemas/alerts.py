"""Alerts in and out."""

from pydantic import AwareDatetime

from wurao.supervision.schemas.parts import In, Out, ShortText


class AlertOut(Out):
    """An alert."""

    alert_id: str
    kind: str
    clause: str
    area: str
    agency_id: str | None
    officers: list[str]
    enterprise_id: str | None
    evidence: list[str]
    message: str
    raised_at: AwareDatetime
    state: str
    cleared_at: AwareDatetime | None
    cleared_because: str | None
    version: int


class ClearingIn(In):
    """Why an alert no longer holds."""

    reason: ShortText
