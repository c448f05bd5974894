"""The joint conference: when it meets, what it has before it, what it resolves (CX-01)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from wurao.common.contracts.shared import JsonObject
from wurao.common.errors import Conflict, Refused
from wurao.scheduling.domain.policy import Policy, refusal
from wurao.scheduling.domain.quarters import period_of

CONVENED, HELD, CLOSED = "convened", "held", "closed"
REGULAR, EXTRA = "regular", "extra"

DECISIONS: Mapping[str, str] = {"approved": "同意", "returned": "退回修改", "deferred": "缓议"}
SUBJECTS: Mapping[str, str] = {
    "plans": "审定检查计划",
    "non_random_items": "调整非双随机检查事项清单",
    "other": "其他事项",
}


def convene(kind: str, day: date, reason: str | None, policy: Policy) -> str:
    """The period that a meeting belongs to.

    Raises Refused where the pack knows no conference, or for an extra meeting that it does not foresee or that
    names no reason (CX-01).
    """
    rule = policy.conference.required
    if not rule.value:
        raise Refused([refusal("conference.none", rule, "本地没有实行联席会议制度", ["按计划批准权限办理"])])
    if kind == EXTRA:
        extra = policy.conference.extra_meetings
        if not extra.value:
            raise Refused([refusal("conference.no_extra", extra, "没有临时召开联席会议的规定", ["在例会上审议"])])
        if not (reason or "").strip():
            raise Refused(
                [refusal("conference.no_reason", extra, "临时召开联席会议应当说明特殊情况", ["说明特殊情况"])]
            )
    return period_of(day, every_months(policy)).name


def every_months(policy: Policy) -> int:
    """How many months lie between regular meetings; a quarter where the pack names none."""
    every = policy.conference.every_months
    return every.value if every else 3


def hold(state: str, presided_by: str, attendees: Sequence[str], members: Iterable[str], policy: Policy) -> str:
    """The state once the meeting took place.

    Raises Conflict when it did before, Refused for a chairperson who is no convener or for attendees who are no
    members (CX-01).
    """
    if state != CONVENED:
        raise Conflict("会议已经召开", code="conference.held")
    conveners = policy.conference.conveners
    found = []
    if conveners.value and presided_by not in conveners.value:
        message = f"“{presided_by}”不是联席会议召集人"
        found.append(
            refusal("conference.not_convener", conveners, message, [f"由{one}主持" for one in conveners.value])
        )
    strangers = sorted(set(attendees) - set(members))
    if strangers:
        message = f"{'、'.join(strangers)}不是联席会议成员单位"
        found.append(refusal("conference.not_member", policy.conference.required, message, ["核对参会单位"]))
    if found:
        raise Refused(found)
    return HELD


def require_held(state: str) -> None:
    """Raises Conflict unless the meeting is being held: before it nothing is resolved, after its end nothing more."""
    if state == CONVENED:
        raise Conflict("会议尚未召开", code="conference.not_held")
    if state == CLOSED:
        raise Conflict("会议已经结束，纪要已定", code="conference.closed")


def require_open(state: str) -> None:
    """Raises Conflict when the meeting has ended: its minutes are settled."""
    if state == CLOSED:
        raise Conflict("会议已经结束，纪要已定", code="conference.closed")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A plan that waits for the conference."""

    plan_id: str
    agency_name: str
    title: str
    kind_name: str


def agenda(
    day: date, waiting: Sequence[Waiting], non_random: Mapping[str, int], topics: Sequence[str], policy: Policy
) -> JsonObject:
    """What the meeting has before it: the pack's headings, the plans that wait, the list of non-random items by
    agency, the report on the period before, and further topics (CX-01, CX-02).
    """
    before = period_of(day, every_months(policy)).before
    listed = sum(non_random.values())
    entries: list[JsonObject] = [
        {"kind": "plan", "title": f"审定{one.agency_name}《{one.title}》（{one.kind_name}）", "plan_id": one.plan_id}
        for one in waiting
    ]
    entries.append(
        {
            "kind": "non_random_items",
            "title": f"调整{day.year}年度非双随机检查事项清单（现有{listed}项，涉及{len(non_random)}个单位）",
            "plan_id": None,
        }
    )
    entries.append({"kind": "report", "title": f"听取{before.title}涉企检查计划完成情况汇报", "plan_id": None})
    entries += [{"kind": "topic", "title": topic, "plan_id": None} for topic in topics]
    return {"headings": list(policy.conference.agenda.value), "entries": entries}
