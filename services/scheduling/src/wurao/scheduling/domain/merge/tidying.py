"""Unite and dissolve visits of enterprises that have more than they need, moving others if need be."""

import numpy as np

from wurao.scheduling.domain.merge.grouping import AGENCIES, MINUTES, OFFICERS
from wurao.scheduling.domain.merge.placing import clear
from wurao.scheduling.domain.merge.visits import (
    Plan,
    admits,
    best_day,
    join,
    lacking,
    leave,
    move_tasks,
    open_visit,
    put,
    seat,
    take_out,
    unseat,
    visits_of,
)
from wurao.scheduling.domain.merge.work import Ints


def can_unite(plan: Plan, one: int, other: int) -> bool:
    """Tell whether two visits of an enterprise may be one, capacity aside."""
    limits = plan.tasks.limits
    if max(plan.visits[one]["low"], plan.visits[other]["low"]) > min(
        plan.visits[one]["high"], plan.visits[other]["high"]
    ):
        return False
    if plan.visits[one]["minutes"] + plan.visits[other]["minutes"] > limits[MINUTES]:
        return False
    if (
        plan.visits[one]["place"] >= 0
        and plan.visits[other]["place"] >= 0
        and plan.visits[one]["place"] != plan.visits[other]["place"]
    ):
        return False
    agencies, officers = plan.visits[one]["shares"], 0
    for at in range(plan.visits[one]["shares"]):
        officers += plan.parts[one, at]["officers"]
    for at in range(plan.visits[other]["shares"]):
        more, known = plan.parts[other, at]["officers"], False
        for its in range(plan.visits[one]["shares"]):
            if plan.parts[one, its]["agency"] == plan.parts[other, at]["agency"]:
                known = True
                more = max(0, more - plan.parts[one, its]["officers"])
        agencies += not known
        officers += more
    return bool(agencies <= limits[AGENCIES] and officers <= limits[OFFICERS])


def absorb(plan: Plan, one: int, other: int, effort: int) -> bool:
    """Bring the tasks of another visit to a visit's own day, others moved if need be; tells whether they came."""
    day = plan.day[one]
    if not plan.visits[other]["low"] <= day <= plan.visits[other]["high"]:
        return False
    steps = np.full(1, effort, np.int64)
    if lacking(plan, other, day) > 0 and not clear(plan, other, day, steps):
        return False
    if plan.day[one] != day or plan.day[other] < 0:
        return False
    unseat(plan, one)
    unseat(plan, other)
    move_tasks(plan, other, one)
    seat(plan, one, day)
    return True


def unite(plan: Plan, one: int, other: int, effort: int) -> bool:
    """Make one visit of two of an enterprise, on a day of either or on another; tells whether it did."""
    if not can_unite(plan, one, other):
        return False
    ones, others = unseat(plan, one), unseat(plan, other)
    both = open_visit(plan, plan.visits[one]["enterprise"])
    move_tasks(plan, one, both)
    own = plan.visits[both]["first_task"]
    move_tasks(plan, other, both)
    plan.visits[both]["wish"] = ones
    day = best_day(plan, both, -1)
    if day >= 0:
        seat(plan, both, day)
        return True
    while plan.visits[both]["first_task"] != own:
        task = plan.visits[both]["first_task"]
        take_out(plan, both, task)
        put(plan, other, task)
    move_tasks(plan, both, one)
    seat(plan, one, ones)
    seat(plan, other, others)
    return absorb(plan, one, other, effort) or absorb(plan, other, one, effort)


def dissolve(plan: Plan, visit: int) -> bool:
    """Move the tasks of a visit into others of its enterprise; tells whether it is empty then."""
    task = plan.visits[visit]["first_task"]
    while task >= 0:
        following = plan.served[task]["next_task"]
        host = plan.first_visit[plan.visits[visit]["enterprise"]]
        while host >= 0:
            if host != visit and plan.day[host] >= 0 and admits(plan, host, task):
                leave(plan, task)
                join(plan, host, task)
                break
            host = plan.next_visit[host]
        task = following
    return bool(plan.visits[visit]["first_task"] < 0)


def tidy(plan: Plan, bounds: Ints, effort: int) -> int:
    """Unite and dissolve visits of enterprises that have more than they need; how many visits that saved."""
    saved = 0
    for enterprise in range(bounds.size):
        again = True
        while again and visits_of(plan, enterprise) > bounds[enterprise]:
            again = False
            one = plan.first_visit[enterprise]
            while one >= 0 and not again:
                if plan.day[one] >= 0:
                    again = dissolve(plan, one)
                    other = plan.next_visit[one]
                    while other >= 0 and not again:
                        if plan.day[other] >= 0 and plan.day[one] >= 0:
                            again = unite(plan, one, other, effort)
                        other = plan.next_visit[other]
                one = plan.next_visit[one]
            saved += again
    return saved
