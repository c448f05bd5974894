"""Several levels at one enterprise come together (CX-14)."""

from collections.abc import Iterator

from wurao.common.contracts.shared import Refusal, Way
from wurao.scheduling.domain.gate.plan import PLANNED
from wurao.scheduling.domain.gate.question import (
    AgencyFact,
    Facts,
    PlanFact,
    TaskFact,
    TaskRequest,
    VisitFact,
    chinese,
    visit_option,
)
from wurao.scheduling.domain.gate.triggered import on_a_trigger
from wurao.scheduling.domain.policy import Policy, refusal


def come_together(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """Levels do not come apart: tasks that can share a day pass and are merged, others are refused (CX-14).

    A filed joint plan may part them, in what it has the agency do.
    """
    rule, agency = policy.level.one_visit_per_levels, facts.agency
    if not rule.value or agency is None or not request.on_site or on_a_trigger(request, policy):
        return
    if request.origin in PLANNED and _parted_by_a_plan(request, facts.plan):
        return
    rivals = [task for task in facts.others if _other_level(agency, task.agency)]
    apart = [task for task in rivals if not _can_share(request, task)]
    if apart:
        names = "、".join(dict.fromkeys(task.agency.name for task in apart))
        yield refusal(
            "level.separate",
            rule,
            f"{names}已安排对该企业的检查，不得多层级分头检查",
            [*dict.fromkeys(_option(task) for task in apart), "报联席会议办公室备案联合检查计划"],
            [_way(task) for task in apart],
        )


def _parted_by_a_plan(request: TaskRequest, plan: PlanFact | None) -> bool:
    return plan is not None and plan.kind == "joint" and plan.filed and plan.part_of(request.agency_id) is not None


def _other_level(one: AgencyFact, other: AgencyFact) -> bool:
    """Township offices have no line of their own: they count against every line."""
    same_system = one.line == other.line or "township" in (one.level, other.level)
    return one.level != other.level and same_system


def _can_share(request: TaskRequest, task: TaskFact) -> bool:
    """A task that has its visit is merged no more, but its visit can be joined."""
    if task.visit_id is not None:
        return task.visit_id == request.join_visit_id
    return request.earliest <= task.latest and task.earliest <= request.latest


def _option(task: TaskFact) -> str:
    if task.day is not None and task.visit_id is not None:
        return visit_option(VisitFact(task.visit_id, task.day, ()))
    return f"将检查时间调整到{chinese(task.earliest)}至{chinese(task.latest)}之间，合并检查"


def _way(task: TaskFact) -> Way:
    if task.day is not None and task.visit_id is not None:
        return Way(kind="join_visit", visit_id=task.visit_id, day=task.day)
    return Way(kind="reschedule", day=task.earliest, until=task.latest)
