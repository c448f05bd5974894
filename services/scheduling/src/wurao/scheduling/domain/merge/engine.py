"""From tasks to the days on which they are served, with reasons, bound and moved visits."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from wurao.scheduling.domain.merge import bound, compiled, exact
from wurao.scheduling.domain.merge.grouping import Tasks
from wurao.scheduling.domain.merge.problem import REASONS, Limits, Reason
from wurao.scheduling.domain.merge.solver import Solved, solve
from wurao.scheduling.domain.merge.texts import Texts
from wurao.scheduling.domain.merge.visits import UNLIMITED
from wurao.scheduling.domain.merge.work import Indices, Ints, Rows, Work


@dataclass(frozen=True, slots=True)
class Outcome:
    """The day of each task in canonical order, -1 where no visit serves it.

    Canonical order is by enterprise, last day, first day and id: `order` are the rows of the work in it, `task_ids`
    their ids; those of an enterprise begin at its entry of `start`. `reasons` go by row. `moved` counts visits of the
    earlier plan that do not take place with all their tasks.
    """

    work: Work
    order: Indices
    start: Indices
    task_ids: Texts
    day: Ints
    reasons: Mapping[int, Reason]
    visits: int
    lower_bound: int
    moved: int

    @property
    def tasks(self) -> int:
        """How many tasks there are."""
        return int(self.order.size)

    @property
    def unserved(self) -> int:
        """How many tasks no visit serves."""
        return len(self.reasons)


@dataclass(frozen=True, slots=True)
class Capacity:
    """Officers by agency (row) and working day (column); of agencies not in `agencies` as many as are wanted."""

    agencies: Mapping[str, int]
    officers: Ints


def plan(
    work: Work,
    days: int,
    limits: Limits,
    capacity: Capacity | None = None,
    blocked: Mapping[str, Collection[int]] | None = None,
) -> Outcome:
    """Days for tasks, out of `days` working days. `blocked` are days on which an enterprise has a visit already."""
    room = _room(work, days, capacity)
    blocked_start, blocked_days = _blocked(work, blocked or {})
    order, start, rows, task_ids = _arranged(work)
    bounds = np.array(limits, np.int64)
    why = np.empty(rows.size, np.int32)
    does = compiled.functions(rows.size)
    compiled.side_by_side(
        lambda begin, end: does.hopeless(rows, room, bounds, blocked_start, blocked_days, why, begin, end),
        compiled.stretches(np.arange(rows.size + 1)),
    )
    lost = np.flatnonzero(why)
    named = list(REASONS)
    reasons = {int(order[task]): named[why[task] - 1] for task in lost.tolist()}
    able = np.flatnonzero(why == 0) if lost.size else np.arange(rows.size)
    day = np.full(rows.size, -1, np.int32)
    least = visits = 0
    if able.size:
        tasks = Tasks(start, rows, bounds)
        if lost.size:
            tasks = Tasks(start - np.searchsorted(lost, start), _picked(rows, able), bounds)
        solved = _solved(tasks, room, blocked_start, blocked_days)
        day[able] = solved.day
        left = able[solved.day < 0]
        for task, reason in _why_left(left, rows, day, room).items():
            reasons[int(order[task])] = reason
        least, visits = bound.overall(tasks, solved.bounds, left.size), solved.visits
    return Outcome(work, order, start, task_ids, day, reasons, visits, least, _moved(rows, day))


def _arranged(work: Work) -> tuple[Indices, Indices, Rows, Texts]:
    """The rows in canonical order, where those of each enterprise begin, and tasks and ids in this order."""
    rows, ids = work.rows, work.task_ids
    does = compiled.functions(rows.size)
    start = np.zeros(work.enterprises.at.size + 1, np.int64)
    np.cumsum(np.bincount(rows["owner"], minlength=start.size - 1), out=start[1:])
    order, spare = np.empty(rows.size, np.int64), np.empty(rows.size, np.int64)
    does.by_owner(rows, start, order)
    arranged = np.empty_like(rows)
    arranged_ids = Texts(ids.buffer, np.empty_like(ids.at), np.empty_like(ids.size))
    compiled.side_by_side(
        lambda first, last: does.arrange(rows, ids, start, order, spare, arranged, arranged_ids, first, last),
        compiled.stretches(start),
    )
    return order, start, arranged, arranged_ids


def _picked(rows: Rows, which: Indices) -> Rows:
    """Some of the tasks."""
    picked = np.empty(which.size, rows.dtype)
    does = compiled.functions(which.size)
    compiled.side_by_side(
        lambda begin, end: does.pick(rows, which, picked, begin, end), compiled.stretches(np.arange(which.size + 1))
    )
    return picked


def _room(work: Work, days: int, capacity: Capacity | None) -> Ints:
    """Officers of each agency that has tasks, in the order of their ids."""
    room = np.full((len(work.agencies), max(days, 1)), UNLIMITED, np.int32)
    if capacity is not None:
        for row, agency_id in enumerate(work.agencies):
            if agency_id in capacity.agencies:
                room[row] = capacity.officers[capacity.agencies[agency_id]]
    return room


def _blocked(work: Work, blocked: Mapping[str, Collection[int]]) -> tuple[Indices, Ints]:
    """Days that are taken, sorted for each enterprise, and where those of each begin."""
    start = np.zeros(work.enterprises.at.size + 1, np.int64)
    if not blocked:
        return start, np.zeros(0, np.int32)
    days = [sorted(set(blocked.get(enterprise_id, ()))) for enterprise_id in work.enterprises.texts()]
    np.cumsum([len(each) for each in days], out=start[1:])
    return start, np.array([day for each in days for day in each], np.int32)


def _solved(tasks: Tasks, room: Ints, blocked_start: Indices, blocked: Ints) -> Solved:
    before = _before(tasks.rows)
    found = solve(tasks, room, blocked_start, blocked, before)
    return exact.improved(found, tasks, room, blocked_start, blocked, before)


def _before(rows: Rows) -> Ints | None:
    """The days of an earlier plan, if there is one."""
    return np.ascontiguousarray(rows["previous"]) if (rows["previous"] >= 0).any() else None


def _why_left(left: Indices, rows: Rows, day: Ints, room: Ints) -> dict[int, Reason]:
    """Whether the agency's officers are all planned in a task's window, or the enterprise's days are."""
    if not left.size:
        return {}
    load = np.zeros(room.shape, np.int64)
    served = np.flatnonzero(day >= 0)
    # Tasks of one agency in a visit need its officers once; counting them apart errs on the side of busy officers.
    np.add.at(load, (rows["agency"][served], day[served]), rows["officers"][served])
    why: dict[int, Reason] = {}
    for task in left.tolist():
        row = rows[task]
        window = slice(row["first"], row["last"] + 1)
        has_room = load[row["agency"], window] + row["officers"] <= room[row["agency"], window]
        why[task] = "crowded" if has_room.any() else "officers_busy"
    return why


def _moved(rows: Rows, day: Ints) -> int:
    before = _before(rows)
    if before is None:
        return 0
    changed = (before >= 0) & (before != day)
    return int(np.unique(rows["owner"][changed].astype(np.int64) << 32 | before[changed]).size)
