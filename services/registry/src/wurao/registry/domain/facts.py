"""Credit facts: which count on a day, and what several facts of one indicator come to.

| indicator | reading | own window |
| --- | --- | --- |
| penalties_24m | sum | 24 months |
| accidents_36m | sum | 36 months |
| complaints_proven, annual_report_missed | sum | – |
| serious_breach, abnormal_listing, safety_standard_level, hazards_rectified_permille | latest | – |
| high_tech, rd_permille, tax_band, jobs | latest | – |

sum: each fact reports so many events of its own, so facts add up. latest: a fact reports a state, so the one
that occurred last speaks. A fact counts from the day it occurred to the last day that its source gives; without
one, to the end of the indicator's own window; without that, until a later fact replaces it. An adverse fact
counts no longer than it is displayed (see displays).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from wurao.common.legalclock import Period, due_date
from wurao.common.workdays import WorkCalendar

# Why a fact counts no more: its last day is over, a repair, the end of its display, or its source took it back.
EXPIRED = "expired"
REPAIRED = "repaired"
RESTORED = "restored"
WITHDRAWN = "withdrawn"
CORRECTED = "corrected"
# What a new import of the same fact does not undo, and what it is told.
SETTLED: Mapping[str, str] = {
    REPAIRED: "该记录已经信用修复，未予变更",
    WITHDRAWN: "该记录已由来源单位撤回，未予变更",
    CORRECTED: "该记录已更正为另一条，未予变更",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How facts of an indicator are read; `months` is the indicator's own window."""

    kind: Literal["sum", "latest"]
    months: int | None = None


_SUM, _LATEST = Reading("sum"), Reading("latest")

READINGS: Mapping[str, Reading] = {
    "penalties_24m": Reading("sum", 24),
    "accidents_36m": Reading("sum", 36),
    "complaints_proven": _SUM,
    "annual_report_missed": _SUM,
    "serious_breach": _LATEST,
    "abnormal_listing": _LATEST,
    "safety_standard_level": _LATEST,
    "hazards_rectified_permille": _LATEST,
    "high_tech": _LATEST,
    "rd_permille": _LATEST,
    "tax_band": _LATEST,
    "jobs": _LATEST,
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as grading reads it; `counts_until` is the last day on which it counts."""

    fact_id: str
    indicator: str
    value: int
    occurred_on: date
    counts_until: date | None = None

    def counts(self, on: date) -> bool:
        """Tell whether the fact counts on a day."""
        return self.occurred_on <= on and (self.counts_until is None or on <= self.counts_until)


@dataclass(frozen=True, slots=True)
class Stand:
    """What an indicator comes to on a day, and the facts that say so."""

    value: int
    facts: tuple[Fact, ...]


def counts_until(indicator: str, value: int, occurred_on: date, expires_on: date | None) -> date | None:
    """The last day on which a fact counts, None for no end; see the table above."""
    months = READINGS[indicator].months
    if expires_on is not None or months is None or value == 0:
        return expires_on
    return _months_on(occurred_on, months)


def stands(facts: Iterable[Fact], on: date) -> dict[str, Stand]:
    """What each indicator comes to on a day; indicators without a counting fact are absent."""
    by_indicator: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.counts(on):
            by_indicator.setdefault(fact.indicator, []).append(fact)
    return {indicator: _stand(READINGS[indicator], found) for indicator, found in by_indicator.items()}


def _stand(reading: Reading, facts: list[Fact]) -> Stand:
    if reading.kind == "sum":
        return Stand(sum(fact.value for fact in facts), tuple(facts))
    last = max(facts, key=lambda fact: (fact.occurred_on, fact.fact_id))
    return Stand(last.value, (last,))


@lru_cache(maxsize=8192)
def _months_on(day: date, months: int) -> date:
    return due_date(day, Period(months, "month", f"近{months}个月"), WorkCalendar()).due


PENAL_OUTCOMES = frozenset({"lighter", "ordinary", "heavier", "mitigated"})


def penalties_in(outcome: str, fine_fen: int, kinds: Iterable[str]) -> int:
    """How many penalties a decision adds to the credit record: one if anything was imposed, else none (PL-33)."""
    return int(outcome in PENAL_OUTCOMES and (fine_fen > 0 or any(kinds)))
