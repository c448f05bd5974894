"""Spreadsheets out and in (.xlsx): Chinese headings, dates as dates, no formula leaves and none is taken.

A spreadsheet from outside is an archive of XML from a stranger: what it unpacks to is bounded before it is parsed,
document types and entities are refused, and nothing in it is calculated.
"""

import re
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from wurao.common.errors import Malformed, TooLarge
from wurao.common.rowfiles import RowError

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_UPLOAD = 5 << 20
MAX_UNPACKED = 40 << 20
MAX_PARTS = 300
MAX_ROWS = 5_000
MAX_COLUMNS = 60
MAX_CELL = 5_000

_UNREADABLE = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError, ValueError)

Cell = str | int | float | date | None
Row = dict[str, Any]

# What office software takes for a formula, also behind a tab or a line break (OWASP: CSV injection).
_FORMULA = re.compile(r"^[=+\-@\t\r\n]")
_NEUTRAL = re.compile(r"^'(?=[=+\-@\t\r\n])")
_DECLARATIONS = (b"<!doctype", b"<!entity")
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, its width in characters, and the format of its numbers or dates."""

    heading: str
    width: int = 14
    format: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet to write; `bold` rows, counted from the first, stand out."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    bold: frozenset[int] = frozenset()


def neutral(text: str) -> str:
    """Text that no office software takes for a formula: an apostrophe goes before what would begin one."""
    clean = ILLEGAL_CHARACTERS_RE.sub("", text)
    return f"'{clean}" if _FORMULA.match(clean) else clean


def written(table: Table) -> bytes:
    """The workbook: the header stays in sight, dates are dates, text wraps."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = table.title
    sheet.append([column.heading for column in table.columns])
    for number, column in enumerate(table.columns, 1):
        head = sheet.cell(1, number)
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="DDE6F0")
        head.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    for at, row in enumerate(table.rows):
        for number, (column, value) in enumerate(zip(table.columns, row, strict=True), 1):
            cell = sheet.cell(at + 2, number, (neutral(value) or None) if isinstance(value, str) else value)
            if isinstance(cell.value, str):
                cell.data_type = "s"  # also what would be an error value, such as #N/A
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            if isinstance(value, date):
                cell.number_format = "yyyy-mm-dd"
            elif column.format:
                cell.number_format = column.format
            if at in table.bold:
                cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def rows_of(body: bytes, required: Iterable[str], known: Iterable[str]) -> tuple[list[tuple[int, Row]], list[RowError]]:
    """(row number, cells by heading) of the first sheet, and what cannot be read of it.

    Empty rows are left out, texts trimmed, dates dates. Raises Malformed for what is no spreadsheet, TooLarge
    beyond 5 MiB, 40 MiB unpacked, 5,000 rows or 60 columns.
    """
    _require_bounded(body)
    try:
        book = load_workbook(BytesIO(body), read_only=True, data_only=False, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            grid = [
                [(cell.value, getattr(cell, "data_type", "n")) for cell in row]
                for row in sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS + 1)
            ]
        finally:
            book.close()
    except Exception as error:  # whatever the parser stumbles over, the file is to blame
        raise Malformed("文件不是可以读取的 .xlsx 表格", code="not_a_spreadsheet") from error
    return _cells(grid, list(required), set(known))


def _require_bounded(body: bytes) -> None:
    """Unpack every part once within the bound, before anything parses it."""
    if len(body) > MAX_UPLOAD:
        raise TooLarge(f"表格文件不得超过 {MAX_UPLOAD:,} 字节")
    left = MAX_UNPACKED
    try:
        with zipfile.ZipFile(BytesIO(body)) as archive:
            if len(archive.infolist()) > MAX_PARTS:
                raise TooLarge("表格文件内的部件过多", code="too_many_parts")
            for part in archive.infolist():
                with archive.open(part) as stream:
                    content = stream.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise TooLarge(f"表格展开后不得超过 {MAX_UNPACKED:,} 字节", code="unpacked_too_large")
                _require_plain(content)
    except _UNREADABLE as error:
        raise Malformed("文件不是可以读取的 .xlsx 表格", code="not_a_spreadsheet") from error


def _require_plain(content: bytes) -> None:
    """A part declares no document type or entity, and hides none in an encoding of wide characters."""
    lowered = content.lower()
    if any(mark in lowered for mark in _DECLARATIONS) or (content[:2] in _WIDE and b"<" in content[:8]):
        raise Malformed("表格文件含有不接受的 XML 声明", code="xml_declaration")


def _cells(
    grid: list[list[tuple[Any, str]]], required: list[str], known: set[str]
) -> tuple[list[tuple[int, Row]], list[RowError]]:
    if not grid or not any(value is not None for value, _ in grid[0]):
        return [], [RowError(row=1, field="", code="no_header", message="表格没有表头")]
    if len(grid) > MAX_ROWS + 1:
        raise TooLarge(f"一次最多导入 {MAX_ROWS:,} 行，请分批上传", code="too_many_rows")
    header = [str(value).strip() if value is not None else "" for value, _ in grid[0]]
    if any(header[MAX_COLUMNS:]):
        raise TooLarge(f"表格不得超过 {MAX_COLUMNS} 列", code="too_many_columns")
    if faults := list(_header_faults(header, required, known)):
        return [], faults
    rows: list[tuple[int, Row]] = []
    errors: list[RowError] = []
    for number, record in enumerate(grid[1:], 2):
        row = dict.fromkeys((name for name in header if name), None) | _row(number, header, record, errors)
        if any(value is not None for value in row.values()):
            rows.append((number, row))
    return rows, errors


def _row(number: int, header: list[str], record: list[tuple[Any, str]], errors: list[RowError]) -> Row:
    found: Row = {}
    for name, (value, kind) in zip(header, record, strict=False):
        if value is None:
            continue
        if not name:
            errors.append(RowError(row=number, field="", code="no_heading", message="该列没有表头"))
        elif kind == "f":
            errors.append(RowError(row=number, field=name, code="formula", message="不接受公式，请粘贴为数值"))
        elif kind == "e":
            errors.append(RowError(row=number, field=name, code="error_value", message=f"单元格有错误值{value}"))
        else:
            found[name] = _value(value)
            if isinstance(found[name], str) and len(found[name]) > MAX_CELL:
                message = f"内容超过 {MAX_CELL:,} 字"
                errors.append(RowError(row=number, field=name, code="cell_too_long", message=message))
    return found


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return _NEUTRAL.sub("", value.strip()) or None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _header_faults(header: list[str], required: list[str], known: set[str]) -> Iterable[RowError]:
    for place, name in enumerate(header):
        if name and name in header[:place]:
            yield RowError(row=1, field=name, code="duplicate_header", message=f"列名“{name}”重复")
        elif name and name not in known:
            yield RowError(row=1, field=name[:200], code="unknown_header", message=f"不认识的列“{name[:200]}”")
    for name in required:
        if name not in header:
            yield RowError(row=1, field=name, code="missing_header", message=f"缺少列“{name}”")
