"""How often in a year (QZ-16)."""

from collections.abc import Iterator
from datetime import date
from typing import Literal

from wurao.common.contracts.shared import Refusal, Way
from wurao.scheduling.domain.gate.question import Facts, TaskRequest, chinese, join, visit_option
from wurao.scheduling.domain.gate.triggered import on_a_trigger
from wurao.scheduling.domain.policy import Policy, refusal

Counter = Literal["on_site", "triggered"]


def counter_of(request: TaskRequest, policy: Policy) -> Counter | None:
    """Which yearly counter a permitted request takes a place of; off-site checks take none."""
    if not request.on_site:
        return None
    return "triggered" if on_a_trigger(request, policy) else "on_site"


def limit_of(request: TaskRequest, policy: Policy) -> int | None:
    """The number of places; None without a limit. A head's triggered request is not bound (QZ-17)."""
    if counter_of(request, policy) == "on_site":
        return policy.cap.on_site_per_year.value if policy.cap.on_site_per_year else None
    reasonable = policy.cap.triggered_reasonable_per_year
    return reasonable.value if reasonable and not request.by_head else None


def is_not_full(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """One agency comes to one enterprise on site at most so often in a year (QZ-16)."""
    cap = policy.cap.on_site_per_year
    if cap is None or counter_of(request, policy) != "on_site" or facts.shares_own_visit(request):
        return
    if facts.on_site_taken >= cap.value:
        yield full(request, facts, policy)


def full(request: TaskRequest, facts: Facts, policy: Policy) -> Refusal:
    """The refusal when no place is left, with the ways that stay open (QZ-16)."""
    cap = policy.cap.on_site_per_year
    assert cap is not None
    year = facts.year(request)
    options = [visit_option(visit) for visit in facts.own_visits(request)]
    options.append(f"{chinese(date(year + 1, 1, 1))}起重新计算次数")
    options.append("采用非现场方式检查")
    return refusal(
        "cap.on_site_full",
        cap,
        f"本机关{year}年对该企业的现场检查已安排{cap.value}次，达到年度上限",
        options,
        [
            *(join(visit) for visit in facts.own_visits(request)),
            Way(kind="wait", day=date(year + 1, 1, 1)),
            Way(kind="off_site"),
        ],
    )
