"""Tasks in canonical order: by enterprise, last day, first day and id, so that the order of a file changes nothing."""

from wurao.scheduling.domain.merge.grouping import MINUTES, OFFICERS
from wurao.scheduling.domain.merge.texts import Texts, comes_before
from wurao.scheduling.domain.merge.work import Indices, Ints, Rows

RUN = 16
NO_WORKDAY, TOO_LONG, TOO_MANY_OFFICERS, NO_OFFICERS, DAYS_TAKEN = 1, 2, 3, 4, 5
"""Why a task cannot be served: its place among the reasons, counted from 1."""


def by_owner(rows: Rows, start: Indices, order: Indices) -> None:
    """The rows of each enterprise side by side in `order`; `start` tells where those of each begin."""
    following = start.copy()
    for row in range(rows.size):
        owner = rows[row]["owner"]
        order[following[owner]] = row
        following[owner] += 1


def precedes(rows: Rows, ids: Texts, one: int, other: int) -> bool:
    """Tell whether a task of an enterprise stands before another; ids are compared only where all else is equal."""
    if rows[one]["last"] != rows[other]["last"]:
        return bool(rows[one]["last"] < rows[other]["last"])
    if rows[one]["first"] != rows[other]["first"]:
        return bool(rows[one]["first"] < rows[other]["first"])
    return comes_before(ids, one, other)


def sort(rows: Rows, ids: Texts, order: Indices, spare: Indices, begin: int, end: int) -> None:
    """Sort a stretch of `order`: short runs by insertion, then merged two by two."""
    for run in range(begin, end, RUN):
        for at in range(run + 1, min(run + RUN, end)):
            row, place = order[at], at
            while place > run and precedes(rows, ids, row, order[place - 1]):
                order[place] = order[place - 1]
                place -= 1
            order[place] = row
    width = RUN
    while width < end - begin:
        for left in range(begin, end, 2 * width):
            one, middle = left, min(left + width, end)
            other, right = middle, min(left + 2 * width, end)
            for at in range(left, right):
                if other == right or (one < middle and not precedes(rows, ids, order[other], order[one])):
                    spare[at] = order[one]
                    one += 1
                else:
                    spare[at] = order[other]
                    other += 1
        for at in range(begin, end):
            order[at] = spare[at]
        width *= 2


def arrange(
    rows: Rows,
    ids: Texts,
    start: Indices,
    order: Indices,
    spare: Indices,
    arranged: Rows,
    arranged_ids: Texts,
    begin: int,
    end: int,
) -> None:
    """Bring the tasks of some enterprises into canonical order: `order`, and copies of their rows and ids."""
    for owner in range(begin, end):
        sort(rows, ids, order, spare, start[owner], start[owner + 1])
        for at in range(start[owner], start[owner + 1]):
            row = order[at]
            arranged[at] = rows[row]
            arranged_ids.at[at] = ids.at[row]
            arranged_ids.size[at] = ids.size[row]


def pick(rows: Rows, which: Indices, picked: Rows, begin: int, end: int) -> None:
    """Copy some of the tasks."""
    for at in range(begin, end):
        picked[at] = rows[which[at]]


def hopeless(
    rows: Rows, room: Ints, limits: Indices, blocked_start: Indices, blocked: Ints, why: Ints, begin: int, end: int
) -> None:
    """The first reason for which no plan can serve a task, 0 where one can."""
    for task in range(begin, end):
        first, last = rows[task]["first"], rows[task]["last"]
        agency, officers, owner = rows[task]["agency"], rows[task]["officers"], rows[task]["owner"]
        why[task] = 0
        if first > last:
            why[task] = NO_WORKDAY
        elif rows[task]["minutes"] > limits[MINUTES]:
            why[task] = TOO_LONG
        elif officers > limits[OFFICERS]:
            why[task] = TOO_MANY_OFFICERS
        else:
            day = first
            while day <= last and room[agency, day] < officers:
                day += 1
            taken = 0
            for at in range(blocked_start[owner], blocked_start[owner + 1]):
                taken += first <= blocked[at] <= last
            if day > last:
                why[task] = NO_OFFICERS
            elif taken == last - first + 1:
                why[task] = DAYS_TAKEN
