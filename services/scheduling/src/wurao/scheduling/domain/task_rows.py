"""What is wrong with a row of an upload of tasks, by column."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import TypeVar

from wurao.common.contracts.shared import Refusal
from wurao.common.errors import WuraoError
from wurao.common.rowfiles import RowError
from wurao.common.workdays import WorkCalendar

Row = TypeVar("Row")

# The column that a refusal speaks of, by the first word of its code; a row as a whole where none is named.
COLUMNS = {
    "agency": "agency_id",
    "enterprise": "enterprise_id",
    "premises": "premises_id",
    "item": "item_ids",
    "plan": "plan_id",
    "draw": "ground",
    "triggered": "source_record",
    "cap": "enterprise_id",
    "grade": "enterprise_id",
    "area": "superior_approval",
}
LONGEST = 366


def day_fault(row: int, earliest: date, latest: date, calendar: WorkCalendar) -> RowError | None:
    """A window that ends before it begins, is too long, or has no working day that the calendar knows."""
    if latest < earliest:
        return RowError(row=row, field="latest", code="window_reversed", message="最晚日期早于最早日期")
    if (latest - earliest).days > LONGEST:
        return RowError(row=row, field="latest", code="window_too_long", message=f"时限不得超过{LONGEST}天")
    try:
        days = (earliest + timedelta(days=number) for number in range((latest - earliest).days + 1))
        if any(calendar.is_workday(day) for day in days):
            return None
    except WuraoError as error:
        return RowError(row=row, field="earliest", code=error.code, message=str(error))
    return RowError(row=row, field="earliest", code="no_workday", message="时限内没有工作日")


def refused(row: int, refusals: Sequence[Refusal]) -> list[RowError]:
    """The gate's refusals of a row, each with its sentence and clause."""
    return [
        RowError(
            row=row,
            field=COLUMNS.get(refusal.code.partition(".")[0], ""),
            code=refusal.code,
            message=f"{refusal.message}（{refusal.clause}）",
        )
        for refusal in refusals
    ]


def waves(rows: Sequence[Row], subject: Callable[[Row], str], size: int) -> Iterator[list[Row]]:
    """The rows in parts that hold no subject twice: what one row does is known when the next on it is judged.

    A subject's rows keep their order; no part holds more than `size` rows.
    """
    levels: list[list[Row]] = []
    seen: dict[str, int] = {}
    for row in rows:
        level = seen[subject(row)] = seen.get(subject(row), -1) + 1
        if level == len(levels):
            levels.append([])
        levels[level].append(row)
    for level_rows in levels:
        for first in range(0, len(level_rows), size):
            yield level_rows[first : first + size]
