"""Reading rows from CSV (RFC 4180) or NDJSON, bounded and one after another; what cannot be read is said per row.

CSV rows count as a spreadsheet counts them, with the header as row 1; NDJSON rows are lines from 1.
Text is UTF-8, with or without a byte order mark, or GB18030 (which holds GBK).
"""

import codecs
import csv
import io
import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from wurao.common.errors import Malformed, TooLarge
from wurao.common.uploads import Body, Pages

MAX_ROWS = 1_100_000
MAX_CELL = 10_000
_BUFFER = 1 << 20

CSV_TYPES = frozenset({"text/csv", "application/csv", "application/vnd.ms-excel"})
NDJSON_TYPES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})

Cells = dict[str, Any]


class RowError(BaseModel):
    """What is wrong with one cell, or with a whole row where `field` is empty."""

    model_config = ConfigDict(frozen=True)

    row: int
    field: str
    code: str
    message: str


class Unreadable(Exception):
    """The file as a whole cannot be read; `errors` say why."""

    def __init__(self, *errors: RowError) -> None:
        super().__init__(errors)
        self.errors = errors


def is_csv(content_type: str) -> bool:
    """Tell CSV from NDJSON by media type. Raises Malformed for anything else."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in CSV_TYPES | NDJSON_TYPES:
        raise Malformed("只接受 CSV（text/csv）或 NDJSON（application/x-ndjson）", code="unsupported_type")
    return kind in CSV_TYPES


def rows(body: Body, content_type: str) -> Iterator[tuple[int, Cells | RowError]]:
    """Row numbers with cells, or with what makes the row unreadable; an unreadable file gives errors only.

    CSV cells are trimmed text, empty ones None; blank rows are skipped. Raises TooLarge after 1,100,000 rows.
    """
    try:
        if is_csv(content_type):
            header, records = open_csv(body)
            for number, record in csv_records(records, header):
                yield number, record if isinstance(record, RowError) else named(header, record)
        else:
            for number, line in json_lines(body):
                yield number, line if isinstance(line, RowError) else record_of(number, line)
    except Unreadable as unreadable:
        for error in unreadable.errors:
            yield error.row, error


def named(header: Sequence[str], record: Sequence[str]) -> Cells:
    """The cells of a record by column, empty ones None."""
    return {name: cell or None for name, cell in zip(header, record, strict=True)}


def open_csv(
    body: Body, *, required: Collection[str] = (), known: Collection[str] | None = None
) -> tuple[list[str], Iterator[list[str] | str]]:
    """The trimmed header, and the records behind it. Raises Unreadable for a faulty header."""
    records = _parsed(_text(body))
    header = next(records, None)
    if not header:
        raise Unreadable(_row_error(1, "", "no_header", "文件没有表头"))
    if isinstance(header, str):
        raise Unreadable(_row_error(1, "", "bad_csv", "表头的引号不配对或格式有误"))
    if faults := list(_header_faults(header, required, known)):
        raise Unreadable(*faults)
    return header, records


def csv_records(records: Iterator[list[str] | str], header: list[str]) -> Iterator[tuple[int, list[str] | RowError]]:
    """Row numbers with records that fit the header, or with the reason why they do not."""
    taken, width = 0, len(header)
    for number, record in enumerate(records, 2):
        if not isinstance(record, str) and not any(record):
            continue
        taken = _count(taken)
        # The usual row costs no more than this comparison.
        fits = len(record) == width and len("".join(record)) <= MAX_CELL and not isinstance(record, str)
        yield number, record if fits else _record_fault(number, record, header) or record  # type: ignore[misc]


def json_lines(body: Body) -> Iterator[tuple[int, str | RowError]]:
    """Numbers of lines that are not blank, with the line, or with what makes it unfit."""
    taken = 0
    for number, line in enumerate(_text(body), 1):
        if not line.strip():
            continue
        taken = _count(taken)
        # Only such a line can hide a cell that is too long or holds a NUL: the others are parsed once, later.
        suspect = len(line) > MAX_CELL or "\\u0000" in line
        record = record_of(number, line) if suspect else None
        yield number, record if isinstance(record, RowError) else line


def record_of(number: int, line: str) -> Cells | RowError:
    """The JSON object in a line, or what is wrong with it."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return _row_error(number, "", "json_invalid", "不是有效的 JSON")
    if not isinstance(record, dict):
        return _row_error(number, "", "model_type", "每行应为一个 JSON 对象")
    for name, value in record.items():
        for text in _texts(value):
            if len(text) > MAX_CELL:
                return _too_long(number, name)
            if "\0" in text:
                return _row_error(number, name, "nul", "内容含有空字符")
    return record


def _texts(value: object) -> Iterator[str]:
    """All text within a JSON value, without recursion: depth is the sender's choice."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            waiting += [*part, *part.values()]
        elif isinstance(part, list):
            waiting += part


def _text(body: Body) -> io.TextIOWrapper:
    """The body as text whose line ends are untouched. Raises Unreadable."""
    if (at := body.find(b"\0")) >= 0:
        raise Unreadable(_row_error(_line_of(body, at), "", "nul", "文件含有空字符，请另存为 UTF-8 编码的文本"))
    marked = body[: len(codecs.BOM_UTF8)] == codecs.BOM_UTF8
    for encoding in ("utf-8", "gb18030"):
        if _decodes(body, encoding):
            stream = io.BufferedReader(Pages(body, len(codecs.BOM_UTF8) if marked else 0), _BUFFER)
            return io.TextIOWrapper(stream, encoding, newline="")
    raise Unreadable(_row_error(1, "", "encoding", "文件编码既不是 UTF-8 也不是 GB18030"))


def _line_of(body: Body, at: int) -> int:
    """The number of the line in which a byte stands."""
    stream = io.BufferedReader(Pages(body), _BUFFER)
    return 1 + sum(stream.read(min(_BUFFER, at - done)).count(b"\n") for done in range(0, at, _BUFFER))


def _decodes(body: Body, encoding: str) -> bool:
    """Tell whether all of the body is in the encoding, without holding it twice."""
    decoder = codecs.getincrementaldecoder(encoding)()
    stream = io.BufferedReader(Pages(body), _BUFFER)
    try:
        while part := stream.read(_BUFFER):
            decoder.decode(part)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _parsed(text: io.TextIOWrapper) -> Iterator[list[str] | str]:
    """Trimmed records, or the parser's complaint about one; the line after a complaint begins a record."""
    reader = csv.reader(text, strict=True)
    while True:
        try:
            for record in reader:
                yield list(map(str.strip, record))
        except csv.Error as error:
            yield str(error)
        else:
            return


def _header_faults(header: list[str], required: Collection[str], known: Collection[str] | None) -> Iterator[RowError]:
    for place, name in enumerate(header):
        if not name:
            yield _row_error(1, "", "empty_header", f"第 {place + 1} 列没有列名")
        elif name in header[:place]:
            yield _row_error(1, name, "duplicate_header", f"列名“{name}”重复")
        elif known is not None and name not in known:
            yield _row_error(1, name, "extra_forbidden", f"不认识的列“{name}”")
    for name in required:
        if name not in header:
            yield _row_error(1, name, "missing_header", f"缺少列“{name}”")


def _record_fault(number: int, record: list[str] | str, header: list[str]) -> RowError | None:
    if isinstance(record, str):
        return _row_error(number, "", "bad_csv", "引号不配对或格式有误")
    if len(record) != len(header):
        message = f"应有 {len(header)} 列，实有 {len(record)} 列"
        return _row_error(number, "", "column_count", message)
    if max(map(len, record)) > MAX_CELL:
        return _too_long(number, header[[len(cell) > MAX_CELL for cell in record].index(True)])
    return None


def _too_long(number: int, name: str) -> RowError:
    return _row_error(number, name, "cell_too_long", f"内容超过 {MAX_CELL:,} 字")


def _row_error(row: int, field: str, code: str, message: str) -> RowError:
    return RowError(row=row, field=field[:200], code=code, message=message)


def _count(taken: int) -> int:
    if taken >= MAX_ROWS:
        raise TooLarge(f"一次最多导入 {MAX_ROWS:,} 行，请分批上传", code="too_many_rows")
    return taken + 1
