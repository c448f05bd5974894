"""The three lists of a draw as CSV: read strictly, written canonically.

Read: UTF-8 (with or without a byte order mark) or GB18030, comma, LF or CRLF, cells trimmed and perhaps quoted, blank
rows skipped. Written: UTF-8 without mark, header, rows in ascending order of their bytes, LF after each, no quotes.
A clean file is read by polars; whatever is not clean goes through the slow reader, which names row and column.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

import numpy as np
import polars as pl

from wurao.common.rowfiles import RowError, Unreadable, open_csv
from wurao.scheduling.domain.draw.texts import ID, NAME, SHOWN, BadFile, Fault, is_gbk, shown

POOL, OFFICERS, CONFLICTS, PREVIOUS = "pool.csv", "officers.csv", "conflicts.csv", "previous.csv"
HEADERS = {
    POOL: ("enterprise_id", "stratum"),
    OFFICERS: ("officer_id", "line", "max_visits"),
    CONFLICTS: ("enterprise_id", "officer_id"),
    PREVIOUS: ("enterprise_id", "officer_id"),
}
_NUMBER = re.compile(r"[0-9]{1,6}")
_PATTERNS = {
    "enterprise_id": (ID, "只能是 1 至 64 位字母、数字和 _ . : -"),
    "officer_id": (ID, "只能是 1 至 64 位字母、数字和 _ . : -"),
    "stratum": (NAME, "不得为空，不得超过 64 字，不得含空白、逗号、竖线、引号、反斜线"),
    "line": (NAME, "不得为空，不得超过 64 字，不得含空白、逗号、竖线、引号、反斜线"),
    "max_visits": (_NUMBER, "应为 0 至 999999 的整数"),
}


def write(kind: str, rows: Iterable[Sequence[str]]) -> bytes:
    """The canonical bytes of a list."""
    lines = sorted(",".join(row).encode() for row in rows)
    return b"".join(line + b"\n" for line in (",".join(HEADERS[kind]).encode(), *lines))


def read(kind: str, raw: bytes, name: str, *, empty: bool = False) -> pl.DataFrame:
    """The rows of a list, all cells text that fits its column, keys unique. Raises BadFile.

    A list without rows is a fault unless `empty` allows it.
    """
    frame = _clean(kind, raw)
    if frame is None:
        frame = _slow(kind, raw, name)
    if not empty and frame.is_empty():
        raise BadFile([Fault(name, 2, "", "文件只有表头，没有数据")])
    _require_unique(kind, frame, raw, name)
    return frame


def _clean(kind: str, raw: bytes) -> pl.DataFrame | None:
    """The rows of a file without any peculiarity, or None when the slow reader must look at it."""
    header = ",".join(HEADERS[kind]).encode() + b"\n"
    if any(sign in raw for sign in (b'"', b"\r", b"\0", b"\n\n")) or not raw.startswith(header) or is_gbk(raw):
        return None
    schema = dict.fromkeys(HEADERS[kind], pl.String)
    try:
        if len(raw) == len(header):
            return pl.DataFrame(schema=schema)
        frame = pl.read_csv(raw, schema=schema, quote_char=None)
    except pl.exceptions.PolarsError:
        return None
    fits = pl.all_horizontal(
        pl.col(name).str.contains(f"^(?:{_PATTERNS[name][0].pattern})$").fill_null(value=False)
        for name in HEADERS[kind]
    )
    return frame if frame.select(fits.all()).item() and _whole(frame, raw) else None


def _whole(frame: pl.DataFrame, raw: bytes) -> bool:
    """Tell whether every line became a row."""
    return frame.height == raw.count(b"\n") - raw.endswith(b"\n")


def _slow(kind: str, raw: bytes, name: str) -> pl.DataFrame:
    """The rows of any file that can be read. Raises BadFile with up to twenty faults."""
    columns = HEADERS[kind]
    if not raw.strip():
        raise BadFile([Fault(name, 1, "", f"文件是空的，应有表头 {','.join(columns)}")])
    rows: list[list[str]] = []
    faults: list[Fault] = []
    for number, record in _records(columns, raw, name):
        found = list(_cell_faults(name, number, columns, record))
        rows.append(record)
        faults += found
        if len(faults) >= SHOWN:
            break
    if faults:
        raise BadFile(faults)
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def _records(columns: Sequence[str], raw: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    """Row numbers with the cells in the order of the columns; records that do not fit the header as one cell short."""
    text = raw.decode("gb18030").encode() if is_gbk(raw) else raw
    try:
        header, records = open_csv(text, required=columns, known=columns)
    except Unreadable as unreadable:
        raise BadFile(map(_of(name), unreadable.errors)) from None
    order = [header.index(column) for column in columns]
    for number, record in enumerate(records, 2):
        if isinstance(record, str):
            raise BadFile([Fault(name, number, "", "引号不配对或格式有误")])
        if not any(record):
            continue
        if len(record) != len(header):
            raise BadFile([Fault(name, number, "", f"应有 {len(header)} 列，实有 {len(record)} 列")])
        yield number, [record[at] for at in order]


def _of(name: str) -> Callable[[RowError], Fault]:
    return lambda error: Fault(name, error.row, error.field, error.message)


def _cell_faults(name: str, number: int, columns: Sequence[str], record: Sequence[str]) -> Iterator[Fault]:
    for column, cell in zip(columns, record, strict=True):
        pattern, rule = _PATTERNS[column]
        if not cell:
            yield Fault(name, number, column, "不得为空")
        elif not pattern.fullmatch(cell):
            yield Fault(name, number, column, f"“{shown(cell)}”不合要求：{rule}")


def _require_unique(kind: str, frame: pl.DataFrame, raw: bytes, name: str) -> None:
    key = HEADERS[kind][:1] if kind in (POOL, OFFICERS) else HEADERS[kind]
    # Equal keys have equal hashes: only where two hashes agree the keys themselves are compared.
    hashes = np.sort(frame.select(key).hash_rows().to_numpy())
    if (hashes[1:] != hashes[:-1]).all() or frame.select(key).n_unique() == frame.height:
        return
    seen: dict[tuple[str, ...], int] = {}
    faults = []
    for number, record in _records(HEADERS[kind], raw, name):
        own = tuple(record[: len(key)])
        if own in seen:
            faults.append(Fault(name, number, key[-1], f"“{'，'.join(own)}”与第{seen[own]}行重复"))
        seen.setdefault(own, number)
    raise BadFile(faults[:SHOWN])


def require_known(kind: str, frame: pl.DataFrame, raw: bytes, name: str, known: dict[str, pl.Series]) -> None:
    """Raises BadFile where a cell names nothing in the list that its column refers to.

    `known` has for a column the values that it may have.
    """
    for column, values in known.items():
        named = frame.get_column(column).unique()
        if values.filter(values.is_in(named.implode())).n_unique() == len(named):
            continue
        fine: Collection[str] = set(values)
        at = HEADERS[kind].index(column)
        faults = [
            Fault(name, number, column, f"没有“{shown(record[at])}”（{_REFERS[column]}）")
            for number, record in _records(HEADERS[kind], raw, name)
            if record[at] not in fine
        ]
        raise BadFile(faults[:SHOWN])


_REFERS = {
    "enterprise_id": "不在企业名单中",
    "officer_id": "不在执法人员名单中",
    "stratum": "抽取规则中没有这一层的比例",
}
