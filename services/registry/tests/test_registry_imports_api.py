"""Imports as a whole, on both databases: taken back, repeated, beside each other and beside single changes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from wurao.common.auth import Role
from wurao.common.contracts.registry import EnterpriseRegistered
from wurao.common.imports import PIECE
from wurao.common.jobs import Progress, watch
from wurao.common.platform import JobRow
from wurao.common.testing import Harness, running
from wurao.common.uscc import check_character
from wurao.local.plugin import Storage
from wurao.registry.app import build
from wurao.registry.schemas.enterprises import EnterpriseRow
from wurao.registry.tables import Enterprise, EnterpriseDeed, EnterpriseSearch, FactRow, PremisesRow, SearchBacklog
from wurao.registry.usecases import search_backlog
from wurao.registry.usecases.enterprise_imports import HELD, first_announcement

HEADER = "enterprise_id,name,kind,industry,size,area,address\n"
PREMISES = "premises_id,enterprise_id,name,address,area\n"
FACTS = "fact_id,enterprise_id,indicator,value,source,occurred_on\n"


def code(number: int) -> str:
    """A valid credit code."""
    first = f"91330802MA{number:07d}"
    return first + check_character(first)


def row(number: int, name: str = "", area: str = "330802001") -> str:
    """A line of enterprises.csv."""
    return f"{code(number)},{name or f'第{number}店'},company,H6210,micro,{area},1号\n"


def rows(numbers: Iterable[int], renamed: Iterable[int] = ()) -> str:
    """A whole enterprises.csv, some enterprises under a new name."""
    new = set(renamed)
    return HEADER + "".join(row(number, f"新名{number}" if number in new else "") for number in numbers)


@pytest.fixture
async def register(storage: Storage, tmp_path: Path) -> AsyncIterator[Harness]:
    """A running registry on each database in turn."""
    async with running(
        build, "registry", tmp_path, database_url=storage.url, migration_url=storage.migration_url
    ) as harness:
        yield harness


@pytest.fixture
async def postgres_register(postgres_storage: Callable[[], Storage], tmp_path: Path) -> AsyncIterator[Harness]:
    """A running registry on PostgreSQL."""
    storage = postgres_storage()
    async with running(
        build, "registry", tmp_path, database_url=storage.url, migration_url=storage.migration_url
    ) as harness:
        yield harness


async def load(register: Harness, what: str, text: str, mode: str = "all", area: str = "330802") -> dict[str, Any]:
    """Import a CSV text; the report."""
    headers = register.headers(Role.PLATFORM, area=area) | {"content-type": "text/csv"}
    answer = await register.client.post(f"/v1/{what}/import?mode={mode}", content=text, headers=headers)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


async def count(register: Harness, table: type[Any]) -> int:
    """How many rows a table has."""
    async with register.service.db.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def versions(register: Harness) -> dict[int, int]:
    """How many enterprises have each version."""
    async with register.service.db.read() as session:
        query = select(Enterprise.version, func.count()).group_by(Enterprise.version)
        return {row[0]: row[1] for row in (await session.execute(query)).all()}


async def test_an_error_in_the_last_piece_takes_all_pieces_back(register: Harness) -> None:
    """Pieces that were entered already leave nothing behind, and the report names every bad row of the file."""
    bad = row(1).replace("company", "club")
    report = await load(register, "enterprises", rows(range(PIECE + 10)) + bad + row(3))
    assert (report["loaded"], report["rows"], report["rejected"]) == (False, PIECE + 12, 2)
    assert [(e["row"], e["code"]) for e in report["errors"]] == [
        (PIECE + 12, "literal_error"),
        (PIECE + 13, "duplicate"),
    ]
    assert [await count(register, table) for table in (Enterprise, EnterpriseSearch, SearchBacklog)] == [0, 0, 0]
    assert register.recorder.of(EnterpriseRegistered) == []
    report = await load(register, "enterprises", rows(range(PIECE + 10)) + bad, mode="good")
    assert (report["loaded"], report["accepted"], report["rejected"]) == (True, PIECE + 10, 1)
    assert await count(register, Enterprise) == PIECE + 10


async def test_a_long_file_again_changes_only_what_differs(register: Harness) -> None:
    """Of more known rows than are held in memory the few that differ get a new version and a deed each."""
    known, renamed = range(HELD + PIECE), (3, PIECE + 3, HELD + PIECE - 1)
    await load(register, "enterprises", rows(known))
    await load(register, "enterprises", rows(range(HELD + PIECE + 2), renamed))
    assert await versions(register) == {1: HELD + PIECE - 1, 2: 3}
    async with register.service.db.read() as session:
        deeds = (await session.scalars(select(EnterpriseDeed))).all()
    assert sorted((deed.enterprise_id, deed.verb, deed.before["name"]) for deed in deeds) == sorted(
        (code(number), "renamed", f"第{number}店") for number in renamed
    )


async def test_former_names_are_found_and_moves_are_told(register: Harness) -> None:
    """An import that renames and moves an enterprise keeps the old name for the search and names the area left."""
    headers = register.headers(Role.PLATFORM, area="330800")
    await load(register, "enterprises", HEADER + row(1, "朝阳面馆"))
    await load(register, "enterprises", HEADER + row(1, "夕阳茶楼", "330803001"), area="330800")
    event = await register.recorder.wait_for(EnterpriseRegistered, lambda event: event.version == 2)
    assert (event.area, event.moved_from) == ("330803001", "330802001")
    for text in ("夕阳茶", "朝阳面"):
        found = (await register.client.get(f"/v1/enterprises?q={text}", headers=headers)).json()
        assert [item["enterprise_id"] for item in found["items"]] == [code(1)]


async def test_imports_end_at_the_border_of_the_callers_area(register: Harness) -> None:
    """Rows that name another area, or take over what is in another now, are errors, for each kind of import."""
    await load(register, "enterprises", HEADER + row(1) + row(2, area="330803001"), area="330800")
    report = await load(register, "enterprises", HEADER + row(2) + row(3, area="330803001") + row(1))
    assert sorted((e["row"], e["field"], e["code"]) for e in report["errors"]) == [
        (2, "area", "other_area"),
        (3, "area", "other_area"),
    ]
    both = FACTS + "".join(f"f{number},{code(number)},serious_breach,1,市监局,2025-11-03\n" for number in (1, 2))
    report = await load(register, "facts", both)
    assert [(e["row"], e["field"], e["code"]) for e in report["errors"]] == [(3, "enterprise_id", "other_area")]
    await load(register, "facts", both, area="330800")
    report = await load(register, "facts", FACTS + f"f2,{code(1)},serious_breach,1,市监局,2025-11-03\n")
    assert [(e["row"], e["field"], e["code"]) for e in report["errors"]] == [(2, "fact_id", "other_area")]
    there = f"p1,{code(2)},总店,1号,330803001\n"
    report = await load(register, "premises", PREMISES + there)
    assert [(e["row"], e["field"], e["code"]) for e in report["errors"]] == [(2, "area", "other_area")]
    await load(register, "premises", PREMISES + there, area="330800")
    report = await load(register, "premises", PREMISES + f"p1,{code(1)},总店,1号,330802001\n")
    assert [(e["row"], e["code"]) for e in report["errors"]] == [(2, "other_area")]
    assert [await count(register, table) for table in (Enterprise, FactRow, PremisesRow)] == [2, 2, 1]


async def test_two_imports_of_one_file_at_once_enter_it_once(postgres_register: Harness) -> None:
    """The later one finds everything known: nothing is doubled or announced twice, and neither fails."""
    text = rows(range(300))
    reports = await asyncio.gather(*(load(postgres_register, "enterprises", text) for _ in range(3)))
    assert [report["loaded"] for report in reports] == [True] * 3
    assert await versions(postgres_register) == {1: 300}
    await postgres_register.recorder.wait_for(EnterpriseRegistered, lambda event: event.enterprise_id == code(299))
    assert len(postgres_register.recorder.of(EnterpriseRegistered)) == 300


async def test_an_import_beside_single_changes_loses_none(postgres_register: Harness) -> None:
    """Imports and single changes of the same enterprises take turns: every change that was answered has its version."""
    register, numbers = postgres_register, range(40)
    await load(register, "enterprises", rows(numbers))
    headers = register.headers(Role.PLATFORM, area="330802")

    async def change(number: int) -> int:
        body = {"address": f"{number}号新址", "reason": "住所变更"}
        answer = await register.client.patch(f"/v1/enterprises/{code(number)}", json=body, headers=headers)
        return answer.status_code

    answers, *_ = await asyncio.gather(
        asyncio.gather(*(change(number) for number in numbers)),
        load(register, "enterprises", rows(reversed(numbers), numbers)),
        load(register, "enterprises", rows(numbers, range(20))),
    )
    assert set(answers) == {200}
    async with register.service.db.read() as session:
        found = (await session.execute(select(Enterprise.enterprise_id, Enterprise.version))).all()
        deeds = select(EnterpriseDeed.enterprise_id, func.count()).group_by(EnterpriseDeed.enterprise_id)
        changes = {row[0]: row[1] for row in (await session.execute(deeds)).all()}
    assert {enterprise_id: version - 1 for enterprise_id, version in found} == changes
    assert all(number >= 2 for number in changes.values())


async def test_single_registration_beside_an_import_is_a_clear_conflict(postgres_register: Harness) -> None:
    """Whoever comes second with a new code is told so; the enterprise is registered once."""
    register = postgres_register
    headers = register.headers(Role.PLATFORM, area="330802")
    body = {
        "enterprise_id": code(7), "name": "抢先店", "kind": "company", "industry": "H6210", "size": "micro",
        "area": "330802001",
    }  # fmt: skip
    importing = register.client.post(
        "/v1/enterprises/import", content=rows(range(20)), headers=headers | {"content-type": "text/csv"}
    )
    answers = await asyncio.gather(importing, register.client.post("/v1/enterprises", json=body, headers=headers))
    assert all(answer.status_code in (200, 201, 409) for answer in answers)
    assert await count(register, Enterprise) in (1, 20)
    assert await count(register, EnterpriseSearch) == await count(register, Enterprise)


@pytest.mark.parametrize("tags", [(), ("key_area",)])
def test_a_new_enterprise_is_announced_in_full(tags: tuple[str, ...]) -> None:
    """The body made without the event's class is the one that the class makes, field by field in its order."""
    entered = EnterpriseRow.model_validate(
        {
            "enterprise_id": code(1),
            "name": '甲"店\\',
            "kind": "company",
            "industry": "H6210",
            "size": "micro",
            "area": "330802001",
            "address": "一号\t二楼",
            "registered_on": date(2020, 1, 1),
            "park": "",
            "tags": tags,
        }
    )
    event = EnterpriseRegistered.model_validate(entered.model_dump(exclude={"registered_on", "park"}) | {"version": 1})
    assert first_announcement(entered) == event.model_dump_json()


async def job_done(register: Harness, job_id: str) -> dict[str, Any]:
    """A job of the importing platform once it ended."""
    headers = register.headers(Role.PLATFORM, area="330802")
    async with asyncio.timeout(60):
        while True:
            job: dict[str, Any] = (await register.client.get(f"/v1/jobs/{job_id}", headers=headers)).json()
            if job["finished_at"]:
                return job
            await asyncio.sleep(0.05)


async def found(register: Harness, text: str) -> dict[str, Any]:
    """What a search of the county finds."""
    headers = register.headers(Role.PLATFORM, area="330802")
    answer = await register.client.get(f"/v1/enterprises?q={text}", headers=headers)
    body: dict[str, Any] = answer.json()
    return {"ids": [item["enterprise_id"] for item in body["items"]], "indexing": body["indexing"]}


async def forget(register: Harness, *pieces: list[int]) -> None:
    """Let pieces of enterprises wait to be indexed, with no job to do it."""
    async with register.service.db.write() as session:
        for numbers in pieces:
            ids = [code(number) for number in numbers]
            await session.execute(delete(EnterpriseSearch).where(EnterpriseSearch.enterprise_id.in_(ids)))
            await search_backlog.leave(session, ids)


def progress(register: Harness) -> Progress:
    """What a job without a row reports to."""
    return Progress(register.service.db, "none")


async def test_a_long_import_is_indexed_by_the_job_that_it_names(register: Harness) -> None:
    """Whole pieces are found by text once the job is done, and by code before; short imports need no job."""
    report = await load(register, "enterprises", rows(range(PIECE + 10)))
    assert (await found(register, code(7)))["ids"] == [code(7)]
    assert (await found(register, f"第{PIECE + 9}店"))["ids"][0] == code(PIECE + 9)
    job = await job_done(register, report["job_id"])
    assert (job["state"], job["result"]) == ("done", {"indexed": PIECE})
    assert await count(register, EnterpriseSearch) == await count(register, Enterprise)
    assert await found(register, "第77店") == {"ids": [code(77)], "indexing": False}
    assert (await load(register, "enterprises", HEADER + row(PIECE + 11)))["job_id"] is None


async def test_what_changes_before_it_is_indexed_is_found_as_it_is(register: Harness) -> None:
    """A rename meanwhile wins, a merged record stays out, nothing is indexed twice."""
    await load(register, "enterprises", rows(range(4)))
    await forget(register, [0, 1, 2])
    headers = register.headers(Role.PLATFORM, area="330802")
    assert (await found(register, "第0店"))["indexing"]
    body = {"name": "晨光饭馆", "reason": "名称变更"}
    assert (await register.client.patch(f"/v1/enterprises/{code(0)}", json=body, headers=headers)).status_code == 200
    assert (await found(register, "晨光"))["ids"] == [code(0)]
    async with register.service.db.write() as session:
        merged = update(Enterprise).where(Enterprise.enterprise_id == code(2)).values(merged_into=code(3))
        await session.execute(merged)
    assert await search_backlog.drain(progress(register)) == 1
    assert await found(register, "晨光") == {"ids": [code(0)], "indexing": False}
    assert await count(register, EnterpriseSearch) == 3


async def test_indexing_that_nobody_does_is_queued_again(register: Harness) -> None:
    """What waits without a job gets one, and one only; what was interrupted goes on where it was."""
    await load(register, "enterprises", rows(range(6)))
    await forget(register, [0, 1], [2, 3])
    async with register.service.db.write() as session:
        assert [await search_backlog.resume(session), await search_backlog.resume(session)] == [1, 0]
        job_id = await session.scalar(select(JobRow.job_id))
    assert job_id is not None
    *_, last = [job async for job in watch(register.service.db, job_id, search_backlog.OWNER)]
    assert (last.state, last.result) == ("done", {"indexed": 4})
    assert await count(register, EnterpriseSearch) == 6


async def test_several_indexers_beside_renames_index_each_once(postgres_register: Harness) -> None:
    """Indexers share the pieces, wait for changes of the same enterprises, and leave the newest names."""
    register, numbers = postgres_register, list(range(60))
    await load(register, "enterprises", rows(numbers))
    await forget(register, *(numbers[at : at + 10] for at in range(0, 60, 10)))
    headers = register.headers(Role.PLATFORM, area="330802")

    async def rename(number: int) -> int:
        body = {"name": f"改名{number}号店", "reason": "名称变更"}
        answer = await register.client.patch(f"/v1/enterprises/{code(number)}", json=body, headers=headers)
        return answer.status_code

    indexed, answers = await asyncio.gather(
        asyncio.gather(*(search_backlog.drain(progress(register)) for _ in range(3))),
        asyncio.gather(*(rename(number) for number in numbers[::3])),
    )
    assert set(answers) == {200}
    assert sum(indexed) <= 60
    assert await count(register, EnterpriseSearch) == 60
    async with register.service.db.read() as session:
        keys = set(await session.scalars(select(EnterpriseSearch.name_key)))
    assert keys == {f"改名{number}号店" if number % 3 == 0 else f"第{number}店" for number in numbers}
