"""Days as positions among the working days."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, Self


class Positions(NamedTuple):
    """Positions in a sorted list of working days."""

    workdays: Sequence[date]

    @classmethod
    def of(cls, workdays: Sequence[date]) -> Self:
        """Positions among these days."""
        return cls(workdays)

    def first(self, day: date) -> int:
        """The first working day on or after a day; one past the end if there is none."""
        return bisect_left(self.workdays, day)

    def last(self, day: date) -> int:
        """The last working day on or before a day; -1 if there is none."""
        return bisect_right(self.workdays, day) - 1

    def exactly(self, day: date | None) -> int:
        """The position of a working day, -1 for any other day and for none."""
        if day is None:
            return -1
        at = bisect_left(self.workdays, day)
        return at if at < len(self.workdays) and self.workdays[at] == day else -1
