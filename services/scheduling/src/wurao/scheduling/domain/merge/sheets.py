"""Tasks, officers and visits as CSV: read strictly, every fault with its row and column; written canonically.

Read: UTF-8 (with or without a byte order mark) or GB18030 (which holds GBK), comma, LF or CRLF, cells trimmed and
perhaps quoted, columns in any order, blank rows skipped. Large files without any peculiarity are scanned as they are
(`clean`), all others are read row by row (`strict`), with the same result.
"""

from codecs import BOM_UTF8
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import polars as pl

from wurao.common.workdays import WorkCalendar
from wurao.scheduling.domain.merge import clean, compiled, strict
from wurao.scheduling.domain.merge.calendar import Calendar
from wurao.scheduling.domain.merge.clean import Content
from wurao.scheduling.domain.merge.columns import CAPACITY, TASKS, VISITS
from wurao.scheduling.domain.merge.engine import Capacity, Outcome
from wurao.scheduling.domain.merge.printing import Print
from wurao.scheduling.domain.merge.problem import REASONS
from wurao.scheduling.domain.merge.work import Work

__all__ = [
    "CAPACITY",
    "TASKS",
    "VISITS",
    "Calendar",
    "File",
    "Parts",
    "read",
    "read_previous",
    "unserved_csv",
    "visits_csv",
]


FIRST_LINE = 1_000


class File(NamedTuple):
    """A file: its name, for faults, and what it holds."""

    name: str
    content: Content


def read(tasks: File, capacity: File | None, work: WorkCalendar) -> tuple[Work, Calendar, Capacity | None]:
    """Tasks as `plan` wants them, the calendar of their period, and officers by agency and working day. Raises BadFile.

    Every agency with tasks has officers, else it is a fault; on days that the file does not name it has none.
    """
    tasks, capacity = _usual(tasks), _usual(capacity) if capacity else None
    (found, calendar), officers = compiled.both(
        lambda: clean.tasks(tasks.content, work, tasks.name) or strict.tasks(tasks.content, work, tasks.name),
        lambda: clean.officers(capacity.content, work) if capacity else None,
    )
    if capacity is None:
        return found, calendar, None
    if officers is None or list(officers.agencies) != list(found.agencies):
        officers = strict.officers(capacity.content, found.agencies, capacity.name)
    table = np.zeros((len(found.agencies), max(len(calendar.workdays), 1)), np.int32)
    day = calendar.positions(officers.day)
    worked = day >= 0
    table[officers.agency[worked], day[worked]] = officers.officers[worked]
    return found, calendar, Capacity({agency_id: row for row, agency_id in enumerate(found.agencies)}, table)


def _usual(file: File) -> File:
    """A file as it is without a byte order mark and with LF, so that one from office software can be scanned too."""
    content = file.content
    if content[: len(BOM_UTF8)] == BOM_UTF8:
        content = content[len(BOM_UTF8) :]
    # Every line of a file ends alike, so that the first tells; within quotes a line end stays what it is.
    if b"\r\n" in bytes(content[:FIRST_LINE]) and b'"' not in (whole := bytes(content)):
        content = whole.replace(b"\r\n", b"\n")
    return File(file.name, content)


def read_previous(visits: File, tasks: Work, calendar: Calendar) -> None:
    """Give tasks the days that they had in an earlier visits.csv; its tasks that are gone count for nothing.

    Raises BadFile.
    """
    task_ids, days = strict.served(_usual(visits).content, visits.name)
    before = dict(zip(task_ids, calendar.positions(days).tolist(), strict=True))
    tasks.rows["previous"] = [before.get(task_id, -1) for task_id in tasks.task_ids.texts()]


class Parts(NamedTuple):
    """A file in parts, which may be made at once: where each begins, and at last where the file ends."""

    begins: Sequence[int]
    make: Callable[[int], Content]


def visits_csv(outcome: Outcome, calendar: Calendar) -> Parts:
    """The visits in the order of enterprises and days, ids made of both; tasks in canonical order."""
    header = ",".join(VISITS).encode() + b"\n"
    both = "".join(f"{day:%Y%m%d}{day.isoformat()}" for day in calendar.workdays)
    dates = np.frombuffer(both.encode(), np.uint8).reshape(-1, 18)
    does, turn = compiled.functions(outcome.tasks), np.empty_like(outcome.order)
    sheet = Print(outcome.day, outcome.start, turn, outcome.task_ids, outcome.work.enterprises, dates)
    bounds = compiled.stretches(outcome.start)
    sizes = compiled.side_by_side(lambda first, last: int(does.measure_lines(sheet, first, last)), bounds)

    def make(part: int) -> Content:
        if part == 0:
            return header
        lines = np.empty(sizes[part - 1], np.uint8)
        does.write_lines(lines, sheet, bounds[part - 1], bounds[part])
        return lines.data

    return Parts([0, *accumulate(sizes, initial=len(header))], make)


def unserved_csv(outcome: Outcome) -> bytes:
    """The tasks that no visit serves, with the reason: its code and a sentence."""
    ids = outcome.work.task_ids
    rows = sorted((ids.text(row), f"{reason}：{REASONS[reason]}") for row, reason in outcome.reasons.items())
    return pl.DataFrame(rows, schema={"task_id": pl.String, "reason": pl.String}, orient="row").write_csv().encode()
