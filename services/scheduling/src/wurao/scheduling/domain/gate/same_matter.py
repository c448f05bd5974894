"""A second task for what an open one will do anyway; an option ahead of the documents.

The documents merge several tasks of a body into one visit, which counts once (LX-14, QZ-16): they forbid no second
task. A county that plans by tasks may refuse it all the same, so that its plans count the enterprise once.
"""

from collections.abc import Iterator
from datetime import timedelta

from wurao.common.contracts.shared import Refusal, Way
from wurao.scheduling.domain.gate.question import Facts, OwnTaskFact, TaskRequest, chinese, join, visit_option
from wurao.scheduling.domain.policy import Policy, refusal


def is_asked_once(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """No second on-site task whose items an open one covers, in overlapping days, unless it joins that one's visit.

    Leads with different source records are different matters (QZ-17).
    """
    rule = policy.pressure.same_matter_once
    if not rule.value or not request.on_site:
        return
    same = [task for task in facts.own if _is_same(task, request)]
    if not same or request.join_visit_id in {task.visit_id for task in same if task.visit_id is not None}:
        return
    joinable = {task.visit_id for task in same}
    visits = [visit for visit in facts.visits if visit.visit_id in joinable]
    free = max(task.latest for task in same) + timedelta(days=1)
    options = [*(visit_option(visit) for visit in visits), f"{chinese(free)}起另行立项"]
    yield refusal(
        "pressure.same_matter",
        rule,
        "本机关对该企业的同一事项已有未完成的检查任务，时限重叠",
        options if visits else ["并入原任务一并实施，不必重复立项", *options],
        [*(join(visit) for visit in visits), Way(kind="wait", day=free)],
    )


def _is_same(task: OwnTaskFact, request: TaskRequest) -> bool:
    overlaps = task.earliest <= request.latest and request.earliest <= task.latest
    alike = task.item_ids.issuperset(request.item_ids) and task.source_record == request.source_record
    return overlaps and alike
