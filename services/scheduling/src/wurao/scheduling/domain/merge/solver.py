"""Solve: divide each enterprise's tasks, give the visits days, serve the rest, tidy up, and prove how good it is."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from wurao.scheduling.domain.merge import compiled
from wurao.scheduling.domain.merge.grouping import AGENCIES, Tasks
from wurao.scheduling.domain.merge.visits import DAYS, ENDLESS, LINKS, MADE, PARTS, SERVED, UNLIMITED, VISITS, Plan
from wurao.scheduling.domain.merge.work import Indices, Ints

BUDGET = 20_000
PROOF = 20_000
EFFORT = 400


class Solved(NamedTuple):
    """The day of each task (-1 if it is not served), the proven bounds by enterprise, and how many visits there are."""

    day: Ints
    bounds: Ints
    visits: int


def solve(
    tasks: Tasks,
    capacity: Ints,
    blocked_start: Indices,
    blocked: Ints,
    previous: Ints | None = None,
    effort: int = EFFORT,
    does: SimpleNamespace | None = None,
) -> Solved:
    """Days for tasks. `capacity` has a row for each agency, a column for each day; `blocked` are days by enterprise.

    `previous` are the days of an earlier plan: all its visits are kept or, where that is better, only those of
    enterprises that need no fewer. `does` are the functions to use; by default those that suit the number of tasks.
    """
    does = does or compiled.functions(tasks.rows.size)
    division = _divided(tasks, does)

    def placed(division: _Division) -> Solved:
        return _placed(_empty(tasks, capacity, blocked_start, blocked), division, previous, effort, does)

    if previous is None:
        return placed(division)
    loyal = placed(_kept(tasks, previous, division, does, all_that_stand=True))
    if loyal.visits <= int(division.bounds.sum()) and (loyal.day >= 0).all():
        return loyal
    thrifty = placed(_kept(tasks, previous, division, does, all_that_stand=False))
    return thrifty if cost(thrifty, previous) < cost(loyal, previous) else loyal


def cost(solved: Solved, previous: Ints | None) -> tuple[int, int, int]:
    """What a plan leaves unserved, its visits, and how many tasks it moves."""
    moves = 0 if previous is None else int(((previous >= 0) & (previous != solved.day)).sum())
    return int((solved.day < 0).sum()), solved.visits, moves


class _Division(NamedTuple):
    """The visit of each task within its enterprise; by enterprise how many there are, and the proven bounds."""

    group: Ints
    visits: Ints
    bounds: Ints


def _divided(tasks: Tasks, does: SimpleNamespace) -> _Division:
    group, scratch = (np.full(tasks.rows.size, -1, np.int32) for _ in range(2))
    visits, bounds = (np.zeros(tasks.start.size - 1, np.int32) for _ in range(2))

    def divide(first: int, last: int) -> None:
        does.divide(tasks, BUDGET, group, scratch, visits, first, last)
        does.fewest(tasks, visits, PROOF, scratch, bounds, first, last)

    compiled.side_by_side(divide, compiled.stretches(tasks.start))
    return _Division(group, visits, bounds)


def _kept(
    tasks: Tasks, previous: Ints, division: _Division, does: SimpleNamespace, *, all_that_stand: bool
) -> _Division:
    """The division with visits of an earlier plan."""
    kept = division._replace(group=division.group.copy(), visits=division.visits.copy())
    does.keep(tasks, previous, all_that_stand, kept.group, kept.visits)
    return kept


def _placed(plan: Plan, division: _Division, previous: Ints | None, effort: int, does: SimpleNamespace) -> Solved:
    """A division in an empty plan, with days."""
    base = np.concatenate([[0], np.cumsum(division.visits, dtype=np.int64)])
    compiled.side_by_side(
        lambda first, last: does.set_up(plan, division.group, base, first, last), compiled.stretches(plan.tasks.start)
    )
    plan.state[MADE] = base[-1]
    if previous is not None:
        does.wish_for(plan, previous)
    does.place_all(plan, does.in_turn(plan), effort)
    does.serve_the_rest(plan)
    does.tidy(plan, division.bounds, effort)
    visit_of = plan.served["visit_of"]
    day = np.where(visit_of >= 0, plan.day[visit_of], -1)
    visits = int((plan.day[: int(plan.state[MADE])] >= 0).sum())
    return Solved(day, division.bounds, visits)


def _empty(tasks: Tasks, capacity: Ints, blocked_start: Indices, blocked: Ints) -> Plan:
    size, enterprises = tasks.rows.size, tasks.start.size - 1
    room = size + enterprises + 1
    width = max(1, min(int(tasks.limits[AGENCIES]), capacity.shape[0], int(np.diff(tasks.start).max(initial=1))))
    days = np.zeros(capacity.shape, DAYS)
    days["capacity"] = np.where(capacity == UNLIMITED, np.int64(ENDLESS), capacity)
    return Plan(
        tasks=tasks,
        served=np.full(size, -1, SERVED),
        visits=np.empty(room, VISITS),
        day=np.empty(room, np.int32),
        next_visit=np.empty(room, np.int32),
        parts=np.empty((room, width), PARTS),
        links=np.empty((room, width), LINKS),
        days=days,
        busy=np.full(capacity.shape, -1, np.int32),
        first_visit=np.full(enterprises, -1, np.int32),
        blocked_start=blocked_start,
        blocked=blocked,
        state=np.zeros(2, np.int64),
    )
