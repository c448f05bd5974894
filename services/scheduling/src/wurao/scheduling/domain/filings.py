"""What could not wait: filed at the same moment, or made up afterwards where the pack allows it (CX-06, QZ-10)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from wurao.common.contracts.shared import Refusal
from wurao.common.errors import Conflict, Refused
from wurao.common.legalclock import DueDate, Period, due_date
from wurao.common.workdays import WorkCalendar
from wurao.scheduling.domain.gate import AgencyFact, EnterpriseFact, ItemFact
from wurao.scheduling.domain.policy import Policy, refusal


@dataclass(frozen=True, slots=True)
class Timing:
    """How a filing stands in time; `due` only for one after the fact, with the `reckoning` that leads to it."""

    after_the_fact: bool
    due: datetime | None
    late: bool
    clause: str
    reckoning: tuple[str, ...] = ()


def objections(
    agency: AgencyFact | None,
    enterprise: EnterpriseFact | None,
    item_ids: tuple[str, ...],
    items: dict[str, ItemFact],
    ground: str,
    agency_id: str,
    policy: Policy,
) -> Iterator[Refusal]:
    """Why a filing cannot stand: agency (DT-01), enterprise, items (QZ-03, DT-10), ground (DT-11, CX-06)."""
    basis = policy.basis
    if agency is None or not agency.published:
        yield refusal(
            "agency.not_published",
            basis.agency_published,
            "该机关未经确认公示为行政执法主体",
            ["由已公示的主体实施检查"],
        )
    if enterprise is None:
        yield refusal(
            "enterprise.unknown", basis.registered_enterprise, "没有这家企业的登记信息", ["核对统一社会信用代码"]
        )
    for item_id in item_ids:
        item = items.get(item_id)
        if item is None or not item.published:
            yield refusal("item.not_published", basis.item_listed, f"检查事项{item_id}未公布", ["先公布检查事项清单"])
        elif item.agency_id != agency_id:
            yield refusal(
                "item.other_agency", basis.item_legal_basis, f"检查事项“{item.name}”不属于本机关职责", ["核对事项"]
            )
    grounds = policy.grounds
    allowed = dict.fromkeys((*grounds.off_plan.value, *grounds.entry_without_scan.value))
    if ground not in allowed:
        message = f"“{grounds.label(ground)}”不是可以先行检查的理由"
        yield refusal("filing.no_ground", grounds.off_plan, message, grounds.options(allowed))


def timing(
    began_at: datetime, ended_at: datetime | None, now: datetime, policy: Policy, calendar: WorkCalendar
) -> Timing:
    """How a filing made now stands. Raises Refused where filing afterwards is not allowed (CX-06)."""
    rule = policy.filing.after_the_fact
    tolerance = policy.filing.same_moment_minutes.value if policy.filing.same_moment_minutes else 0
    if began_at >= now - timedelta(minutes=tolerance):
        return Timing(False, None, False, rule.clause)
    if not rule.value:
        within = f"检查开始后{tolerance}分钟内" if tolerance else "检查开始之前"
        raise Refused(
            [
                refusal(
                    "filing.after_the_fact",
                    rule,
                    "应当在检查的同时报备，不得事后补报",
                    [f"在{within}报备", "按计划任务另行安排检查"],
                )
            ]
        )
    makeup = policy.filing.makeup_working_days
    due = makeup_due(ended_at or began_at, policy, calendar)
    if makeup is None or due is None:
        return Timing(True, None, False, rule.clause)
    return Timing(True, due.at, due.is_over(now), makeup.clause, tuple(due.explain()))


def makeup_due(ended_at: datetime, policy: Policy, calendar: WorkCalendar) -> DueDate | None:
    """When what follows an inspection must be done; None where the pack sets no period (QZ-10)."""
    makeup = policy.filing.makeup_working_days
    if makeup is None or makeup.value < 1:
        return None
    return due_date(ended_at, Period(makeup.value, "working", makeup.cite), calendar)


def unapproved(due: DueDate) -> str:
    """What is told of an inspection that was filed in time and that nobody approved afterwards (QZ-10)."""
    return f"先行检查已经报备，但未在{due.due}前补办批准和行政行为码"


def approval_objections(
    filed_by: str, officer_ids: Collection[str], accounts: Collection[str], policy: Policy
) -> Iterator[Refusal]:
    """Why somebody cannot approve afterwards: the pack allows no such thing (CX-06), or he filed or went (LX-01)."""
    rule = policy.filing.after_the_fact
    if not rule.value:
        message = "本地不允许事后补办批准和行政行为码"
        yield refusal("filing.no_makeup", rule, message, ["检查前报批，取得行政行为码后再检查"])
    if {filed_by, *officer_ids} & set(accounts):
        message = "不得批准自己报备或者参加的检查"
        yield refusal("filing.self_approval", policy.basis.own_approval, message, ["由本机关另一负责人批准"])


def require_approvable(visit_id: str | None, entry_id: str | None) -> None:
    """Raises Conflict when approval followed already, or nobody knows which entry it is for."""
    if visit_id is not None:
        raise Conflict("该报备已经补办批准", code="filing.approved_already")
    if entry_id is None:
        raise Conflict(
            "该报备没有对应的入企记录",
            code="filing.no_entry",
            alternatives=["入企登记时注明报备编号", "按入企记录另行报备"],
        )
