"""Sessions and units of work over both databases: no lost update, no reply before the commit, one effect per key."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Response
from pydantic import BaseModel, Field
from sqlalchemy import CheckConstraint, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError

from wurao.common.auth import KeySource, Principal, Role, permission
from wurao.common.bus import Bus
from wurao.common.clock import Clock
from wurao.common.contracts.registry import OfficerReinstated
from wurao.common.contracts.shared import Refusal
from wurao.common.db import Database, Versioned, named_metadata
from wurao.common.errors import NotFound, Refused
from wurao.common.platform import OutboxRow
from wurao.common.service import Service, assemble
from wurao.common.settings import ServiceSettings
from wurao.common.testing import Harness, create_tables, running
from wurao.common.unit import IfMatch, Read, Write, check_match, etag, router
from wurao.local.plugin import Storage

CanCount = Annotated[Principal, permission("test.count", Role.PLATFORM)]
api = router("test")


class Base(DeclarativeBase):
    metadata = named_metadata()


class Tally(Versioned, Base):
    __tablename__ = "tallies"

    name: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]


class Entry(Base):
    """A row per effect; `deferred` values are refused only when the transaction commits."""

    __tablename__ = "entries"
    __table_args__ = (CheckConstraint("amount <> 13", name="amount"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    amount: Mapped[int]


class Amount(BaseModel):
    amount: Annotated[int, Field(strict=True, ge=0, le=1000)]


@api.post("/tallies/{name}/add")
async def add(name: str, body: Amount, who: CanCount, session: Write, response: Response, match: IfMatch) -> Amount:
    """Add to a tally."""
    tally = await session.get(Tally, name)
    if tally is None:
        raise NotFound("没有这个计数")
    check_match(tally.version, match)
    tally.count += body.amount
    await session.flush()
    etag(response, tally.version)
    return Amount(amount=tally.count)


@api.post("/entries", status_code=201)
async def enter(body: Amount, who: CanCount, session: Write) -> Amount:
    """Enter an amount; 13 is refused by the database when it is written, which is at the commit."""
    session.add(Entry(amount=body.amount))
    return body


@api.post("/sums")
async def add_up(body: list[int], who: CanCount, session: Read) -> int:
    """Answer without writing."""
    return sum(body)


@api.post("/stale")
async def stale(who: CanCount, session: Write) -> None:
    """Change a tally that another transaction has changed since it was read."""
    tally = await session.get_one(Tally, "t")
    await session.execute(text("update tallies set version = version + 1"))
    tally.count = 1


@api.post("/refuse")
async def refuse(who: CanCount, session: Write) -> None:
    """Write, then refuse: the writing is undone, the evidence stays."""
    session.add(Entry(amount=1))
    session.record(OfficerReinstated(officer_id="undone", agency_id="a", reason="r", version=1))
    evidence = OfficerReinstated(officer_id="evidence", agency_id="a", reason="r", version=1)
    raise Refused([Refusal(code="no", clause="YZ-01", cite="永州 1", message="不行")], events=[evidence])


@api.get("/sneak")
async def sneak(who: CanCount, session: Read) -> None:
    """Try to write where only reading is meant."""
    await session.execute(insert(Entry).values(amount=1))


def build(settings: ServiceSettings, bus: Bus, clock: Clock, *, keys: KeySource | None = None) -> Service:
    return assemble("test", "测试", settings, bus, clock, routers=[api], handlers={}, keys=keys)


async def migrate(name: str, url: str) -> None:
    await create_tables(url, Base.metadata)


@asynccontextmanager
async def serving(folder: Path, storage: Storage, **settings: Any) -> AsyncIterator[Harness]:
    """The test service on a database of each kind."""
    async with running(
        build,
        "test",
        folder,
        migrate=migrate,
        database_url=storage.url,
        migration_url=storage.migration_url,
        **settings,
    ) as harness:
        async with harness.service.db.write() as session:
            session.add(Tally(name="t", count=0))
        yield harness


@pytest.fixture
async def db(storage: Storage) -> AsyncIterator[Database]:
    """A migrated database of each kind."""
    await create_tables(storage.migration_url, Base.metadata)
    database = Database(storage.url, source="/wurao/test")
    yield database
    await database.dispose()


async def amounts(db: Database) -> list[int]:
    async with db.read() as session:
        return list((await session.scalars(select(Entry.amount))).all())


@pytest.mark.parametrize(
    "statement", [insert(Entry).values(amount=1), update(Entry).values(amount=2), delete(Entry)], ids=str
)
async def test_read_session_refuses_statements_that_write(db: Database, statement: Any) -> None:
    """Insert, update and delete through a read session raise instead of being lost at its end."""
    async with db.read() as session:
        with pytest.raises(RuntimeError, match="cannot write"):
            await session.execute(statement)


async def test_read_session_refuses_changed_objects(db: Database) -> None:
    """New and changed objects in a read session raise at the flush."""
    async with db.write() as session:
        session.add(Tally(name="t", count=0))
    async with db.read() as session:
        session.add(Entry(amount=1))
        with pytest.raises(RuntimeError, match="cannot write"):
            await session.flush()
    async with db.read() as session:
        tally = await session.get_one(Tally, "t")
        tally.count = 5
        with pytest.raises(RuntimeError, match="cannot write"):
            await session.scalars(select(Entry))


async def test_read_session_of_a_request_cannot_write(tmp_path: Path, storage: Storage) -> None:
    """An endpoint that takes a read session and writes is a bug that shows, not a lost write."""
    async with serving(tmp_path, storage) as harness:
        answer = await harness.client.get("/v1/sneak", headers=harness.headers(Role.PLATFORM))
        assert answer.status_code == 500
        assert await amounts(harness.service.db) == []


@pytest.mark.postgres
async def test_postgres_refuses_textual_writes_of_a_read_session(db: Database, storage: Storage) -> None:
    """What no guard of ours can see, PostgreSQL refuses: its read sessions are read-only transactions."""
    async with db.read() as session:
        statement = text("insert into entries (id, amount) values (1, 1)")
        if storage.kind == "postgres":
            with pytest.raises(Exception, match="read-only transaction"):
                await session.execute(statement)
        else:
            await session.execute(statement)
    assert await amounts(db) == []


async def test_forty_increments_at_once_keep_forty(db: Database) -> None:
    """Forty concurrent read-modify-writes of one versioned aggregate, each tried until it succeeds, add up to forty."""
    async with db.write() as session:
        session.add(Tally(name="t", count=0))

    async def increment() -> int:
        tries = 0
        while True:
            tries += 1
            try:
                async with db.write() as session:
                    tally = await session.get_one(Tally, "t")
                    seen = tally.count
                    await asyncio.sleep(0)
                    tally.count = seen + 1
                return tries
            except StaleDataError:
                continue

    tries = await asyncio.gather(*(increment() for _ in range(40)))
    async with db.read() as reading:
        tally = await reading.get_one(Tally, "t")
    assert (tally.count, tally.version) == (40, 41)
    assert db.is_sqlite == (sum(tries) == 40)


async def test_two_processes_on_one_sqlite_file_lose_nothing(tmp_path: Path) -> None:
    """Writers on connections of their own, without a lock in common but the file's, lose no update."""
    url = f"sqlite+aiosqlite:///{tmp_path}/shared.db"
    await create_tables(url, Base.metadata)
    processes = [Database(url, source="/a"), Database(url, source="/b")]
    async with processes[0].write() as session:
        session.add(Tally(name="t", count=0))

    async def increment(db: Database) -> None:
        async with db.write() as session:
            tally = await session.get_one(Tally, "t")
            tally.count += 1

    await asyncio.gather(*(increment(db) for db in processes for _ in range(20)))
    async with processes[0].read() as reading:
        assert (await reading.get_one(Tally, "t")).count == 40
    for db in processes:
        await db.dispose()


async def test_concurrent_requests_answer_200_or_412(tmp_path: Path, storage: Storage) -> None:
    """Of concurrent changes of one aggregate each is either kept and answered 200, or lost and answered 412."""
    async with serving(tmp_path, storage) as harness:
        headers = harness.headers(Role.PLATFORM)
        answers = await asyncio.gather(
            *(harness.client.post("/v1/tallies/t/add", json={"amount": 1}, headers=headers) for _ in range(20))
        )
        kept = [answer for answer in answers if answer.status_code == 200]
        lost = [answer for answer in answers if answer.status_code == 412]
        assert len(kept) + len(lost) == 20
        assert sorted(answer.json()["amount"] for answer in kept) == list(range(1, len(kept) + 1))
        async with harness.service.db.read() as session:
            assert (await session.get_one(Tally, "t")).count == len(kept) >= 1


async def test_stale_data_is_answered_with_412(tmp_path: Path, storage: Storage) -> None:
    """A version that changed under a transaction, or another one than If-Match names, answers 412 problem+json."""
    async with serving(tmp_path, storage) as harness:
        headers = harness.headers(Role.PLATFORM)
        answer = await harness.client.post("/v1/stale", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (412, "stale")
        assert answer.headers["Content-Type"] == "application/problem+json"
        added = await harness.client.post("/v1/tallies/t/add", json={"amount": 1}, headers=headers)
        assert (added.status_code, added.headers["ETag"]) == (200, '"2"')
        again = headers | {"If-Match": '"1"'}
        answer = await harness.client.post("/v1/tallies/t/add", json={"amount": 1}, headers=again)
        assert (answer.status_code, answer.json()["code"]) == (412, "stale")


async def test_failing_commit_never_answers_success(tmp_path: Path, storage: Storage) -> None:
    """What the database refuses when the transaction ends is answered as a conflict, with nothing kept."""
    async with serving(tmp_path, storage) as harness:
        headers = harness.headers(Role.PLATFORM)
        answer = await harness.client.post("/v1/entries", json={"amount": 13}, headers=headers)
        assert answer.status_code == 409
        assert await amounts(harness.service.db) == []
        answer = await harness.client.post("/v1/entries", json={"amount": 14}, headers=headers)
        assert answer.status_code == 201
        assert await amounts(harness.service.db) == [14]


async def test_what_was_answered_was_committed_before(tmp_path: Path, storage: Storage) -> None:
    """When the head of the answer leaves the service, another connection can read the write already."""
    async with serving(tmp_path, storage) as harness:
        other = Database(storage.url, source="/other")
        seen: list[list[int]] = []
        inner = harness.service.app

        async def watching(scope: Any, receive: Any, send: Any) -> None:
            async def noted(message: Any) -> None:
                if message["type"] == "http.response.start":
                    seen.append(await amounts(other))
                await send(message)

            await inner(scope, receive, noted)

        transport = httpx.ASGITransport(app=watching)
        async with httpx.AsyncClient(transport=transport, base_url="http://wurao.test") as client:
            answer = await client.post("/v1/entries", json={"amount": 7}, headers=harness.headers(Role.PLATFORM))
        assert (answer.status_code, seen) == (201, [[7]])
        await other.dispose()


async def test_refusal_undoes_writes_and_keeps_its_evidence(tmp_path: Path, storage: Storage) -> None:
    """What was refused leaves no row and no event but the one that says what was prevented."""
    async with serving(tmp_path, storage) as harness:
        answer = await harness.client.post("/v1/refuse", headers=harness.headers(Role.PLATFORM))
        assert (answer.status_code, answer.json()["clause"]) == (409, "YZ-01")
        await harness.recorder.wait_for(OfficerReinstated)
        assert [event.key for event in harness.recorder.events] == ["evidence"]
        assert await amounts(harness.service.db) == []


async def test_failed_transaction_leaves_no_outbox_row(db: Database) -> None:
    """Business rows and outbox rows are kept together or not at all."""
    event = OfficerReinstated(officer_id="k", agency_id="a", reason="r", version=1)

    async def write(amount: int) -> None:
        async with db.write() as session:
            session.record(event)
            await db.stage_recorded(session)
            session.add(Entry(amount=amount))

    with pytest.raises(IntegrityError):
        await write(13)
    assert await outbox_keys(db) == []
    await write(12)
    assert await outbox_keys(db) == ["k"]


async def outbox_keys(db: Database) -> list[str]:
    async with db.read() as session:
        return list((await session.scalars(select(OutboxRow.key))).all())


async def test_twenty_equal_posts_under_one_key_have_one_effect(tmp_path: Path, storage: Storage) -> None:
    """Twenty concurrent equal POSTs under one Idempotency-Key write once; all get the one answer."""
    async with serving(tmp_path, storage) as harness:
        headers = harness.headers(Role.PLATFORM) | {"Idempotency-Key": "entry-0001"}
        answers = await asyncio.gather(
            *(harness.client.post("/v1/entries", json={"amount": 5}, headers=headers) for _ in range(20))
        )
        assert [(answer.status_code, answer.json()) for answer in answers] == [(201, {"amount": 5})] * 20
        assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 19
        assert await amounts(harness.service.db) == [5]


@pytest.mark.parametrize(
    ("path", "amount"), [("/v1/entries", 6), ("/v1/tallies/t/add", 5), ("/v1/entries?x=1", 5)], ids=str
)
async def test_another_request_under_a_used_key_is_refused(
    tmp_path: Path, storage: Storage, path: str, amount: int
) -> None:
    """Another body, path or query under a key that was used answers 409 and does nothing."""
    async with serving(tmp_path, storage) as harness:
        headers = harness.headers(Role.PLATFORM) | {"Idempotency-Key": "entry-0001"}
        first = await harness.client.post("/v1/entries", json={"amount": 5}, headers=headers)
        other = await harness.client.post(path, json={"amount": amount}, headers=headers)
        assert (first.status_code, other.status_code) == (201, 409)
        assert other.json()["code"] == "idempotency_key_reused"
        assert await amounts(harness.service.db) == [5]


async def test_keys_belong_to_their_caller_and_failures_keep_none(tmp_path: Path, storage: Storage) -> None:
    """Two callers may use one key; a request that failed may be repeated under its key; a bad key is malformed."""
    async with serving(tmp_path, storage) as harness:
        key = {"Idempotency-Key": "entry-0001"}
        ours, theirs = (harness.headers(Role.PLATFORM, subject=name) | key for name in ("a", "b"))
        answer = await harness.client.post("/v1/entries", json={"amount": 13}, headers=ours)
        assert answer.status_code == 409
        for headers in (ours, theirs):
            answer = await harness.client.post("/v1/entries", json={"amount": 5}, headers=headers)
            assert (answer.status_code, "Idempotency-Replayed" in answer.headers) == (201, False)
        assert await amounts(harness.service.db) == [5, 5]
        answer = await harness.client.post("/v1/entries", json={"amount": 5}, headers=ours | {"Idempotency-Key": "x"})
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_idempotency_key")


async def test_kept_answer_is_for_those_who_may_still_ask(tmp_path: Path, storage: Storage) -> None:
    """A caller whose role was taken away gets no kept answer under the key."""
    async with serving(tmp_path, storage) as harness:
        key = {"Idempotency-Key": "entry-0001"}
        before, after = (harness.headers(role, subject="li") | key for role in (Role.PLATFORM, Role.TREASURY))
        answers = [
            await harness.client.post("/v1/entries", json={"amount": 5}, headers=headers) for headers in (before, after)
        ]
        assert [answer.status_code for answer in answers] == [201, 403]


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "entry-0001"}], ids=["plain", "keyed"])
async def test_body_is_read_only_from_those_who_may_send_it(
    tmp_path: Path, storage: Storage, key: dict[str, str]
) -> None:
    """Without login or permission a request is refused before any of its body is taken in."""
    taken: list[bytes] = []

    async def body() -> AsyncIterator[bytes]:
        taken.append(b"{}")
        yield b"{}"

    async with serving(tmp_path, storage) as harness:
        for headers, status in (({}, 401), (harness.headers(Role.TREASURY), 403)):
            answer = await harness.client.post("/v1/entries", content=body(), headers=headers | key)
            assert (answer.status_code, taken) == (status, [])


async def test_what_writes_nothing_keeps_no_answer(tmp_path: Path, storage: Storage) -> None:
    """A POST that only reads answers each request by itself, whatever its key, and takes no turn for it."""
    async with serving(tmp_path, storage) as harness:
        headers = harness.headers(Role.PLATFORM) | {"Idempotency-Key": "sum-00001"}
        answers = [await harness.client.post("/v1/sums", json=body, headers=headers) for body in ([1, 2], [4])]
        assert [answer.json() for answer in answers] == [3, 4]
        assert ["Idempotency-Replayed" in answer.headers for answer in answers] == [False, False]


async def test_write_session_rolls_back_when_its_block_fails(db: Database) -> None:
    """An error between two writes of one block leaves neither."""

    async def half() -> None:
        async with db.write() as session:
            await session.execute(insert(Entry).values(amount=1))
            raise NotFound("没有")

    with pytest.raises(NotFound):
        await half()
    assert await amounts(db) == []
