"""Joining a coming visit instead of coming a further time (YZ-06, LX-14, QZ-06)."""

from collections.abc import Iterator

from wurao.common.contracts.shared import Refusal
from wurao.scheduling.domain.gate.question import Facts, TaskRequest, VisitFact, chinese
from wurao.scheduling.domain.policy import Policy, refusal


def is_possible(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """A visit is joined on site, before its day, within the request's days and the limits (QZ-06)."""
    if request.join_visit_id is None:
        return
    visit = facts.joined(request)
    if visit is None or not request.on_site:
        message = "没有可以并入的检查"
        yield refusal("join.no_visit", policy.basis.approved_beforehand, message, ["核对检查编号", "另行立项"])
        return
    if not request.earliest <= visit.day <= request.latest:
        message = f"该检查在{chinese(visit.day)}，不在任务时限内"
        yield refusal("join.other_day", policy.basis.approved_beforehand, message, ["调整任务时限", "另行立项"])
    yield from _too_much(request, visit, facts, policy)


def _too_much(request: TaskRequest, visit: VisitFact, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    merge = policy.merge
    if len({*visit.agencies, request.agency_id}) > merge.max_agencies.value:
        message = f"一次检查最多{merge.max_agencies.value}个机关参加"
        yield refusal("join.too_many_agencies", merge.max_agencies, message, ["另行立项"])
    if visit.minutes + sum(item.minutes for item in facts.wanted(request)) > merge.max_minutes.value:
        message = f"并入后检查时间超过{merge.max_minutes.value}分钟"
        yield refusal("join.too_long", merge.max_minutes, message, ["减少检查事项", "另行立项"])
