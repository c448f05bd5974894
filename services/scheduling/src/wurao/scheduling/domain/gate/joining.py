"""Joining a coming visit instead of coming a further time (YZ-06, LX-14, QZ-06)."""

from collections.abc import Iterable, Iterator

from wurao.common.contracts.shared import Refusal
from wurao.scheduling.domain.gate.question import Facts, JoinFact, TaskRequest, VisitFact, chinese
from wurao.scheduling.domain.policy import Policy, refusal


def is_possible(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """A visit is joined on site, before its day, within the request's days and the limits (QZ-06).

    Departments that are there are asked in time, and the one that joins has somebody to send (YZ-04).
    """
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
    if request.premises_id and visit.premises_id and request.premises_id != visit.premises_id:
        message = "该检查在企业的另一处经营场所"
        yield refusal("join.other_premises", policy.basis.approved_beforehand, message, ["核对经营场所", "另行立项"])
    yield from _too_much(request, visit, facts, policy)
    if facts.joining is not None:
        yield from _newcomer(visit, facts.joining, policy)


def _too_much(request: TaskRequest, visit: VisitFact, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    merge, wanted = policy.merge, facts.wanted(request)
    if len({*visit.agencies, request.agency_id}) > merge.max_agencies.value:
        message = f"一次检查最多{merge.max_agencies.value}个机关参加"
        yield refusal("join.too_many_agencies", merge.max_agencies, message, ["另行立项"])
    if visit.minutes + sum(item.minutes for item in wanted) > merge.max_minutes.value:
        message = f"并入后检查时间超过{merge.max_minutes.value}分钟"
        yield refusal("join.too_long", merge.max_minutes, message, ["减少检查事项", "另行立项"])
    if facts.joining is None:
        return
    sent = min(needed((item.officers for item in wanted), policy), facts.joining.officers)
    if visit.officers + sent > merge.max_officers.value:
        message = f"并入后检查人数超过{merge.max_officers.value}人"
        yield refusal("join.too_many_officers", merge.max_officers, message, ["减少检查事项", "另行立项"])


def _newcomer(visit: VisitFact, joining: JoinFact, policy: Policy) -> Iterator[Refusal]:
    """An agency that was not in the visit sends officers, and asks those who are there."""
    if not joining.officers:
        message = "本机关当日没有可以参加检查的执法人员"
        yield refusal("join.no_officers", policy.basis.certificate, message, ["另行立项"])
    rule = policy.merge.consent_working_days
    if rule is None:
        return
    options = ["另行立项", "请牵头机关将检查改期后再并入"]
    if not joining.calendar_known:
        message = "尚未载入检查日之前的放假调休安排，不能计算征求意见期限"
        yield refusal("join.calendar_unknown", rule, message, options)
    elif joining.consent_due is not None and joining.consent_due >= visit.day:
        message = f"征求意见期限到{chinese(joining.consent_due)}，检查日{chinese(visit.day)}之前来不及"
        yield refusal("join.no_time_for_consent", rule, message, options)


def needed(officers: Iterable[int], policy: Policy) -> int:
    """How many officers an agency sends for items that need so many each, and never less than the law says."""
    return max([policy.entry.min_officers.value, *officers])
