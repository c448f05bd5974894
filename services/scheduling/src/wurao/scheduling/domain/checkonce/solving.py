"""Rounds of merging one after the other: each leaves days and officers to the next (QZ-06, DT-13)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from wurao.scheduling.domain.checkonce.capacity import Capacity
from wurao.scheduling.domain.checkonce.rounds import How, Stand, rounds
from wurao.scheduling.domain.merge import Group, MergeTask, merge


@dataclass
class Solved:
    """Visits, what stays unserved by task with the reason, and how few visits there can be."""

    groups: list[Group] = field(default_factory=list)
    unserved: dict[str, str] = field(default_factory=dict)
    lower_bound: int = 0

    def score(self) -> dict[str, tuple[int, int]]:
        """(tasks served, negative visits) by enterprise; more is better."""
        found: defaultdict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
        for group in self.groups:
            served, visits = found[group.enterprise_id]
            found[group.enterprise_id] = (served + len(group.tasks), visits - 1)
        return found


def needs(group: Iterable[MergeTask]) -> dict[str, int]:
    """Officers by agency: the largest need among its tasks."""
    found: dict[str, int] = {}
    for task in group:
        found[task.agency_id] = max(found.get(task.agency_id, 0), task.officers)
    return found


def solve(
    tasks: Iterable[MergeTask],
    pins: Mapping[str, Stand],
    days: Sequence[date],
    taken: Collection[tuple[str, date]],
    free: Capacity,
    how: How,
    previous: Mapping[str, date],
) -> Solved:
    """Merge round by round; a standing visit's tasks in `pins` stay on its day, `previous` days are kept at no cost.

    The bound adds up those of the rounds, since tasks of two rounds never share a visit.
    """
    used, left, solved = set(taken), dict(free), Solved()
    own = {task.task_id: task for task in tasks}
    for number, part in enumerate(rounds([_pinned(task, pins) for task in own.values()], pins, how)):
        merged = merge(part.tasks, days, used, part.limits, left, previous)
        alone = merge(part.tasks, days, taken, part.limits, free) if number else merged
        for group in merged.groups:
            real = tuple(own[task.task_id] for task in group.tasks)
            solved.groups.append(group._replace(tasks=real))
            used.add((group.enterprise_id, group.day))
            for agency_id, officers in needs(real).items():
                left[agency_id, group.day] = left.get((agency_id, group.day), 0) - officers
        solved.unserved |= merged.reasons
        solved.lower_bound += max(0, alone.lower_bound - max(0, len(merged.unserved) - len(alone.unserved)))
    return solved


def _pinned(task: MergeTask, pins: Mapping[str, Stand]) -> MergeTask:
    stand = pins.get(task.task_id)
    return task if stand is None else task._replace(first=stand.day, last=stand.day)
