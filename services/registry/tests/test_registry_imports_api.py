"""Imports as a whole, on both databases: taken back, repeated, beside each other and beside single changes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from wurao.common.auth import Role
from wurao.common.contracts.registry import EnterpriseRegistered
from wurao.common.imports import PIECE
from wurao.common.testing import Harness, running
from wurao.common.uscc import check_character
from wurao.local.plugin import Storage
from wurao.registry.app import build
from wurao.registry.schemas.enterprises import EnterpriseRow
from wurao.registry.tables import Enterprise, EnterpriseDeed, EnterpriseSearch, FactRow, PremisesRow
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
    assert [await count(register, table) for table in (Enterprise, EnterpriseSearch)] == [0, 0]
    assert register.recorder.of(EnterpriseRegistered) == []
    report = await load(register, "enterprises", rows(range(PIECE + 10)) + bad, mode="good")
    assert (report["loaded"], report["accepted"], report["rejected"]) == (True, PIECE + 10, 1)
    assert [await count(register, table) for table in (Enterprise, EnterpriseSearch)] == [PIECE + 10] * 2


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
