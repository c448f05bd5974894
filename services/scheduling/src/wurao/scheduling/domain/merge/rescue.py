"""Serve what is left by moving tasks of its agency along chains of days, as in bipartite matching."""

import numpy as np

from wurao.scheduling.domain.merge.placing import serve_apart
from wurao.scheduling.domain.merge.visits import (
    ENDLESS,
    Plan,
    admits,
    is_free,
    join,
    leave,
    link_all,
    open_visit,
    put,
    seat,
    visit_on,
)
from wurao.scheduling.domain.merge.work import Indices


def chain(plan: Plan, task: int, parent: Indices, via: Indices, queue: Indices) -> bool:
    """Serve a task by moving others of its agency along a chain of days that ends on one with room; tells whether."""
    link_all(plan)
    tasks, width = plan.tasks, plan.parts.shape[1]
    agency, head, tail, end = tasks.rows[task]["agency"], 0, 0, -1
    for day in range(plan.days.shape[1]):
        parent[day] = -2
    for day in range(tasks.rows[task]["first"], tasks.rows[task]["last"] + 1):
        if plan.days[agency, day]["capacity"] >= tasks.rows[task]["officers"] and could_be(plan, task, day):
            parent[day], via[day] = -1, task
            queue[tail] = day
            tail += 1
    while head < tail and end < 0:
        day = queue[head]
        head += 1
        wanted = tasks.rows[via[day]]["officers"]
        if plan.days[agency, day]["load"] + wanted <= plan.days[agency, day]["capacity"]:
            end = day
            break
        node = plan.busy[agency, day]
        while node >= 0:
            visit = node // width
            other = lone_task(plan, visit, agency)
            if (
                other >= 0
                and plan.days[agency, day]["load"] - tasks.rows[other]["officers"] + wanted
                <= plan.days[agency, day]["capacity"]
            ):
                for away in range(tasks.rows[other]["first"], tasks.rows[other]["last"] + 1):
                    enough = plan.days[agency, away]["capacity"] >= tasks.rows[other]["officers"]
                    if parent[away] == -2 and enough and could_be(plan, other, away):
                        parent[away], via[away] = day, other
                        queue[tail] = away
                        tail += 1
            node = plan.links[visit, node % width]["following"]
    while end >= 0:
        mover, before = via[end], parent[end]
        if not could_be(plan, mover, end):
            return False
        if plan.days[agency, end]["load"] + tasks.rows[mover]["officers"] > plan.days[agency, end]["capacity"]:
            return False
        if plan.served[mover]["visit_of"] >= 0:
            leave(plan, mover)
        visit = visit_on(plan, plan.tasks.rows[mover]["owner"], end)
        if visit < 0:
            visit = open_visit(plan, plan.tasks.rows[mover]["owner"])
            put(plan, visit, mover)
            seat(plan, visit, end)
        else:
            join(plan, visit, mover)
        end = before
    return bool(plan.served[task]["visit_of"] >= 0)


def could_be(plan: Plan, task: int, day: int) -> bool:
    """Tell whether a task could be on a day if its agency had officers: with the visit there, or by itself."""
    visit = visit_on(plan, plan.tasks.rows[task]["owner"], day)
    if visit < 0:
        return is_free(plan, plan.tasks.rows[task]["owner"], day)
    if plan.served[task]["visit_of"] == visit:
        return False
    agency = plan.tasks.rows[task]["agency"]
    room = plan.days[agency, day]["capacity"]
    plan.days[agency, day]["capacity"] = ENDLESS
    fits = admits(plan, visit, task)
    plan.days[agency, day]["capacity"] = room
    return fits


def lone_task(plan: Plan, visit: int, agency: int) -> int:
    """The only task that an agency has in a visit, or -1 if it has several."""
    found, task = -1, plan.visits[visit]["first_task"]
    while task >= 0:
        if plan.tasks.rows[task]["agency"] == agency:
            if found >= 0:
                return -1
            found = task
        task = plan.served[task]["next_task"]
    return found


def serve_the_rest(plan: Plan) -> int:
    """Serve what is left by chains of moves; how many tasks could be."""
    days = plan.days.shape[1]
    parent, via, queue = np.empty(days, np.int64), np.empty(days, np.int64), np.empty(days, np.int64)
    served = 0
    for task in range(plan.served.size):
        if plan.served[task]["visit_of"] < 0:
            served += serve_apart(plan, task, 200) or chain(plan, task, parent, via, queue)
    return served
