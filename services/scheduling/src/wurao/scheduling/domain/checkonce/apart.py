"""Why a task is not in a visit although the enterprise is visited: each conflict, and what would help (QZ-06)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from wurao.common.contracts.shared import Refusal
from wurao.scheduling.domain.gate.question import chinese
from wurao.scheduling.domain.policy import Policy, refusal


@dataclass(frozen=True, slots=True)
class Share:
    """What a task would bring to a visit. `other_visit_id` and `other_day` tell of the visit that serves it."""

    task_id: str
    agency_id: str
    agency_name: str
    first: date
    last: date
    place: str
    minutes: int
    officers: int
    drawn: bool
    objection: str | None = None
    other_visit_id: str | None = None
    other_day: date | None = None


@dataclass(frozen=True, slots=True)
class Together:
    """A visit as it is: its day and premises, minutes, officers by agency, and whether a draw brought it."""

    visit_id: str
    day: date
    place: str
    minutes: int
    officers: Mapping[str, int]
    drawn: bool
    open: bool


def conflicts(share: Share, visit: Together, policy: Policy) -> list[Refusal]:
    """Every conflict between a task and a visit; where there is none, what became of the task instead."""
    found = list(_between(share, visit, policy))
    if found:
        return found
    if share.other_visit_id is not None and share.other_day is not None:
        message = f"已由{chinese(share.other_day)}的检查（编号{share.other_visit_id}）完成该任务"
        return [_plain("elsewhere", message, policy, ["维持现有安排"])]
    message = "任务在本次检查组成之后提出，或者当日没有可以派出的执法人员"
    option = f"并入该检查（编号{visit.visit_id}）" if visit.open else "另行安排检查"
    return [_plain("later", message, policy, [option, "重新合并检查任务"])]


def _plain(code: str, message: str, policy: Policy, options: list[str]) -> Refusal:
    return refusal(f"apart.{code}", policy.merge.check_once, message, options)


def _between(share: Share, visit: Together, policy: Policy) -> Iterator[Refusal]:
    merge = policy.merge
    if share.objection is not None and merge.consent_working_days is not None:
        message = f"{share.agency_name}不同意合并：{share.objection}"
        yield refusal("apart.objection", merge.consent_working_days, message, ["由该机关单独安排检查"])
    if not share.first <= visit.day <= share.last:
        yield _window(share, visit, policy)
    if share.place and visit.place and share.place != visit.place:
        yield _plain("premises", "检查的经营场所不同", policy, ["分别检查各经营场所"])
    if share.drawn != visit.drawn and not merge.random_with_non_random.value:
        message = "双随机抽查与非双随机检查分别进行"
        yield refusal("apart.random", merge.random_with_non_random, message, ["另行安排检查"])
    if not merge.check_once.value and share.agency_id not in visit.officers:
        yield refusal("apart.check_once", merge.check_once, "未推行多部门综合查一次", ["另行安排检查"])
    yield from _limits(share, visit, policy)


def _window(share: Share, visit: Together, policy: Policy) -> Refusal:
    days = policy.merge.window_days
    gap = (share.first - visit.day).days if share.first > visit.day else (visit.day - share.last).days
    message = f"任务时限为{chinese(share.first)}至{chinese(share.last)}，不含检查日{chinese(visit.day)}"
    if gap > days.value:
        message = f"{message}，相差{gap}天，超过可以合并的{days.value}天"
        return refusal("apart.window", days, message, ["在任务时限内另行安排检查"])
    message = f"{message}，相差{gap}天，在可以合并的{days.value}天以内"
    options = [f"本机关调整任务时限后并入该检查（编号{visit.visit_id}）", "在任务时限内另行安排检查"]
    return refusal("apart.window_near", days, message, options)


def _limits(share: Share, visit: Together, policy: Policy) -> Iterator[Refusal]:
    merge, officers = policy.merge, dict(visit.officers)
    officers[share.agency_id] = max(officers.get(share.agency_id, 0), share.officers)
    if len(officers) > merge.max_agencies.value:
        message = f"并入后参加机关{len(officers)}个，超过{merge.max_agencies.value}个"
        yield refusal("apart.too_many_agencies", merge.max_agencies, message, ["另日检查", "减少参加机关"])
    if visit.minutes + share.minutes > merge.max_minutes.value:
        message = f"并入后检查{visit.minutes + share.minutes}分钟，超过{merge.max_minutes.value}分钟"
        yield refusal("apart.too_long", merge.max_minutes, message, ["另日检查", "减少检查事项"])
    if sum(officers.values()) > merge.max_officers.value:
        message = f"并入后检查人员{sum(officers.values())}人，超过{merge.max_officers.value}人"
        yield refusal("apart.too_many_officers", merge.max_officers, message, ["另日检查", "减少检查人员"])
