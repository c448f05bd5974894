"""Relations of officers to enterprises that require recusal (行政处罚法 第四十三条).

What the officer or the agency states is in force at once. What the enterprise reports waits for the agency's
head, and stops nothing until then; it is upheld or dismissed. What is in force ends on its last day or by decision.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from wurao.common.errors import Conflict
from wurao.common.packs import Bases
from wurao.registry.domain.policy import OfficerSection

REPORTED, IN_FORCE, DISMISSED, ENDED = "reported", "in_force", "dismissed", "ended"
OFFICER, AGENCY, ENTERPRISE = "officer", "agency", "enterprise"
FORMER_EMPLOYER = "former_employer"


@dataclass(frozen=True, slots=True)
class Term:
    """From which day until which last day, or for good."""

    since: date
    until: date | None


def term(
    kind: str, since: date | None, until: date | None, left_on: date | None, today: date, rules: OfficerSection
) -> Term:
    """How long the officer stays away; a former employer for some years after the officer left it.

    Raises Conflict for a term that is over already.
    """
    if until is None and kind == FORMER_EMPLOYER and left_on is not None:
        until = years_after(left_on, rules.recusal_after_employment_years.value)
    found = Term(since or today, until)
    if until is not None and until < max(found.since, today):
        clause = rules.recusal_after_employment_years.clause
        raise Conflict("回避期限已过，无须登记", code="conflict.over", clause=clause)
    return found


def years_after(day: date, years: int) -> date:
    """The same day some years later; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def first_state(source: str) -> str:
    """An enterprise's report waits for a decision; what the own side states counts at once."""
    return REPORTED if source == ENTERPRISE else IN_FORCE


def decide(state: str, bases: Bases, *, upheld: bool) -> str:
    """The state after the agency's decision on a report. Raises Conflict."""
    if state != REPORTED:
        raise Conflict("该回避申请已经处理", code="conflict.not_reported", clause=bases.recusal.clause)
    return IN_FORCE if upheld else DISMISSED


def end(state: str, until: date | None, today: date, bases: Bases) -> tuple[str, date]:
    """The state after the relation ended, and its last day in force. Raises Conflict."""
    if state != IN_FORCE or (until is not None and until < today):
        raise Conflict("该回避关系不在有效状态", code="conflict.not_in_force", clause=bases.recusal.clause)
    return ENDED, today - timedelta(days=1)
