"""The consumer over both databases: each effect once, poison set aside, replay, and waiting for the database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Table, Text, select, text
from sqlalchemy.exc import OperationalError

from wurao.common.auth import KeySource, Role
from wurao.common.bus import Bus, Delivery, MemoryBus, Message, Subscription
from wurao.common.clock import Clock
from wurao.common.consumer import Consumer, Handlers, Retry, dead_letters
from wurao.common.contracts import Envelope
from wurao.common.contracts.registry import OfficerExited, OfficerReinstated, OfficerSuspended
from wurao.common.db import Database, WriteSession, is_transient
from wurao.common.platform import DeadLetterRow, InboxRow, OutboxRow
from wurao.common.service import Service, assemble
from wurao.common.settings import ServiceSettings
from wurao.common.telemetry import Metrics
from wurao.common.testing import create_tables, eventually, message_of, running
from wurao.local.plugin import Storage

OpenDatabase = Callable[[], Database]
QUICK = Retry(attempts=3, first=0.001, cap=0.01)
EFFECTS = MetaData()
Table("effects", EFFECTS, Column("officer_id", Text), Column("reason", Text))


def event(key: str, number: int) -> OfficerReinstated:
    return OfficerReinstated(officer_id=key, agency_id="a", reason=str(number), version=number + 1)


class Unlucky(Exception):
    """What a faulty handler raises."""


@dataclass
class Effects:
    """A handler that writes one row per event; fails for some keys, as long as it is told to."""

    failing: dict[str, Exception] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    async def handle(self, session: WriteSession, event: OfficerReinstated) -> None:
        self.calls.append(f"{event.officer_id}-{event.reason}")
        insert = text("insert into effects values (:officer_id, :reason)")
        await session.execute(insert, {"officer_id": event.officer_id, "reason": event.reason})
        failure = self.failing.get(event.officer_id)
        if failure:
            raise failure
        session.record(
            OfficerExited(officer_id=event.officer_id, agency_id="a", reason="", exited_on=date(2026, 1, 5), version=1)
        )


@dataclass
class Bench:
    """A consumer on a database, and what it did."""

    db: Database
    effects: Effects
    metrics: Metrics
    bus: Bus
    consumer: Consumer

    async def handle(self, *messages: Message) -> None:
        await self.consumer.handle([Delivery(message, 0, offset) for offset, message in enumerate(messages)])

    async def rows(self) -> list[tuple[str, str]]:
        async with self.db.read() as session:
            found = await session.execute(text("select officer_id, reason from effects order by officer_id, reason"))
            return [(row[0], row[1]) for row in found]

    async def letters(self) -> Sequence[DeadLetterRow]:
        async with self.db.read() as session:
            return await dead_letters(session, 100)

    async def outbox(self) -> Sequence[OutboxRow]:
        async with self.db.read() as session:
            return (await session.scalars(select(OutboxRow).order_by(OutboxRow.id))).all()


@pytest.fixture
async def bench(storage: Storage) -> AsyncIterator[Bench]:
    """A consumer of reinstatements over each database in turn."""
    await create_tables(storage.migration_url, EFFECTS)
    db, effects, metrics, bus = Database(storage.url, source="/wurao/test"), Effects(), Metrics("test"), MemoryBus()
    consumer = Consumer(db, bus, "wurao-test", {OfficerReinstated: effects.handle}, metrics, retry=QUICK)
    yield Bench(db, effects, metrics, bus, consumer)
    await db.dispose()


def counted(metrics: Metrics, name: str, **labels: str) -> float:
    return metrics.registry.get_sample_value(name, labels) or 0.0


async def test_redelivery_has_no_second_effect(bench: Bench) -> None:
    """A message that comes three times, alone and within a batch, has its effect once, its event too."""
    message, other = message_of(event("k", 1)), message_of(event("k", 2))
    await bench.handle(message)
    await bench.handle(message, other, message)
    await bench.handle(other)
    assert await bench.rows() == [("k", "1"), ("k", "2")]
    assert len(await bench.outbox()) == 2
    assert counted(bench.metrics, "wurao_events_handled_total", type=OfficerReinstated.ce_type) == 2
    assert counted(bench.metrics, "wurao_events_repeated_total") == 3


async def test_two_members_with_the_same_messages_have_each_effect_once(bench: Bench) -> None:
    """Two members that got the same messages in different orders at once (a rebalance) have each effect once."""
    twin = Consumer(
        bench.db, bench.bus, "wurao-test", {OfficerReinstated: bench.effects.handle}, bench.metrics, retry=QUICK
    )
    messages = [message_of(event(f"k{n % 5}", n)) for n in range(60)]
    first = [Delivery(message, 0, n) for n, message in enumerate(messages)]
    second = [*first[30:], *first[:30]]
    await asyncio.gather(
        *(bench.consumer.handle(first[n : n + 10]) for n in range(0, 60, 10)),
        *(twin.handle(second[n : n + 10]) for n in range(0, 60, 10)),
    )
    assert sorted(await bench.rows()) == sorted((f"k{n % 5}", str(n)) for n in range(60))
    assert len(await bench.outbox()) == 60
    assert await bench.letters() == []


async def test_poison_goes_to_dead_letters_alone(bench: Bench) -> None:
    """In a batch with one poison event the others have their effect once; the poison is a row and a message."""
    bench.effects.failing["bad"] = Unlucky("手续不全")
    poison = message_of(event("bad", 1))
    await bench.handle(message_of(event("a", 1)), poison, message_of(event("b", 2)), message_of(event("a", 3)))
    assert await bench.rows() == [("a", "1"), ("a", "3"), ("b", "2")]
    [letter] = await bench.letters()
    assert (letter.event_id, letter.attempts, letter.topic) == (poison.headers["ce_id"], 3, poison.topic)
    assert (letter.reason, letter.body.encode()) == ("Unlucky('手续不全')", poison.value)
    [dead] = [row for row in await bench.outbox() if row.topic == "wurao.wurao-test.dead"]
    assert dead.key == "bad"
    assert dead.headers["wurao_reason"] == letter.reason
    assert dead.headers["wurao_topic"] == poison.topic
    assert counted(bench.metrics, "wurao_events_dead_total", type=OfficerReinstated.ce_type) == 1


async def test_redelivered_poison_is_one_letter(bench: Bench) -> None:
    """A dead letter that is delivered again is neither tried nor buried again."""
    bench.effects.failing["bad"] = Unlucky()
    poison = message_of(event("bad", 1))
    await bench.handle(poison)
    tried = len(bench.effects.calls)
    await bench.handle(poison)
    assert len(await bench.letters()) == 1
    assert len(bench.effects.calls) == tried


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda m: Message(m.topic, m.key, m.headers, b"{not json"), id="body"),
        pytest.param(lambda m: Message(m.topic, m.key, m.headers, b'{"officer_id":"\x00\xff"}'), id="bytes"),
        pytest.param(lambda m: Message(m.topic, "k\0", without(m.headers, "ce_id"), m.value), id="no id"),
        pytest.param(lambda m: Message(m.topic, m.key, without(m.headers, "ce_time"), m.value), id="no time"),
        pytest.param(lambda m: Message(m.topic, m.key, m.headers | {"ce_time": "soon\0"}, m.value), id="bad time"),
    ],
)
async def test_unreadable_message_is_buried_at_once(bench: Bench, spoil: Callable[[Message], Message]) -> None:
    """A message that is no CloudEvent, or no such event, is set aside without retries and stops nothing."""
    await bench.handle(spoil(message_of(event("k", 1))), message_of(event("k", 2)))
    assert await bench.rows() == [("k", "2")]
    [letter] = await bench.letters()
    assert letter.attempts == 1
    assert letter.event_id


def without(headers: dict[str, str], name: str) -> dict[str, str]:
    return {known: value for known, value in headers.items() if known != name}


async def test_events_nobody_handles_are_passed_over(bench: Bench) -> None:
    """Events of other types on the same topic leave no trace."""
    await bench.handle(message_of(OfficerSuspended(officer_id="k", agency_id="a", reason="r", version=1)))
    assert await bench.rows() == []
    async with bench.db.read() as session:
        assert (await session.scalars(select(InboxRow))).all() == []


async def test_absent_database_is_waited_out(bench: Bench) -> None:
    """While the database fails, no event is blamed, however often; when it is back each effect happens once."""
    failures = 0

    class Flaky(Effects):
        async def handle(self, session: WriteSession, event: OfficerReinstated) -> None:
            nonlocal failures
            await Effects.handle(self, session, event)
            if failures < 20:
                failures += 1
                raise ConnectionRefusedError("the database is starting up")

    consumer = Consumer(
        bench.db, bench.bus, "wurao-test", {OfficerReinstated: Flaky().handle}, bench.metrics, retry=QUICK
    )
    await consumer.handle([Delivery(message_of(event("k", n)), 0, n) for n in range(3)])
    assert failures == 20
    assert await bench.rows() == [("k", "0"), ("k", "1"), ("k", "2")]
    assert await bench.letters() == []


async def test_told_to_stop_while_it_waits_a_consumer_leaves_the_message(bench: Bench) -> None:
    """A consumer that waits for its database ends when told to; what it could not handle comes again."""
    bench.effects.failing["k"] = ConnectionRefusedError("away for long")
    await bench.consumer.subscribe()
    running = asyncio.create_task(bench.consumer.run())
    publishing = asyncio.create_task(bench.bus.publish([message_of(event("k", 1))]))
    await eventually(_called(bench.effects))
    await bench.consumer.stop()
    with pytest.raises(ConnectionRefusedError):
        await running
    [outcome] = await publishing
    assert outcome is not None
    assert await bench.letters() == []


def _called(effects: Effects) -> Callable[[], Awaitable[bool]]:
    async def called() -> bool:
        return len(effects.calls) > 2

    return called


async def test_faults_of_statements_are_not_taken_for_an_absent_database(bench: Bench) -> None:
    """A statement that the database refuses is the event's fault; a refused connection is not."""
    async with bench.db.write() as session:
        with pytest.raises(Exception, match="nowhere") as unknown_table:
            await session.execute(text("select * from nowhere"))
    assert not is_transient(unknown_table.value)
    bench.effects.failing["bad"] = unknown_table.value
    await bench.handle(message_of(event("bad", 1)), message_of(event("good", 1)))
    assert await bench.rows() == [("good", "1")]
    assert len(await bench.letters()) == 1


@pytest.mark.postgres
async def test_passing_failures_of_postgres_are_recognised(open_postgres: OpenDatabase) -> None:
    """A cut connection and a deadlock pass; a value that does not fit its column does not."""
    db = open_postgres()
    with pytest.raises(Exception, match=r"terminat|closed") as cut:
        async with db.write() as session:
            await session.execute(text("select pg_terminate_backend(pg_backend_pid())"))
    assert is_transient(cut.value)
    with pytest.raises(Exception, match="int32") as too_large:
        async with db.write() as session:
            await session.execute(text("select cast(:n as integer)"), {"n": 2**40})
    assert not is_transient(too_large.value)
    assert is_transient(await _deadlock(db))


async def _deadlock(db: Database) -> BaseException:
    """What the victim of a deadlock is told."""
    meeting = asyncio.Barrier(2)

    async def lock(first: int, second: int) -> None:
        async with db.write() as session:
            await session.execute(text("select pg_advisory_xact_lock(:n)"), {"n": first})
            await meeting.wait()
            await session.execute(text("select pg_advisory_xact_lock(:n)"), {"n": second})

    results = await asyncio.gather(lock(91, 92), lock(92, 91), return_exceptions=True)
    [victim] = [result for result in results if result is not None]
    return victim


async def test_busy_sqlite_passes(tmp_path: Path) -> None:
    """A lock that another process holds on SQLite passes; a missing table does not."""
    url = f"sqlite+aiosqlite:///{tmp_path}/busy.db"
    holder, other = Database(url, source="/a"), Database(url, source="/b")
    try:
        async with holder.write() as session:
            await session.execute(text("create table t (n integer)"))
            async with other.engine.connect() as connection:
                await connection.execute(text("pragma busy_timeout = 1"))
                with pytest.raises(OperationalError) as busy:
                    await connection.execute(text("create table u (n integer)"))
        assert is_transient(busy.value)
    finally:
        await holder.dispose()
        await other.dispose()


async def test_trace_goes_on_through_the_handler(bench: Bench) -> None:
    """An event recorded by a handler carries the trace of the event that caused it, as a span of its own."""
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    message = message_of(event("k", 1))
    message.headers["traceparent"] = f"00-{trace}-00f067aa0ba902b7-01"
    await bench.handle(message_of(event("k", 0)), message)
    caused = [Envelope.from_headers(row.headers) for row in await bench.outbox()]
    assert [trace in (envelope.traceparent or "") for envelope in caused] == [False, True]
    assert "00f067aa0ba902b7" not in (caused[1].traceparent or "")


@dataclass
class BreakingBus(MemoryBus):
    """A bus whose first subscription breaks on its first commit, as one that lost its broker."""

    subscriptions: int = 0

    def __post_init__(self) -> None:
        MemoryBus.__init__(self)

    async def subscribe(self, group: str, topics: Sequence[str]) -> Subscription:
        """See `Bus.subscribe`."""
        self.subscriptions += 1
        member = await super().subscribe(group, topics)
        return Breaking(member) if self.subscriptions == 1 else member


@dataclass
class Breaking:
    """See `BreakingBus`."""

    behind: Subscription

    async def fetch(self, limit: int, timeout: float) -> list[Delivery]:
        """See `Subscription.fetch`."""
        return await self.behind.fetch(limit, timeout)

    async def commit(self, deliveries: Sequence[Delivery]) -> None:
        """Fails."""
        raise ConnectionResetError("the broker is gone")

    def wake(self) -> None:
        """See `Subscription.wake`."""
        self.behind.wake()

    async def close(self) -> None:
        """See `Subscription.close`."""
        await self.behind.close()


async def test_consumer_joins_anew_after_the_bus_broke(bench: Bench) -> None:
    """Run again after an error of the bus, a consumer has a fresh subscription, and repeats have no second effect."""
    bus = BreakingBus()
    consumer = Consumer(
        bench.db, bus, "wurao-test", {OfficerReinstated: bench.effects.handle}, bench.metrics, retry=QUICK
    )
    await consumer.subscribe()
    message = message_of(event("k", 1))
    first = asyncio.create_task(bus.publish([message]))
    with pytest.raises(ConnectionResetError):
        await consumer.run()
    assert (await first)[0] is not None
    await consumer.subscribe()
    running = asyncio.create_task(consumer.run())
    assert await bus.publish([message]) == [None]
    await consumer.stop()
    await running
    assert bus.subscriptions == 2
    assert await bench.rows() == [("k", "1")]


@pytest.mark.parametrize("cause_gone", [True, False])
async def test_dead_letter_comes_back_by_replay(tmp_path: Path, storage: Storage, cause_gone: bool) -> None:
    """Replayed over HTTP a dead letter has its effect, its event and is gone; while the cause holds it stays."""
    effects = Effects(failing={"bad": Unlucky()})

    def build(settings: ServiceSettings, bus: Bus, clock: Clock, *, keys: KeySource | None = None) -> Service:
        handlers: Handlers = {OfficerReinstated: effects.handle}
        return assemble("penalty", "测试", settings, bus, clock, routers=[], handlers=handlers, keys=keys, retry=QUICK)

    async def migrate(name: str, url: str) -> None:
        await create_tables(url, EFFECTS)

    async with running(
        build, "test", tmp_path, migrate=migrate, database_url=storage.url, migration_url=storage.migration_url
    ) as harness:
        operator = harness.headers(Role.PLATFORM, area="330802")
        await harness.deliver(event("bad", 1), event("good", 1))
        [letter] = (await harness.client.get("/v1/dead-letters", headers=operator)).json()
        assert (letter["key"], letter["reason"]) == ("bad", "Unlucky()")
        if cause_gone:
            effects.failing.clear()
        replay = f"/v1/dead-letters/{letter['event_id']}/replay"
        answers = await asyncio.gather(*(harness.client.post(replay, headers=operator) for _ in range(3)))
        left = (await harness.client.get("/v1/dead-letters", headers=operator)).json()
        statuses = sorted(answer.status_code for answer in answers)
        if cause_gone:
            assert (statuses, left) == ([204, 404, 404], [])
            await harness.recorder.wait_for(OfficerExited, lambda exited: exited.officer_id == "bad")
        else:
            assert (statuses, left) == ([409, 409, 409], [letter])
            assert {answer.json()["code"] for answer in answers} == {"replay_failed"}
        officer = harness.headers(Role.OFFICER)
        assert (await harness.client.post(replay, headers=officer)).status_code == 403
        async with harness.service.db.read() as session:
            rows = (await session.execute(text("select officer_id from effects"))).scalars().all()
        assert sorted(rows) == (["bad", "good"] if cause_gone else ["good"])
