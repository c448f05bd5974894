"""Spreadsheets of plans: what leaves opens and computes nothing, what comes in is bounded and told cell by cell."""

import zipfile
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from wurao.common.auth import Role
from wurao.common.contracts.scheduling import InspectionRefused
from wurao.common.errors import Malformed, TooLarge
from wurao.scheduling.domain import plan_table as rules
from wurao.scheduling.usecases import spreadsheets
from wurao.scheduling.usecases.spreadsheets import MEDIA_TYPE, Column, Table

HEADINGS = [*rules.REQUIRED, *rules.CONTENTS.values()]
GOOD: dict[str, Any] = {
    rules.TITLE: "2026年度检查计划",
    rules.KIND: "年度计划",
    rules.AGENCY: "330802-market",
    rules.FIRST: date(2026, 1, 1),
    rules.LAST: date(2026, 12, 31),
    rules.ITEM: "330802-market-special",
    **dict.fromkeys(rules.CONTENTS.values(), "有"),
}


def sheet(*rows: dict[str, Any], headings: list[str] | None = None) -> bytes:
    """A workbook with these rows."""
    book = Workbook()
    page = book.active
    assert page is not None
    names = headings or HEADINGS
    page.append(names)
    for row in rows:
        page.append([row.get(name) for name in names])
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def repacked(body: bytes, **parts: bytes) -> bytes:
    """A workbook some of whose parts are replaced or added."""
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(body)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        names = {name.replace("__", "/"): content for name, content in parts.items()}
        for part in source.namelist():
            if part not in names:
                copy.writestr(part, source.read(part))
        for name, content in names.items():
            copy.writestr(name, content)
    return target.getvalue()


PLAIN = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
BEGINNING = st.sampled_from(["", "=", "+", "-", "@", "=1+1", "#N/A", "#REF!", "\t=", "\r=", "\x01="])


@given(st.lists(st.builds(str.__add__, BEGINNING, PLAIN), min_size=1, max_size=6))
def test_no_text_leaves_as_a_formula_and_text_comes_back(texts: list[str]) -> None:
    """Whatever a text begins with, its cell is text, and reading the table again gives the text, trimmed."""
    columns = [Column(f"列{n}") for n in range(len(texts))]
    body = spreadsheets.written(Table("表", columns, [texts]))
    page = load_workbook(BytesIO(body)).worksheets[0]
    assert all(cell.data_type == "s" for row in page.iter_rows(min_row=2) for cell in row if cell.value is not None)
    assert not any(str(cell.value or "")[:1] in tuple("=+-@\t\r\n") for row in page.iter_rows() for cell in row)
    names = [column.heading for column in columns]
    rows, errors = spreadsheets.rows_of(body, [], names)
    assert errors == []
    read = rows[0][1] if rows else dict.fromkeys(names)
    for name, text in zip(names, texts, strict=True):
        if text[:1] >= " " and not text.startswith("'"):
            assert read[name] == (text.strip() or None)


def test_a_table_looks_like_one() -> None:
    """The header is bold and stays in sight, columns have widths, dates are dates."""
    table = Table(
        "检查计划表",
        [Column("名称", 28), Column("日期", 13), Column("占比", 9, "0.0%")],
        [["甲", date(2026, 1, 5), 0.5]],
    )
    page = load_workbook(BytesIO(spreadsheets.written(table))).worksheets[0]
    assert (page.title, page.freeze_panes, page["A1"].font.b) == ("检查计划表", "A2", True)
    assert page.column_dimensions["A"].width == 28
    assert page["B2"].is_date
    assert page["B2"].value.date() == date(2026, 1, 5)
    assert (page["C2"].value, page["C2"].number_format) == (0.5, "0.0%")


@pytest.mark.parametrize(
    ("body", "error", "code"),
    [
        (b"", Malformed, "not_a_spreadsheet"),
        (b"PK\x03\x04broken", Malformed, "not_a_spreadsheet"),
        (repacked(sheet(GOOD), **{"xl__workbook.xml": b"<workbook"}), Malformed, "not_a_spreadsheet"),
        (
            repacked(sheet(GOOD), **{"xl__workbook.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
            Malformed,
            "xml_declaration",
        ),
        (repacked(sheet(GOOD), **{"xl__workbook.xml": "<!DOCTYPE a>".encode("utf-16")}), Malformed, "xml_declaration"),
        (
            repacked(sheet(GOOD), **{"xl__media__bomb.png": bytes(spreadsheets.MAX_UNPACKED)}),
            TooLarge,
            "unpacked_too_large",
        ),
        (repacked(sheet(GOOD), **{f"xl__media__{n}.png": b"" for n in range(301)}), TooLarge, "too_many_parts"),
        (bytes(spreadsheets.MAX_UPLOAD + 1), TooLarge, "too_large"),
        (sheet(*[GOOD] * (spreadsheets.MAX_ROWS + 1)), TooLarge, "too_many_rows"),
        (sheet(headings=[f"列{n}" for n in range(61)]), TooLarge, "too_many_columns"),
    ],
    ids=["empty", "broken", "bad_part", "entity", "wide_entity", "bomb", "parts", "large", "rows", "columns"],
)
def test_what_is_no_bounded_spreadsheet_is_turned_away(body: bytes, error: type[Exception], code: str) -> None:
    """Broken archives, bombs, document types in any encoding, endless rows and columns are refused by their code."""
    with pytest.raises(error) as found:
        spreadsheets.rows_of(body, rules.REQUIRED, rules.KNOWN)
    assert found.value.code == code  # type: ignore[attr-defined]


def test_a_bomb_that_lies_about_its_size_is_stopped() -> None:
    """The bound holds for what comes out of the archive, whatever its directory says."""
    bomb = repacked(sheet(GOOD), **{"xl__media__bomb.png": bytes(spreadsheets.MAX_UNPACKED)})
    size = spreadsheets.MAX_UNPACKED.to_bytes(4, "little")
    assert bomb.count(size) >= 1
    with pytest.raises((TooLarge, Malformed)):
        spreadsheets.rows_of(bomb.replace(size, (10).to_bytes(4, "little")), rules.REQUIRED, rules.KNOWN)


def test_a_sheet_that_claims_a_million_rows_is_read_as_what_it_holds() -> None:
    """A far cell far below costs no more than the bound, and is refused."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(HEADINGS)
    page["A1048576"] = "远"
    target = BytesIO()
    book.save(target)
    with pytest.raises(TooLarge):
        spreadsheets.rows_of(target.getvalue(), rules.REQUIRED, rules.KNOWN)


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)))
def test_days_are_read_however_they_are_written(day: date) -> None:
    """A date and its usual spellings are the same day; what is no day is none."""
    spelt = (day, day.isoformat(), f"{day.year}/{day.month}/{day.day}", f"{day.year}年{day.month}月{day.day}日")
    assert {rules.day_of(one) for one in spelt} == {day}
    assert [rules.day_of(one) for one in ("2026-02-30", "明天", 45000, None)] == [None] * 4


async def upload(w: Any, body: bytes, kind: str = MEDIA_TYPE, by: dict[str, str] | None = None) -> Any:
    """POST a table as the market agency's planner."""
    headers = (by or w.who(Role.PLANNER)) | {"Content-Type": kind}
    return await w.client.post("/v1/plans/import", content=body, headers=headers)


def told(answer: Any) -> list[tuple[int, str, str]]:
    """(row, column, code) of what is wrong."""
    assert answer.status_code == 200, answer.text
    return [(one["row"], one["field"], one["code"]) for one in answer.json()["errors"]]


@pytest.mark.clause("LX-02")
async def test_a_plan_table_comes_in_and_goes_out(world: Any, make: Any) -> None:
    """Rows of one title are one plan; the export of what came in can be taken in again and says the same."""
    async with world("linxia") as w:
        rows = [
            GOOD,
            GOOD | {rules.ITEM: "330802-market-random"},
            GOOD | {rules.TITLE: "联合计划", rules.KIND: "联合", rules.FIRST: "2026年4月1日", "检查内容": "'=1+1"},
            GOOD
            | {
                rules.TITLE: "联合计划",
                rules.KIND: "联合",
                rules.FIRST: "2026/4/1",
                "检查内容": "'=1+1",
                rules.ITEM: "330802-fire-special",
            },
        ]
        answer = await upload(w, sheet(*rows))
        assert (told(answer), answer.json()["rows"], answer.json()["plans"]) == ([], 4, 2)
        plans = {plan["title"]: plan for plan in (await w.get("/v1/plans"))["items"]}
        assert {plan["state"] for plan in plans.values()} == {"draft"}
        assert plans["2026年度检查计划"]["item_ids"] == ["330802-market-special", "330802-market-random"]
        assert plans["联合计划"]["contents"]["content"] == "=1+1"
        full = await w.get(f"/v1/plans/{plans['联合计划']['plan_id']}")
        assert {one["agency_id"] for one in full["participants"]} == {make.MARKET, make.FIRE}

        path = f"/v1/plan-tables/plans.xlsx?area={make.COUNTY}&year=2026"
        out = await w.client.get(path, headers=w.who(Role.PLANNER))
        assert out.headers["content-type"] == MEDIA_TYPE
        assert "filename*=UTF-8''%E6%A3%80%E6%9F%A5" in out.headers["content-disposition"]
        page = load_workbook(BytesIO(out.content)).worksheets[0]
        assert page.max_row == 5
        assert not any(cell.data_type == "f" for row in page.iter_rows() for cell in row)
        again = await upload(w, out.content)
        assert told(again) == []
        twice = [plan for plan in (await w.get("/v1/plans"))["items"] if plan["title"] == "联合计划"]
        assert [plan["contents"] for plan in twice] == [plans["联合计划"]["contents"]] * 2

        levels = await w.client.get(path.replace("plans.xlsx", "levels.xlsx"), headers=w.who(Role.PLANNER))
        shown = [
            [cell.value for cell in row] for row in load_workbook(BytesIO(levels.content)).worksheets[0].iter_rows()
        ]
        assert [row[3:6] for row in shown[1:]] == [
            ["330802-fire局", "县级", "330802"],
            ["330802-market局", "县级", "330802"],
        ] * 2


@pytest.mark.clause("LX-02")
async def test_one_bad_cell_keeps_the_whole_table_out(world: Any) -> None:
    """Every fault is told with row and column in Chinese, a good plan beside it is not entered either."""
    async with world("linxia") as w:
        rows = [
            GOOD,
            GOOD | {rules.TITLE: None},
            GOOD | {rules.KIND: "月度计划"},
            GOOD | {rules.LAST: "2026-02-30"},
            GOOD | {rules.FIRST: "2027-01-01"},
            GOOD,
            GOOD | {rules.ITEM: "330802-market-random", "检查方式": "突击"},
            GOOD | {rules.TITLE: "别家计划", rules.AGENCY: "330802-fire", rules.ITEM: "330802-fire-special"},
            GOOD | {rules.TITLE: "不全", "检查依据": None},
            GOOD | {rules.TITLE: "外项", rules.ITEM: "330802-fire-special"},
            GOOD | {rules.TITLE: "公式", "检查内容": "=HYPERLINK(A1)"},
            GOOD | {rules.TITLE: "过长" * 150},
        ]
        answer = await upload(w, sheet(*rows))
        assert told(answer) == [
            (3, rules.TITLE, "missing"),
            (4, rules.KIND, "unknown_kind"),
            (5, rules.LAST, "bad_date"),
            (6, rules.LAST, "ends_before_it_begins"),
            (7, rules.ITEM, "duplicate"),
            (8, "检查方式", "disagrees"),
            (9, rules.AGENCY, "other_agency"),
            (10, "检查依据", "plan.field_missing"),
            (11, rules.ITEM, "item.other_agency"),
            (12, "检查内容", "formula"),
            (12, "检查内容", "plan.field_missing"),
            (13, rules.TITLE, "invalid"),
        ]
        assert all(any("\u4e00" <= c <= "\u9fff" for c in one["message"]) for one in answer.json()["errors"])
        assert (await w.get("/v1/plans"))["items"] == []
        await w.harness.recorder.wait_for(InspectionRefused, lambda e: e.stage == "plan")
        for headings, code in (
            ([*HEADINGS, "罚款指标"], "unknown_header"),
            (HEADINGS[1:], "missing_header"),
            ([*HEADINGS, HEADINGS[0]], "duplicate_header"),
        ):
            assert [one[2] for one in told(await upload(w, sheet(GOOD, headings=headings)))] == [code]
        assert [one[2] for one in told(await upload(w, sheet()))] == ["empty"]
        assert (await upload(w, b"a,b", "text/csv")).json()["code"] == "unsupported_type"
        assert (await upload(w, b"PK")).json()["code"] == "not_a_spreadsheet"
        assert (await upload(w, sheet(GOOD), by=w.who(Role.OFFICER))).status_code == 403
        assert (await w.get("/v1/plans"))["items"] == []


@pytest.mark.clause("CX-05")
async def test_the_completion_table_tells_of_tasks_and_visits(world: Any, make: Any) -> None:
    """Each agency's plans with their tasks, its visits and the sum; an agency sees its own, the conference all."""
    async with world("cangxian") as w:
        for agency_id in (make.MARKET, make.FIRE):
            await w.accepted(agency_id=agency_id)
        path = f"/v1/plan-tables/completion.xlsx?area={make.COUNTY}&year=2026&quarter=1"
        for by, labels in (
            (w.who(Role.CONFERENCE, None), ["2026年度检查计划", "小计", "2026年度检查计划", "小计", "合计"]),
            (w.who(Role.PLANNER), ["2026年度检查计划", "小计", "合计"]),
        ):
            out = await w.client.get(path, headers=by)
            rows = [
                [cell.value for cell in row] for row in load_workbook(BytesIO(out.content)).worksheets[0].iter_rows()
            ]
            assert rows[0][4:10] == ["计划任务数", "已完成", "其中按时完成", "逾期未完成", "已取消", "完成率"]
            assert [row[2] if row[2] in ("2026年度检查计划", "小计") else row[1] for row in rows[1:]] == labels
            assert rows[-1][4:10] == [len(labels) // 2, 0, 0, 0, 0, 0]
        assert (await w.client.get(path.replace("330802", "330803"), headers=w.who(Role.PLANNER))).status_code == 403
