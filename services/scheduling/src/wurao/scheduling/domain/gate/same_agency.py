"""One agency comes once (LX-14, YZ-06)."""

from collections.abc import Iterator

from wurao.common.contracts.shared import Refusal
from wurao.scheduling.domain.gate.question import Facts, TaskRequest, join, visit_option
from wurao.scheduling.domain.gate.triggered import on_a_trigger
from wurao.scheduling.domain.policy import Policy, refusal


def comes_once(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """An agency with a visit in the window does not come a second time in it (LX-14, YZ-06)."""
    rule = policy.merge.same_agency
    if not rule.value or not request.on_site or on_a_trigger(request, policy):
        return
    within = [v for v in facts.own_visits(request) if request.earliest <= v.day <= request.latest]
    if within and not facts.shares_own_visit(request):
        yield refusal(
            "merge.same_agency",
            rule,
            "本机关在该时段已安排对该企业的检查，多项检查应当合并进行",
            [visit_option(visit) for visit in within],
            [join(visit) for visit in within],
        )
