"""Check once (综合查一次): which tasks share which day (DT-13, QZ-06, CX-03).

Greedy and deterministic. Per enterprise the tasks are taken by their last day; the first one is stabbed at the
last working day of its window, and all others that contain this day join while the limits allow. Groups then
get days of their own by matching, so that one enterprise is visited at most once a day.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from hashlib import sha256
from typing import NamedTuple


class MergeTask(NamedTuple):
    """A task to be served between two days, both included. `place` is "" where any premises will do."""

    task_id: str
    agency_id: str
    enterprise_id: str
    place: str
    first: date
    last: date
    minutes: int
    officers: int


class Limits(NamedTuple):
    """What one merged visit may hold. A single task always fits."""

    agencies: int
    minutes: int
    officers: int


class Group(NamedTuple):
    """Tasks that share a visit on a day."""

    enterprise_id: str
    day: date
    tasks: tuple[MergeTask, ...]


class Merged(NamedTuple):
    """The visits, and the tasks for which no working day is free."""

    groups: tuple[Group, ...]
    unserved: tuple[MergeTask, ...]


class _Span(NamedTuple):
    """A task with the positions of its first and last working day."""

    task: MergeTask
    low: int
    high: int


_Spans = list[_Span]


def merge(
    tasks: Iterable[MergeTask], workdays: Sequence[date], taken: Collection[tuple[str, date]], limits: Limits
) -> Merged:
    """Visits for the tasks on sorted working days; `taken` are (enterprise, day) with a visit already."""
    by_enterprise: defaultdict[str, list[MergeTask]] = defaultdict(list)
    for task in tasks:
        by_enterprise[task.enterprise_id].append(task)
    groups: list[Group] = []
    unserved: list[MergeTask] = []
    for enterprise_id in sorted(by_enterprise):
        free = [(enterprise_id, day) not in taken for day in workdays]
        found, left = _one_enterprise(by_enterprise[enterprise_id], workdays, free, limits)
        groups += found
        unserved += left
    return Merged(tuple(groups), tuple(unserved))


def _one_enterprise(
    tasks: Sequence[MergeTask], workdays: Sequence[date], free: Sequence[bool], limits: Limits
) -> tuple[list[Group], list[MergeTask]]:
    spans = [_span(task, workdays) for task in tasks]
    possible = sorted((span for span in spans if span.low <= span.high), key=_urgency)
    never = [span.task for span in spans if span.low > span.high]
    merged, left = _place(_stab(possible, limits), free, tasks[0].enterprise_id)
    if left:  # sharing days cost somebody a day: see whether more are served when each task goes alone
        alone, alone_left = _place([[span] for span in possible], free, tasks[0].enterprise_id)
        if len(alone_left) < len(left):
            merged, left = alone, alone_left
    groups = [
        Group(spans[0].task.enterprise_id, workdays[at], tuple(span.task for span in spans)) for at, spans in merged
    ]
    return sorted(groups, key=lambda group: group.day), sorted(never + [span.task for span in left])


def _span(task: MergeTask, workdays: Sequence[date]) -> _Span:
    return _Span(task, bisect_left(workdays, task.first), bisect_right(workdays, task.last) - 1)


def _urgency(span: _Span) -> tuple[int, int, str]:
    return span.high, -span.low, span.task.task_id


def _stab(spans: Sequence[_Span], limits: Limits) -> list[_Spans]:
    """Groups whose members all contain one working day and stay within the limits together."""
    groups = []
    pending = list(spans)
    while pending:
        stab, group = pending[0].high, [pending[0]]
        rest: _Spans = []
        for span in pending[1:]:
            fits = span.low <= stab and _within([*group, span], limits)
            (group if fits else rest).append(span)
        groups.append(group)
        pending = rest
    return groups


def _within(group: Sequence[_Span], limits: Limits) -> bool:
    officers: defaultdict[str, int] = defaultdict(int)
    for span in group:
        officers[span.task.agency_id] = max(officers[span.task.agency_id], span.task.officers)
    return (
        len(officers) <= limits.agencies
        and sum(officers.values()) <= limits.officers
        and sum(span.task.minutes for span in group) <= limits.minutes
        and len({span.task.place for span in group if span.task.place}) <= 1
    )


def _place(
    groups: Sequence[_Spans], free: Sequence[bool], enterprise_id: str
) -> tuple[list[tuple[int, _Spans]], _Spans]:
    """A day of its own for each group by augmenting paths; a group that finds none goes task by task."""
    rank = _spread(enterprise_id)
    placed: dict[int, _Spans] = {}

    def days(group: _Spans) -> list[int]:
        low, high = max(s.low for s in group), min(s.high for s in group)
        return sorted((at for at in range(low, high + 1) if free[at]), key=rank)

    def seat(group: _Spans, seen: set[int]) -> bool:
        for at in days(group):
            if at in seen:
                continue
            seen.add(at)
            if at not in placed or seat(placed[at], seen):
                placed[at] = group
                return True
        return False

    left: _Spans = []
    for group in groups:
        if not seat(group, set()):
            left += [span for span in group if len(group) == 1 or not seat([span], set())]
    return sorted(placed.items()), left


def _spread(enterprise_id: str) -> Callable[[int], int]:
    """An order of days of the enterprise's own, so that the visits of a county do not pile up on one day."""

    def rank(at: int) -> int:
        return int.from_bytes(sha256(f"{enterprise_id}|{at}".encode()).digest()[:4])

    return rank
