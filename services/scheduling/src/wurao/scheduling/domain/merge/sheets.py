"""Tasks, officers and visits as CSV: read strictly, every fault with its row and column; written canonically.

Read: UTF-8 (with or without a byte order mark) or GB18030 (which holds GBK), comma, LF or CRLF, cells trimmed and
perhaps quoted, columns in any order, blank rows skipped. A clean file is read by polars, any other row by row.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wurao.common.rowfiles import RowError, Unreadable, csv_records, open_csv
from wurao.common.workdays import CalendarUnknown, WorkCalendar
from wurao.scheduling.domain.draw.texts import SHOWN, BadFile, Fault, shown
from wurao.scheduling.domain.merge.engine import Capacity, Outcome
from wurao.scheduling.domain.merge.problem import REASONS

TASKS = ("task_id", "enterprise_id", "agency_id", "items", "earliest", "latest", "minutes", "officers")
DATES = ("earliest", "latest")
CAPACITY = ("agency_id", "date", "officer_days")
VISITS = ("visit_id", "enterprise_id", "date", "task_ids")
_ID = r"^[0-9A-Za-z_.:-]{1,64}$"
_ITEMS = r"^[0-9A-Za-z_.:;-]+$"
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_COUNT = r"^[0-9]{1,6}$"
_ID_SAYS = "只能是 1 至 64 位字母、数字和 _ . : -"
_DATE_SAYS = "应为日期，如 2026-03-01"
_COUNT_SAYS = "应为 0 至 999999 的整数"
_PLAIN = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.:-;,\n"
_EPOCH = date(1970, 1, 1)
LONGEST_ID, MOST = 64, 999_999
FURTHEST = 3_700
"""So many days at most lie between the first and the last day of all tasks."""


class Calendar(NamedTuple):
    """The working days of a period, and for each of its days the position of the next and of the last one."""

    start: date
    workdays: Sequence[date]
    following: NDArray[np.int32]
    preceding: NDArray[np.int32]

    @classmethod
    def of(cls, calendar: WorkCalendar, start: date, end: date) -> "Calendar":
        """The calendar from a day to another, both included. Raises CalendarUnknown."""
        days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
        worked = np.array([calendar.is_workday(day) for day in days], np.bool_)
        until = np.cumsum(worked, dtype=np.int32)
        return cls(
            start, [day for day, is_worked in zip(days, worked, strict=True) if is_worked], until - worked, until - 1
        )

    def at(self, days: pl.Series) -> NDArray[np.int64]:
        """Offsets of days into the period."""
        return days.to_physical().cast(pl.Int64).to_numpy() - (self.start - _EPOCH).days


def read_tasks(raw: bytes, name: str, work: WorkCalendar) -> tuple[pl.DataFrame, Calendar]:
    """Tasks as `plan` wants them, with earliest and latest, and the calendar of their period. Raises BadFile."""
    frame = _clean_tasks(raw)
    if frame is None:
        frame = _checked_tasks(raw, name)
    calendar = _calendar(frame, work, name)
    return frame.with_columns(
        pl.Series("first", calendar.following[calendar.at(frame["earliest"])]),
        pl.Series("last", calendar.preceding[calendar.at(frame["latest"])]),
        pl.lit("").alias("place"),
        pl.lit(-1, pl.Int32).alias("previous"),
    ), calendar


def _clean_tasks(raw: bytes) -> pl.DataFrame | None:
    """The tasks of a file without any peculiarity or fault, looked at as a whole; None where there may be one."""
    header = ",".join(TASKS).encode() + b"\n"
    if not raw.startswith(header) or raw[len(header) :].translate(None, _PLAIN):
        return None
    kinds = {"minutes": pl.Int32, "officers": pl.Int32}
    schema = {column: kinds.get(column, pl.String) for column in TASKS}
    try:
        frame = pl.read_csv(raw, schema=schema, quote_char=None, columns=[each for each in TASKS if each != "items"])
    except pl.exceptions.PolarsError:
        return None
    if frame.is_empty() or frame.height != raw.count(b"\n") - raw.endswith(b"\n"):
        return None
    ids = [frame[name] for name in ("task_id", "enterprise_id", "agency_id")]
    # Polars would read dates in other spellings, too, and guess which number is the month.
    if not all(frame[name].str.contains(_DATE).all() for name in DATES):
        return None
    frame = frame.with_columns(pl.col(DATES).str.to_date("%Y-%m-%d", strict=False))
    sound = (
        not any(column.null_count() for column in frame)
        and all(_most(column.str.len_bytes()) <= LONGEST_ID for column in ids)
        and not any(column.str.contains(";", literal=True).any() for column in ids)
        and frame["task_id"].n_unique() == frame.height
        and (frame["earliest"] <= frame["latest"]).all()
        and all(frame[name].is_between(1, MOST).all() for name in ("minutes", "officers"))
    )
    return frame.with_row_index("row", offset=2) if sound else None


def _most(values: pl.Series) -> int:
    most = values.max()
    assert isinstance(most, int)
    return most


def _checked_tasks(raw: bytes, name: str) -> pl.DataFrame:
    frame = _read(raw, TASKS, name)
    texts = [("task_id", _ID, _ID_SAYS), ("enterprise_id", _ID, _ID_SAYS), ("agency_id", _ID, _ID_SAYS)]
    texts += [
        ("items", _ITEMS, "应为事项编号，以分号分隔"),
        ("earliest", _DATE, _DATE_SAYS),
        ("latest", _DATE, _DATE_SAYS),
    ]
    texts += [("minutes", _COUNT, _COUNT_SAYS), ("officers", _COUNT, _COUNT_SAYS)]
    _require_texts(frame, texts, name)
    frame = _dated(_counted(frame, ("minutes", "officers")), ("earliest", "latest"), name)
    _raise(
        [
            *_faults(frame, frame["task_id"].is_duplicated(), "task_id", "编号重复", name),
            *_faults(frame, frame["latest"] < frame["earliest"], "latest", "时限的末日早于首日", name),
            *_faults(frame, frame["minutes"] == 0, "minutes", "应大于 0", name),
            *_faults(frame, frame["officers"] == 0, "officers", "应大于 0", name),
        ]
    )
    return frame


def read_capacity(raw: bytes, name: str, tasks: pl.DataFrame, calendar: Calendar) -> Capacity:
    """Officers by agency and working day. Raises BadFile.

    Every agency with tasks is named, else it is a fault; on days that the file does not name it has none.
    """
    frame = _read(raw, CAPACITY, name)
    _require_texts(
        frame, [("agency_id", _ID, _ID_SAYS), ("date", _DATE, _DATE_SAYS), ("officer_days", _COUNT, _COUNT_SAYS)], name
    )
    frame = _dated(_counted(frame, ("officer_days",)), ("date",), name)
    agencies = frame["agency_id"].unique().sort()
    with_tasks = tasks["agency_id"].unique()
    faults = [
        *_faults(frame, frame.select(pl.struct("agency_id", "date").is_duplicated()).to_series(), "date", "重复", name),
        *_faults(frame, ~frame["agency_id"].is_in(with_tasks.to_list()), "agency_id", "没有这个机关的任务", name),
    ]
    lacking = sorted(set(with_tasks) - set(agencies))
    faults += [Fault(name, 0, "agency_id", f"缺少机关 {each} 的人力") for each in lacking]
    _raise(faults)
    table = np.zeros((agencies.len(), max(len(calendar.workdays), 1)), np.int32)
    at = calendar.at(frame["date"])
    inside = (at >= 0) & (at < calendar.following.size)
    at, frame = at[inside], frame.filter(pl.Series(inside))
    is_worked = calendar.following[at] == calendar.preceding[at]
    at, frame = at[is_worked], frame.filter(pl.Series(is_worked))
    codes = frame["agency_id"].cast(pl.Enum(agencies)).to_physical().to_numpy()
    table[codes, calendar.following[at]] = frame["officer_days"].to_numpy()
    return Capacity({agency_id: row for row, agency_id in enumerate(agencies)}, table)


def read_previous(raw: bytes, name: str, tasks: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    """The tasks with the days that they had in an earlier visits.csv; its tasks that are gone count for nothing."""
    frame = _read(raw, VISITS, name, empty=True)
    _require_texts(frame, [("date", _DATE, _DATE_SAYS)], name)
    frame = _dated(frame, ("date",), name).with_columns(pl.col("task_ids").str.split(";")).explode("task_ids")
    _raise(_faults(frame, frame["task_ids"].is_duplicated(), "task_ids", "任务出现两次", name))
    at = calendar.at(frame["date"])
    inside = (at >= 0) & (at < calendar.following.size)
    at = np.where(inside, at, 0)
    is_worked = inside & (calendar.following[at] == calendar.preceding[at])
    day = np.where(is_worked, calendar.following[at], -1).astype(np.int32)
    known = pl.DataFrame({"task_id": frame["task_ids"], "before": day})
    joined = tasks.join(known, on="task_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col("before").fill_null(-1).alias("previous")).drop("before")


def visits_csv(outcome: Outcome, calendar: Calendar) -> bytes:
    """The visits in the order of enterprises and days, ids made of both; tasks in canonical order."""
    header = ",".join(VISITS).encode() + b"\n"
    order = outcome.order[outcome.day[outcome.order] >= 0]
    key = outcome.owner[order].astype(np.int64) << 32 | outcome.day[order]
    if not order.size:
        return header
    # Canonical order goes by enterprise already: a stable sort finds long runs.
    by_day = np.argsort(key, kind="stable")
    order, key = order[by_day], key[by_day]
    opens = np.diff(key, prepend=-1) != 0
    days = pl.Series([day.isoformat() for day in calendar.workdays], dtype=pl.String)
    day = days.gather(outcome.day[order[opens]])
    enterprise = outcome.tasks["enterprise_id"].gather(order[opens])
    lines = pl.select(
        pl.concat_str(
            pl.lit("\nV"), day.str.replace_all("-", "", literal=True), pl.lit("-"), enterprise, pl.lit(","), enterprise,
            pl.lit(","), day, pl.lit(","),
        )
    ).to_series()  # fmt: skip
    # One text for each task: its visit's line before the first, a semicolon before the others.
    before = lines.gather(np.cumsum(opens) - 1).zip_with(
        pl.Series(opens), pl.Series([";"]).new_from_index(0, opens.size)
    )
    text: str = pl.select(pl.concat_str(before, outcome.tasks["task_id"].gather(order)).str.join("")).item()
    return header + text[1:].encode() + b"\n"


def unserved_csv(outcome: Outcome) -> bytes:
    """The tasks that no visit serves, with the reason: its code and a sentence."""
    ids = outcome.tasks["task_id"]
    rows = sorted((ids[row], f"{reason}：{REASONS[reason]}") for row, reason in outcome.reasons.items())
    return _csv(pl.DataFrame(rows, schema={"task_id": pl.String, "reason": pl.String}, orient="row"))


def _csv(frame: pl.DataFrame) -> bytes:
    return frame.write_csv().encode()


def _read(raw: bytes, columns: Sequence[str], name: str, *, empty: bool = False) -> pl.DataFrame:
    frame = _clean(raw, columns)
    if frame is None:
        frame = _slow(raw, columns, name)
    if frame.is_empty() and not empty:
        raise BadFile([Fault(name, 2, "", "文件只有表头，没有数据")])
    return frame


def _clean(raw: bytes, columns: Sequence[str]) -> pl.DataFrame | None:
    """The rows of a file without any peculiarity, or None where the slow reader must look at it."""
    header = ",".join(columns).encode() + b"\n"
    if any(sign in raw for sign in (b'"', b"\r", b"\0", b"\n\n", b" ")) or not raw.startswith(header):
        return None
    try:
        frame = pl.read_csv(raw, schema=dict.fromkeys(columns, pl.String), quote_char=None)
    except pl.exceptions.PolarsError:
        return None
    if frame.height != raw.count(b"\n") - raw.endswith(b"\n") or frame.null_count().sum_horizontal().item():
        return None
    return frame.with_row_index("row", offset=2)


def _slow(raw: bytes, columns: Sequence[str], name: str) -> pl.DataFrame:
    """The rows of any file that can be read. Raises BadFile with up to twenty faults."""
    rows: list[list[str | int]] = []
    faults: list[Fault] = []
    try:
        header, records = open_csv(raw, required=columns, known=columns)
        for number, record in csv_records(records, header):
            if isinstance(record, RowError):
                faults.append(Fault(name, number, record.field, record.message))
            else:
                rows.append([number, *record])
            if len(faults) >= SHOWN:
                break
    except Unreadable as unreadable:
        raise BadFile(Fault(name, error.row, error.field, error.message) for error in unreadable.errors) from None
    _raise(faults)
    schema = {"row": pl.UInt32, **dict.fromkeys(header, pl.String)}
    return pl.DataFrame(rows, schema=schema, orient="row").select("row", *columns)


def _require_texts(frame: pl.DataFrame, texts: Sequence[tuple[str, str, str]], name: str) -> None:
    fits = frame.select(pl.col(column).str.contains(pattern).fill_null(value=False) for column, pattern, _ in texts)
    if fits.select(pl.all().all()).row(0) == (True,) * len(texts):
        return
    _raise(
        fault
        for column, _, message in texts
        for fault in _faults(frame, ~fits[column], column, message, name, tell=True)
    )


def _counted(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    return frame.with_columns(pl.col(column).cast(pl.Int32) for column in columns)


def _dated(frame: pl.DataFrame, columns: Sequence[str], name: str) -> pl.DataFrame:
    dated = frame.with_columns(pl.col(column).str.to_date("%Y-%m-%d", strict=False) for column in columns)
    for column in columns:
        _raise(_faults(frame, dated[column].is_null(), column, "没有这一天", name, tell=True))
    return dated


def _calendar(frame: pl.DataFrame, work: WorkCalendar, name: str) -> Calendar:
    """The calendar of all windows; days of years without a published calendar are faults."""
    for column in ("earliest", "latest"):
        outside = ~frame[column].dt.year().is_in(list(work.tables))
        message = f"不在已公布工作日安排的年份之内（{min(work.tables)} 至 {max(work.tables)}）"
        _raise(_faults(frame, outside, column, message, name))
    start, end = frame["earliest"].min(), frame["latest"].max()
    assert isinstance(start, date)
    assert isinstance(end, date)
    if (end - start).days > FURTHEST:
        raise BadFile([Fault(name, 0, "latest", f"首日与末日相距超过 {FURTHEST} 天")])
    try:
        return Calendar.of(work, start, end)
    except CalendarUnknown as error:
        raise BadFile([Fault(name, 0, "latest", error.message)]) from error


def _faults(
    frame: pl.DataFrame, holds: pl.Series, column: str, message: str, name: str, *, tell: bool = False
) -> Iterator[Fault]:
    """A fault for each row for which something holds, as many as are shown; `tell` says what stands there."""
    if not holds.any():
        return
    found = frame.filter(holds).head(SHOWN)
    for row, value in zip(found["row"], found[column], strict=True):
        said = f"“{shown(str(value or ''))}”{message}" if tell or column.endswith("_id") else message
        yield Fault(name, row, column, said)


def _raise(faults: Iterable[Fault]) -> None:
    listed = sorted(faults, key=lambda fault: fault.row)
    if listed:
        raise BadFile(listed[:SHOWN])
