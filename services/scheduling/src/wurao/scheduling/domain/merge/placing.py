"""A day for each visit, within the agencies' capacity and once a day for each enterprise; what cannot be is broken up.

The plan is a set of arrays that change in place. A visit is put on the day on which its agencies are least busy; where
no day has room, others are moved; what still finds no day goes apart, task by task, by itself or into other visits of
the enterprise; at last tasks are moved along chains of days, as in bipartite matching. Every step keeps the plan
lawful.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wurao.scheduling.domain.merge.grouping import AGENCIES, MINUTES, OFFICERS, Indices, Ints, Tasks

UNLIMITED = 1 << 30
NO_DAY = -1
TRIED_DAYS = 6
"""So many days of a visit's window, those with least in the way, are tried when others have to be moved."""


SERVED = np.dtype([("owner", "i4"), ("visit_of", "i4"), ("next_task", "i4")])
VISITS = np.dtype(
    [
        (name, "i4")
        for name in (
            "enterprise", "day", "wish", "low", "high", "minutes", "place", "shares", "first_task", "next_visit",
        )
    ]
)  # fmt: skip
PARTS = np.dtype([("agency", "i4"), ("officers", "i4"), ("following", "i4"), ("before", "i4")])
DAYS = np.dtype([("capacity", "i4"), ("load", "i4"), ("busy", "i4")])


class Plan(NamedTuple):
    """A plan that changes in place; -1 ends every list.

    `served` goes with the tasks, `parts` are the agencies of each visit, `days` are those of each agency: `busy` begins
    the list of its parts in visits on the day, each as visit * width + column. `blocked` are days on which an
    enterprise has a visit already.
    """

    tasks: Tasks
    served: NDArray[np.void]
    visits: NDArray[np.void]
    parts: NDArray[np.void]
    days: NDArray[np.void]
    first_visit: Ints
    blocked_start: Indices
    blocked: Ints
    made: Indices


def open_visit(plan: Plan, enterprise: int) -> int:
    """An empty visit of an enterprise, without a day; its number. One that lost its tasks serves again."""
    visit = plan.first_visit[enterprise]
    while visit >= 0 and plan.visits["first_task"][visit] >= 0:
        visit = plan.visits["next_visit"][visit]
    if visit < 0:
        visit = plan.made[0]
        plan.made[0] += 1
        plan.visits["enterprise"][visit] = enterprise
        plan.visits["next_visit"][visit] = plan.first_visit[enterprise]
        plan.first_visit[enterprise] = visit
    plan.visits["first_task"][visit] = -1
    plan.visits["day"][visit] = -1
    plan.visits["wish"][visit] = -1
    measure(plan, visit)
    return int(visit)


def set_up(plan: Plan, group: Ints) -> None:
    """Open the visits of a division: the tasks of an enterprise with one number share one."""
    tasks = plan.tasks
    for enterprise in range(tasks.start.size - 1):
        base = plan.made[0]
        for task in range(tasks.start[enterprise], tasks.start[enterprise + 1]):
            visit = base + group[task]
            while plan.made[0] <= visit:
                fresh = plan.made[0]
                plan.made[0] += 1
                plan.visits["first_task"][fresh] = -1
                plan.visits["day"][fresh] = -1
                plan.visits["wish"][fresh] = -1
                plan.visits["enterprise"][fresh] = enterprise
                plan.visits["next_visit"][fresh] = plan.first_visit[enterprise]
                plan.first_visit[enterprise] = fresh
            plan.served["visit_of"][task] = visit
            plan.served["next_task"][task] = plan.visits["first_task"][visit]
            plan.visits["first_task"][visit] = task
        for visit in range(base, plan.made[0]):
            measure(plan, visit)


def wish_for(plan: Plan, previous: Ints) -> None:
    """Let each visit wish for the day that most of its tasks had; of equals the earliest within its window."""
    for visit in range(plan.made[0]):
        most, task = 0, plan.visits["first_task"][visit]
        while task >= 0:
            day, same, other = previous[task], 0, plan.visits["first_task"][visit]
            while other >= 0:
                same += previous[other] == day
                other = plan.served["next_task"][other]
            better = same > most or (same == most and day < plan.visits["wish"][visit])
            if plan.visits["low"][visit] <= day <= plan.visits["high"][visit] and better:
                most, plan.visits["wish"][visit] = same, day
            task = plan.served["next_task"][task]


def measure(plan: Plan, visit: int) -> None:
    """Work out a visit's window, minutes, premises and shares from its tasks. It has no day meanwhile."""
    tasks = plan.tasks
    low, high, minutes, place, shares = 0, plan.days.shape[1] - 1, 0, -1, 0
    task = plan.visits["first_task"][visit]
    while task >= 0:
        low, high = max(low, tasks.rows["first"][task]), min(high, tasks.rows["last"][task])
        minutes += tasks.rows["minutes"][task]
        place = max(place, tasks.rows["place"][task])
        at = 0
        while at < shares and plan.parts["agency"][visit, at] != tasks.rows["agency"][task]:
            at += 1
        if at == shares:
            plan.parts["agency"][visit, at] = tasks.rows["agency"][task]
            plan.parts["officers"][visit, at] = 0
            shares += 1
        plan.parts["officers"][visit, at] = max(plan.parts["officers"][visit, at], tasks.rows["officers"][task])
        task = plan.served["next_task"][task]
    plan.visits["low"][visit], plan.visits["high"][visit], plan.visits["minutes"][visit] = low, high, minutes
    plan.visits["place"][visit], plan.visits["shares"][visit] = place, shares


def put(plan: Plan, visit: int, task: int) -> None:
    """Put a task into a visit that has no day at the moment."""
    plan.served["visit_of"][task] = visit
    plan.served["next_task"][task] = plan.visits["first_task"][visit]
    plan.visits["first_task"][visit] = task
    measure(plan, visit)


def take_out(plan: Plan, visit: int, task: int) -> None:
    """Take a task out of its visit, which has no day at the moment."""
    if plan.visits["first_task"][visit] == task:
        plan.visits["first_task"][visit] = plan.served["next_task"][task]
    else:
        before = plan.visits["first_task"][visit]
        while plan.served["next_task"][before] != task:
            before = plan.served["next_task"][before]
        plan.served["next_task"][before] = plan.served["next_task"][task]
    plan.served["visit_of"][task] = -1
    measure(plan, visit)


def seat(plan: Plan, visit: int, day: int) -> None:
    """Give a visit a day."""
    width = plan.parts.shape[1]
    plan.visits["day"][visit] = day
    for at in range(plan.visits["shares"][visit]):
        agency = plan.parts["agency"][visit, at]
        plan.days["load"][agency, day] += plan.parts["officers"][visit, at]
        following = plan.days["busy"][agency, day]
        plan.parts["following"][visit, at] = following
        plan.parts["before"][visit, at] = -1
        if following >= 0:
            plan.parts["before"][following // width, following % width] = visit * width + at
        plan.days["busy"][agency, day] = visit * width + at


def unseat(plan: Plan, visit: int) -> int:
    """Take a visit's day away; the day that it had."""
    width = plan.parts.shape[1]
    day = plan.visits["day"][visit]
    for at in range(plan.visits["shares"][visit]):
        agency = plan.parts["agency"][visit, at]
        plan.days["load"][agency, day] -= plan.parts["officers"][visit, at]
        before, following = plan.parts["before"][visit, at], plan.parts["following"][visit, at]
        if before >= 0:
            plan.parts["following"][before // width, before % width] = following
        else:
            plan.days["busy"][agency, day] = following
        if following >= 0:
            plan.parts["before"][following // width, following % width] = before
    plan.visits["day"][visit] = -1
    return int(day)


def is_free(plan: Plan, enterprise: int, day: int) -> bool:
    """Tell whether an enterprise has no visit on a day."""
    for at in range(plan.blocked_start[enterprise], plan.blocked_start[enterprise + 1]):
        if plan.blocked[at] == day:
            return False
    return visit_on(plan, enterprise, day) < 0


def visit_on(plan: Plan, enterprise: int, day: int) -> int:
    """The planned visit of an enterprise on a day, or -1."""
    visit = plan.first_visit[enterprise]
    while visit >= 0:
        if plan.visits["day"][visit] == day:
            return int(visit)
        visit = plan.visits["next_visit"][visit]
    return -1


def lacking(plan: Plan, visit: int, day: int) -> int:
    """How many of a visit's agencies have too few officers left on a day."""
    short = 0
    for at in range(plan.visits["shares"][visit]):
        agency = plan.parts["agency"][visit, at]
        short += plan.days["load"][agency, day] + plan.parts["officers"][visit, at] > plan.days["capacity"][agency, day]
    return short


def best_day(plan: Plan, visit: int, avoid: int) -> int:
    """The day with room on which the visit's agencies are least busy, or -1. The wished-for day comes first."""
    wish = plan.visits["wish"][visit]
    within = plan.visits["low"][visit] <= wish <= plan.visits["high"][visit] and wish != avoid
    if (
        wish >= 0
        and within
        and lacking(plan, visit, wish) == 0
        and is_free(plan, plan.visits["enterprise"][visit], wish)
    ):
        return int(wish)
    best, least = -1, 2.0
    for day in range(plan.visits["low"][visit], plan.visits["high"][visit] + 1):
        if day == avoid:
            continue
        busiest = 0.0
        for at in range(plan.visits["shares"][visit]):
            agency = plan.parts["agency"][visit, at]
            wanted = plan.days["load"][agency, day] + plan.parts["officers"][visit, at]
            if wanted > plan.days["capacity"][agency, day]:
                busiest = 2.0
                break
            busiest = max(busiest, wanted / plan.days["capacity"][agency, day])
        if busiest < least and is_free(plan, plan.visits["enterprise"][visit], day):
            best, least = day, busiest
    return best


def clear(plan: Plan, visit: int, day: int, steps: Indices) -> bool:
    """Move visits of other enterprises until a visit has room on a day; tells whether it has."""
    width = plan.parts.shape[1]
    for at in range(plan.visits["shares"][visit]):
        agency, officers = plan.parts["agency"][visit, at], plan.parts["officers"][visit, at]
        if officers > plan.days["capacity"][agency, day]:
            return False
        node = plan.days["busy"][agency, day]
        while plan.days["load"][agency, day] + officers > plan.days["capacity"][agency, day]:
            if node < 0 or steps[0] <= 0:
                return False
            other = node // width
            following = plan.parts["following"][other, node % width]
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


def admits(plan: Plan, visit: int, task: int) -> bool:
    """Tell whether a visit with a day has room for one more task, capacity and all limits included."""
    tasks, day = plan.tasks, plan.visits["day"][visit]
    if not tasks.rows["first"][task] <= day <= tasks.rows["last"][task]:
        return False
    if plan.visits["minutes"][visit] + tasks.rows["minutes"][task] > tasks.limits[MINUTES]:
        return False
    if (
        plan.visits["place"][visit] >= 0
        and tasks.rows["place"][task] >= 0
        and plan.visits["place"][visit] != tasks.rows["place"][task]
    ):
        return False
    agency, officers, known, more = tasks.rows["agency"][task], 0, False, tasks.rows["officers"][task]
    for at in range(plan.visits["shares"][visit]):
        officers += plan.parts["officers"][visit, at]
        if plan.parts["agency"][visit, at] == agency:
            known = True
            more = max(0, tasks.rows["officers"][task] - plan.parts["officers"][visit, at])
    if not known and plan.visits["shares"][visit] >= tasks.limits[AGENCIES]:
        return False
    if officers + more > tasks.limits[OFFICERS]:
        return False
    return bool(plan.days["load"][agency, day] + more <= plan.days["capacity"][agency, day])


def join(plan: Plan, visit: int, task: int) -> None:
    """Put a task into a visit that keeps its day."""
    day = unseat(plan, visit)
    put(plan, visit, task)
    seat(plan, visit, day)


def leave(plan: Plan, task: int) -> None:
    """Take a task out of its visit, which keeps its day while it has others."""
    visit = plan.served["visit_of"][task]
    day = unseat(plan, visit)
    take_out(plan, visit, task)
    if plan.visits["first_task"][visit] >= 0:
        seat(plan, visit, day)


def serve_apart(plan: Plan, task: int, effort: int) -> bool:
    """Put a task into another visit of its enterprise or, failing that, on a day of its own; tells whether it could."""
    enterprise = plan.served["owner"][task]
    visit = plan.first_visit[enterprise]
    while visit >= 0:
        if plan.visits["day"][visit] >= 0 and admits(plan, visit, task):
            join(plan, visit, task)
            return True
        visit = plan.visits["next_visit"][visit]
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


def chain(plan: Plan, task: int, parent: Indices, via: Indices, queue: Indices) -> bool:
    """Serve a task by moving others of its agency along a chain of days that ends on one with room; tells whether."""
    tasks, width = plan.tasks, plan.parts.shape[1]
    agency, head, tail, end = tasks.rows["agency"][task], 0, 0, -1
    for day in range(plan.days.shape[1]):
        parent[day] = -2
    for day in range(tasks.rows["first"][task], tasks.rows["last"][task] + 1):
        if plan.days["capacity"][agency, day] >= tasks.rows["officers"][task] and could_be(plan, task, day):
            parent[day], via[day] = -1, task
            queue[tail] = day
            tail += 1
    while head < tail and end < 0:
        day = queue[head]
        head += 1
        wanted = tasks.rows["officers"][via[day]]
        if plan.days["load"][agency, day] + wanted <= plan.days["capacity"][agency, day]:
            end = day
            break
        node = plan.days["busy"][agency, day]
        while node >= 0:
            visit = node // width
            other = lone_task(plan, visit, agency)
            if (
                other >= 0
                and plan.days["load"][agency, day] - tasks.rows["officers"][other] + wanted
                <= plan.days["capacity"][agency, day]
            ):
                for away in range(tasks.rows["first"][other], tasks.rows["last"][other] + 1):
                    enough = plan.days["capacity"][agency, away] >= tasks.rows["officers"][other]
                    if parent[away] == -2 and enough and could_be(plan, other, away):
                        parent[away], via[away] = day, other
                        queue[tail] = away
                        tail += 1
            node = plan.parts["following"][visit, node % width]
    while end >= 0:
        mover, before = via[end], parent[end]
        if not could_be(plan, mover, end):
            return False
        if plan.days["load"][agency, end] + tasks.rows["officers"][mover] > plan.days["capacity"][agency, end]:
            return False
        if plan.served["visit_of"][mover] >= 0:
            leave(plan, mover)
        visit = visit_on(plan, plan.served["owner"][mover], end)
        if visit < 0:
            visit = open_visit(plan, plan.served["owner"][mover])
            put(plan, visit, mover)
            seat(plan, visit, end)
        else:
            join(plan, visit, mover)
        end = before
    return bool(plan.served["visit_of"][task] >= 0)


def could_be(plan: Plan, task: int, day: int) -> bool:
    """Tell whether a task could be on a day if its agency had officers: with the visit there, or by itself."""
    visit = visit_on(plan, plan.served["owner"][task], day)
    if visit < 0:
        return is_free(plan, plan.served["owner"][task], day)
    if plan.served["visit_of"][task] == visit:
        return False
    agency = plan.tasks.rows["agency"][task]
    room = plan.days["capacity"][agency, day]
    plan.days["capacity"][agency, day] = UNLIMITED
    fits = admits(plan, visit, task)
    plan.days["capacity"][agency, day] = room
    return fits


def lone_task(plan: Plan, visit: int, agency: int) -> int:
    """The only task that an agency has in a visit, or -1 if it has several."""
    found, task = -1, plan.visits["first_task"][visit]
    while task >= 0:
        if plan.tasks.rows["agency"][task] == agency:
            if found >= 0:
                return -1
            found = task
        task = plan.served["next_task"][task]
    return found


def serve_the_rest(plan: Plan) -> int:
    """Serve what is left by chains of moves; how many tasks could be."""
    days = plan.days.shape[1]
    parent, via, queue = np.empty(days, np.int64), np.empty(days, np.int64), np.empty(days, np.int64)
    served = 0
    for task in range(plan.served.size):
        if plan.served["visit_of"][task] < 0:
            served += serve_apart(plan, task, 200) or chain(plan, task, parent, via, queue)
    return served


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
    day = plan.visits["day"][one]
    if not plan.visits["low"][other] <= day <= plan.visits["high"][other]:
        return False
    steps = np.full(1, effort, np.int64)
    if lacking(plan, other, day) > 0 and not clear(plan, other, day, steps):
        return False
    if plan.visits["day"][one] != day or plan.visits["day"][other] < 0:
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
            if host != visit and plan.visits["day"][host] >= 0 and admits(plan, host, task):
                leave(plan, task)
                join(plan, host, task)
                break
            host = plan.visits["next_visit"][host]
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
                if plan.visits["day"][one] >= 0:
                    again = dissolve(plan, one)
                    other = plan.visits["next_visit"][one]
                    while other >= 0 and not again:
                        if plan.visits["day"][other] >= 0 and plan.visits["day"][one] >= 0:
                            again = unite(plan, one, other, effort)
                        other = plan.visits["next_visit"][other]
                one = plan.visits["next_visit"][one]
            saved += again
    return saved


def visits_of(plan: Plan, enterprise: int) -> int:
    """How many visits with a day an enterprise has."""
    count, visit = 0, plan.first_visit[enterprise]
    while visit >= 0:
        count += plan.visits["day"][visit] >= 0
        visit = plan.visits["next_visit"][visit]
    return count


def move_tasks(plan: Plan, source: int, target: int) -> None:
    """Move all tasks of a visit into another; neither has a day at the moment."""
    while plan.visits["first_task"][source] >= 0:
        task = plan.visits["first_task"][source]
        take_out(plan, source, task)
        put(plan, target, task)
