"""A day for each visit, within the agencies' capacity and once a day for each enterprise.

A visit is put on the day on which its agencies are least busy; where no day has room, others are moved; what still
finds no day goes apart, task by task, by itself or into other visits of the enterprise.
"""

import numpy as np

from wurao.scheduling.domain.merge.visits import (
    MADE,
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
    for at in range(plan.visits[visit]["shares"]):
        agency, officers = plan.parts[visit, at]["agency"], plan.parts[visit, at]["officers"]
        if officers > plan.days[agency, day]["capacity"]:
            return False
        node = plan.busy[agency, day]
        while plan.days[agency, day]["load"] + officers > plan.days[agency, day]["capacity"]:
            if node < 0 or steps[0] <= 0:
                return False
            other = node // width
            following = plan.links[other, node % width]["following"]
            steps[0] -= 1
            if plan.visits[other]["enterprise"] != plan.visits[visit]["enterprise"]:
                away = best_day(plan, other, day)
                if away >= 0:
                    unseat(plan, other)
                    seat(plan, other, away)
            node = following
    return True


def cleared_day(plan: Plan, visit: int, avoid: int, steps: Indices) -> int:
    """A day on which a visit has room once others were moved, or -1; days with least in the way are tried first."""
    low, high = plan.visits[visit]["low"], plan.visits[visit]["high"]
    tried = 0
    for short in range(1, plan.visits[visit]["shares"] + 1):
        for day in range(low, high + 1):
            if (
                day == avoid
                or lacking(plan, visit, day) != short
                or not is_free(plan, plan.visits[visit]["enterprise"], day)
            ):
                continue
            if tried == TRIED_DAYS or steps[0] <= 0:
                return NO_DAY
            tried += 1
            # Of the enterprise itself another visit may have come to the day meanwhile.
            if clear(plan, visit, day, steps) and is_free(plan, plan.visits[visit]["enterprise"], day):
                return day
    return -1


def serve_apart(plan: Plan, task: int, effort: int) -> bool:
    """Put a task into another visit of its enterprise or, failing that, on a day of its own; tells whether it could."""
    enterprise = plan.tasks.rows[task]["owner"]
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
    while plan.visits[visit]["first_task"] >= 0:
        best, most = -1, 0
        for day in range(plan.visits[visit]["low"], plan.visits[visit]["high"] + 1):
            if not is_free(plan, plan.visits[visit]["enterprise"], day):
                continue
            served, task = 0, plan.visits[visit]["first_task"]
            while task >= 0:
                agency = tasks.rows[task]["agency"]
                served += (
                    plan.days[agency, day]["load"] + tasks.rows[task]["officers"] <= plan.days[agency, day]["capacity"]
                )
                task = plan.served[task]["next_task"]
            if served > most:
                best, most = day, served
        if most < 2:
            break
        part = open_visit(plan, plan.visits[visit]["enterprise"])
        task = plan.visits[visit]["first_task"]
        while task >= 0:
            following, agency = plan.served[task]["next_task"], tasks.rows[task]["agency"]
            if plan.days[agency, best]["load"] + tasks.rows[task]["officers"] <= plan.days[agency, best]["capacity"]:
                take_out(plan, visit, task)
                put(plan, part, task)
            task = following
        seat(plan, part, best)
    task = plan.visits[visit]["first_task"]
    while task >= 0:
        following = plan.served[task]["next_task"]
        take_out(plan, visit, task)
        serve_apart(plan, task, effort)
        task = following


def in_turn(plan: Plan) -> Indices:
    """The visits in the order in which they get days: those with a wish, with short windows, with many agencies."""
    width, days = plan.parts.shape[1], plan.days.shape[1]
    keys = np.empty(plan.state[MADE], np.int32)
    following = np.zeros(2 * days * (width + 1) + 1, np.int64)
    for visit in range(plan.state[MADE]):
        row = plan.visits[visit]
        span = row["high"] - row["low"]
        keys[visit] = ((row["wish"] < 0) * days + span) * (width + 1) + width - row["shares"]
        following[keys[visit] + 1] += 1
    for key in range(1, following.size):
        following[key] += following[key - 1]
    order = np.empty(plan.state[MADE], np.int64)
    for visit in range(plan.state[MADE]):
        order[following[keys[visit]]] = visit
        following[keys[visit]] += 1
    return order


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
