"""Tasks, officers and visits as CSV: read strictly, every fault with its row and column; written canonically.

Read: UTF-8 (with or without a byte order mark) or GB18030 (which holds GBK), comma, LF or CRLF, cells trimmed and
perhaps quoted, columns in any order, blank rows skipped. Large files without any peculiarity are scanned as they are
(`clean`), all others are read row by row (`strict`), with the same result.
"""

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
    "read_capacity",
    "read_previous",
    "read_tasks",
    "unserved_csv",
    "visits_csv",
]


def read_tasks(raw: Content, name: str, work: WorkCalendar) -> tuple[Work, Calendar]:
    """Tasks as `plan` wants them, and the calendar of their period. Raises BadFile."""
    return clean.tasks(raw, work, name) or strict.tasks(raw, work, name)


def read_capacity(raw: Content, name: str, tasks: Work, calendar: Calendar, work: WorkCalendar) -> Capacity:
    """Officers by agency and working day. Raises BadFile.

    Every agency with tasks is named, else it is a fault; on days that the file does not name it has none.
    """
    found = clean.officers(raw, tasks.agencies, work) or strict.officers(raw, tasks.agencies, name)
    table = np.zeros((len(tasks.agencies), max(len(calendar.workdays), 1)), np.int32)
    day = calendar.positions(found.day)
    worked = day >= 0
    table[found.agency[worked], day[worked]] = found.officers[worked]
    return Capacity({agency_id: row for row, agency_id in enumerate(tasks.agencies)}, table)


def read_previous(raw: Content, name: str, tasks: Work, calendar: Calendar) -> None:
    """Give tasks the days that they had in an earlier visits.csv; its tasks that are gone count for nothing.

    Raises BadFile.
    """
    task_ids, days = strict.served(raw, name)
    before = dict(zip(task_ids, calendar.positions(days).tolist(), strict=True))
    tasks.rows["previous"] = [before.get(task_id, -1) for task_id in tasks.task_ids.texts()]


def visits_csv(outcome: Outcome, calendar: Calendar) -> memoryview:
    """The visits in the order of enterprises and days, ids made of both; tasks in canonical order."""
    header = np.frombuffer(",".join(VISITS).encode() + b"\n", np.uint8)
    both = "".join(f"{day:%Y%m%d}{day.isoformat()}" for day in calendar.workdays)
    dates = np.frombuffer(both.encode(), np.uint8).reshape(-1, 18)
    does, turn = compiled.functions(outcome.tasks), np.empty_like(outcome.order)
    sheet = Print(outcome.day, outcome.start, turn, outcome.task_ids, outcome.work.enterprises, dates)
    bounds = compiled.stretches(outcome.start)
    sizes = compiled.side_by_side(lambda first, last: int(does.measure_lines(sheet, first, last)), bounds)
    ends = np.cumsum([header.size, *sizes])
    begins = dict(zip(bounds, ends.tolist(), strict=True))
    target = np.empty(ends[-1], np.uint8)
    target[: header.size] = header
    compiled.side_by_side(lambda first, last: does.write_lines(target, begins[first], sheet, first, last), bounds)
    return target.data


def unserved_csv(outcome: Outcome) -> bytes:
    """The tasks that no visit serves, with the reason: its code and a sentence."""
    ids = outcome.work.task_ids
    rows = sorted((ids.text(row), f"{reason}：{REASONS[reason]}") for row, reason in outcome.reasons.items())
    return pl.DataFrame(rows, schema={"task_id": pl.String, "reason": pl.String}, orient="row").write_csv().encode()
