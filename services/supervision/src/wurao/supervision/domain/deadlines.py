"""Due dates with their explanation, by the legal clock."""

from dataclasses import dataclass
from datetime import date

from wurao.common.legalclock import Period, due_date
from wurao.common.workdays import WorkCalendar
from wurao.supervision.domain.policy import DayUnit


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day, and how it follows, in Chinese."""

    due: date
    explanation: tuple[str, ...]


def deadline(start: date, days: int, unit: DayUnit, cite: str, calendar: WorkCalendar) -> Deadline:
    """The day on which a term that began on `start` ends; none at all means the same day. Raises CalendarUnknown."""
    if days == 0:
        return Deadline(start, (f"依{cite}，应当日办结",))
    found = due_date(start, Period(days, unit, cite), calendar)
    return Deadline(found.due, tuple(found.explain()))


def is_overdue(due: date | None, today: date) -> bool:
    """The last day itself is still in time."""
    return due is not None and today > due
