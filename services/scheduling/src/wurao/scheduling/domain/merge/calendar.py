"""The working days of the period in which tasks lie."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple, Self

import numpy as np

from wurao.common.workdays import CalendarUnknown, WorkCalendar
from wurao.scheduling.domain.draw.texts import BadFile, Fault
from wurao.scheduling.domain.merge.work import Ints

EPOCH = date(1970, 1, 1)
FURTHEST = 3_700
"""So many days at most lie between the first and the last day of all tasks."""


class Calendar(NamedTuple):
    """The working days of a period, and for each of its days the position of the next and of the last one."""

    start: date
    workdays: Sequence[date]
    following: Ints
    preceding: Ints

    @classmethod
    def of(cls, calendar: WorkCalendar, start: date, end: date) -> Self:
        """The calendar from a day to another, both included. Raises CalendarUnknown."""
        days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
        worked = np.array([calendar.is_workday(day) for day in days], np.bool_)
        until = np.cumsum(worked, dtype=np.int32)
        return cls(
            start, [day for day, is_worked in zip(days, worked, strict=True) if is_worked], until - worked, until - 1
        )

    @classmethod
    def between(cls, calendar: WorkCalendar, first: int, last: int, name: str) -> Self:
        """The calendar between two days since 1970-01-01, of a file's tasks. Raises BadFile."""
        if last - first > FURTHEST:
            raise BadFile([Fault(name, 0, "latest", f"首日与末日相距超过 {FURTHEST} 天")])
        try:
            return cls.of(calendar, EPOCH + timedelta(days=first), EPOCH + timedelta(days=last))
        except CalendarUnknown as error:
            raise BadFile([Fault(name, 0, "latest", error.message)]) from error

    @property
    def first(self) -> int:
        """Its first day in days since 1970-01-01."""
        return (self.start - EPOCH).days

    def positions(self, days: Ints) -> Ints:
        """The positions of working days among days since 1970-01-01; -1 for all other days."""
        at = days - self.first
        inside = (at >= 0) & (at < self.following.size)
        at = np.where(inside, at, 0)
        return np.where(inside & (self.following[at] == self.preceding[at]), self.following[at], -1)
