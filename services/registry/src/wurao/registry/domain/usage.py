"""Which items are used very often, which not for long, and which never find anything (QZ-03)."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Literal

from wurao.common.errors import Conflict
from wurao.common.packs import Bases

Finding = Literal["frequent", "unused", "fruitless"]

OPEN, ACCEPTED, DISMISSED = "open", "accepted", "dismissed"


@dataclass(frozen=True, slots=True)
class Usage:
    """Use of an item: visits and violations in the period looked at, the last visit ever, since when published."""

    inspections: int
    violations: int
    last_used_on: date | None
    published_on: date | None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From how many visits in the period an item is frequent, and from how many without a violation fruitless."""

    frequent_from: int
    fruitless_from: int


def months_before(day: date, months: int) -> date:
    """The corresponding day so many months earlier, the month's last where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def judge(usage: Usage, since: date, thresholds: Thresholds) -> tuple[Finding, ...]:
    """What the analysis says of an item since a day; an item younger than the period is not yet unused."""
    found: list[Finding] = []
    if usage.inspections >= thresholds.frequent_from:
        found.append("frequent")
    if usage.inspections >= thresholds.fruitless_from and not usage.violations:
        found.append("fruitless")
    published_long = usage.published_on is not None and usage.published_on < since
    if published_long and (usage.last_used_on is None or usage.last_used_on < since):
        found.append("unused")
    return tuple(found)


def decided(state: str, *, cancel: bool, bases: Bases) -> str:
    """The state of a proposal once decided. Raises Conflict when it was before."""
    if state != OPEN:
        raise Conflict("该取消建议已经处理", code="proposal.decided", clause=bases.item_listed.clause)
    return ACCEPTED if cancel else DISMISSED
