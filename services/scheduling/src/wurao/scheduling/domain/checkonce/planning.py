"""Merging anew after a change: what stands stays, unless moving it saves a visit or serves more (DT-13)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeVar

from wurao.scheduling.domain.checkonce.capacity import Capacity
from wurao.scheduling.domain.checkonce.rounds import How, Stand
from wurao.scheduling.domain.checkonce.solving import Solved, needs, solve
from wurao.scheduling.domain.merge import Group, MergeTask

Row = TypeVar("Row", Group, Stand)


class Placed(NamedTuple):
    """Tasks that share a visit on a day; `visit_id` names the standing visit that becomes it, if one does."""

    day: date
    task_ids: tuple[str, ...]
    visit_id: str | None


class Step(NamedTuple):
    """What changes at one enterprise: visits put together or altered, and standing visits that are no more."""

    enterprise_id: str
    placed: tuple[Placed, ...]
    dropped: tuple[str, ...]


class Moved(NamedTuple):
    """A standing visit on another day."""

    visit_id: str
    before: date
    after: date


@dataclass(frozen=True, slots=True)
class Planned:
    """What a merge is going to do, and its figures."""

    steps: tuple[Step, ...]
    moved: tuple[Moved, ...]
    dropped: tuple[str, ...]
    unserved: Mapping[str, str]
    tasks: int
    visits: int
    lower_bound: int


@dataclass(frozen=True, slots=True)
class Instance:
    """Tasks to merge, the visits that hold some of them already, and what the calendar and the officers leave.

    `taken` are days of visits that are not touched; `free` are officers' turns beside those visits.
    """

    tasks: Sequence[MergeTask]
    stands: Sequence[Stand]
    days: Sequence[date]
    taken: Collection[tuple[str, date]]
    free: Capacity


def plan(instance: Instance, how: How, loose: Collection[str] = ()) -> Planned:
    """The fewest unserved, then the fewest visits, then the fewest moves.

    Standing visits stay on their days, unless their enterprise is served better without that, or the visit is
    `loose`: its officers are there no more.
    """
    pins = {task_id: s for s in instance.stands if s.visit_id not in loose for task_id in s.task_ids}
    freed = _solve(instance, {}, how)
    if not pins:
        return _steps(instance, freed, freed.lower_bound)
    solved = _solve(instance, pins, how)
    better = _better(freed.score(), solved.score())
    if better:
        some = {task_id: stand for task_id, stand in pins.items() if stand.enterprise_id not in better}
        anew = _solve(instance, some, how)
        solved = max(solved, anew, freed, key=_total)
    further = max(0, len(solved.unserved) - len(freed.unserved))
    # A visit that stands may hold what new visits keep apart, after a change of the pack.
    return _steps(instance, solved, min(freed.lower_bound - further, len(solved.groups)))


def _better(freed: Mapping[str, tuple[int, int]], kept: Mapping[str, tuple[int, int]]) -> set[str]:
    return {enterprise_id for enterprise_id in freed if freed[enterprise_id] > kept.get(enterprise_id, (0, 0))}


def _solve(instance: Instance, pins: Mapping[str, Stand], how: How) -> Solved:
    previous = {task_id: stand.day for stand in instance.stands for task_id in stand.task_ids}
    return solve(instance.tasks, pins, instance.days, instance.taken, instance.free, how, previous)


def _total(solved: Solved) -> tuple[int, int]:
    return -len(solved.unserved), -len(solved.groups)


def _steps(instance: Instance, solved: Solved, lower_bound: int) -> Planned:
    groups, stands = _by_enterprise(solved.groups), _by_enterprise(instance.stands)
    left = dict(instance.free)
    for group in solved.groups:
        _lay(left, group.tasks, group.day, 1)
    steps: list[Step] = []
    moved: list[Moved] = []
    dropped: list[str] = []
    for enterprise_id in sorted({*groups, *stands}):
        taken = {day for place, day in instance.taken if place == enterprise_id} if stands[enterprise_id] else set()
        placed = _settled(groups[enterprise_id], stands[enterprise_id], taken, left)
        standing = {stand.visit_id: stand for stand in stands[enterprise_id]}
        gone = tuple(sorted(standing.keys() - {one.visit_id for one in placed}))
        changed = tuple(one for one in placed if not _same(one, standing.get(one.visit_id or "")))
        moved += [
            Moved(one.visit_id, standing[one.visit_id].day, one.day)
            for one in changed
            if one.visit_id is not None and standing[one.visit_id].day != one.day
        ]
        dropped += gone
        if changed or gone:
            steps.append(Step(enterprise_id, changed, gone))
    return Planned(
        steps=tuple(steps),
        moved=tuple(moved),
        dropped=tuple(dropped),
        unserved=solved.unserved,
        tasks=len(instance.tasks),
        visits=len(solved.groups),
        lower_bound=max(0, lower_bound),
    )


def _same(one: Placed, stand: Stand | None) -> bool:
    return stand is not None and stand.day == one.day and set(stand.task_ids) == set(one.task_ids)


def _settled(groups: list[Group], stands: list[Stand], taken: Collection[date], left: Capacity) -> list[Placed]:
    """Each group as the standing visit that it shares most with, on that visit's day where the group may be there."""
    of_group = _matched(groups, stands)
    days = [group.day for group in groups]
    for at, stand in sorted(of_group.items()):
        day, tasks = stand.day, groups[at].tasks
        if day in (*days, *taken) or not all(task.first <= day <= task.last for task in tasks):
            continue
        if all(left.get((agency_id, day), 0) >= n for agency_id, n in needs(tasks).items()):
            _lay(left, tasks, days[at], -1)
            _lay(left, tasks, day, 1)
            days[at] = day
    return [
        Placed(
            days[at],
            tuple(task.task_id for task in group.tasks),
            of_group[at].visit_id if at in of_group else None,
        )
        for at, group in enumerate(groups)
    ]


def _matched(groups: list[Group], stands: list[Stand]) -> dict[int, Stand]:
    """Groups with standing visits that they share tasks with: same day before other days, more tasks before fewer."""
    pairs = []
    for at, group in enumerate(groups):
        own = {task.task_id for task in group.tasks}
        for number, stand in enumerate(stands):
            if shared := len(own & set(stand.task_ids)):
                pairs.append((stand.day != group.day, -shared, at, number))
    found: dict[int, Stand] = {}
    used: set[int] = set()
    for _, _, at, number in sorted(pairs):
        if at not in found and number not in used:
            found[at] = stands[number]
            used.add(number)
    return found


def _lay(left: Capacity, tasks: Iterable[MergeTask], day: date, sign: int) -> None:
    for agency_id, officers in needs(tasks).items():
        left[agency_id, day] = left.get((agency_id, day), 0) - sign * officers


def _by_enterprise(rows: Iterable[Row]) -> defaultdict[str, list[Row]]:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.enterprise_id].append(row)
    return found
