"""A plan that changes in place, and the steps that change it; every step keeps the plan lawful."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wurao.scheduling.domain.merge.grouping import AGENCIES, MINUTES, OFFICERS, Tasks
from wurao.scheduling.domain.merge.work import Indices, Ints

UNLIMITED, ENDLESS = 1 << 30, 1 << 60
"""No limit to an agency's officers, as it is given and as it stands in a plan."""
SCATTER = 7_919
RELAXED = 0.5

MADE, LINKED = 0, 1

SERVED = np.dtype([("visit_of", "i4"), ("next_task", "i4")])
VISITS = np.dtype(
    [(name, "i4") for name in ("enterprise", "wish", "low", "high", "minutes", "place", "shares", "first_task")]
)
PARTS = np.dtype([("agency", "i4"), ("officers", "i4")])
LINKS = np.dtype([("following", "i4"), ("before", "i4")])
DAYS = np.dtype([("capacity", "i8"), ("load", "i8")])
"""Officers of an agency on a day, and those planned: with no limit to them a million tasks may want billions."""


class Plan(NamedTuple):
    """A plan that changes in place; -1 ends every list, and a `day` of -1 is none.

    `served` goes with the tasks; `visits`, `day` and `next_visit` (of the same enterprise) with the visits; `parts` are
    the agencies of each visit, `days` those of each agency. `blocked` are days on which an enterprise has a visit
    already. `state` holds how many visits were made, and whether the agencies' visits of a day are linked: this is left
    until one has to move. Then `busy` begins the list of an agency's parts in visits on a day, each as visit * width +
    column, and `links` go on from part to part.
    """

    tasks: Tasks
    served: NDArray[np.void]
    visits: NDArray[np.void]
    day: Ints
    next_visit: Ints
    parts: NDArray[np.void]
    links: NDArray[np.void]
    days: NDArray[np.void]
    busy: Ints
    first_visit: Ints
    blocked_start: Indices
    blocked: Ints
    state: Indices


def open_visit(plan: Plan, enterprise: int) -> int:
    """An empty visit of an enterprise, without a day; its number. One that lost its tasks serves again."""
    visit = plan.first_visit[enterprise]
    while visit >= 0 and plan.visits[visit]["first_task"] >= 0:
        visit = plan.next_visit[visit]
    if visit < 0:
        visit = plan.state[MADE]
        plan.state[MADE] += 1
        plan.visits[visit]["enterprise"] = enterprise
        plan.next_visit[visit] = plan.first_visit[enterprise]
        plan.first_visit[enterprise] = visit
    plan.visits[visit]["first_task"] = -1
    plan.day[visit] = -1
    plan.visits[visit]["wish"] = -1
    measure(plan, visit)
    return int(visit)


def set_up(plan: Plan, group: Ints, base: Indices, first: int, last: int) -> None:
    """Open the visits of some enterprises: the tasks of one with the same number in `group` share one.

    An enterprise's visits are numbered from its `base` on, up to that of the next.
    """
    tasks = plan.tasks
    for enterprise in range(first, last):
        for visit in range(base[enterprise], base[enterprise + 1]):
            plan.visits[visit]["enterprise"] = enterprise
            plan.visits[visit]["first_task"] = -1
            plan.visits[visit]["wish"] = -1
            plan.day[visit] = -1
            plan.next_visit[visit] = plan.first_visit[enterprise]
            plan.first_visit[enterprise] = visit
        for task in range(tasks.start[enterprise], tasks.start[enterprise + 1]):
            visit = base[enterprise] + group[task]
            plan.served[task]["visit_of"] = visit
            plan.served[task]["next_task"] = plan.visits[visit]["first_task"]
            plan.visits[visit]["first_task"] = task
        for visit in range(base[enterprise], base[enterprise + 1]):
            measure(plan, visit)


def wish_for(plan: Plan, previous: Ints) -> None:
    """Let each visit wish for the day that most of its tasks had; of equals the earliest within its window."""
    for visit in range(plan.state[MADE]):
        most, task = 0, plan.visits[visit]["first_task"]
        while task >= 0:
            day, same, other = previous[task], 0, plan.visits[visit]["first_task"]
            while other >= 0:
                same += previous[other] == day
                other = plan.served[other]["next_task"]
            better = same > most or (same == most and day < plan.visits[visit]["wish"])
            if plan.visits[visit]["low"] <= day <= plan.visits[visit]["high"] and better:
                most, plan.visits[visit]["wish"] = same, day
            task = plan.served[task]["next_task"]


def measure(plan: Plan, visit: int) -> None:
    """Work out a visit's window, minutes, premises and shares from its tasks. It has no day meanwhile."""
    tasks = plan.tasks
    low, high, minutes, place, shares = 0, plan.days.shape[1] - 1, 0, -1, 0
    task = plan.visits[visit]["first_task"]
    while task >= 0:
        low, high = max(low, tasks.rows[task]["first"]), min(high, tasks.rows[task]["last"])
        minutes += tasks.rows[task]["minutes"]
        place = max(place, tasks.rows[task]["place"])
        at = 0
        while at < shares and plan.parts[visit, at]["agency"] != tasks.rows[task]["agency"]:
            at += 1
        if at == shares:
            plan.parts[visit, at]["agency"] = tasks.rows[task]["agency"]
            plan.parts[visit, at]["officers"] = 0
            shares += 1
        plan.parts[visit, at]["officers"] = max(plan.parts[visit, at]["officers"], tasks.rows[task]["officers"])
        task = plan.served[task]["next_task"]
    plan.visits[visit]["low"], plan.visits[visit]["high"], plan.visits[visit]["minutes"] = low, high, minutes
    plan.visits[visit]["place"], plan.visits[visit]["shares"] = place, shares


def put(plan: Plan, visit: int, task: int) -> None:
    """Put a task into a visit that has no day at the moment."""
    plan.served[task]["visit_of"] = visit
    plan.served[task]["next_task"] = plan.visits[visit]["first_task"]
    plan.visits[visit]["first_task"] = task
    measure(plan, visit)


def take_out(plan: Plan, visit: int, task: int) -> None:
    """Take a task out of its visit, which has no day at the moment."""
    if plan.visits[visit]["first_task"] == task:
        plan.visits[visit]["first_task"] = plan.served[task]["next_task"]
    else:
        before = plan.visits[visit]["first_task"]
        while plan.served[before]["next_task"] != task:
            before = plan.served[before]["next_task"]
        plan.served[before]["next_task"] = plan.served[task]["next_task"]
    plan.served[task]["visit_of"] = -1
    measure(plan, visit)


def move_tasks(plan: Plan, source: int, target: int) -> None:
    """Move all tasks of a visit into another; neither has a day at the moment."""
    while plan.visits[source]["first_task"] >= 0:
        task = plan.visits[source]["first_task"]
        take_out(plan, source, task)
        put(plan, target, task)


def seat(plan: Plan, visit: int, day: int) -> None:
    """Give a visit a day."""
    plan.day[visit] = day
    for at in range(plan.visits[visit]["shares"]):
        agency = plan.parts[visit, at]["agency"]
        plan.days[agency, day]["load"] += plan.parts[visit, at]["officers"]
        if plan.state[LINKED]:
            link(plan, visit, at)


def unseat(plan: Plan, visit: int) -> int:
    """Take a visit's day away; the day that it had."""
    width = plan.parts.shape[1]
    day = plan.day[visit]
    for at in range(plan.visits[visit]["shares"]):
        agency = plan.parts[visit, at]["agency"]
        plan.days[agency, day]["load"] -= plan.parts[visit, at]["officers"]
        if not plan.state[LINKED]:
            continue
        before, following = plan.links[visit, at]["before"], plan.links[visit, at]["following"]
        if before >= 0:
            plan.links[before // width, before % width]["following"] = following
        else:
            plan.busy[agency, day] = following
        if following >= 0:
            plan.links[following // width, following % width]["before"] = before
    plan.day[visit] = -1
    return int(day)


def link(plan: Plan, visit: int, at: int) -> None:
    """Put an agency's part in a visit at the head of the list of its day."""
    width = plan.parts.shape[1]
    agency, day = plan.parts[visit, at]["agency"], plan.day[visit]
    following = plan.busy[agency, day]
    plan.links[visit, at]["following"] = following
    plan.links[visit, at]["before"] = -1
    if following >= 0:
        plan.links[following // width, following % width]["before"] = visit * width + at
    plan.busy[agency, day] = visit * width + at


def link_all(plan: Plan) -> None:
    """From now on an agency's visits of a day are linked."""
    if plan.state[LINKED]:
        return
    plan.state[LINKED] = 1
    for visit in range(plan.state[MADE]):
        if plan.day[visit] >= 0:
            for at in range(plan.visits[visit]["shares"]):
                link(plan, visit, at)


def is_free(plan: Plan, enterprise: int, day: int) -> bool:
    """Tell whether an enterprise has no visit on a day."""
    if plan.blocked.size > 0:
        for at in range(plan.blocked_start[enterprise], plan.blocked_start[enterprise + 1]):
            if plan.blocked[at] == day:
                return False
    return visit_on(plan, enterprise, day) < 0


def visit_on(plan: Plan, enterprise: int, day: int) -> int:
    """The planned visit of an enterprise on a day, or -1."""
    visit = plan.first_visit[enterprise]
    while visit >= 0:
        if plan.day[visit] == day:
            return int(visit)
        visit = plan.next_visit[visit]
    return -1


def lacking(plan: Plan, visit: int, day: int) -> int:
    """How many of a visit's agencies have too few officers left on a day."""
    short = 0
    for at in range(plan.visits[visit]["shares"]):
        agency = plan.parts[visit, at]["agency"]
        short += plan.days[agency, day]["load"] + plan.parts[visit, at]["officers"] > plan.days[agency, day]["capacity"]
    return short


def best_day(plan: Plan, visit: int, avoid: int) -> int:
    """A day with room on which the visit's agencies are little busy, or -1. The wished-for day comes first.

    From a day of the visit's own on, the first on which no agency is more than half busy will do, else the least busy
    one: visits spread over their windows, and where officers abound no window is read to its end.
    """
    enterprise, low, wish = plan.visits[visit]["enterprise"], plan.visits[visit]["low"], plan.visits[visit]["wish"]
    span = plan.visits[visit]["high"] - low + 1
    within = low <= wish < low + span and wish != avoid
    if wish >= 0 and within and lacking(plan, visit, wish) == 0 and is_free(plan, enterprise, wish):
        return int(wish)
    best, least = -1, 2.0
    shift = visit * SCATTER % max(1, span)
    for offset in range(span):
        day = low + (shift + offset if shift + offset < span else shift + offset - span)
        if day == avoid:
            continue
        busiest = 0.0
        for at in range(plan.visits[visit]["shares"]):
            agency = plan.parts[visit, at]["agency"]
            wanted = plan.days[agency, day]["load"] + plan.parts[visit, at]["officers"]
            if wanted > plan.days[agency, day]["capacity"]:
                busiest = 2.0
                break
            busiest = max(busiest, wanted / max(1, plan.days[agency, day]["capacity"]))
        if busiest < least and is_free(plan, enterprise, day):
            best, least = day, busiest
            if busiest <= RELAXED:
                break
    return int(best)


def admits(plan: Plan, visit: int, task: int) -> bool:
    """Tell whether a visit with a day has room for one more task, capacity and all limits included."""
    tasks, day = plan.tasks, plan.day[visit]
    if not tasks.rows[task]["first"] <= day <= tasks.rows[task]["last"]:
        return False
    if plan.visits[visit]["minutes"] + tasks.rows[task]["minutes"] > tasks.limits[MINUTES]:
        return False
    if (
        plan.visits[visit]["place"] >= 0
        and tasks.rows[task]["place"] >= 0
        and plan.visits[visit]["place"] != tasks.rows[task]["place"]
    ):
        return False
    agency, officers, known, more = tasks.rows[task]["agency"], 0, False, tasks.rows[task]["officers"]
    for at in range(plan.visits[visit]["shares"]):
        officers += plan.parts[visit, at]["officers"]
        if plan.parts[visit, at]["agency"] == agency:
            known = True
            more = max(0, tasks.rows[task]["officers"] - plan.parts[visit, at]["officers"])
    if not known and plan.visits[visit]["shares"] >= tasks.limits[AGENCIES]:
        return False
    if officers + more > tasks.limits[OFFICERS]:
        return False
    return bool(plan.days[agency, day]["load"] + more <= plan.days[agency, day]["capacity"])


def join(plan: Plan, visit: int, task: int) -> None:
    """Put a task into a visit that keeps its day."""
    day = unseat(plan, visit)
    put(plan, visit, task)
    seat(plan, visit, day)


def leave(plan: Plan, task: int) -> None:
    """Take a task out of its visit, which keeps its day while it has others."""
    visit = plan.served[task]["visit_of"]
    day = unseat(plan, visit)
    take_out(plan, visit, task)
    if plan.visits[visit]["first_task"] >= 0:
        seat(plan, visit, day)


def visits_of(plan: Plan, enterprise: int) -> int:
    """How many visits with a day an enterprise has."""
    count, visit = 0, plan.first_visit[enterprise]
    while visit >= 0:
        count += plan.day[visit] >= 0
        visit = plan.next_visit[visit]
    return count
