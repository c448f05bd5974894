"""Orders to correct in and out."""

from datetime import date

from pydantic import AwareDatetime

from wurao.supervision.schemas.parts import In, Out, ShortText


class CorrectionOut(Out):
    """An order to correct."""

    order_id: str
    agency_id: str
    area: str
    cause: str
    cause_id: str
    demand: str
    due: date
    explanation: list[str]
    clause: str
    cite: str
    ordered_at: AwareDatetime
    state: str
    escalated_at: AwareDatetime | None
    feedback: str | None
    feedback_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    version: int


class FeedbackIn(In):
    """What the agency did."""

    text: ShortText
