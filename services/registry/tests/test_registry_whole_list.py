"""Whole lists on both databases: what is written, beside single changes, again after a crash."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from wurao.common.clock import ManualClock
from wurao.common.contracts.registry import EnterpriseGraded
from wurao.common.db import Database, WriteSession
from wurao.common.ids import new_id
from wurao.common.jobs import Progress
from wurao.common.migrate import upgrade
from wurao.common.packs import load_pack
from wurao.common.platform import OutboxRow, PackRow
from wurao.common.testing import eventually
from wurao.local.plugin import Storage
from wurao.registry.domain.facts import READINGS
from wurao.registry.repository.bulk import Values, insert_all
from wurao.registry.repository.imports import known_facts
from wurao.registry.tables import Adjustment, Enterprise, FactRow, GradeRow
from wurao.registry.usecases import facts as fact_usecases
from wurao.registry.usecases.grading import grade, occasion
from wurao.registry.usecases.whole_list import grade_many, grade_slab, grading_job

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
TODAY = date(2026, 1, 5)
AREA = "330800"
NAMES = [f"91330802MA{number:08d}" for number in range(400)]
GRADE_COLUMNS = (
    "scheme",
    "grade",
    "score",
    "sampling_permille",
    "yearly_cap",
    "grade_clause",
    "graded_from",
    "version",
)

OpenRegistry = Callable[[], Database]


@pytest.fixture
async def open_registry(storage: Storage) -> AsyncIterator[OpenRegistry]:
    """Opens the registry's migrated database, each time as another process would."""
    async with _opening(storage.url, storage.migration_url) as opened:
        yield opened


@pytest.fixture
async def open_postgres(postgres_storage: Callable[[], Storage]) -> AsyncIterator[OpenRegistry]:
    """The same on PostgreSQL alone."""
    made = postgres_storage()
    async with _opening(made.url, made.migration_url) as opened:
        yield opened


@asynccontextmanager
async def _opening(url: str, migration_url: str) -> AsyncIterator[OpenRegistry]:
    await upgrade("registry", migration_url)
    async with AsyncExitStack() as stack:

        def opened() -> Database:
            database = Database(url, source="/wurao/registry")
            stack.push_async_callback(database.dispose)
            return database

        yield opened


def enterprise(name: str, area: str = "330802001") -> Values:
    """An enterprise that was never graded."""
    return {
        "enterprise_id": name,
        "name": "甲店",
        "kind": "company",
        "industry": "H6210",
        "size": "micro",
        "area": area,
        "address": "1号",
        "registered_on": None,
        "park": "",
        "tags": [],
        "status": "registered",
        "version": 1,
    }


def fact(name: str, chance: random.Random) -> Values:
    """Any fact of an enterprise."""
    indicator, value = chance.choice(sorted(READINGS)), chance.randint(0, 3)
    occurred = TODAY - timedelta(days=chance.randint(0, 900))
    values = {
        "fact_id": f"{chance.getrandbits(64):x}",
        "enterprise_id": name,
        "indicator": indicator,
        "value": value,
        "source": "柯城区市场监督管理局",
        "occurred_on": occurred,
        "evidence": "决定书1号",
        "expires_on": None,
    }
    return fact_usecases.kept(values, "import", TODAY, NOW)


def held(name: str) -> Adjustment:
    """An adjustment that holds an enterprise at medium or below."""
    return Adjustment(
        adjustment_id="adjustment",
        enterprise_id=name,
        area="330802",
        kind="downgrade",
        level="medium",
        law="《食品安全法》",
        article="第一百一十三条",
        clause="LX-11",
        facts=[],
        reason="拒不整改",
        agency_id="market",
        agency_name="柯城区市场监督管理局",
        ends_on=date(2026, 6, 30),
        state="in_force",
        proposed_by="甲",
        proposed_at=NOW,
        approved_by="乙",
        in_force_from=date(2026, 1, 1),
        version=1,
    )


def pack_row(area: str, pack: str) -> PackRow:
    """A shipped pack in force in an area."""
    found = load_pack(pack)
    document = found.to_document()
    return PackRow(
        area=area,
        effective_from=date(2025, 1, 1),
        pack=pack,
        digest=found.digest,
        document=document,
        approved_by=["甲", "乙"],
        version=1,
    )


async def fill(database: Database, names: list[str], seed: int) -> None:
    """Two districts under two packs, and facts."""
    chance = random.Random(seed)  # noqa: S311 - the same county each time
    async with database.write() as session:
        session.add_all([pack_row("330802", "quzhou"), pack_row("330803", "yongzhou")])
        rows = [enterprise(name, chance.choice(["330802001", "330802002", "330803001"])) for name in names]
        await insert_all(session, Enterprise, rows)
        facts = [fact(name, chance) for name in names for _ in range(chance.randint(0, 6))]
        await insert_all(session, FactRow, facts)


async def whole(database: Database, size: int) -> dict[str, Any]:
    """Grade everything in slabs."""
    parameters = {"area": AREA, "in_force_from": TODAY.isoformat()}
    result: dict[str, Any] = await job(database, size)(parameters, Progress(database, new_id()))
    return result


def job(database: Database, size: int) -> Any:
    """The job with slabs of a size."""
    return grading_job(ManualClock(NOW), size)


async def written(database: Database) -> dict[str, Any]:
    """What grading wrote, without the ids and times that differ from run to run."""
    async with database.read() as session:
        columns = [getattr(Enterprise, name) for name in ("enterprise_id", *GRADE_COLUMNS)]
        enterprises = [tuple(row) for row in await session.execute(select(*columns).order_by(Enterprise.enterprise_id))]
        names = [column.name for column in GradeRow.__table__.columns if column.name != "grade_id"]
        history = (await session.scalars(select(GradeRow).order_by(GradeRow.enterprise_id, GradeRow.grade_id))).all()
        staged = (await session.scalars(select(OutboxRow).order_by(OutboxRow.key, OutboxRow.id))).all()
        return {
            "enterprises": enterprises,
            "grades": [[getattr(row, name) for name in names] for row in history],
            "outbox": [
                (row.topic, row.key, row.headers | {"ce_id": "", "ce_time": ""}, row.body, row.attempts)
                for row in staged
            ],
        }


async def test_a_slab_writes_what_single_gradings_write(open_registry: OpenRegistry, tmp_path: Path) -> None:
    """Columns, history and outbox rows (envelope and body) are those of the per-enterprise path, byte for byte."""
    names = NAMES[:120]
    slabbed = open_registry()
    url = f"sqlite+aiosqlite:///{tmp_path}/single.db"
    await upgrade("registry", url)
    single = Database(url, source="/wurao/registry")
    await fill(slabbed, names, 1)
    await fill(single, names, 1)
    result = await whole(slabbed, 50)
    async with single.write() as session:
        assert await grade(session, names, occasion("grading", TODAY, NOW)) == result["changed"] == 120
    assert await written(slabbed) == await written(single)
    async with slabbed.read() as session:
        first = (await session.scalars(select(OutboxRow).order_by(OutboxRow.id))).first()
        assert first is not None
        assert EnterpriseGraded.parse(first.body).model_dump_json() == first.body
    assert slabbed.committed.is_set()
    await single.dispose()


async def test_single_gradings_leave_nothing_for_the_whole_list(open_registry: OpenRegistry) -> None:
    """After random facts, each graded at once, a whole run finds no news and changes no score."""
    database, chance = open_registry(), random.Random(20)  # noqa: S311 - the same story each time
    await fill(database, NAMES, 2)
    assert (await whole(database, 150))["changed"] == len(NAMES)
    for _ in range(4):
        touched = chance.sample(NAMES, 60)
        async with database.write() as session:
            await insert_all(session, FactRow, [fact(name, chance) for name in touched])
            await grade(session, touched, occasion("fact", TODAY, NOW))
    before = await written(database)
    result = await whole(database, 150)
    assert (result["graded"], result["changed"]) == (len(NAMES), 0)
    assert await written(database) == before


async def test_many_named_enterprises_are_graded_as_columns(open_registry: OpenRegistry) -> None:
    """Named in any order, unknown ones among them, each is graded once and nothing is left for a whole run."""
    database = open_registry()
    await fill(database, NAMES, 5)
    named = [*reversed(NAMES), "91330802MA99999999"]
    async with database.write() as session:
        session.add(held(NAMES[1]))
        await session.flush()
        assert await grade_many(session, named, occasion("import", TODAY, NOW)) == len(NAMES)
        assert await grade_many(session, named, occasion("import", TODAY, NOW)) == 0
    found = await written(database)
    assert sorted(row[1] for row in found["outbox"]) == NAMES
    assert (await whole(database, 150))["changed"] == 0


class _Crash(Exception):
    """The process dies."""


class _DyingProgress(Progress):
    """Reports until so many units are done, then the process dies."""

    async def report(self, done: int, total: int, note: str = "") -> None:
        if done >= 100:
            raise _Crash


async def test_a_run_that_died_is_repeated_without_doubling(open_registry: OpenRegistry) -> None:
    """What a dead run had committed stays; the next run announces the rest, each grade once."""
    database, names = open_registry(), NAMES[:200]
    await fill(database, names, 3)
    parameters = {"area": AREA, "in_force_from": TODAY.isoformat()}
    with pytest.raises(_Crash):
        await job(database, 50)(parameters, _DyingProgress(database, new_id()))
    assert len((await written(database))["outbox"]) == 100
    assert (await whole(database, 50))["changed"] == 100
    found = await written(database)
    assert [row[1] for row in found["outbox"]] == names
    assert [row[0] for row in found["grades"]] == names


async def test_a_run_done_again_on_a_later_day_reads_that_day_s_facts(open_registry: OpenRegistry) -> None:
    """A fact of today is not forgotten by a run that was asked for yesterday; its news are known since it ran."""
    database, tomorrow = open_registry(), TODAY + timedelta(days=1)
    later = NOW + timedelta(days=1)
    async with database.write() as session:
        session.add(pack_row("330802", "yongzhou"))
        await insert_all(session, Enterprise, [enterprise(name) for name in NAMES[:2]])
        await _breach(session, NAMES[0], tomorrow)
        await grade(session, NAMES[:1], occasion("fact", tomorrow, later))
    parameters = {"area": AREA, "in_force_from": TODAY.isoformat()}
    result = await grading_job(ManualClock(later), 100)(parameters, Progress(database, new_id()))
    assert (result["changed"], result["in_force_from"]) == (1, tomorrow.isoformat())
    async with database.read() as session:
        rows = (await session.execute(select(GradeRow.enterprise_id, GradeRow.grade, GradeRow.known_at))).all()
    assert [(row.enterprise_id, row.known_at) for row in rows] == [(NAMES[0], later), (NAMES[1], later)]
    assert rows[0].grade == "poor"


async def test_who_is_only_assessed_is_regraded_too(open_registry: OpenRegistry) -> None:
    """Where grades come from lists, an enterprise without one is assessed anew when its facts end."""
    database = open_registry()
    async with database.write() as session:
        session.add(pack_row("330802", "cangxian"))
        await insert_all(session, Enterprise, [enterprise(NAMES[0])])
        await _breach(session, NAMES[0])
        await grade(session, NAMES[:1], occasion("grading", TODAY, NOW))
        before = await session.scalar(select(Enterprise.assessed))
        await session.execute(update(FactRow).values(counts_until=TODAY))
    async with database.write() as session:
        tomorrow = TODAY + timedelta(days=1)
        assert await fact_usecases.expire(session, tomorrow, NOW + timedelta(days=1)) == 1
    async with database.read() as session:
        after, announced = (await session.execute(select(Enterprise.assessed, Enterprise.grade))).one()
    assert (before, announced) == ("C", None)
    assert after < before


@pytest.mark.postgres
async def test_an_import_waits_for_what_is_decided_on_its_facts(open_postgres: OpenRegistry) -> None:
    """A fact that is being withdrawn is known to an import as withdrawn, not as it was before."""
    database = open_postgres()
    async with database.write() as session:
        await insert_all(session, Enterprise, [enterprise(NAMES[0])])
        await _breach(session, NAMES[0])

    async def look() -> str | None:
        async with database.write() as session:
            fact_id = (await session.scalars(select(FactRow.fact_id))).one()
            ended: str | None = (await known_facts(session, [fact_id]))[fact_id].ended
            return ended

    async with database.write() as session:
        await session.execute(update(FactRow).values(ended="withdrawn", lapsed=True))
        looking = asyncio.create_task(look())
        await _until_blocked(session)
    assert await looking == "withdrawn"


async def test_an_adjusted_enterprise_keeps_its_hold_in_a_whole_run(open_registry: OpenRegistry) -> None:
    """An adjustment in force binds the grade in a slab as it does alone, and the reasons name it."""
    database = open_registry()
    async with database.write() as session:
        session.add(pack_row("330802", "yongzhou"))
        await insert_all(session, Enterprise, [enterprise(name) for name in NAMES[:3]])
        session.add(held(NAMES[1]))
    assert (await whole(database, 10))["changed"] == 3
    async with database.read() as session:
        rows = (await session.scalars(select(GradeRow).order_by(GradeRow.enterprise_id))).all()
    assert [row.grade for row in rows] == ["excellent", "medium", "excellent"]
    assert any("可以提出异议" in reason for reason in rows[1].reasons)


@pytest.mark.postgres
async def test_a_fact_posted_while_its_slab_is_graded_counts(open_postgres: OpenRegistry) -> None:
    """A fact committed beside a slab's transaction is not lost: its own grading waits and then regrades."""
    database = open_postgres()
    name = NAMES[5]
    async with database.write() as session:
        session.add(pack_row("330802", "yongzhou"))
        await insert_all(session, Enterprise, [enterprise(name) for name in NAMES[:20]])
    slab_done, fact_started = asyncio.Event(), asyncio.Event()

    async def post() -> None:
        async with database.write() as session:
            await _breach(session, name)
            fact_started.set()
            await grade(session, [name], occasion("fact", TODAY, NOW))
            assert slab_done.is_set()

    async with database.write() as session:
        slab = await grade_slab(session, AREA[:4], "", 100, occasion("grading", TODAY, NOW))
        assert slab is not None
        assert slab.news == 20
        posting = asyncio.create_task(post())
        await fact_started.wait()
        await _until_blocked(session)
        slab_done.set()
    await posting
    found = await written(database)
    assert [(row[0], row[2]) for row in found["enterprises"] if row[2] == "poor"] == [(name, "poor")]
    versions = [EnterpriseGraded.parse(body).version for _, key, _, body, _ in found["outbox"] if key == name]
    assert versions == [2, 3]
    assert (await whole(database, 100))["changed"] == 0


async def _breach(session: WriteSession, name: str, occurred_on: date = TODAY) -> None:
    values = fact(name, random.Random(4)) | {"indicator": "serious_breach", "value": 1, "lapsed": False}  # noqa: S311
    await insert_all(session, FactRow, [values | {"occurred_on": occurred_on, "counts_until": None}])


async def _until_blocked(session: WriteSession) -> None:
    """Until another transaction waits for this one's locks."""
    query = text(
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    )

    async def blocked() -> bool:
        await session.execute(text("select pg_stat_clear_snapshot()"))
        return bool(await session.scalar(query))

    await eventually(blocked)
