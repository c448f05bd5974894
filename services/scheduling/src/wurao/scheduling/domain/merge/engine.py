"""From tasks as a frame to the days on which they are served, with reasons, bound and moved visits."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wurao.scheduling.domain.merge import exact
from wurao.scheduling.domain.merge.grouping import ROWS, Ints, Tasks
from wurao.scheduling.domain.merge.placing import UNLIMITED
from wurao.scheduling.domain.merge.problem import Limits, Reason
from wurao.scheduling.domain.merge.solver import Solved, solve

Column = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Tasks in canonical order (by enterprise, last day, first day, id) with `day`, -1 where none serves them.

    `reasons` by row; `moved` counts visits of the earlier plan that do not take place with all their tasks.
    """

    tasks: pl.DataFrame
    reasons: Mapping[int, Reason]
    visits: int
    lower_bound: int
    moved: int

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
    frame: pl.DataFrame,
    days: int,
    limits: Limits,
    capacity: Capacity | None = None,
    blocked: Mapping[str, Collection[int]] | None = None,
) -> Outcome:
    """Days for tasks, out of `days` working days.

    `frame` has task_id, enterprise_id, agency_id, place ("" for any), first and last (positions of working days; none
    between them where first > last), minutes, officers, and previous (day in an earlier plan, -1 without). `blocked`
    are days on which an enterprise has a visit already.
    """
    ordered = frame.sort("enterprise_id", "last", "first", "task_id")
    columns = _columns(ordered)
    room = _room(ordered, columns["agency"], days, capacity)
    blocked = blocked or {}
    reasons = _hopeless(ordered, columns, room, limits, blocked)
    able = np.ones(ordered.height, np.bool_)
    able[list(reasons)] = False
    day = np.full(ordered.height, -1, np.int32)
    bound = visits = 0
    if able.any():
        part = ordered.filter(pl.Series(able)) if reasons else ordered
        tasks = _tasks(part, {name: each[able] for name, each in columns.items()}, limits)
        solved = _solved(tasks, room, part, blocked)
        day[able] = solved.day
        left = np.flatnonzero(able)[solved.day < 0]
        reasons |= _why_left(left, day, columns, room)
        bound, visits = max(0, int(solved.bounds.sum()) - left.size), solved.visits
    moved = _moved(ordered, day)
    return Outcome(ordered.with_columns(pl.Series("day", day)), reasons, visits, bound, moved)


def _columns(ordered: pl.DataFrame) -> dict[str, Column]:
    places = ordered["place"]
    known = pl.Series(sorted(set(places.unique()) - {""}), dtype=pl.String)
    agencies = ordered["agency_id"].unique().sort()
    return {
        "agency": ordered["agency_id"].cast(pl.Enum(agencies)).to_physical().cast(pl.Int32).to_numpy(),
        "place": _coded(places, known),
        **{name: ordered[name].cast(pl.Int32).to_numpy() for name in ("first", "last", "minutes", "officers")},
    }


def _coded(values: pl.Series, known: pl.Series) -> Column:
    if known.is_empty():
        return np.full(values.len(), -1, np.int32)
    codes = values.cast(pl.Enum(known), strict=False).to_physical().cast(pl.Int32)
    return codes.fill_null(-1).to_numpy()


def _room(ordered: pl.DataFrame, agency: Column, days: int, capacity: Capacity | None) -> Ints:
    """Officers of each agency that has tasks, in the order of their ids."""
    ids = ordered["agency_id"].unique().sort().to_list()
    room = np.full((len(ids), max(days, 1)), UNLIMITED, np.int32)
    if capacity is not None:
        for row, agency_id in enumerate(ids):
            if agency_id in capacity.agencies:
                room[row] = capacity.officers[capacity.agencies[agency_id]]
    return room


def _hopeless(
    ordered: pl.DataFrame,
    columns: Mapping[str, Column],
    room: Ints,
    limits: Limits,
    blocked: Mapping[str, Collection[int]],
) -> dict[int, Reason]:
    """Tasks that no plan can serve, with the first reason that holds."""
    first, last = columns["first"], columns["last"]
    found: dict[int, Reason] = dict.fromkeys(np.flatnonzero(first > last).tolist(), "no_workday")
    checks: list[tuple[Reason, NDArray[np.bool_]]] = [
        ("too_long", columns["minutes"] > limits.minutes),
        ("too_many_officers", columns["officers"] > limits.officers),
        ("no_officers", _without_officers(columns, room)),
        ("days_taken", _without_days(ordered, columns, blocked)),
    ]
    for reason, holds in checks:
        for row in np.flatnonzero(holds).tolist():
            found.setdefault(row, reason)
    return found


def _without_officers(columns: Mapping[str, Column], room: Ints) -> NDArray[np.bool_]:
    first, last, agency, officers = (columns[name] for name in ("first", "last", "agency", "officers"))
    lacking = np.zeros(first.size, np.bool_)
    if not room.size or room.min() >= UNLIMITED:
        return lacking
    for wanted in np.unique(officers).tolist():
        enough = np.zeros((room.shape[0], room.shape[1] + 1), np.int32)
        np.cumsum(room >= wanted, axis=1, out=enough[:, 1:])
        rows = np.flatnonzero((officers == wanted) & (first <= last))
        lacking[rows] = enough[agency[rows], last[rows] + 1] == enough[agency[rows], first[rows]]
    return lacking


def _without_days(
    ordered: pl.DataFrame, columns: Mapping[str, Column], blocked: Mapping[str, Collection[int]]
) -> NDArray[np.bool_]:
    without = np.zeros(ordered.height, np.bool_)
    if blocked:
        taken = {enterprise_id: set(days) for enterprise_id, days in blocked.items()}
        concerned = ordered["enterprise_id"].is_in(list(taken)).to_numpy()
        for row in np.flatnonzero(concerned).tolist():
            window = range(columns["first"][row], columns["last"][row] + 1)
            without[row] = taken[ordered["enterprise_id"][row]].issuperset(window)
    return without


def _tasks(part: pl.DataFrame, columns: Mapping[str, Column], limits: Limits) -> Tasks:
    rows = np.zeros(part.height, ROWS)
    for name in ROWS.names or ():
        rows[name] = columns[name]
    lengths = part["enterprise_id"].rle().struct.field("len").to_numpy()
    start = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Tasks(start, rows, np.array(limits, np.int64))


def _solved(tasks: Tasks, room: Ints, part: pl.DataFrame, blocked: Mapping[str, Collection[int]]) -> Solved:
    ids = part["enterprise_id"].gather(tasks.start[:-1]).to_list() if blocked else []
    by_enterprise = [sorted(set(blocked.get(each, ()))) for each in ids]
    counts = [len(each) for each in by_enterprise] if blocked else [0] * (tasks.start.size - 1)
    blocked_start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    days = np.array([day for each in by_enterprise for day in each], np.int32)
    previous = part["previous"].cast(pl.Int32).to_numpy()
    before = previous if (previous >= 0).any() else None
    return exact.improved(solve(tasks, room, blocked_start, days, before), tasks, room, blocked_start, days, before)


def _why_left(left: NDArray[np.int64], day: Column, columns: Mapping[str, Column], room: Ints) -> dict[int, Reason]:
    """Whether the agency's officers are all planned in a task's window, or the enterprise's days are."""
    if not left.size:
        return {}
    load = np.zeros(room.shape, np.int64)
    served = np.flatnonzero(day >= 0)
    # Tasks of one agency in a visit need its officers once; counting them apart errs on the side of busy officers.
    np.add.at(load, (columns["agency"][served], day[served]), columns["officers"][served])
    why: dict[int, Reason] = {}
    for row in left.tolist():
        window = slice(columns["first"][row], columns["last"][row] + 1)
        agency = columns["agency"][row]
        has_room = load[agency, window] + columns["officers"][row] <= room[agency, window]
        why[row] = "crowded" if has_room.any() else "officers_busy"
    return why


def _moved(ordered: pl.DataFrame, day: Column) -> int:
    previous = ordered["previous"].to_numpy()
    changed = (previous >= 0) & (previous != day)
    if not changed.any():
        return 0
    return ordered.filter(pl.Series(changed)).select("enterprise_id", "previous").n_unique()
