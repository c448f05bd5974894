"""When an exceptional entry must have been filed, and whether it was (QZ-10)."""

from datetime import datetime
from typing import Literal

from wurao.checkin.domain.policy import FilingSection, Law
from wurao.common.legalclock import DueDate, Period, due_date
from wurao.common.workdays import WorkCalendar

FilingState = Literal["none", "not_required", "filed", "awaiting", "made_up", "late", "overdue"]
OPEN: frozenset[str] = frozenset({"awaiting", "overdue"})
IN_TIME: frozenset[str] = frozenset({"filed", "made_up"})


def opening_state(filing_id: str | None, law: Law) -> FilingState:
    """The state in which an exceptional entry begins."""
    if filing_id is not None:
        return "filed"
    return "awaiting" if law.filing.after_the_fact.value else "not_required"


def makeup_due(finished_at: datetime, filing: FilingSection, calendar: WorkCalendar) -> DueDate | None:
    """The end of the working days within which the filing may follow; None where the pack sets no period.

    Raises CalendarUnknown when the holidays of a year needed are not published.
    """
    days = filing.makeup_working_days
    if days is None:
        return None
    return due_date(finished_at, Period(days.value, "working", days.cite), calendar)


def is_late(filed_at: datetime, due: datetime | None, declared_late: bool) -> bool:
    """Late by the filing office's own word, or filed after the last instant in time."""
    return declared_late or (due is not None and filed_at > due)
