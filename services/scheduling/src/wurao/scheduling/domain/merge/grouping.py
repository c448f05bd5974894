"""Which tasks of one enterprise share visits, days and capacity aside: greedy, then a search where it may gain.

Tasks of an enterprise stand side by side, by the last day of their window. The visit of the first of them may as well
be on that last day, so only tasks that have begun by then can join it, and it does no harm to let in as many as fit.
These functions run as they stand, and compiled (see `compiled`).
"""

from typing import NamedTuple

import numpy as np

from wurao.scheduling.domain.merge.work import Indices, Ints, Rows

AGENCIES, MINUTES, OFFICERS = 0, 1, 2
SEARCHED = 60
"""Of more tasks at one enterprise the greedy division stands."""


class Tasks(NamedTuple):
    """Tasks by enterprise and last day. `start` has one entry more than there are enterprises.

    `rows` are ROWS (see `work`); `limits` are the most agencies, minutes and officers of a visit.
    """

    start: Indices
    rows: Rows
    limits: Indices


def fits_with(tasks: Tasks, members: Indices, count: int, task: int) -> bool:
    """Tell whether a task fits with the first `count` members of a visit: a common day, and all limits kept."""
    latest, earliest = tasks.rows[task]["first"], tasks.rows[task]["last"]
    minutes, place = tasks.rows[task]["minutes"], tasks.rows[task]["place"]
    for at in range(count):
        other = members[at]
        latest = max(latest, tasks.rows[other]["first"])
        earliest = min(earliest, tasks.rows[other]["last"])
        minutes += tasks.rows[other]["minutes"]
        if tasks.rows[other]["place"] >= 0:
            if place >= 0 and tasks.rows[other]["place"] != place:
                return False
            place = tasks.rows[other]["place"]
    if latest > earliest or minutes > tasks.limits[MINUTES]:
        return False
    agencies, officers = 1, tasks.rows[task]["officers"]
    for at in range(count):
        other = members[at]
        if tasks.rows[other]["agency"] == tasks.rows[task]["agency"]:
            officers = max(officers, tasks.rows[other]["officers"])
    for at in range(count):
        other = members[at]
        if tasks.rows[other]["agency"] == tasks.rows[task]["agency"]:
            continue
        most = tasks.rows[other]["officers"]
        seen = False
        for earlier in range(at):
            seen |= tasks.rows[members[earlier]]["agency"] == tasks.rows[other]["agency"]
        if seen:
            continue
        for later in range(at + 1, count):
            if tasks.rows[members[later]]["agency"] == tasks.rows[other]["agency"]:
                most = max(most, tasks.rows[members[later]]["officers"])
        agencies += 1
        officers += most
    return bool(agencies <= tasks.limits[AGENCIES] and officers <= tasks.limits[OFFICERS])


def greedy(tasks: Tasks, begin: int, end: int, group: Ints, members: Indices) -> int:
    """Number the visits of one enterprise's tasks in `group`; how many there are.

    The first task left opens a visit; others of an agency that comes anyway join before further agencies do.
    """
    visits = 0
    for opener in range(begin, end):
        if group[opener] >= 0:
            continue
        group[opener] = visits
        members[0], count = opener, 1
        for same_agency in (True, False):
            for task in range(opener + 1, end):
                if group[task] >= 0 or tasks.rows[task]["first"] > tasks.rows[opener]["last"]:
                    continue
                if same_agency and tasks.rows[task]["agency"] != tasks.rows[opener]["agency"]:
                    continue
                if fits_with(tasks, members, count, task):
                    group[task] = visits
                    members[count] = task
                    count += 1
        visits += 1
    return visits


def at_least(tasks: Tasks, begin: int, end: int, group: Ints) -> int:
    """A number that no division of the tasks without a group can go below, found at a glance."""
    stabs, stab = 0, -1
    minutes = 0
    for task in range(begin, end):
        if group[task] >= 0:
            continue
        minutes += tasks.rows[task]["minutes"]
        if tasks.rows[task]["first"] > stab:
            stabs += 1
            stab = tasks.rows[task]["last"]
    shares, officers = 0, 0
    for task in range(begin, end):
        if group[task] >= 0:
            continue
        known = False
        for other in range(begin, task):
            known |= group[other] < 0 and tasks.rows[other]["agency"] == tasks.rows[task]["agency"]
        if known:
            continue
        own, least, stab = 0, tasks.rows[task]["officers"], -1
        for other in range(task, end):
            if group[other] < 0 and tasks.rows[other]["agency"] == tasks.rows[task]["agency"]:
                least = min(least, tasks.rows[other]["officers"])
                if tasks.rows[other]["first"] > stab:
                    own += 1
                    stab = tasks.rows[other]["last"]
        shares += own
        officers += own * least
    by_days = max(stabs, -(-minutes // tasks.limits[MINUTES]))
    by_people = max(-(-shares // tasks.limits[AGENCIES]), -(-officers // tasks.limits[OFFICERS]))
    return int(max(by_days, by_people))


def better(tasks: Tasks, begin: int, end: int, group: Ints, best: Ints, budget: int) -> int:
    """Search for fewer visits than `best` has; `best` holds the fewest found, the result is their number.

    Depth first over the visit of the first task left: which tasks it takes along. `budget` bounds the steps.
    """
    size = end - begin
    fewest = 0
    for at in range(size):
        fewest = max(fewest, best[begin + at] + 1)
    for at in range(begin, end):
        group[at] = -1
    least = at_least(tasks, begin, end, group)
    # Each level is one visit: its tasks in the order in which they joined, and the next task to consider.
    members = np.empty((size + 1, size), np.int64)
    counts = np.zeros(size + 1, np.int64)
    following = np.zeros(size + 1, np.int64)
    level, opened = 0, False
    steps = 0
    while level >= 0 and steps < budget and fewest > least:
        steps += 1
        if not opened:
            opener = begin
            while opener < end and group[opener] >= 0:
                opener += 1
            if opener == end:
                fewest = level
                for at in range(begin, end):
                    best[at] = group[at]
                level -= 1
                opened = True
                continue
            if level + at_least(tasks, begin, end, group) >= fewest:
                level -= 1
                opened = True
                continue
            group[opener] = level
            members[level, 0], counts[level], following[level] = opener, 1, opener + 1
            opened = True
        else:
            # The visit of this level was tried to its end: it lets its last task go, and takes none before it again.
            count = counts[level]
            if count == 1:
                group[members[level, 0]] = -1
                level -= 1
                continue
            counts[level] = count - 1
            left = members[level, count - 1]
            group[left] = -1
            following[level] = left + 1
        first = members[level, 0]
        for task in range(following[level], end):
            if group[task] >= 0 or tasks.rows[task]["first"] > tasks.rows[first]["last"]:
                continue
            if fits_with(tasks, members[level], counts[level], task):
                group[task] = level
                members[level, counts[level]] = task
                counts[level] += 1
        if is_full(tasks, begin, end, group, members[level], counts[level]):
            level += 1
            opened = False
    return fewest


def is_full(tasks: Tasks, begin: int, end: int, group: Ints, members: Indices, count: int) -> bool:
    """Tell whether no task that is left fits into a visit any more: others need not be tried."""
    for task in range(begin, end):
        if (
            group[task] < 0
            and tasks.rows[task]["first"] <= tasks.rows[members[0]]["last"]
            and fits_with(tasks, members, count, task)
        ):
            return False
    return True


def keep(tasks: Tasks, previous: Ints, all_that_stand: bool, group: Ints, visits: Ints) -> None:
    """Keep the visits that tasks had; new tasks join them, or the enterprise is divided anew if that takes fewer.

    `previous` are the days of the tasks in an earlier plan, -1 for new ones. With `all_that_stand` an enterprise whose
    new tasks find room is not divided anew, though it may have had more visits than it needs.
    """
    own, before = np.full(tasks.rows.size, -1, np.int32), np.empty(tasks.rows.size, np.int64)
    days, newest = np.empty(tasks.rows.size + 1, np.int32), np.empty(tasks.rows.size + 1, np.int64)
    members = np.empty(tasks.rows.size + 1, np.int64)
    for enterprise in range(visits.size):
        begin, end = tasks.start[enterprise], tasks.start[enterprise + 1]
        made = stood = 0
        for known in (True, False):
            stood = max(stood, made)
            for task in range(begin, end):
                day = previous[task] if tasks.rows[task]["first"] <= previous[task] <= tasks.rows[task]["last"] else -1
                if (day >= 0) != known:
                    continue
                visit = 0
                while visit < made and not joins_kept(tasks, task, day, days[visit], newest[visit], before, members):
                    visit += 1
                if visit == made:
                    days[visit], newest[visit] = day, -1
                    made += 1
                own[task], before[task], newest[visit] = visit, newest[visit], task
        if made <= visits[enterprise] or (all_that_stand and made <= stood):
            visits[enterprise] = made
            for task in range(begin, end):
                group[task] = own[task]


def joins_kept(tasks: Tasks, task: int, day: int, on: int, newest: int, before: Indices, members: Indices) -> bool:
    """Tell whether a task joins a visit on a day, -1 for a new one: on the day that it had, or on any of its window.

    `newest` is the last task that joined the visit, `before` the one before each; `members` is scratch for them.
    """
    if on >= 0 and (on != day if day >= 0 else not tasks.rows[task]["first"] <= on <= tasks.rows[task]["last"]):
        return False
    count, other = 0, newest
    while other >= 0:
        members[count], other = other, before[other]
        count += 1
    return fits_with(tasks, members, count, task)


def divide(tasks: Tasks, budget: int, group: Ints, scratch: Ints, visits: Ints, first: int, last: int) -> None:
    """Number the visits of some enterprises' tasks in `group`, within each enterprise, and count them in `visits`.

    `group` and `scratch` go with the tasks and are -1 before.
    """
    members = np.empty(longest(tasks, first, last) + 1, np.int64)
    for enterprise in range(first, last):
        begin, end = tasks.start[enterprise], tasks.start[enterprise + 1]
        if begin == end:
            continue
        visits[enterprise] = greedy(tasks, begin, end, group, members)
        if end - begin <= SEARCHED and visits[enterprise] > at_least(tasks, begin, end, scratch):
            visits[enterprise] = better(tasks, begin, end, scratch, group, budget)
            for task in range(begin, end):
                scratch[task] = -1


def longest(tasks: Tasks, first: int, last: int) -> int:
    """The most tasks that one of some enterprises has."""
    most = 0
    for enterprise in range(first, last):
        most = max(most, tasks.start[enterprise + 1] - tasks.start[enterprise])
    return most
