"""A visit put together: who leads, what is asked, when it is, and its life (LX-01, QZ-07, QZ-09)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from wurao.common.clock import SHANGHAI
from wurao.common.contracts.shared import Refusal, VisitItem, VisitKind, Window
from wurao.common.errors import Conflict
from wurao.common.packs import Bases
from wurao.scheduling.domain.policy import Policy, refusal

PROPOSED, APPROVED, STARTED, FINISHED = "proposed", "approved", "started", "finished"
CANCELLED, LAPSED = "cancelled", "lapsed"
COMING = (PROPOSED, APPROVED)

OPENS, CLOSES = time(7, 30), time(19, 0)


@dataclass(frozen=True, slots=True)
class TaskShare:
    """What a task brings into a visit."""

    task_id: str
    agency_id: str
    origin: str
    item_ids: tuple[str, ...]
    ground: str | None
    source_record: str | None


def window(day: date, opens_at: datetime | None = None, closes_at: datetime | None = None) -> Window:
    """When a visit on a day may begin and must be over (Asia/Shanghai): the day's hours unless others are given."""
    return Window(
        opens=opens_at or datetime.combine(day, OPENS, SHANGHAI),
        closes=closes_at or datetime.combine(day, CLOSES, SHANGHAI),
    )


def by_weight(items: Iterable[VisitItem]) -> list[str]:
    """The agencies of a visit, those with most items first, ties by id; the first that can leads."""
    counted = Counter(item.agency_id for item in items)
    return sorted(counted, key=lambda agency_id: (-counted[agency_id], agency_id))


def kind_of(tasks: Sequence[TaskShare]) -> VisitKind:
    """Random when any task was drawn, triggered when all were triggered, else planned."""
    origins = {task.origin for task in tasks}
    if "draw" in origins:
        return "random"
    return "triggered" if origins == {"triggered"} else "planned"


def require_proposed(state: str, basis: Bases) -> None:
    """Raises Conflict unless the visit waits for approval (QZ-09)."""
    if state != PROPOSED:
        raise Conflict("检查不在待批准状态", code="visit.not_proposed", clause=basis.approved_beforehand.clause)


def require_coming(state: str) -> None:
    """Raises Conflict when the visit has begun or is over."""
    if state not in COMING:
        raise Conflict("检查已经开始或者结束", code="visit.not_coming")


def self_approval(basis: Bases) -> Refusal:
    """Nobody approves what he proposed (LX-01)."""
    return refusal(
        "visit.self_approval", basis.own_approval, "不得批准自己提出的检查方案", ["由牵头机关另一负责人批准"]
    )


def objections(
    day: date, now: datetime, withdrawn: Iterable[str], policy: Policy, *, officers_suffice: bool
) -> list[Refusal]:
    """Why a visit cannot be approved now, beside its officers' certificates (QZ-09, DT-01, PL-42)."""
    basis, found = policy.basis, []
    if now >= window(day).closes:
        found.append(refusal("visit.past", basis.approved_beforehand, "检查时间已过，不能事后批准", ["改期后再报批准"]))
    for agency_id in withdrawn:
        message = f"{agency_id}已不是公示的行政执法主体"
        found.append(refusal("agency.not_published", basis.agency_published, message, ["取消该机关的任务"]))
    if not officers_suffice:
        found.append(too_few(policy))
    return found


def too_few(policy: Policy) -> Refusal:
    """A visit without the least number of officers of its leading agency (PL-42)."""
    message = "牵头机关的执法人员不足法定人数"
    return refusal("visit.too_few_officers", policy.entry.min_officers, message, ["增派持证执法人员"])


def day_objections(
    day: date, today: date, windows: Sequence[tuple[date, date]], basis: Bases, *, workday: bool
) -> list[Refusal]:
    """Why a visit cannot be moved to a day: past, not worked, or outside a task's own days (QZ-09)."""
    found = []
    if day < today:
        found.append(refusal("visit.past", basis.approved_beforehand, "不能改到过去的日期", ["另选日期"]))
    if not workday:
        found.append(refusal("visit.not_a_workday", basis.approved_beforehand, "该日不是工作日", ["改到工作日"]))
    first = max((earliest for earliest, _ in windows), default=day)
    last = min((latest for _, latest in windows), default=day)
    if not first <= day <= last:
        message = f"改期应在{first}至{last}之间"
        options = ["在任务时限内另选日期", "取消检查后重新立项"]
        found.append(refusal("visit.outside_window", basis.approved_beforehand, message, options))
    return found
