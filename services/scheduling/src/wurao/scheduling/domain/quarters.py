"""Quarters, and longer periods that are made of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """Months of a year that belong together: `number` counts them from 1."""

    year: int
    number: int
    months: int = 3

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, (self.number - 1) * self.months + 1, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> "Period":
        """The period after it."""
        if self.number * self.months >= 12:
            return Period(self.year + 1, 1, self.months)
        return Period(self.year, self.number + 1, self.months)

    @property
    def before(self) -> "Period":
        """The period before it."""
        if self.number == 1:
            return Period(self.year - 1, 12 // self.months, self.months)
        return Period(self.year, self.number - 1, self.months)

    @property
    def name(self) -> str:
        """Its short name: 2026Q1, 2026H1, 2026, 2026M04."""
        if self.months == 12:
            return str(self.year)
        mark = {1: "M", 3: "Q", 6: "H"}.get(self.months, f"P{self.months}-")
        return f"{self.year}{mark}{self.number:02d}" if self.months == 1 else f"{self.year}{mark}{self.number}"

    @property
    def title(self) -> str:
        """Its name as people read it."""
        if self.months == 12:
            return f"{self.year}年度"
        if self.months == 3:
            return f"{self.year}年第{'一二三四'[self.number - 1]}季度"
        if self.months == 6:
            return f"{self.year}年{'上下'[self.number - 1]}半年"
        return f"{self.year}年{self.first.month}月至{self.last.month}月"


def period_of(day: date, months: int = 3) -> Period:
    """The period of so many months (a divisor of 12) in which a day lies. Raises ValueError otherwise."""
    if months < 1 or 12 % months:
        raise ValueError(f"a year is not made of periods of {months} months")
    return Period(day.year, (day.month - 1) // months + 1, months)


def of_year(year: int, months: int = 3) -> Iterator[Period]:
    """The periods of a year in order."""
    for number in range(1, 12 // months + 1):
        yield Period(year, number, months)
