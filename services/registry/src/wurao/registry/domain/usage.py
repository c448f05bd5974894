"""Which items are used very often and which not for long (QZ-03)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Finding = Literal["frequent", "unused", "normal"]


@dataclass(frozen=True, slots=True)
class Usage:
    """Use of an item: visits in the period looked at, the last one ever, and since when it is published."""

    inspections: int
    last_used_on: date | None
    published_on: date | None


def judge(usage: Usage, since: date, frequent_from: int) -> Finding:
    """What the analysis says of an item since a day; an item younger than the period is not yet unused."""
    if usage.inspections >= frequent_from:
        return "frequent"
    published_long = usage.published_on is not None and usage.published_on < since
    if published_long and (usage.last_used_on is None or usage.last_used_on < since):
        return "unused"
    return "normal"
