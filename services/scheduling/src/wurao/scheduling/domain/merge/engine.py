"""From tasks as a frame to the days on which they are served, with reasons, bound and moved visits."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wurao.scheduling.domain.merge import exact
from wurao.scheduling.domain.merge.grouping import ROWS, Ints, Tasks
from wurao.scheduling.domain.merge.problem import Limits, Reason
from wurao.scheduling.domain.merge.solver import Solved, solve
from wurao.scheduling.domain.merge.visits import UNLIMITED

Column = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The day of each task of a frame, -1 where none serves it, with the reason by row.

    `order` are the rows in canonical order: by enterprise, last day, first day, id. `owner` numbers the enterprises.
    `moved` counts visits of the earlier plan that do not take place with all their tasks.
    """

    tasks: pl.DataFrame
    day: Column
    order: NDArray[np.int64]
    owner: Column
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
    columns = _columns(frame)
    order = _canonical(frame, columns)
    room = _room(frame, days, capacity)
    blocked = blocked or {}
    reasons = _hopeless(frame, columns, room, limits, blocked)
    day = np.full(frame.height, -1, np.int32)
    able = order
    if reasons:
        able = order[~np.isin(order, np.fromiter(reasons, np.int64))]
    bound = visits = 0
    if able.size:
        solved = _solved(
            _tasks({name: each[able] for name, each in columns.items()}, limits), room, frame, able, blocked
        )
        day[able] = solved.day
        left = able[solved.day < 0]
        reasons |= _why_left(left, day, columns, room)
        bound, visits = max(0, int(solved.bounds.sum()) - left.size), solved.visits
    return Outcome(frame, day, order, columns["owner"], reasons, visits, bound, _moved(frame, columns["owner"], day))


def _columns(frame: pl.DataFrame) -> dict[str, Column]:
    places = pl.Series(sorted(set(frame["place"].unique()) - {""}), dtype=pl.String)
    return {
        "owner": _coded(frame["enterprise_id"], frame["enterprise_id"].unique().sort()),
        "agency": _coded(frame["agency_id"], frame["agency_id"].unique().sort()),
        "place": _coded(frame["place"], places),
        **{name: frame[name].cast(pl.Int32).to_numpy() for name in ("first", "last", "minutes", "officers")},
    }


def _coded(values: pl.Series, known: pl.Series) -> Column:
    """The position of each value among the known ones; -1 for others."""
    if known.is_empty():
        return np.full(values.len(), -1, np.int32)
    codes = values.cast(pl.Enum(known), strict=False).to_physical().cast(pl.Int32)
    return codes.fill_null(-1).to_numpy()


def _canonical(frame: pl.DataFrame, columns: Mapping[str, Column]) -> NDArray[np.int64]:
    """The rows by enterprise, last day, first day and id; ids are compared only where all else is equal."""
    key = columns["owner"].astype(np.int64) << 32 | (columns["last"].astype(np.int64) + 1) << 16 | columns["first"]
    order = pl.Series(key).arg_sort().to_numpy().astype(np.int64)
    same = np.zeros(order.size + 1, np.bool_)
    same[1:-1] = key[order[1:]] == key[order[:-1]]
    tied = np.flatnonzero(same[:-1] | same[1:])
    if tied.size:
        rows = order[tied]
        ties = pl.DataFrame({"key": key[rows], "task_id": frame["task_id"].gather(rows), "row": rows})
        order[tied] = ties.sort("key", "task_id")["row"].to_numpy()
    return order


def _room(frame: pl.DataFrame, days: int, capacity: Capacity | None) -> Ints:
    """Officers of each agency that has tasks, in the order of their ids."""
    ids = frame["agency_id"].unique().sort().to_list()
    room = np.full((len(ids), max(days, 1)), UNLIMITED, np.int32)
    if capacity is not None:
        for row, agency_id in enumerate(ids):
            if agency_id in capacity.agencies:
                room[row] = capacity.officers[capacity.agencies[agency_id]]
    return room


def _hopeless(
    frame: pl.DataFrame,
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
        ("days_taken", _without_days(frame, columns, blocked)),
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
    frame: pl.DataFrame, columns: Mapping[str, Column], blocked: Mapping[str, Collection[int]]
) -> NDArray[np.bool_]:
    without = np.zeros(frame.height, np.bool_)
    if blocked:
        taken = {enterprise_id: set(days) for enterprise_id, days in blocked.items()}
        concerned = frame["enterprise_id"].is_in(list(taken)).to_numpy()
        for row in np.flatnonzero(concerned).tolist():
            window = range(columns["first"][row], columns["last"][row] + 1)
            without[row] = taken[frame["enterprise_id"][row]].issuperset(window)
    return without


def _tasks(columns: Mapping[str, Column], limits: Limits) -> Tasks:
    rows = np.empty(columns["owner"].size, ROWS)
    for name in ROWS.names or ():
        rows[name] = columns[name]
    begins = np.flatnonzero(np.diff(columns["owner"], prepend=-1))
    return Tasks(np.append(begins, rows.size).astype(np.int64), rows, np.array(limits, np.int64))


def _solved(
    tasks: Tasks, room: Ints, frame: pl.DataFrame, able: NDArray[np.int64], blocked: Mapping[str, Collection[int]]
) -> Solved:
    ids = frame["enterprise_id"].gather(able[tasks.start[:-1]]).to_list() if blocked else []
    by_enterprise = [sorted(set(blocked.get(each, ()))) for each in ids]
    counts = [len(each) for each in by_enterprise] if blocked else [0] * (tasks.start.size - 1)
    blocked_start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    days = np.array([day for each in by_enterprise for day in each], np.int32)
    previous = frame["previous"].cast(pl.Int32).to_numpy()[able]
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


def _moved(frame: pl.DataFrame, owner: Column, day: Column) -> int:
    previous = frame["previous"].to_numpy()
    changed = (previous >= 0) & (previous != day)
    return int(np.unique(owner[changed].astype(np.int64) << 32 | previous[changed]).size)
