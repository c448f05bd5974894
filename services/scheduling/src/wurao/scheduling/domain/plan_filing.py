"""A plan at its filing office: filed, checked on the way, noted or returned (DT-11, CX-05)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from wurao.common.errors import Conflict, Kind, Refused
from wurao.common.legalclock import DueDate, Period, due_date
from wurao.common.packs import Param
from wurao.common.workdays import WorkCalendar
from wurao.scheduling.domain.policy import Policy, refusal

FILED, CHECKED, NOTED, RETURNED = "filed", "checked", "noted", "returned"
OPEN = (FILED, CHECKED)
DECISIONS: Mapping[str, str] = {CHECKED: "把关", NOTED: "备案", RETURNED: "退回"}


def decision_due(filed_at: datetime, policy: Policy, calendar: WorkCalendar) -> DueDate | None:
    """The last day on which the office may take note of a filing or return it; the figure is the platform's.

    None where a pack sets it to nothing.
    """
    days = policy.plan.filing_decision_working_days
    if days.value < 1:
        return None
    return due_date(filed_at, Period(days.value, "working", days.cite), calendar)


def holder(state: str, office: str, through: str | None) -> str:
    """Before whom an open filing lies: the line that the pack puts before the office until it has checked."""
    return office if through is None or state == CHECKED else through


def undecided(title: str, held_by: str, due: DueDate) -> str:
    """What is told of a filing that was left lying; who holds it by his Chinese name."""
    return f"检查计划“{title}”已经报备，未在{due.due}前办结备案，现由{held_by}办理"


def decide(
    state: str | None,
    decision: str,
    *,
    office: str,
    through: str | None,
    lines: frozenset[str],
    own: bool,
    policy: Policy,
) -> str:
    """The filing's state after a decision by somebody of these lines.

    Who checks is the line that the pack puts before the office, who takes note the office; either returns what is
    before it. Raises Conflict for a plan that waits for no decision, Refused for another line's business or one's
    own filing.
    """
    if state not in OPEN:
        raise Conflict("检查计划没有待办的报备", code="plan.not_waiting")
    rule: Param[Any] = policy.plan.filing_office
    held_by = holder(state, office, through)
    at_office = held_by == office
    if own:
        message = "不得办理自己报送的备案"
        raise Refused([refusal("plan.own_filing", rule, message, ["由另一人办理"])], kind=Kind.FORBIDDEN)
    if held_by not in lines:
        name = policy.vocabulary.name(held_by)
        message = f"该报备现由{name}办理"
        raise Refused([refusal("plan.other_office", rule, message, [f"由{name}办理"])], kind=Kind.FORBIDDEN)
    if decision == CHECKED and at_office:
        raise Conflict("该报备无须再次把关", code="plan.no_check_needed")
    if decision == NOTED and not at_office:
        raise Refused([refusal("plan.not_checked", policy.plan.filing_through or rule, "报备须先经把关", ["先行把关"])])
    return decision
