"""Callbacks after visits, and the quarter's list of clues (CX-09)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from wurao.common.errors import Conflict

Proposal = Literal["refer", "correct", "follow_up"]

PROPOSALS: dict[Proposal, str] = {
    "refer": "建议移送纪检监察机关",
    "correct": "建议责令改正",
    "follow_up": "建议再次了解情况",
}

# Taking money or advantages, and coming unannounced, is for discipline inspection; the rest is put right first.
SERIOUS: frozenset[str] = frozenset(
    {
        "arbitrary_fee",
        "arbitrary_fine",
        "levy",
        "gift",
        "reimbursement",
        "private_gain",
        "forced_purchase",
        "sponsorship",
        "subscription",
        "unfiled_visit",
    }
)


@dataclass(frozen=True, slots=True)
class Quarter:
    """A calendar quarter, first and last day included."""

    first: date
    last: date


def quarter(year: int, number: int) -> Quarter:
    """Quarter 1 to 4 of a year."""
    first = date(year, 3 * number - 2, 1)
    following = date(year + number // 4, (3 * number) % 12 + 1, 1)
    return Quarter(first, following - timedelta(days=1))


def record(state: str, *, overdue: bool) -> bool:
    """Whether a result comes in time; one recorded late still counts as done. Raises Conflict when there is one."""
    if state == "done":
        raise Conflict("该回访已有结果", code="callback.done", clause="CX-09")
    return not overdue


def is_clue(satisfied: bool | None, issues: Collection[str]) -> bool:
    """Whether an answered callback belongs on the list."""
    return bool(issues) or satisfied is False


def proposal(issues: Collection[str]) -> Proposal:
    """What the list proposes (CX-09): refer what discipline inspection pursues, correct the rest."""
    if SERIOUS.intersection(issues):
        return "refer"
    return "correct" if issues else "follow_up"
