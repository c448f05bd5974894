"""The certificate: how many visits no plan can go below, worked out apart from the plan.

Each enterprise by itself, with no capacity, no days taken, and any number of visits on one day: less is asked of such a
division than of a plan, so that a plan never has fewer visits. For an enterprise the number is raised step by step:
can its tasks be put into that many visits? Every way is tried, task by task into each visit opened before or into a new
one. A task left out saves one visit at most, so that a plan that leaves u tasks unserved has at least the sum less u;
nor has it fewer than the minutes of the others need, were it the longest that it leaves out.
Nothing of the search that made the plan is used here.
"""

import numpy as np

from wurao.scheduling.domain.merge.grouping import AGENCIES, MINUTES, OFFICERS, Tasks, longest
from wurao.scheduling.domain.merge.work import Ints

LAST = 1 << 30


def disjoint(tasks: Tasks, begin: int, end: int) -> int:
    """The most tasks of which no two share a day: each needs a visit of its own. Tasks stand by their last day."""
    count, reach = 0, -1
    for task in range(begin, end):
        if tasks.rows[task]["first"] > reach:
            count += 1
            reach = tasks.rows[task]["last"]
    return count


def by_stretches(tasks: Tasks, begin: int, end: int, best: Ints, reach: Ints) -> int:
    """Days cut into stretches: the tasks that lie wholly within one need their visits there, whatever the others do.

    Within a stretch the minutes of a visit are limited, and so are its agencies, each of which comes as often as it has
    tasks of which no two share a day. `best` and `reach` are scratch for as many as there are tasks.
    """
    size, start = end - begin, -1
    for at in range(size):
        best[at] = 0
    while True:
        # Stretches begin where a task does, the earlier ones first.
        following = LAST
        for task in range(begin, end):
            if start < tasks.rows[task]["first"] < following:
                following = tasks.rows[task]["first"]
        if following == LAST:
            return int(best[size - 1])
        start = following
        before = minutes = shares = 0
        for at in range(size):
            reach[at] = -1
            if tasks.rows[begin + at]["last"] < start:
                before = max(before, best[at])
        for at in range(size):
            task = begin + at
            if tasks.rows[task]["first"] >= start:
                agency = 0
                while tasks.rows[begin + agency]["agency"] != tasks.rows[task]["agency"]:
                    agency += 1
                minutes += tasks.rows[task]["minutes"]
                if tasks.rows[task]["first"] > reach[agency]:
                    reach[agency] = tasks.rows[task]["last"]
                    shares += 1
                needed = max(-(-minutes // tasks.limits[MINUTES]), -(-shares // tasks.limits[AGENCIES]))
                best[at] = max(best[at], before + needed)
            if at > 0:
                best[at] = max(best[at], best[at - 1])


def joins(tasks: Tasks, visit_of: Ints, begin: int, task: int, visit: int) -> bool:
    """Tell whether a task can be in a visit with those before it that are in it already."""
    low, high, minutes, place = (
        tasks.rows[task]["first"],
        tasks.rows[task]["last"],
        tasks.rows[task]["minutes"],
        tasks.rows[task]["place"],
    )
    agencies = officers = 0
    for other in range(begin, task + 1):
        if other < task and visit_of[other] != visit:
            continue
        if other < task:
            low, high = max(low, tasks.rows[other]["first"]), min(high, tasks.rows[other]["last"])
            minutes += tasks.rows[other]["minutes"]
            if tasks.rows[other]["place"] >= 0 and place >= 0 and tasks.rows[other]["place"] != place:
                return False
            place = max(place, tasks.rows[other]["place"])
        # An agency counts where its last task stands, with the most officers that any of its tasks wants.
        most, is_last = tasks.rows[other]["officers"], True
        for another in range(begin, task + 1):
            within = another == task or (another < task and visit_of[another] == visit)
            if within and tasks.rows[another]["agency"] == tasks.rows[other]["agency"]:
                most = max(most, tasks.rows[another]["officers"])
                is_last &= another <= other
        if is_last:
            agencies += 1
            officers += most
    if low > high or minutes > tasks.limits[MINUTES]:
        return False
    return bool(agencies <= tasks.limits[AGENCIES] and officers <= tasks.limits[OFFICERS])


def possible(tasks: Tasks, begin: int, end: int, visits: int, visit_of: Ints, opened: Ints, budget: int) -> int:
    """1 when the tasks can be put into so many visits, 0 when they cannot, -1 when `budget` tries do not tell."""
    size, at, tries = end - begin, 0, 0
    visit_of[begin] = -1
    opened[0] = 0
    while at >= 0:
        if at == size:
            return 1
        task = begin + at
        visit = visit_of[task] + 1
        visit_of[task] = -1
        while visit < min(opened[at] + 1, visits) and not joins(tasks, visit_of, begin, task, visit):
            visit += 1
            tries += 1
        tries += 1
        if tries > budget:
            return -1
        if visit >= min(opened[at] + 1, visits):
            at -= 1
            continue
        visit_of[task] = visit
        at += 1
        opened[at] = max(opened[at - 1], visit + 1)
        if at < size:
            visit_of[begin + at] = -1
    return 0


def fewest(tasks: Tasks, planned: Ints, budget: int, visit_of: Ints, bounds: Ints, first: int, last: int) -> None:
    """For some enterprises the number of visits in `bounds` that their tasks cannot go below.

    `planned` is where the plan stands, `visit_of` scratch that goes with the tasks.
    """
    most = longest(tasks, first, last)
    opened = np.zeros(most + 2, np.int32)
    best, reach = np.zeros(most, np.int32), np.zeros(most, np.int32)
    for enterprise in range(first, last):
        begin, end = tasks.start[enterprise], tasks.start[enterprise + 1]
        if begin == end:
            continue
        bound = disjoint(tasks, begin, end)
        if bound < planned[enterprise]:
            bound = max(bound, by_stretches(tasks, begin, end, best, reach))
        while bound < planned[enterprise]:
            if possible(tasks, begin, end, bound, visit_of, opened, budget) != 0:
                break
            bound += 1
        bounds[enterprise] = bound


def overall(tasks: Tasks, bounds: Ints, unserved: int) -> int:
    """The number of visits that no plan can go below which leaves so many tasks unserved; `bounds` by enterprise."""
    served = tasks.rows.size - unserved
    if not unserved or not served:
        return int(bounds.sum()) if served else 0
    minutes = int(np.partition(tasks.rows["minutes"], served - 1)[:served].sum(dtype=np.int64))
    return max(1, int(bounds.sum()) - unserved, -(-minutes // int(tasks.limits[MINUTES])))
