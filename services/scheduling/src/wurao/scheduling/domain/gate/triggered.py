"""Triggered inspections: outside the cap, with a source, within reason (QZ-17)."""

from collections.abc import Iterator

from wurao.common.contracts.shared import Refusal, Way
from wurao.scheduling.domain.gate.question import Facts, TaskRequest
from wurao.scheduling.domain.policy import Policy, refusal


def on_a_trigger(request: TaskRequest, policy: Policy) -> bool:
    """Tell whether the request rests on a lead, which takes it out of the cap (QZ-17)."""
    return request.claimed in policy.grounds.triggered.value


def names_its_source(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """A triggered inspection names the record that triggered it (QZ-17)."""
    triggered = request.origin == "triggered" or on_a_trigger(request, policy)
    if triggered and not (request.source_record or "").strip():
        yield refusal(
            "triggered.no_source",
            policy.grounds.triggered,
            "触发式检查须注明线索来源记录",
            ["填写投诉举报、转办交办或监测预警的记录编号"],
        )


def stays_reasonable(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """Past a reasonable number in the year the agency's head decides (QZ-17)."""
    limit = policy.cap.triggered_reasonable_per_year
    if limit is None or request.by_head or not request.on_site or not on_a_trigger(request, policy):
        return
    if not facts.shares_own_visit(request) and facts.triggered_taken >= limit.value:
        yield too_often(facts.triggered_taken, policy)


def too_often(taken: int, policy: Policy) -> Refusal:
    """The refusal past the reasonable number, with whose approval would do (QZ-17)."""
    limit = policy.cap.triggered_reasonable_per_year
    assert limit is not None
    return refusal(
        "triggered.too_often",
        limit,
        f"本年度对该企业的触发式检查已达{taken}次，超过合理频次（{limit.value}次）",
        ["由本机关负责人批准后提交", "采用非现场方式核查"],
        [Way(kind="approval", by="head"), Way(kind="off_site")],
    )
