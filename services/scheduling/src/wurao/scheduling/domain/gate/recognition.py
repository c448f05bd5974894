"""Results that others recognise (YZ-07)."""

from collections.abc import Iterator
from datetime import date, timedelta

from wurao.common.contracts.shared import Refusal, Way
from wurao.scheduling.domain.gate.question import Facts, ItemFact, ResultFact, TaskRequest, chinese
from wurao.scheduling.domain.gate.triggered import on_a_trigger
from wurao.scheduling.domain.policy import Policy, refusal


def recognised_until(item: ItemFact, result: ResultFact, policy: Policy) -> date | None:
    """The last day on which a result stands for a new inspection of the item; None when it never does."""
    general = policy.recognition.days.value if policy.recognition.days else 0
    days = general if item.recognition_days is None else item.recognition_days
    return result.finished_on + timedelta(days=days) if days > 0 else None


def of_a_like_result(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """No second inspection of a matter that any agency inspected within the recognition period (YZ-07)."""
    wanted = facts.wanted(request)
    if not policy.recognition.required.value or on_a_trigger(request, policy) or not wanted:
        return
    latest = {result.matter: result for result in facts.results}
    standing = []
    for item in wanted:
        result = latest.get(item.matter)
        until = recognised_until(item, result, policy) if result else None
        if result is None or until is None or until < request.earliest:
            return
        standing.append((result, until))
    earlier, until = max(standing, key=lambda pair: (pair[1], pair[0].matter))
    yield refusal(
        "recognition.like_result",
        policy.recognition.days or policy.recognition.required,
        f"同一事项已由{earlier.agency_name}于{chinese(earlier.finished_on)}检查（记录{earlier.entry_id}），结果应予互认",
        [f"直接采用该检查结果（记录{earlier.entry_id}）", f"{chinese(until + timedelta(days=1))}起可以再行检查"],
        [Way(kind="use_result", record=earlier.entry_id), Way(kind="wait", day=until + timedelta(days=1))],
    )
