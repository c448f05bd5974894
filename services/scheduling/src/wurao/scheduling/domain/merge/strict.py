"""The strict readers: any file that can be read, and of one that cannot each fault with its row and column."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import polars as pl

from wurao.common.errors import TooLarge
from wurao.common.rowfiles import RowError, Unreadable, csv_records, open_csv
from wurao.common.workdays import WorkCalendar
from wurao.scheduling.domain.draw.texts import SHOWN, BadFile, Fault, shown
from wurao.scheduling.domain.merge.calendar import Calendar
from wurao.scheduling.domain.merge.clean import Content, Officers
from wurao.scheduling.domain.merge.columns import CAPACITY, TASKS, VISITS
from wurao.scheduling.domain.merge.work import Ints, Work, coded

_ID = r"^[0-9A-Za-z_.:-]{1,64}$"
_ITEMS = r"^[0-9A-Za-z_.:;-]+$"
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_COUNT = r"^[0-9]{1,6}$"
_PECULIAR = (b"\n\n", *(bytes((sign,)) for sign in b'" \0\t\v\f\r\x1c\x1d\x1e\x1f'))
"""Quotes, and all that the slow reader trims or stumbles at."""
_ID_SAYS = "只能是 1 至 64 位字母、数字和 _ . : -"
_DATE_SAYS = "应为日期，如 2026-03-01"
_COUNT_SAYS = "应为 0 至 999999 的整数"


def tasks(raw: Content, work: WorkCalendar, name: str) -> tuple[Work, Calendar]:
    """Tasks as `plan` wants them, and the calendar of their period. Raises BadFile."""
    frame = _checked_tasks(raw, name)
    for column in ("earliest", "latest"):
        outside = ~frame[column].dt.year().is_in(list(work.tables))
        message = f"不在已公布工作日安排的年份之内（{min(work.tables)} 至 {max(work.tables)}）"
        _raise(_faults(frame, outside, column, message, name))
    earliest, latest = _days(frame["earliest"]), _days(frame["latest"])
    calendar = Calendar.between(work, int(earliest.min()), int(latest.max()), name)
    ids = {column: frame[column] for column in ("task_id", "enterprise_id", "agency_id")}
    numbers = {
        "first": calendar.following[earliest - calendar.first],
        "last": calendar.preceding[latest - calendar.first],
        "minutes": frame["minutes"].to_numpy(),
        "officers": frame["officers"].to_numpy(),
        "previous": np.full(frame.height, -1, np.int32),
    }
    return Work.of({**ids, "place": pl.Series([""]).new_from_index(0, frame.height)}, numbers), calendar


def _checked_tasks(raw: Content, name: str) -> pl.DataFrame:
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


def officers(raw: Content, agencies: Sequence[str], name: str) -> Officers:
    """Officers of agencies by day; each of these agencies is named and no other. Raises BadFile."""
    frame = _read(raw, CAPACITY, name)
    _require_texts(
        frame, [("agency_id", _ID, _ID_SAYS), ("date", _DATE, _DATE_SAYS), ("officer_days", _COUNT, _COUNT_SAYS)], name
    )
    frame = _dated(_counted(frame, ("officer_days",)), ("date",), name)
    faults = [
        *_faults(frame, frame.select(pl.struct("agency_id", "date").is_duplicated()).to_series(), "date", "重复", name),
        *_faults(frame, ~frame["agency_id"].is_in(list(agencies)), "agency_id", "没有这个机关的任务", name),
    ]
    lacking = sorted(set(agencies) - set(frame["agency_id"]))
    faults += [Fault(name, 0, "agency_id", f"缺少机关 {each} 的人力") for each in lacking]
    _raise(faults)
    agency = coded(frame["agency_id"], pl.Series(agencies, dtype=pl.String))
    return Officers(agencies, agency, _days(frame["date"]), frame["officer_days"].to_numpy())


def served(raw: Content, name: str) -> tuple[list[str], Ints]:
    """The tasks of a visits.csv and the day of each since 1970-01-01. Raises BadFile."""
    frame = _read(raw, VISITS, name, empty=True)
    _require_texts(frame, [("date", _DATE, _DATE_SAYS)], name)
    frame = _dated(frame, ("date",), name).with_columns(pl.col("task_ids").str.split(";")).explode("task_ids")
    _raise(_faults(frame, frame["task_ids"].is_duplicated(), "task_ids", "任务出现两次", name))
    return frame["task_ids"].to_list(), _days(frame["date"])


def _days(dates: pl.Series) -> Ints:
    """Days since 1970-01-01."""
    return dates.to_physical().to_numpy()


def _read(raw: Content, columns: Sequence[str], name: str, *, empty: bool = False) -> pl.DataFrame:
    content = bytes(raw)
    frame = _clean(content, columns)
    if frame is None:
        frame = _slow(content, columns, name)
    if frame.is_empty() and not empty:
        raise BadFile([Fault(name, 2, "", "文件只有表头，没有数据")])
    return frame


def _clean(raw: bytes, columns: Sequence[str]) -> pl.DataFrame | None:
    """The rows of a file without any peculiarity, or None where the slow reader must look at it."""
    header = ",".join(columns).encode() + b"\n"
    if not raw.isascii() or any(sign in raw for sign in _PECULIAR) or not raw.startswith(header):
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
    except TooLarge as error:
        raise BadFile([Fault(name, 0, "", error.message)]) from None
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
