"""The day on which all local work at an enterprise could be done together with a superior's visit (CX-14, CX-15)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from wurao.scheduling.domain.gate.question import chinese
from wurao.scheduling.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class Part:
    """A local task that is not done: whose, within which days, where, how long in minutes, with how many officers."""

    agency_id: str
    first: date
    last: date
    place: str
    minutes: int
    officers: int


@dataclass(frozen=True, slots=True)
class JointDay:
    """The proposed day, or none; why, in Chinese."""

    day: date | None
    reason: str


def common(parts: Sequence[Part], today: date) -> tuple[date, date] | None:
    """The first and the last day within the days of all the tasks, from today on."""
    first = max([today, *(part.first for part in parts)])
    last = min((part.last for part in parts), default=today)
    return (first, last) if parts and first <= last else None


def apart(parts: Sequence[Part], today: date, policy: Policy) -> str | None:
    """Why the tasks can be one visit on no day: none, no common days, several places, beyond the limits (QZ-06)."""
    if not parts:
        return "该企业没有可以一并实施的检查任务"
    if common(parts, today) is None:
        return "各项任务的时限没有共同的日期"
    if len({part.place for part in parts if part.place}) > 1:
        return "各项任务在不同的经营场所"
    merge = policy.merge
    if len({part.agency_id for part in parts}) > merge.max_agencies.value:
        return f"一次检查最多{merge.max_agencies.value}个机关参加"
    if sum(part.minutes for part in parts) > merge.max_minutes.value:
        return f"各项任务合计超过一次检查的{merge.max_minutes.value}分钟"
    if sum(needed(parts).values()) > merge.max_officers.value:
        return f"各项任务合计超过一次检查的{merge.max_officers.value}人"
    return None


def needed(parts: Sequence[Part]) -> dict[str, int]:
    """How many officers each agency sends: the most that one of its tasks needs."""
    found: dict[str, int] = {}
    for part in parts:
        found[part.agency_id] = max(part.officers, found.get(part.agency_id, 0))
    return found


def proposed(
    parts: Sequence[Part],
    occasion: date,
    workdays: Sequence[date],
    taken: Collection[date],
    free: Mapping[tuple[str, date], int],
    names: Mapping[str, str],
    *,
    today: date,
) -> JointDay:
    """The superior's own day where it suits all the tasks, else the first working day that does.

    `workdays` are those within the days of all the tasks, `taken` the days of other visits there, `free` the
    officers that agencies can send by day.
    """
    if not workdays:
        return JointDay(None, "各项任务的共同时限内没有工作日")
    open_ = [day for day in workdays if day not in taken]
    if not open_:
        return JointDay(None, "各项任务的共同时限内，工作日均已安排其他检查")
    want = needed(parts)
    fit = [day for day in open_ if all(free.get((one, day), 0) >= number for one, number in want.items())]
    if not fit:
        short = [one for one, n in sorted(want.items()) if all(free.get((one, day), 0) < n for day in open_)]
        who = "、".join(names.get(one, one) for one in short or sorted(want))
        return JointDay(None, f"各项任务的共同时限内，{who}没有足够的执法人员")
    if occasion in fit:
        return JointDay(occasion, "上级检查当日适合全部任务，可以一并实施")
    why = "上级检查日期已过" if occasion < today else "上级检查当日不适合，可以商请上级机关改期"
    return JointDay(fit[0], f"{chinese(fit[0])}是适合全部任务的首个工作日；{why}")
