"""Check once (综合查一次): which tasks share which day (DT-13, QZ-06, CX-03).

`merge` is for a service's tasks, `engine.plan` for a million; docs/merge.md explains both and the certificate.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl

from wurao.scheduling.domain.merge.engine import Capacity, Outcome, plan
from wurao.scheduling.domain.merge.positions import Positions
from wurao.scheduling.domain.merge.problem import REASONS, Group, Limits, Merged, MergeTask, Reason
from wurao.scheduling.domain.merge.work import IDS, Work

__all__ = [
    "REASONS",
    "Capacity",
    "Group",
    "Limits",
    "MergeTask",
    "Merged",
    "Outcome",
    "Positions",
    "Reason",
    "Work",
    "merge",
    "plan",
]

Officers = Mapping[tuple[str, date], int]


def merge(
    tasks: Iterable[MergeTask],
    workdays: Sequence[date],
    taken: Collection[tuple[str, date]],
    limits: Limits,
    officers: Officers | None = None,
    previous: Mapping[str, date] | None = None,
) -> Merged:
    """Visits for tasks on sorted working days, as few unserved and as few visits as can be.

    `taken` are (enterprise, day) with a visit already. Limits bind merging: a task that is beyond them goes alone.
    `officers` are those of each agency on each day, none on days without an entry; agencies without any entry have as
    many as are wanted. `previous` are the days of tasks in an earlier plan, which are kept where that costs nothing.
    """
    known = {task.task_id: task for task in tasks}
    if not known:
        return Merged((), ())
    at = Positions.of(workdays)
    outcome = plan(
        _work(known.values(), at, limits, previous or {}),
        len(workdays),
        limits,
        _capacity(officers, at, len(workdays)) if officers is not None else None,
        _blocked(taken, at),
    )
    listed = list(known.values())
    rows = [(listed[row], int(day)) for row, day in zip(outcome.order.tolist(), outcome.day, strict=True)]
    visits: defaultdict[tuple[str, int], list[MergeTask]] = defaultdict(list)
    for task, day in rows:
        if day >= 0:
            visits[task.enterprise_id, day].append(task)
    reasons = {listed[row].task_id: reason for row, reason in outcome.reasons.items()}
    return Merged(
        tuple(Group(key[0], workdays[key[1]], tuple(members)) for key, members in sorted(visits.items())),
        tuple(sorted(known[task_id] for task_id in reasons)),
        reasons,
        outcome.lower_bound,
        _moved(rows, known, workdays, previous or {}),
    )


def _work(tasks: Collection[MergeTask], at: Positions, limits: Limits, previous: Mapping[str, date]) -> Work:
    return Work.of(
        {name: pl.Series([getattr(task, name) for task in tasks], dtype=pl.String) for name in IDS},
        {
            "first": [at.first(task.first) for task in tasks],
            "last": [at.last(task.last) for task in tasks],
            "minutes": [min(task.minutes, limits.minutes) for task in tasks],
            "officers": [min(task.officers, limits.officers) for task in tasks],
            "previous": [at.exactly(previous.get(task.task_id)) for task in tasks],
        },
    )


def _capacity(officers: Officers, at: Positions, days: int) -> Capacity:
    agencies = {agency_id: row for row, agency_id in enumerate(sorted({agency_id for agency_id, _ in officers}))}
    table = np.zeros((len(agencies), max(days, 1)), np.int32)
    for (agency_id, day), count in officers.items():
        if (column := at.exactly(day)) >= 0:
            table[agencies[agency_id], column] = count
    return Capacity(agencies, table)


def _blocked(taken: Collection[tuple[str, date]], at: Positions) -> dict[str, list[int]]:
    blocked: defaultdict[str, list[int]] = defaultdict(list)
    for enterprise_id, day in taken:
        if (column := at.exactly(day)) >= 0:
            blocked[enterprise_id].append(column)
    return blocked


def _moved(
    rows: Sequence[tuple[MergeTask, int]],
    known: Mapping[str, MergeTask],
    workdays: Sequence[date],
    previous: Mapping[str, date],
) -> tuple[tuple[str, date], ...]:
    now = {task.task_id: workdays[day] for task, day in rows if day >= 0}
    moved = {
        (known[task_id].enterprise_id, day)
        for task_id, day in previous.items()
        if task_id in known and now.get(task_id) != day
    }
    return tuple(sorted(moved))
