"""Superiors' visits: filed by the local counterpart, and at most so many further visits for acceptance (CX-15)."""

from collections.abc import Iterator
from datetime import date

from wurao.common.contracts.shared import Refusal, Way
from wurao.common.errors import Conflict
from wurao.scheduling.domain.gate import AgencyFact, EnterpriseFact, TaskFact, VisitFact
from wurao.scheduling.domain.gate.question import chinese, join, visit_option
from wurao.scheduling.domain.policy import Policy, refusal


def objections(agency: AgencyFact | None, enterprise: EnterpriseFact | None, policy: Policy) -> Iterator[Refusal]:
    """Why a superior's visit cannot be filed: by an agency that is none, or of an unknown enterprise."""
    basis = policy.basis
    if agency is None or not agency.published:
        message = "该机关未经确认公示为行政执法主体"
        yield refusal("agency.not_published", basis.agency_published, message, ["由对口的县级主管部门备案"])
    if enterprise is None:
        message = "没有这家企业的登记信息"
        yield refusal("enterprise.unknown", basis.registered_enterprise, message, ["核对统一社会信用代码"])


def together(visits: list[VisitFact], tasks: list[TaskFact]) -> tuple[list[str], list[Way]]:
    """What local agencies have at the enterprise anyway: visits to join, tasks to bring along."""
    options = [visit_option(visit) for visit in visits]
    ways = [join(visit) for visit in visits]
    for task in tasks:
        if task.visit_id is None:
            days = f"{chinese(task.earliest)}至{chinese(task.latest)}"
            options.append(f"{task.agency.name}{days}的任务一并实施")
            ways.append(Way(kind="reschedule", day=task.earliest, until=task.latest, agency_id=task.agency.agency_id))
    return options, ways


def require_afterwards(day: date, earliest: date) -> None:
    """Raises Conflict when a visit for acceptance may be before the superior's visit."""
    if earliest < day:
        raise Conflict("勘察验收应当在上级检查之后", code="acceptance.before_visit")


def no_further_acceptance(policy: Policy) -> Refusal:
    """After a superior's visit the enterprise is visited for acceptance no more than the pack allows (CX-15)."""
    rule = policy.level.acceptance_visits
    assert rule is not None
    message = f"上级检查后的勘察验收最多{rule.value}次，已经安排"
    options = ["由企业提交整改材料，非现场验收"]
    return refusal("level.acceptance_used", rule, message, options, [Way(kind="off_site")])
