"""Imports of rows."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, Field, field_validator
from pydantic_core import PydanticCustomError

from wurao.common import rowfiles
from wurao.common.errors import Malformed, TooLarge
from wurao.common.imports import CsvModel, RowError, check, rows

CSV = "text/csv; charset=gbk"
NDJSON = "application/x-ndjson"


class Shop(CsvModel):
    code: Annotated[str, Field(pattern=r"^[A-Z]\d$")]
    name: str | None
    staff: Annotated[int, Field(ge=0, strict=True)] = 7
    open: bool | None = None
    since: date | None = None
    seen: AwareDatetime | None = None
    share: Decimal | None = None
    grade: Literal["A", "B"] | None = None
    tags: list[str] = Field(default_factory=list, max_length=3)
    ranks: tuple[int, ...] = ()

    @field_validator("name")
    @classmethod
    def _no_test(cls, name: str | None) -> str | None:
        if name == "测试":
            raise ValueError("名称不能是“测试”")
        if name == "样例":
            raise PydanticCustomError("sample", "样例不能导入")
        return name


def found(text: str, content_type: str = CSV) -> list[tuple[int, Any]]:
    """The rows of a text; errors as field and code."""
    read = rows(text.encode(), content_type)
    return [(n, (r.field, r.code) if isinstance(r, RowError) else r) for n, r in read]


def faults(body: str | bytes, content_type: str = CSV) -> list[tuple[int, str, str]]:
    """Row, field and code of each error of a check in which every row must be good."""
    raw = body.encode() if isinstance(body, str) else body
    checked = check(raw, content_type, Shop, "all")
    assert not checked.good
    return [(error.row, error.field, error.code) for error in checked.report.errors]


def test_cells_are_trimmed_and_empty_ones_are_none() -> None:
    """Headers and cells lose their margins, an empty cell is None, blank rows keep their numbers."""
    assert found(' code , name \r\n A1 ,\r\n\r\n,\r\nB2,"x,\n""y"""\r\n') == [
        (2, {"code": "A1", "name": None}),
        (5, {"code": "B2", "name": 'x,\n"y"'}),
    ]


CELL = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8).map(str.strip)


@given(cells=st.lists(st.tuples(CELL, CELL), max_size=6), encoding=st.sampled_from(["utf-8", "utf-8-sig"]))
def test_what_was_written_is_read(cells: list[tuple[str, str]], encoding: str) -> None:
    """Quoted cells of any text come back, with and without a byte order mark."""
    lines = ["a,b", *(",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in cells)]
    body = "\r\n".join(lines).encode(encoding)
    assert [row for _, row in rows(body, CSV)] == [{"a": a or None, "b": b or None} for a, b in cells if a or b]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_the_encoding_is_found(encoding: str) -> None:
    """The same text is read from UTF-8, with and without mark, and from the Chinese encodings."""
    body = "名称,区\n衢州市某某有限公司,柯城区\n".encode(encoding)
    assert list(rows(body, CSV)) == [(2, {"名称": "衢州市某某有限公司", "区": "柯城区"})]


def test_characters_beyond_gbk_are_read_from_gb18030() -> None:
    """A name with a rare character survives."""
    assert list(rows("名\n𬭚\n".encode("gb18030"), CSV)) == [(2, {"名": "𬭚"})]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "no_header"),
        (b"\n", "no_header"),
        (b"a,,b\n1,2,3\n", "empty_header"),
        (b"a,b, a\n1,2,3\n", "duplicate_header"),
        (b'a,"b"c\n1,2\n', "bad_csv"),
        (b"a\n\xff\xff\n", "encoding"),
        ("a\n1\n".encode("utf-16"), "nul"),
    ],
)
def test_a_file_without_a_usable_header_gives_one_error(body: bytes, code: str) -> None:
    """Errors of the header are errors of row 1 and nothing else is read."""
    assert [(n, r.code) for n, r in rows(body, CSV) if isinstance(r, RowError)] == [(1, code)]


def test_rows_of_another_width_are_reported() -> None:
    """A row with too few or too many cells is an error; the rows around it are read."""
    assert found("a,b\n1\n1,2,3\n1,2\n") == [
        (2, ("", "column_count")),
        (3, ("", "column_count")),
        (4, {"a": "1", "b": "2"}),
    ]


def test_a_broken_quote_costs_one_row() -> None:
    """After a faulty row the next line begins a row again."""
    assert found('a,b\n"1"x,2\n3,4\n') == [(2, ("", "bad_csv")), (3, {"a": "3", "b": "4"})]


def test_a_quote_that_never_closes_is_reported() -> None:
    """An open quote at the end of the file is an error instead of a swallowed file."""
    assert found('a,b\n1,2\n"3,4\n5,6\n') == [(2, {"a": "1", "b": "2"}), (3, ("", "bad_csv"))]


@pytest.mark.parametrize("length", [10_001, 200_000])
def test_a_cell_that_is_too_long_is_rejected(length: int) -> None:
    """Cells of 10,000 characters pass, longer ones do not, in both formats."""
    fits, over = "x" * 10_000, "x" * length
    code = ("b", "cell_too_long") if length < 131_072 else ("", "bad_csv")
    assert found(f"a,b\n1,{fits}\n1,{over}\n") == [(2, {"a": "1", "b": fits}), (3, code)]
    assert found(json.dumps({"b": fits}) + "\n" + json.dumps({"b": [over]}), NDJSON) == [
        (1, {"b": fits}),
        (2, ("b", "cell_too_long")),
    ]


def test_nul_is_rejected_raw_and_escaped() -> None:
    """A NUL byte makes the file unreadable, an escaped one the row; an escaped backslash is none."""
    assert found("a\nx\n\0\n") == [(3, ("", "nul"))]
    lines = ['{"a": "\\u0000"}', '{"a": {"\\u0000": 1}}', '{"a": "\\\\u0000"}']
    assert found("\n".join(lines), NDJSON) == [(1, ("a", "nul")), (2, ("a", "nul")), (3, {"a": "\\u0000"})]


def test_ndjson_rows_are_lines() -> None:
    """Objects are read with their types; blank lines keep their numbers; other JSON is an error."""
    assert found('{"a": 1}\n\n[1]\n{"a"\n' + "[" * 9_000 + '\n{"a": null}', NDJSON) == [
        (1, {"a": 1}),
        (3, ("", "model_type")),
        (4, ("", "json_invalid")),
        (5, ("", "json_invalid")),
        (6, {"a": None}),
    ]


def test_another_media_type_is_refused() -> None:
    """A spreadsheet is no CSV."""
    with pytest.raises(Malformed, match="CSV"):
        check(b"", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Shop, "all")


@pytest.mark.parametrize(("head", "line", "kind"), [("a\n", "1\n", CSV), ("", "{}\n", NDJSON)])
def test_more_rows_than_the_limit_are_refused(head: str, line: str, kind: str) -> None:
    """1,100,000 rows are read; one more raises TooLarge."""
    read = rows((head + line * (rowfiles.MAX_ROWS + 1)).encode(), kind)
    for _ in range(rowfiles.MAX_ROWS):
        next(read)
    with pytest.raises(TooLarge):
        next(read)


def test_csv_cells_become_what_the_fields_expect() -> None:
    """Numbers, flags, dates, instants and lists are read; empty cells take defaults, or null where required."""
    head = "code,name,staff,open,since,seen,share,grade,tags,ranks\n"
    full = "A1, 一 ,-0,true,2026-03-01,2026-03-01T09:00:00+08:00,0.50,B,a; b ;,3;-1\n"
    checked = check((head + full + "B2,,,,,,,,,\n").encode(), CSV, Shop, "all")
    assert checked.good == [
        Shop(
            code="A1",
            name="一",
            staff=0,
            open=True,
            since=date(2026, 3, 1),
            seen=datetime(2026, 3, 1, 1, tzinfo=UTC),
            share=Decimal("0.50"),
            grade="B",
            tags=["a", "b"],
            ranks=(3, -1),
        ),
        Shop(code="B2", name=None),
    ]
    assert checked.report.model_dump() == {
        "rows": 2,
        "accepted": 2,
        "rejected": 0,
        "loaded": True,
        "mode": "all",
        "errors": [],
        "truncated": False,
        "unchanged": [],
        "job_id": None,
    }


@pytest.mark.parametrize(
    ("field", "cell", "message"),
    [
        ("staff", "1.5", "应为整数"),
        ("staff", "1.0", "应为整数"),
        ("staff", "1_000", "应为整数"),
        ("staff", "１", "应为整数"),
        ("staff", "true", "应为整数"),
        ("staff", "9" * 19, "应为整数"),
        ("staff", "-1", "应不小于 0"),
        ("open", "yes", "应为 true 或 false"),
        ("open", "1", "应为 true 或 false"),
        ("since", "20260301", "应为日期，如 2026-03-01"),
        ("since", "2026-02-30", "应为日期，如 2026-03-01"),
        ("since", "1700000000", "应为日期，如 2026-03-01"),
        ("since", "2026-03-01T00:00:00", "应为日期，如 2026-03-01"),
        ("seen", "1700000000", "应为带时区的时间，如 2026-03-01T09:00:00+08:00"),
        ("seen", "2026-03-01T09:00:00", "应为带时区的时间，如 2026-03-01T09:00:00+08:00"),
        ("share", "1e5", "应为数字"),
        ("share", "NaN", "应为数字"),
        ("grade", "C", "只能是 A、B"),
        ("tags", "a;b;c;d", "不得超过 3 项"),
        ("ranks.1", "1;x", "应为整数"),
        ("code", "a1", "格式不符"),
        ("name", "测试", "名称不能是“测试”"),
        ("name", "样例", "样例不能导入"),
    ],
)
def test_a_cell_in_another_spelling_is_an_error_in_chinese(field: str, cell: str, message: str) -> None:
    """Only the one spelling is read; the report names row and field and says in Chinese what is expected."""
    cells = {"code": "A1", "name": ""} | {field.partition(".")[0]: cell}
    body = ",".join(cells) + "\n" + ",".join(cells.values()) + "\n"
    (error,) = check(body.encode(), CSV, Shop, "all").report.errors
    assert (error.row, error.field, error.message) == (2, field, message)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"staff": True}, "int_type"),
        ({"staff": "5"}, "int_type"),
        ({"open": "true"}, "bool_type"),
        ({"since": 1_700_000_000}, "date_type"),
        ({"tags": "a;b"}, "list_type"),
        ({"other": 1}, "extra_forbidden"),
        ({"name": "\ud800"}, "json_invalid"),
    ],
)
def test_ndjson_values_keep_their_types(more: dict[str, Any], code: str) -> None:
    """A JSON value of another type is not converted."""
    body = json.dumps({"code": "A1", "name": None} | more)
    assert [found for _, _, found in faults(body, NDJSON)] == [code]


def test_ndjson_is_read_into_the_model() -> None:
    """Dates and instants are text in JSON, everything else has its own type."""
    line = {"code": "A1", "name": " 一 ", "staff": 3, "since": "2026-03-01", "tags": ["a"], "open": False}
    checked = check(json.dumps(line).encode(), NDJSON, Shop, "all")
    assert checked.good == [Shop(code="A1", name="一", staff=3, since=date(2026, 3, 1), tags=["a"], open=False)]


def test_missing_cells_and_columns_are_told_apart() -> None:
    """A required column that the header lacks, or a column unknown, is said once; a required cell, per row."""
    assert faults("code,nome\nA1,x\nA2,x\n") == [(1, "nome", "extra_forbidden"), (1, "name", "missing_header")]
    assert faults("code,name\n,x\n") == [(2, "code", "missing")]


@pytest.mark.parametrize("body", ["code,name\n", "code,name\n,\n\n"])
def test_a_file_without_rows_is_an_error(body: str) -> None:
    """Nothing to load is not a success."""
    assert faults(body) == [(1, "", "empty")]


BODY = b"code,name\nA1,x\nbad,\nA2,y\nA1,z\n"


def test_one_bad_row_keeps_all_rows_out() -> None:
    """In mode `all` a single error leaves nothing to load, and the report says so."""
    checked = check(BODY, CSV, Shop, "all")
    report = checked.report
    assert (checked.good, report.loaded) == ([], False)
    assert (report.rows, report.accepted, report.rejected) == (4, 3, 1)


def test_the_good_rows_are_loaded_where_that_was_asked_for() -> None:
    """In mode `good` the bad rows and the repeated keys are left out, the first of a key stays."""
    checked = check(BODY, CSV, Shop, "good", unique=lambda shop: shop.code, unique_field="code")
    assert [(shop.code, shop.name) for shop in checked.good] == [("A1", "x"), ("A2", "y")]
    assert checked.report.loaded
    assert (checked.report.rows, checked.report.accepted, checked.report.rejected) == (4, 2, 2)
    assert checked.report.errors[1] == RowError(row=5, field="code", code="duplicate", message="与第 2 行重复")


@pytest.mark.parametrize(("mode", "kept"), [("good", ["A1", "C3"]), ("all", [])])
def test_a_second_look_rejects_rows_by_their_numbers(mode: Literal["all", "good"], kept: list[str]) -> None:
    """Good rows that a second look rejects join the report under their own row numbers."""
    checked = check(b"code,name\nA1,x\n\nB2,x\nC3,x\n", CSV, Shop, mode)

    def fault(number: int, row: Shop) -> RowError | None:
        return RowError(row=number, field="code", code="unknown", message="-") if row.code == "B2" else None

    second = checked.rejecting(fault)
    assert [row.code for row in second.good] == kept
    assert [(error.row, error.code) for error in second.report.errors] == [(4, "unknown")]
    assert (second.report.rows, second.report.accepted, second.report.rejected) == (3, 2, 1)


@pytest.mark.parametrize(("bad", "truncated"), [(1_000, False), (1_001, True)])
def test_the_report_is_bounded(bad: int, truncated: bool) -> None:
    """The first 1,000 errors are listed; beyond that the report counts and says that it is cut."""
    report = check(b"code,name\n" + b"bad,x\n" * bad, CSV, Shop, "good").report
    assert (report.rejected, len(report.errors), report.truncated) == (bad, 1_000, truncated)
    assert not report.loaded
