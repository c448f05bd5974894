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
    if max(plan.visits["low"][one], plan.visits["low"][other]) > min(
        plan.visits["high"][one], plan.visits["high"][other]
    ):
        return False
    if plan.visits["minutes"][one] + plan.visits["minutes"][other] > limits[MINUTES]:
        return False
    if (
        plan.visits["place"][one] >= 0
        and plan.visits["place"][other] >= 0
        and plan.visits["place"][one] != plan.visits["place"][other]
    ):
        return False
    agencies, officers = plan.visits["shares"][one], 0
    for at in range(plan.visits["shares"][one]):
        officers += plan.parts["officers"][one, at]
    for at in range(plan.visits["shares"][other]):
        more, known = plan.parts["officers"][other, at], False
        for its in range(plan.visits["shares"][one]):
            if plan.parts["agency"][one, its] == plan.parts["agency"][other, at]:
                known = True
                more = max(0, more - plan.parts["officers"][one, its])
        agencies += not known
        officers += more
    return bool(agencies <= limits[AGENCIES] and officers <= limits[OFFICERS])


def absorb(plan: Plan, one: int, other: int, effort: int) -> bool:
    """Bring the tasks of another visit to a visit's own day, others moved if need be; tells whether they came."""
    day = plan.day[one]
    if not plan.visits["low"][other] <= day <= plan.visits["high"][other]:
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
    both = open_visit(plan, plan.visits["enterprise"][one])
    move_tasks(plan, one, both)
    own = plan.visits["first_task"][both]
    move_tasks(plan, other, both)
    plan.visits["wish"][both] = ones
    day = best_day(plan, both, -1)
    if day >= 0:
        seat(plan, both, day)
        return True
    while plan.visits["first_task"][both] != own:
        task = plan.visits["first_task"][both]
        take_out(plan, both, task)
        put(plan, other, task)
    move_tasks(plan, both, one)
    seat(plan, one, ones)
    seat(plan, other, others)
    return absorb(plan, one, other, effort) or absorb(plan, other, one, effort)


def dissolve(plan: Plan, visit: int) -> bool:
    """Move the tasks of a visit into others of its enterprise; tells whether it is empty then."""
    task = plan.visits["first_task"][visit]
    while task >= 0:
        following = plan.served["next_task"][task]
        host = plan.first_visit[plan.visits["enterprise"][visit]]
        while host >= 0:
            if host != visit and plan.day[host] >= 0 and admits(plan, host, task):
                leave(plan, task)
                join(plan, host, task)
                break
            host = plan.next_visit[host]
        task = following
    return bool(plan.visits["first_task"][visit] < 0)


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
