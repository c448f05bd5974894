"""Whole coverage of special fields: until when an enterprise must have been inspected again (BE-54)."""

from collections.abc import Collection
from datetime import date, timedelta


def due_on(since: date, last: date | None, every_months: int) -> date:
    """The last day of the period that began with the last inspection or, without one, when the watch began.

    Months are counted on the calendar: from 31 August on, six months end with February.
    """
    begun = last or since
    months = begun.year * 12 + begun.month - 1 + every_months
    year, month = divmod(months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(begun.day, (following - timedelta(days=1)).day))


def field_of(tags: Collection[str], fields: Collection[str]) -> str | None:
    """The first of the special fields that an enterprise is of; None when it is of none."""
    return next((field for field in fields if field in tags), None)


def is_overdue(due: date, today: date) -> bool:
    """Tell whether the period is over: its last day still counts."""
    return today > due
