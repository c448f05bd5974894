"""The round of consents before departments visit together: who is asked, until when, what silence means (YZ-04)."""

from collections.abc import Iterable
from datetime import datetime

from wurao.common.clock import legal_date
from wurao.common.contracts.shared import Refusal
from wurao.common.errors import Conflict
from wurao.common.legalclock import DueDate, Period, due_date
from wurao.common.workdays import WorkCalendar
from wurao.scheduling.domain.gate.question import chinese
from wurao.scheduling.domain.policy import Policy, refusal

OPEN, CONSENTED, OBJECTED, SILENT, VOID = "open", "consented", "objected", "silent", "void"
GIVEN = (CONSENTED, SILENT)


def asked(agencies: Iterable[str], initiator: str, policy: Policy) -> list[str]:
    """The departments whose consent is needed: all but the initiating one, none within one agency (YZ-04, YZ-06)."""
    if policy.merge.consent_working_days is None:
        return []
    return sorted(set(agencies) - {initiator})


def due(proposed_at: datetime, policy: Policy, calendar: WorkCalendar) -> DueDate:
    """Until when a participant may object; silence past it is consent. Raises CalendarUnknown."""
    days = policy.merge.consent_working_days
    assert days is not None
    return due_date(proposed_at, Period(days.value, "working", days.cite), calendar)


def require_open(state: str) -> None:
    """Raises Conflict when the department has answered, or need not answer any more."""
    if state != OPEN:
        raise Conflict("征求意见已经结束", code="consent.not_open")


def still_open(waiting: Iterable[str], until: datetime, policy: Policy) -> Refusal:
    """No approval while a department may still object (YZ-04)."""
    days = policy.merge.consent_working_days
    assert days is not None
    names = "、".join(waiting)
    message = f"尚在征求{names}意见，不能批准"
    options = ["由参与部门答复同意", f"{chinese(legal_date(until))}期限届满未答复的视为同意"]
    return refusal("visit.consent_open", days, message, options)
