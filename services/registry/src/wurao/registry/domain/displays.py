"""How long an adverse record is shown, and from when it can be repaired: by its class (LX-12)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from wurao.common.legalclock import Period, due_date
from wurao.common.packs.shapes import DisplayTerm, SeverityRules
from wurao.common.workdays import WorkCalendar

RUNNING = "running"
REPAIRED = "repaired"
RESTORED = "restored"
WITHDRAWN = "withdrawn"

GENERAL = "general"
SERIOUS = "serious"
SLIGHT = "slight"


@dataclass(frozen=True, slots=True)
class Term:
    """From when to when a record is shown, if at all; both days count. `apply_from`: the first day to apply."""

    severity: str
    shown: bool
    shown_from: date
    shown_until: date | None
    apply_from: date


def severity_of(rules: SeverityRules, procedure: str, fine_fen: int, kinds: Iterable[str]) -> str:
    """The class of a decision: the gravest kind speaks; a fine apart from the summary procedure is never slight."""
    imposed = set(kinds) | ({"fine"} if fine_fen else set())
    if imposed & set(rules.serious_kinds) or fine_fen >= rules.serious_fine_fen:
        return SERIOUS
    if procedure in rules.slight_procedures or imposed <= set(rules.slight_kinds):
        return SLIGHT
    return GENERAL


def term(severity: str, rule: DisplayTerm, begins: date, source_ends: date | None = None) -> Term:
    """The term of a record that was established on a day; a source that ends it earlier ends its display, too."""
    longest = months_on(begins, rule.max_months) if rule.max_months is not None else None
    ends = earliest(longest, source_ends)
    apply_from = months_on(begins, rule.min_months) + timedelta(days=1) if rule.min_months else begins
    return Term(severity, rule.shown, begins, ends, apply_from)


def earliest(*days: date | None) -> date | None:
    """The first of the days that are set: what is shown no more counts no more."""
    return min((day for day in days if day is not None), default=None)


@lru_cache(maxsize=8192)
def months_on(day: date, months: int) -> date:
    """The corresponding day so many months on, the month's last where there is none (民法典 art. 202)."""
    return due_date(day, Period(months, "month", f"{months}个月"), WorkCalendar()).due if months else day
