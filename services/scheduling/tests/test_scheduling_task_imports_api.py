"""Tasks entered from CSV and NDJSON: a report by row and column, and nothing half done."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, func, insert, select

from wurao.common.auth import Role
from wurao.common.contracts.scheduling import InspectionRefused, OutOfAreaNotified
from wurao.local.plugin import Storage
from wurao.scheduling.domain.task_rows import waves
from wurao.scheduling.tables import CapCounter, Enterprise, Task
from wurao.scheduling.usecases.task_imports import MAX_TURNS

HEADER = "agency_id,enterprise_id,item_ids,earliest,latest,origin,plan_id,ground"
E1, E2 = "91330802MA28F00011", "91330802MA28F00022"


def line(plan_id: str, enterprise_id: str = E1, **changes: str) -> str:
    """One row for the special-industry item."""
    cells = {
        "agency_id": "330802-market",
        "enterprise_id": enterprise_id,
        "item_ids": "330802-market-special",
        "earliest": "2026-03-02",
        "latest": "2026-03-31",
        "origin": "plan",
        "plan_id": plan_id,
        "ground": "special_industry",
    }
    return ",".join((cells | changes).values())


async def send(w: Any, content: bytes, mode: str = "all", kind: str = "text/csv") -> httpx.Response:
    """Upload a file as the planner."""
    headers = w.who(Role.PLANNER) | {"Content-Type": kind}
    answer: httpx.Response = await w.client.post(f"/v1/tasks/import?mode={mode}", content=content, headers=headers)
    return answer


def table(*lines: str) -> bytes:
    """A file of these rows."""
    return "\n".join([HEADER, *lines]).encode()


def faults(answer: httpx.Response) -> list[tuple[int, str, str]]:
    """Row, column and code of what a report complains of."""
    assert answer.status_code == 200, answer.text
    return [(one["row"], one["field"], one["code"]) for one in answer.json()["errors"]]


async def test_each_bad_row_is_named_by_row_and_column(world: Any) -> None:
    """Reversed windows, no working day, unknown calendars and ids, repeated rows: in mode `good` the others go in."""
    async with world("quzhou") as w:
        plan_id = await w.plan()
        rows = [
            line(plan_id),
            line(plan_id),
            line(plan_id, earliest="2026-03-31", latest="2026-03-02"),
            line(plan_id, earliest="2026-03-28", latest="2026-03-29"),
            line(plan_id, earliest="2090-03-01", latest="2090-03-31"),
            line(plan_id, "nobody"),
            line(plan_id, item_ids="nothing"),
            line(plan_id, E2, agency_id="330802-fire"),
            line("no-plan", E2, latest="2026-03-30"),
            line(plan_id, E2, earliest="2026-02-30"),
            line(plan_id, E2, origin="whim"),
            line(plan_id, E2),
        ]
        answer = await send(w, table(*rows), mode="good")
        found = faults(answer)
        for expected in (
            (3, "", "duplicate"),
            (4, "latest", "window_reversed"),
            (5, "earliest", "no_workday"),
            (6, "earliest", "calendar_unknown"),
            (7, "enterprise_id", "enterprise.unknown"),
            (9, "agency_id", "other_agency"),
        ):
            assert expected in found
        assert "item_ids" in {field for row, field, _ in found if row == 8}
        assert {field for row, field, _ in found if row == 10} == {"plan_id"}
        assert {field for row, field, _ in found if row == 11} == {"earliest"}
        assert {field for row, field, _ in found if row == 12} == {"origin"}
        assert {row for row, _, _ in found} == set(range(3, 13))
        body = answer.json()
        assert (body["rows"], body["accepted"], body["rejected"], body["loaded"]) == (12, 2, 10, True)
        assert {task["enterprise_id"] for task in (await w.get("/v1/tasks"))["items"]} == {E1, E2}
        told = await w.harness.recorder.wait_for(InspectionRefused)
        assert (told.stage, told.requested_by) == ("task", "planner-330802-market")


async def test_one_row_that_the_gate_refuses_leaves_nothing_in_mode_all(world: Any, make: Any) -> None:
    """Of a thousand rows one is over the cap: row and reason are told, no task and no place in the year is taken."""
    shops = [f"shop-{number:05}" for number in range(1_000)]
    async with world("quzhou", *(make.enterprise(shop) for shop in shops)) as w:
        plan_id = await w.plan()
        rows = [line(plan_id, shop) for shop in shops]
        more = [line(plan_id, shops[7], earliest=f"2026-0{month}-02", latest=f"2026-0{month}-20") for month in (4, 5)]
        answer = await send(w, table(*rows, *more))
        assert faults(answer) == [(1_003, "enterprise_id", "cap.on_site_full")]
        assert "（QZ-16）" in answer.json()["errors"][0]["message"]
        assert (answer.json()["loaded"], answer.json()["accepted"]) == (False, 1_001)
        assert (await w.get("/v1/tasks"))["items"] == []
        again = await send(w, table(*rows, more[0]))
        assert (again.json()["loaded"], again.json()["accepted"], faults(again)) == (True, 1_001, [])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
async def test_encodings_of_spreadsheets_are_read(world: Any, encoding: str) -> None:
    """A byte order mark and GBK do no harm."""
    async with world("quzhou") as w:
        content = f"{HEADER},reason\n{line(await w.plan())},现场核实货品".encode(encoding)
        answer = await send(w, content)
        assert (answer.status_code, answer.json()["loaded"]) == (200, True), answer.text
        assert (await w.get("/v1/tasks"))["items"][0]["reason"] == "现场核实货品"


SHOPS = tuple(f"shop-{number:05}" for number in range(12_000))


async def opened(w: Any, shops: tuple[str, ...] = SHOPS) -> None:
    """Twelve thousand restaurants that scheduling has heard of, or some of them."""
    shop = {"name": "店", "industry": "H6210", "area": "330802001", "status": "active", "tags": [], "premises": []}
    async with w.harness.service.db.write() as session:
        await session.execute(insert(Enterprise), [{"enterprise_id": one, "version": 1} | shop for one in shops])


async def written(w: Any) -> tuple[int, int]:
    """Tasks in the database, and places taken in the year."""
    async with w.harness.service.db.read() as session:
        tasks = await session.scalar(select(func.count()).select_from(Task))
        return tasks or 0, await session.scalar(select(func.sum(CapCounter.n))) or 0


def large(plan_id: str, month: int, encoding: str, **bad: str) -> bytes:
    """Twelve thousand rows of a month; the 9,000th may be another."""
    usual = {"earliest": f"2026-{month:02}-02", "latest": f"2026-{month:02}-28"}
    cells = [usual | {"enterprise_id": shop} for shop in SHOPS]
    cells[8_999] |= bad
    lines = [f"{line(plan_id, **row)},现场核实货品" for row in cells]
    return "\n".join([f"{HEADER},reason", *lines]).encode(encoding)


async def test_five_figures_with_one_bad_row_leave_nothing_until_it_is_corrected(world: Any) -> None:
    """Of 12,000 rows one is bad: it is named, no row is written; corrected, all are, also with BOM and as GBK.

    The work is done in statements for hundreds of rows.
    """
    async with world("quzhou") as w:
        await opened(w)
        plan_id, statements = await w.plan(), 0

        @event.listens_for(w.harness.service.db.engine.sync_engine, "before_cursor_execute")
        def count(*_: Any) -> None:
            nonlocal statements
            statements += 1

        nobody = await send(w, large(plan_id, 3, "utf-8-sig", enterprise_id="nobody"))
        assert faults(nobody) == [(9_001, "enterprise_id", "enterprise.unknown")]
        body = nobody.json()
        assert (body["rows"], body["accepted"], body["rejected"], body["loaded"]) == (12_000, 11_999, 1, False)
        assert await written(w) == (0, 0)
        assert statements < len(SHOPS) / 20
        corrected = await send(w, large(plan_id, 3, "utf-8-sig"))
        assert (corrected.json()["loaded"], corrected.json()["accepted"], faults(corrected)) == (True, 12_000, [])
        assert await written(w) == (12_000, 12_000)
        assert statements < len(SHOPS) / 10
        for bad, fault in (
            ({"latest": "2026-02-30"}, (9_001, "latest", "date_from_datetime_parsing")),
            ({"latest": "2026-03-31"}, (9_001, "latest", "window_reversed")),
        ):
            refused = await send(w, large(plan_id, 4, "gbk", **bad))
            assert (faults(refused), refused.json()["loaded"]) == ([fault], False)
            assert await written(w) == (12_000, 12_000)
        assert (await send(w, large(plan_id, 4, "gbk"))).json()["accepted"] == 12_000
        assert await written(w) == (24_000, 24_000)
        async with w.harness.service.db.read() as session:
            assert set(await session.scalars(select(Task.reason).distinct())) == {"现场核实货品"}


@pytest.mark.clause("QZ-16")
async def test_large_files_at_once_wait_for_each_other(world: Any, postgres_storage: Callable[[], Storage]) -> None:
    """Two files on the same enterprises, one in the opposite order, are both entered: neither holds the other up."""
    async with world("quzhou", storage=postgres_storage()) as w:
        shops = SHOPS[: MAX_TURNS + 500]
        await opened(w, shops)
        plan_id = await w.plan()
        march = [line(plan_id, shop) for shop in shops]
        april = [line(plan_id, shop, earliest="2026-04-01", latest="2026-04-30") for shop in reversed(shops)]
        answers = await asyncio.gather(send(w, table(*march)), send(w, table(*april)))
        assert [(faults(one), one.json()["accepted"]) for one in answers] == [([], len(shops))] * 2
        assert await written(w) == (2 * len(shops), 2 * len(shops))


async def test_nobody_hears_of_tasks_that_were_taken_back(world: Any, make: Any, storage: Storage) -> None:
    """A row outside the area is announced to the local department only when the file as a whole is entered."""
    async with world("quzhou", storage=storage) as w:
        await w.harness.deliver(make.activated("quzhou").model_copy(update={"area": "330803"}))
        plan_id = await w.plan()
        approved = {
            "number": "衢市监〔2026〕3号",
            "agency_id": make.MARKET,
            "enterprise_id": make.FAR,
            "reason": "线索指向异地仓库",
            "until": "2026-12-31",
        }
        assert (await w.post("/v1/area-approvals", approved, by=w.who(Role.HEAD, make.CITY))).status_code == 201
        table_of = f"{HEADER},superior_approval\n{line(plan_id, make.FAR)},衢市监〔2026〕3号\n{{}},\n"
        refused = await send(w, table_of.format(line(plan_id, "nobody")).encode())
        assert faults(refused) == [(3, "enterprise_id", "enterprise.unknown")]
        assert await written(w) == (0, 0)
        corrected = await send(w, table_of.format(line(plan_id, E2)).encode())
        assert corrected.json()["accepted"] == 2
        assert await written(w) == (2, 2)
        [task] = [one for one in (await w.get("/v1/tasks"))["items"] if one["enterprise_id"] == make.FAR]
        await w.harness.recorder.wait_for(OutOfAreaNotified)
        assert [told.task_id for told in w.harness.recorder.of(OutOfAreaNotified)] == [task["task_id"]]


async def test_json_lines_are_read_and_files_that_are_none_are_named(world: Any) -> None:
    """NDJSON works as CSV does; an empty file, an unknown column and another media type say what is wrong."""
    async with world("quzhou") as w:
        row = dict(zip(HEADER.split(","), line(await w.plan()).split(","), strict=True))
        record = json.dumps(row | {"item_ids": [row["item_ids"]]}).encode()
        good = await send(w, record, kind="application/x-ndjson")
        assert (faults(good), good.json()["accepted"]) == ([], 1)
        assert faults(await send(w, table())) == [(1, "", "empty")]
        assert faults(await send(w, f"{HEADER},colour\n".encode()))[0][:2] == (1, "colour")
        other = await send(w, b"x", kind="application/pdf")
        assert (other.status_code // 100, other.json()["code"]) == (4, "unsupported_type")
        answer = await w.client.post("/v1/tasks/import", content=b"x", headers=w.who(Role.OFFICER))
        assert answer.status_code == 403


@given(st.lists(st.integers(0, 5)), st.integers(1, 4))
def test_waves_hold_each_subject_once_and_keep_its_order(subjects: list[int], size: int) -> None:
    """Every row is in one wave; none holds a subject twice or more rows than fit; a subject's rows keep their order."""
    rows = list(enumerate(subjects))
    found = list(waves(rows, lambda row: str(row[1]), size))
    assert sorted(row for wave in found for row in wave) == rows
    for wave in found:
        assert len({subject for _, subject in wave}) == len(wave) <= size
    for subject in set(subjects):
        numbers = [number for wave in found for number, one in wave if one == subject]
        assert numbers == sorted(numbers)
