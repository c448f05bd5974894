"""When a whole list is graded anew: once in a period of so many months, from a day of the period's first month on."""

from calendar import monthrange
from datetime import date


def period_of(day: date, months: int) -> date:
    """The first day of the period that a day belongs to; periods of `months` (a divisor of 12) begin in January."""
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def due_on(period: date, day: int) -> date:
    """The day on which a period's grading is due; the month's last where the month is shorter."""
    return period.replace(day=min(day, monthrange(period.year, period.month)[1]))


def is_due(today: date, months: int, day: int) -> bool:
    """Tell whether the grading of today's period is due."""
    return today >= due_on(period_of(today, months), day)
