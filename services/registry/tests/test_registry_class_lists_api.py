"""Class lists over HTTP: made, approved and announced by jobs, with adjustments and later lists in between."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from wurao.common.auth import Principal, Role
from wurao.common.bulk import is_postgres
from wurao.common.clock import ManualClock
from wurao.common.contracts.registry import ClassListApproved, EnterpriseGraded
from wurao.common.db import WriteSession
from wurao.common.jobs import Progress
from wurao.common.testing import Harness, eventually, running
from wurao.common.uscc import check_character
from wurao.local.plugin import Storage
from wurao.registry.app import build
from wurao.registry.domain.class_lists import digest
from wurao.registry.repository.class_lists import locked
from wurao.registry.tables import ClassEntry, Enterprise
from wurao.registry.usecases import class_lists

Json = dict[str, Any]
Load = Callable[..., Awaitable[Json]]
Enforce = Callable[[str], Awaitable[None]]


def uscc(number: int) -> str:
    """A valid code."""
    first = f"91330802MA{number:07d}"
    return first + check_character(first)


def at(day: str) -> datetime:
    """Eleven in the morning of a day in China."""
    return datetime.fromisoformat(f"{day}T03:00:00+00:00")


def enterprises(first: int, last: int) -> str:
    """Rows of enterprises.csv."""
    rows = [f"{uscc(n)},第{n}店,company,H6210,micro,330802001,1号\n" for n in range(first, last + 1)]
    return "enterprise_id,name,kind,industry,size,area,address\n" + "".join(rows)


FACTS = "fact_id,enterprise_id,indicator,value,source,occurred_on,evidence,expires_on\n" + "".join(
    f"{key},{uscc(number)},{indicator},{value},柯城区应急管理局,2025-06-01,证书,\n"
    for key, number, indicator, value in (
        ("a1", 1, "safety_standard_level", 3),
        ("a2", 1, "high_tech", 1),
        ("a3", 1, "tax_band", 5),
        ("b1", 2, "safety_standard_level", 1),
        ("c1", 3, "accidents_36m", 3),
    )
)


class Office:
    """The people who make and approve class lists."""

    def __init__(self, registry: Harness) -> None:
        self.registry = registry
        self.supervisor = registry.headers(Role.SUPERVISOR, subject="office", area="330802")
        self.conference = registry.headers(Role.CONFERENCE, subject="conference", area="330802")
        self.head = registry.headers(Role.HEAD, subject="head", agency_id="market", area="330802")
        self.planner = registry.headers(Role.PLANNER, subject="planner", agency_id="market", area="330802")

    async def post(self, headers: dict[str, str], path: str, body: Json, *codes: int) -> Json:
        """The body of a POST that answers with one of these codes."""
        answer = await self.registry.client.post(f"/v1{path}", headers=headers, json=body)
        assert answer.status_code in (codes or (200, 201, 202)), answer.text
        found: Json = answer.json()
        return found

    async def get(self, path: str) -> Any:
        """The body of a GET by the supervision body."""
        answer = await self.registry.client.get(f"/v1{path}", headers=self.supervisor)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ended(self, headers: dict[str, str], job: Json) -> Json:
        """A job once it has ended."""
        found: Json = {}

        async def over() -> bool:
            answer = await self.registry.client.get(f"/v1/jobs/{job['job_id']}", headers=headers)
            found.update(answer.json())
            return found["state"] in ("done", "failed")

        await eventually(over)
        return found

    async def proposed(self, year: int, kind: str, *ids: str) -> Json:
        """A list as proposed."""
        body = {"area": "330802", "year": year, "kind": kind, "enterprise_ids": list(ids)}
        made = await self.post(self.supervisor, "/class-lists", body)
        assert (await self.ended(self.supervisor, made["job"]))["state"] == "done"
        found: Json = await self.get(f"/class-lists/{made['class_list']['list_id']}")
        return found

    async def approved(self, listed: Json) -> Json:
        """A list approved and announced; the announcing job's result."""
        path = f"/class-lists/{listed['list_id']}/approve"
        made = await self.post(self.conference, path, {"resolution": "联席会议审定纪要"})
        job = await self.ended(self.conference, made["job"])
        assert job["state"] == "done", job
        return dict(job["result"])

    async def grades(self, day: str, *numbers: int) -> list[tuple[str, str | None]]:
        """Class in force and since when, on a day."""
        self.registry.clock.set(at(day))
        stands = [await self.get(f"/enterprises/{uscc(n)}/grade") for n in numbers]
        return [(stand["grade"], stand["in_force_from"]) for stand in stands]


@pytest.fixture
async def office(registry: Harness, load: Load, enforce: Enforce) -> Office:
    """A county whose grades come from lists, with one enterprise of each class."""
    await enforce("cangxian")
    await load("enterprises", enterprises(1, 3))
    await load("facts", FACTS)
    return Office(registry)


@pytest.mark.clause("CX-13")
@pytest.mark.pack("cangxian")
async def test_from_the_first_list_to_next_year_s_and_a_supplement(office: Office, load: Load) -> None:
    """The first list acts at once, facts only count for the next, and who comes later is classed by a supplement."""
    first = await office.proposed(2026, "first")
    assert (first["state"], first["counts"], first["changes"]) == (
        "proposed",
        {"A": 1, "B": 1, "C": 1},
        {"→A": 1, "→B": 1, "→C": 1},
    )
    assert await office.grades("2026-01-05", 1) == [("A", None)]
    assert not office.registry.recorder.of(EnterpriseGraded)
    assert (await office.approved(first))["announced"] == 3
    assert await office.grades("2026-01-05", 1, 2, 3) == [(one, "2026-01-05") for one in "ABC"]

    await office.post(
        office.supervisor,
        f"/enterprises/{uscc(1)}/facts",
        {"indicator": "serious_breach", "value": 1, "source": "应急", "occurred_on": "2026-01-04", "evidence": "决定"},
    )
    stand = await office.get(f"/enterprises/{uscc(1)}/grade")
    assert (stand["grade"], stand["assessed"], stand["by_list"]) == ("A", "C", True)
    await load("enterprises", enterprises(4, 5))
    later = await office.proposed(2026, "supplementary")
    assert later["total"] == 2
    assert (await office.approved(later))["announced"] == 2
    again = await office.proposed(2026, "supplementary", uscc(1))
    assert (again["total"], again["changes"]) == (1, {"A→C": 1})
    await office.approved(again)
    assert await office.grades("2026-01-05", 1, 2, 4) == [("C", "2026-01-05"), ("B", "2026-01-05"), ("B", "2026-01-05")]

    office.registry.clock.set(at("2026-12-03"))
    old = await office.proposed(2027, "annual")
    annual = await office.proposed(2027, "annual")
    assert (await office.get(f"/class-lists/{old['list_id']}"))["state"] == "superseded"
    path = f"/class-lists/{old['list_id']}/approve"
    assert (await office.post(office.conference, path, {"resolution": "审定"}, 409))[
        "code"
    ] == "class_list.not_proposed"
    assert annual["digest"] == old["digest"] != first["digest"]
    assert (await office.approved(annual))["announced"] == 5
    assert await office.grades("2026-12-31", 2) == [("B", "2026-01-05")]
    assert await office.grades("2027-01-01", 2) == [("B", "2027-01-01")]
    events = office.registry.recorder.of(ClassListApproved)
    assert [(event.kind, event.in_force_from.year) for event in events][-1] == ("annual", 2027)


@pytest.mark.clause("CX-13", "LX-11")
@pytest.mark.pack("cangxian")
async def test_an_adjustment_between_two_lists_hides_neither(office: Office) -> None:
    """A downgrade after next year's approval acts at once, passes over 1 January, and ends where the list has it."""
    await office.approved(await office.proposed(2026, "first"))
    office.registry.clock.set(at("2026-12-01"))
    body = {
        "kind": "downgrade",
        "level": "C",
        "law": "《条例》",
        "article": "第一条",
        "facts": ["b1"],
        "reason": "拒不整改",
        "ends_on": "2027-02-28",
    }
    row = await office.post(office.planner, f"/enterprises/{uscc(2)}/adjustments", body)
    path = f"/adjustments/{row['adjustment_id']}"
    await office.post(office.head, f"{path}/approve", {})
    await office.post(office.planner, f"{path}/notice", {"served_on": "2026-12-01", "served_how": "直接送达"})
    office.registry.clock.set(at("2026-12-10"))
    await office.approved(await office.proposed(2027, "annual"))
    office.registry.clock.set(at("2026-12-16"))
    await office.registry.service.sweep()
    assert await office.grades("2026-12-16", 2) == [("C", "2026-12-16")]
    assert await office.grades("2027-01-01", 2) == [("C", "2027-01-01")]
    office.registry.clock.set(at("2027-03-01"))
    await office.registry.service.sweep()
    assert await office.grades("2027-03-01", 2) == [("B", "2027-03-01")]
    events = [e for e in office.registry.recorder.of(EnterpriseGraded) if e.enterprise_id == uscc(2)]
    assert [(e.grade, e.in_force_from.isoformat()) for e in events] == [
        ("B", "2026-01-05"),
        ("B", "2027-01-01"),
        ("C", "2026-12-16"),
        ("C", "2027-01-01"),
        ("B", "2027-03-01"),
    ]
    versions = [event.version for event in events]
    assert versions == sorted(set(versions))


@pytest.mark.clause("CX-13")
@pytest.mark.pack("cangxian")
async def test_entries_are_read_by_page_class_and_change_and_prove_the_digest(office: Office) -> None:
    """Anyone within sight recomputes the digest from the entries; the enterprise sees its own class and objects."""
    listed = await office.proposed(2026, "first")
    path = f"/class-lists/{listed['list_id']}"
    entries, cursor = [], ""
    while True:
        found = await office.get(f"{path}/entries?limit=2{cursor}")
        entries += found["items"]
        if found["next_cursor"] is None:
            break
        cursor = f"&cursor={found['next_cursor']}"
    rows = [(one["enterprise_id"], one["grade"], one["score"], one["reasons"]) for one in entries]
    assert digest(rows) == listed["digest"]
    assert [one["name"] for one in (await office.get(f"{path}/entries?grade=C"))["items"]] == ["第3店"]
    assert len((await office.get(f"{path}/entries?changed=true"))["items"]) == 3
    assert [one["list_id"] for one in (await office.get("/class-lists"))["items"]] == [listed["list_id"]]

    shop = office.registry.headers(Role.ENTERPRISE, enterprise_id=uscc(3))
    own = await office.registry.client.get(f"/v1/enterprises/{uscc(3)}/classes", headers=shop)
    assert [(one["grade"], one["state"]) for one in own.json()] == [("C", "proposed")]
    body = {"against": "class_list", "target_id": listed["list_id"], "reason": "事故记录有误"}
    filed = await office.post(shop, f"/enterprises/{uscc(3)}/objections", body)
    refused = await office.post(office.conference, f"{path}/approve", {"resolution": "审定"}, 409)
    assert refused["code"] == "class_list.objected"
    decide = f"/objections/{filed['objection_id']}/decide"
    assert (await office.post(office.supervisor, decide, {"upheld": True, "reason": "属实"}, 409))["code"] == (
        "objection.own_act"
    )
    await office.post(office.conference, decide, {"upheld": True, "reason": "属实", "withdraw": ["c1"]})
    refused = await office.post(office.conference, f"{path}/approve", {"resolution": "审定"}, 409)
    assert refused["code"] == "class_list.objected"
    fresh = await office.proposed(2026, "first")
    assert fresh["counts"] == {"A": 1, "B": 2}
    await office.approved(fresh)


@pytest.mark.clause("CX-13")
@pytest.mark.pack("cangxian")
async def test_a_list_that_was_altered_after_approval_is_not_announced(office: Office) -> None:
    """Entries that do not match the approved digest make no class, and the job says so."""
    listed = await office.proposed(2026, "first")
    async with office.registry.service.db.write() as session:
        await session.execute(update(ClassEntry).where(ClassEntry.enterprise_id == uscc(3)).values(grade="A"))
    path = f"/class-lists/{listed['list_id']}/approve"
    made = await office.post(office.conference, path, {"resolution": "审定"})
    job = await office.ended(office.conference, made["job"])
    assert (job["state"], job["error"]) == ("failed", "清单内容与审定时的摘要不一致，不予公布")
    assert not office.registry.recorder.of(EnterpriseGraded)
    assert await office.grades("2026-01-05", 3) == [("C", None)]


class Crash(Exception):
    """The process died."""


class Dying(Progress):
    """Progress of a job whose process dies after so many reports."""

    left = 2

    async def report(self, done: int, total: int, note: str = "") -> None:
        """Die when it is time."""
        self.left -= 1
        if not self.left:
            raise Crash


async def _until_waited_for(session: WriteSession) -> None:
    """Until another transaction waits for this one's locks (PostgreSQL); SQLite lets others wait for their turn."""
    if not is_postgres(session):
        return
    query = text(
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    )

    async def waited_for() -> bool:
        await session.execute(text("select pg_stat_clear_snapshot()"))
        return bool(await session.scalar(query))

    await eventually(waited_for)


@pytest.mark.clause("CX-13")
async def test_jobs_that_died_are_done_again_without_doing_anything_twice(storage: Storage, tmp_path: Path) -> None:
    """Making and announcing a list, each interrupted half-way, end with every enterprise listed and announced once."""
    async with running(
        build, "registry", tmp_path, database_url=storage.url, migration_url=storage.migration_url
    ) as registry:
        platform = registry.headers(Role.PLATFORM, area="330802")
        office = Office(registry)
        activation = await office.post(
            platform,
            "/packs/activations",
            {"pack": "cangxian", "area": "330802", "effective_from": "2025-12-01", "reason": "测试"},
        )
        await office.post(office.supervisor, f"/packs/activations/{activation['activation_id']}/approve", {})
        headers = platform | {"content-type": "text/csv"}
        await registry.client.post("/v1/enterprises/import", content=enterprises(1, 7), headers=headers)
        database, clock = registry.service.db, ManualClock(at("2026-01-05"))
        async with database.write() as session:
            day = date(2026, 1, 5)
            row, _ = await class_lists.propose(session, "330802", 2026, "first", (), Principal("a"), day, clock.now())
            await session.flush()
            list_id = row.list_id
        await registry.service.runner.stop()
        parameters = {"list_id": list_id}
        for job in (class_lists.building_job(clock, 2), class_lists.announcing_job(clock, 2)):
            with pytest.raises(Crash):
                await job(parameters, Dying(database, "none"))
            result = await job(parameters, Progress(database, "none"))
            repeated = await job(parameters, Progress(database, "none"))
            if "announced" in result:
                assert (result["enterprises"], repeated["announced"]) == (7, 0)
            else:
                assert (result["total"], repeated["digest"]) == (7, result["digest"])
                objecting = {"against": "class_list", "target_id": list_id, "reason": "等级不符"}
                shop = registry.headers(Role.ENTERPRISE, enterprise_id=uscc(1))
                async with database.write() as session:
                    listed = await locked(session, list_id)
                    # An objection waits for the approval under way: no list is approved beside one.
                    path = f"/enterprises/{uscc(1)}/objections"
                    filing = asyncio.create_task(office.post(shop, path, objecting, 404))
                    await _until_waited_for(session)
                    conference = Principal("b", roles=frozenset({Role.CONFERENCE}))
                    await class_lists.approve(session, listed, "审定纪要", conference, clock.today(), clock.now())
                await filing
        async with database.read() as session:
            graded = (await session.scalars(select(Enterprise.grade))).all()
        assert len([grade for grade in graded if grade]) == 7
        await registry.recorder.wait_for(EnterpriseGraded, lambda event: event.enterprise_id == uscc(7))
        events = registry.recorder.of(EnterpriseGraded)
        assert sorted(event.enterprise_id for event in events) == sorted(uscc(n) for n in range(1, 8))
