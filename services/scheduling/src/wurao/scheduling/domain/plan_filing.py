"""A plan at its filing office: filed, checked on the way, noted or returned (DT-11, CX-05)."""

from collections.abc import Mapping
from typing import Any

from wurao.common.errors import Conflict, Kind, Refused
from wurao.common.packs import Param
from wurao.scheduling.domain.policy import Policy, refusal

FILED, CHECKED, NOTED, RETURNED = "filed", "checked", "noted", "returned"
OPEN = (FILED, CHECKED)
DECISIONS: Mapping[str, str] = {CHECKED: "把关", NOTED: "备案", RETURNED: "退回"}


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
    at_office = through is None or state == CHECKED
    holder = office if at_office or through is None else through
    if own:
        message = "不得办理自己报送的备案"
        raise Refused([refusal("plan.own_filing", rule, message, ["由另一人办理"])], kind=Kind.FORBIDDEN)
    if holder not in lines:
        name = policy.vocabulary.name(holder)
        message = f"该报备现由{name}办理"
        raise Refused([refusal("plan.other_office", rule, message, [f"由{name}办理"])], kind=Kind.FORBIDDEN)
    if decision == CHECKED and at_office:
        raise Conflict("该报备无须再次把关", code="plan.no_check_needed")
    if decision == NOTED and not at_office:
        raise Refused([refusal("plan.not_checked", policy.plan.filing_through or rule, "报备须先经把关", ["先行把关"])])
    return decision
