"""Solve: divide each enterprise's tasks, give the visits days, serve the rest, tidy up, and prove how good it is."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wurao.scheduling.domain.merge import compiled
from wurao.scheduling.domain.merge.grouping import AGENCIES, Ints, Tasks
from wurao.scheduling.domain.merge.visits import DAYS, PARTS, SERVED, VISITS, Plan

BUDGET = 20_000
PROOF = 20_000
EFFORT = 400


class Solved(NamedTuple):
    """The day of each task (-1 if it is not served), the proven bounds, and whether each is reached by a division."""

    day: Ints
    bounds: Ints
    exact: NDArray[np.bool_]
    owner: Ints
    visits: int


def solve(
    tasks: Tasks,
    capacity: Ints,
    blocked_start: NDArray[np.int64],
    blocked: Ints,
    previous: Ints | None = None,
    effort: int = EFFORT,
    does: SimpleNamespace | None = None,
) -> Solved:
    """Days for tasks. `capacity` has a row for each agency, a column for each day; `blocked` are days by enterprise.

    `does` are the functions to use; by default those that suit the number of tasks.
    """
    does = does or compiled.functions(tasks.rows.size)
    group, visits = does.divide(tasks, BUDGET)
    bounds, exact = does.fewest(tasks, visits, PROOF)
    if previous is not None:
        does.keep(tasks, previous, group, visits)
    plan = _empty(tasks, capacity, blocked_start, blocked)
    does.set_up(plan, group)
    if previous is not None:
        does.wish_for(plan, previous)
    made = plan.visits[: int(plan.made[0])]
    order = np.lexsort((-made["shares"], made["high"] - made["low"], made["wish"] < 0))
    does.place_all(plan, order, effort)
    does.serve_the_rest(plan)
    does.tidy(plan, bounds, effort)
    visit_of = plan.served["visit_of"]
    day = np.where(visit_of >= 0, plan.visits["day"][np.maximum(visit_of, 0)], -1).astype(np.int32)
    visits = int((plan.visits["day"][: int(plan.made[0])] >= 0).sum())
    return Solved(day, bounds, exact, plan.served["owner"], visits)


def _empty(tasks: Tasks, capacity: Ints, blocked_start: NDArray[np.int64], blocked: Ints) -> Plan:
    size, enterprises = tasks.rows.size, tasks.start.size - 1
    room = size + enterprises + 1
    width = max(1, min(int(tasks.limits[AGENCIES]), int(np.diff(tasks.start).max(initial=1))))
    served = np.full(size, -1, SERVED)
    served["owner"] = np.repeat(np.arange(enterprises, dtype=np.int32), np.diff(tasks.start))
    days = np.zeros(capacity.shape, DAYS)
    days["capacity"], days["busy"] = capacity, -1
    return Plan(
        tasks=tasks,
        served=served,
        visits=np.empty(room, VISITS),
        parts=np.empty((room, width), PARTS),
        days=days,
        first_visit=np.full(enterprises, -1, np.int32),
        blocked_start=blocked_start,
        blocked=blocked,
        made=np.zeros(1, np.int64),
    )
