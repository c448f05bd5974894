"""A day for each visit, within the agencies' capacity and once a day for each enterprise.

A visit is put on the day on which its agencies are least busy; where no day has room, others are moved; what still
finds no day goes apart, task by task, by itself or into other visits of the enterprise.
"""

import numpy as np

from wurao.scheduling.domain.merge.visits import (
    Plan,
    admits,
    best_day,
    is_free,
    join,
    lacking,
    link_all,
    open_visit,
    put,
    seat,
    take_out,
    unseat,
)
from wurao.scheduling.domain.merge.work import Indices

NO_DAY = -1
TRIED_DAYS = 6
"""So many days of a visit's window, those with least in the way, are tried when others have to be moved."""


def clear(plan: Plan, visit: int, day: int, steps: Indices) -> bool:
    """Move visits of other enterprises until a visit has room on a day; tells whether it has."""
    link_all(plan)
    width = plan.parts.shape[1]
    for at in range(plan.visits["shares"][visit]):
        agency, officers = plan.parts["agency"][visit, at], plan.parts["officers"][visit, at]
        if officers > plan.days["capacity"][agency, day]:
            return False
        node = plan.busy[agency, day]
        while plan.days["load"][agency, day] + officers > plan.days["capacity"][agency, day]:
            if node < 0 or steps[0] <= 0:
                return False
            other = node // width
            following = plan.links["following"][other, node % width]
            steps[0] -= 1
            if plan.visits["enterprise"][other] != plan.visits["enterprise"][visit]:
                away = best_day(plan, other, day)
                if away >= 0:
                    unseat(plan, other)
                    seat(plan, other, away)
            node = following
    return True


def cleared_day(plan: Plan, visit: int, avoid: int, steps: Indices) -> int:
    """A day on which a visit has room once others were moved, or -1; days with least in the way are tried first."""
    low, high = plan.visits["low"][visit], plan.visits["high"][visit]
    tried = 0
    for short in range(1, plan.visits["shares"][visit] + 1):
        for day in range(low, high + 1):
            if (
                day == avoid
                or lacking(plan, visit, day) != short
                or not is_free(plan, plan.visits["enterprise"][visit], day)
            ):
                continue
            if tried == TRIED_DAYS or steps[0] <= 0:
                return NO_DAY
            tried += 1
            # Of the enterprise itself another visit may have come to the day meanwhile.
            if clear(plan, visit, day, steps) and is_free(plan, plan.visits["enterprise"][visit], day):
                return day
    return -1


def serve_apart(plan: Plan, task: int, effort: int) -> bool:
    """Put a task into another visit of its enterprise or, failing that, on a day of its own; tells whether it could."""
    enterprise = plan.tasks.rows["owner"][task]
    visit = plan.first_visit[enterprise]
    while visit >= 0:
        if plan.day[visit] >= 0 and admits(plan, visit, task):
            join(plan, visit, task)
            return True
        visit = plan.next_visit[visit]
    alone = open_visit(plan, enterprise)
    put(plan, alone, task)
    steps = np.full(1, effort, np.int64)
    day = best_day(plan, alone, -1)
    if day < 0:
        day = cleared_day(plan, alone, -1, steps)
    if day >= 0:
        seat(plan, alone, day)
        return True
    take_out(plan, alone, task)
    return False


def break_up(plan: Plan, visit: int, effort: int) -> None:
    """Serve the tasks of a visit that found no day: as many together as some day has room for, then the rest."""
    tasks = plan.tasks
    while plan.visits["first_task"][visit] >= 0:
        best, most = -1, 0
        for day in range(plan.visits["low"][visit], plan.visits["high"][visit] + 1):
            if not is_free(plan, plan.visits["enterprise"][visit], day):
                continue
            served, task = 0, plan.visits["first_task"][visit]
            while task >= 0:
                agency = tasks.rows["agency"][task]
                served += (
                    plan.days["load"][agency, day] + tasks.rows["officers"][task] <= plan.days["capacity"][agency, day]
                )
                task = plan.served["next_task"][task]
            if served > most:
                best, most = day, served
        if most < 2:
            break
        part = open_visit(plan, plan.visits["enterprise"][visit])
        task = plan.visits["first_task"][visit]
        while task >= 0:
            following, agency = plan.served["next_task"][task], tasks.rows["agency"][task]
            if plan.days["load"][agency, best] + tasks.rows["officers"][task] <= plan.days["capacity"][agency, best]:
                take_out(plan, visit, task)
                put(plan, part, task)
            task = following
        seat(plan, part, best)
    task = plan.visits["first_task"][visit]
    while task >= 0:
        following = plan.served["next_task"][task]
        take_out(plan, visit, task)
        serve_apart(plan, task, effort)
        task = following


def place_all(plan: Plan, order: Indices, effort: int) -> None:
    """Give the visits days in an order, those with fewest days first; break up what finds none."""
    left = np.empty(order.size, np.int64)
    waiting = 0
    for at in range(order.size):
        visit = order[at]
        day = best_day(plan, visit, -1)
        if day >= 0:
            seat(plan, visit, day)
        else:
            left[waiting] = visit
            waiting += 1
    steps = np.zeros(1, np.int64)
    still = 0
    for at in range(waiting):
        visit = left[at]
        steps[0] = effort
        day = best_day(plan, visit, -1)
        if day < 0:
            day = cleared_day(plan, visit, -1, steps)
        if day >= 0:
            seat(plan, visit, day)
        else:
            left[still] = visit
            still += 1
    for at in range(still):
        break_up(plan, left[at], effort)
