"""What could not wait: filed at the same moment, or made up afterwards where the pack allows it (CX-06, QZ-10)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from wurao.common.contracts.shared import Refusal
from wurao.common.errors import Refused
from wurao.common.legalclock import Period, due_date
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
    if makeup is None or makeup.value < 1:
        return Timing(True, None, False, rule.clause)
    due = due_date(ended_at or began_at, Period(makeup.value, "working", makeup.cite), calendar)
    return Timing(True, due.at, due.is_over(now), makeup.clause, tuple(due.explain()))
