"""The relay over both databases: order per key, one failing key, two relays, a lost lock."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select, text, update

from wurao.common.bus import Message
from wurao.common.contracts.registry import OfficerReinstated
from wurao.common.db import Database
from wurao.common.outbox import Relay, backoff, outbox_values, relay_lock
from wurao.common.platform import OutboxRow
from wurao.common.telemetry import Metrics
from wurao.common.testing import FaultyBus, eventually

OpenDatabase = Callable[[], Database]
SECONDS = 30.0


def event(key: str, number: int) -> OfficerReinstated:
    return OfficerReinstated(officer_id=key, agency_id="a", reason=str(number), version=number + 1)


async def record(db: Database, *events: OfficerReinstated) -> None:
    async with db.write() as session:
        session.record(*events)


async def rows_of(db: Database) -> Sequence[OutboxRow]:
    async with db.read() as session:
        return (await session.scalars(select(OutboxRow).order_by(OutboxRow.id))).all()


async def make_due(db: Database) -> None:
    """Let the time until every retry pass."""
    async with db.write() as session:
        past = datetime.now(UTC) - timedelta(seconds=1)
        await session.execute(update(OutboxRow).where(OutboxRow.not_before.is_not(None)).values(not_before=past))


def numbers(messages: Sequence[Message]) -> dict[str, list[int]]:
    """The numbers sent of each key, in order."""
    found: dict[str, list[int]] = defaultdict(list)
    for message in messages:
        found[message.key].append(int(OfficerReinstated.parse(message.value).reason))
    return dict(found)


@dataclass
class Working:
    """A running relay."""

    relay: Relay
    task: asyncio.Task[None]
    metrics: Metrics


@asynccontextmanager
async def working(db: Database, bus: FaultyBus, batch: int = 500) -> AsyncIterator[Working]:
    metrics = Metrics("test")
    relay = Relay(db, bus, metrics, batch=batch, idle=0.1)
    task = asyncio.create_task(relay.run())
    try:
        yield Working(relay, task, metrics)
    finally:
        await relay.stop()
        async with asyncio.timeout(SECONDS):
            await task


def value(metrics: Metrics, name: str) -> float:
    found = metrics.registry.get_sample_value(name)
    assert found is not None
    return found


async def test_rows_are_sent_in_order_and_removed(open_database: OpenDatabase) -> None:
    """Events of several transactions reach the bus in order per key, with the ids they were recorded under."""
    db, bus = open_database(), FaultyBus()
    for number in range(20):
        await record(db, *(event(f"k{key}", number) for key in range(5)))
    ids = [row.headers["ce_id"] for row in await rows_of(db)]
    async with working(db, bus, batch=7):
        await eventually(lambda: _empty(db))
    assert numbers(bus.sent) == {f"k{key}": list(range(20)) for key in range(5)}
    assert [message.headers["ce_id"] for message in bus.sent] == ids


async def _empty(db: Database) -> bool:
    return not await rows_of(db)


async def test_failing_row_blocks_its_own_key_only(open_database: OpenDatabase) -> None:
    """While one key fails, all others flow, also new ones; of the failing key nothing overtakes when it recovers."""
    db, bus = open_database(), FaultyBus(failing={"bad"})
    await record(db, event("bad", 0), event("good", 0), event("bad", 1), event("good", 1))
    async with working(db, bus):
        await eventually(lambda: _sent(bus, 2))
        await record(db, event("bad", 2), event("good", 2), event("new", 0))
        await eventually(lambda: _sent(bus, 4))
        assert numbers(bus.sent) == {"good": [0, 1, 2], "new": [0]}
        assert {message.value for message in bus.tried if message.key == "bad"} == {
            event("bad", 0).model_dump_json().encode()
        }
        bus.failing.clear()
        await make_due(db)
        await eventually(lambda: _empty(db))
    assert numbers(bus.sent)["bad"] == [0, 1, 2]


async def _sent(bus: FaultyBus, count: int) -> bool:
    return len(bus.sent) >= count


async def test_attempts_and_backoff_are_kept_on_the_first_row(open_database: OpenDatabase) -> None:
    """Each failure counts on the key's first row and doubles its pause; rows behind it are not blamed."""
    db, bus = open_database(), FaultyBus(failing={"bad"})
    await record(db, event("bad", 0), event("bad", 1))
    relay = Relay(db, bus, Metrics("test"))
    for attempt in range(1, 4):
        began = datetime.now(UTC)
        assert await relay.send_batch() == 0
        assert await relay.send_batch() == 0
        first, second = await rows_of(db)
        assert (first.attempts, second.attempts, second.not_before) == (attempt, 0, None)
        assert first.error == "NotDelivered('told to fail')"
        assert first.not_before is not None
        pause = first.not_before - began
        assert backoff(attempt - 1) <= pause <= backoff(attempt - 1) + timedelta(seconds=5)
        await make_due(db)
    assert len(bus.tried) == 3


def test_backoff_doubles_up_to_a_minute() -> None:
    """Half a second, then twice as long each time, a minute at most."""
    assert [backoff(n).total_seconds() for n in range(9)] == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]
    assert backoff(10_000).total_seconds() == 60


async def test_absent_bus_blames_no_row(open_database: OpenDatabase) -> None:
    """While the bus is away rows collect without attempts or pauses, and flow as soon as it is back."""
    db, bus = open_database(), FaultyBus(away=True)
    async with working(db, bus) as relay:
        await record(db, *(event(f"k{n}", 0) for n in range(10)))
        await eventually(lambda: _depth(relay.metrics, 10))
        assert {(row.attempts, row.not_before) for row in await rows_of(db)} == {(0, None)}
        bus.away = False
        await eventually(lambda: _empty(db))
    assert len(bus.sent) == 10


async def _depth(metrics: Metrics, depth: int) -> bool:
    return value(metrics, "wurao_outbox_depth") == depth


async def test_depth_and_age_are_measured(open_database: OpenDatabase) -> None:
    """The gauges show how many rows wait and for how long, the counters what was sent and what failed."""
    db, bus, metrics = open_database(), FaultyBus(failing={"old"}), Metrics("test")
    async with db.write() as session:
        long_ago = datetime.now(UTC) - timedelta(minutes=5)
        rows = [outbox_values("/wurao/test", event("old", n), long_ago) for n in range(3)]
        await session.execute(insert(OutboxRow), [*rows, outbox_values("/wurao/test", event("k", 0), long_ago)])
    relay = Relay(db, bus, metrics)
    await relay.measure()
    await relay.send_batch()
    assert value(metrics, "wurao_outbox_depth") == 4
    assert 300 <= value(metrics, "wurao_outbox_age_seconds") < 330
    assert value(metrics, "wurao_outbox_sent_total") == 1
    assert value(metrics, "wurao_outbox_failed_total") == 1
    await relay.measure()
    assert value(metrics, "wurao_outbox_depth") == 3


async def test_bus_that_does_not_answer_does_not_stop_the_numbers(open_database: OpenDatabase) -> None:
    """While a publish hangs the gauges go on showing how much waits behind it."""
    db, bus = open_database(), SlowBus()
    async with working(db, bus) as relay:
        await record(db, event("k", 0))
        await eventually(lambda: _inside(bus))
        await record(db, event("k", 1), event("k", 2))
        await eventually(lambda: _depth(relay.metrics, 3))
        bus.gate.set()
        await eventually(lambda: _empty(db))


async def test_gauges_fall_to_zero_where_the_relay_has_no_lock(open_database: OpenDatabase) -> None:
    """A relay that does not hold the lock shows no depth: the holder shows it."""
    db, other, bus = open_database(), open_database(), FaultyBus(away=True)
    await record(other, event("k", 0))
    async with relay_lock(other) as held:
        assert held
        async with working(db, bus) as waiting:
            waiting.metrics.outbox_depth.set(7)
            await eventually(lambda: _depth(waiting.metrics, 0))
        assert bus.sent == bus.tried == []


async def test_new_row_wakes_the_relay(open_database: OpenDatabase) -> None:
    """A commit wakes an idle relay at once, though it would look by itself only after a minute."""
    db, bus = open_database(), FaultyBus()
    relay = Relay(db, bus, Metrics("test"), idle=60.0)
    task = asyncio.create_task(relay.run())
    for number in range(50):
        await record(db, event("k", number))
        await eventually(lambda: _sent(bus, number + 1), seconds=5.0)  # noqa: B023 - awaited in this very turn
    await relay.stop()
    async with asyncio.timeout(5.0):
        await task


@pytest.mark.postgres
async def test_commit_of_another_process_wakes_the_relay(open_postgres: OpenDatabase) -> None:
    """On PostgreSQL a commit through another process's connections wakes the relay by notification."""
    db, writer, bus = open_postgres(), open_postgres(), FaultyBus()
    relay = Relay(db, bus, Metrics("test"), idle=60.0)
    task = asyncio.create_task(relay.run())
    for number in range(20):
        await record(writer, event("k", number))
        await eventually(lambda: _sent(bus, number + 1), seconds=5.0)  # noqa: B023 - awaited in this very turn
    await relay.stop()
    await task


async def test_two_relays_send_each_row_once_in_order(open_database: OpenDatabase) -> None:
    """Two relays of one service, on connections of their own, send every row once and keep order per key."""
    first, second, bus = open_database(), open_database(), FaultyBus()
    async with working(first, bus, batch=20), working(second, bus, batch=20):
        for number in range(40):
            await record((first, second)[number % 2], *(event(f"k{key}", number) for key in range(10)))
        await eventually(lambda: _empty(first))
    assert len(bus.tried) == 400
    assert numbers(bus.sent) == {f"k{key}": list(range(40)) for key in range(10)}


async def test_second_relay_takes_over_when_the_first_stops(open_database: OpenDatabase) -> None:
    """When the relay that holds the lock ends, the other one goes on where it stood."""
    first, second, bus = open_database(), open_database(), FaultyBus()
    async with working(second, bus):
        await record(first, event("k", 0))
        await eventually(lambda: _sent(bus, 1))
        async with working(first, bus):
            await record(first, event("k", 1))
            await eventually(lambda: _sent(bus, 2))
    async with working(first, bus):
        await record(first, event("k", 2))
        await eventually(lambda: _sent(bus, 3))
    assert numbers(bus.sent) == {"k": [0, 1, 2]}


@dataclass
class SlowBus(FaultyBus):
    """A bus that hands over only when the gate is open; counts publishers inside."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    inside: int = 0

    async def publish(self, messages: Sequence[Message]) -> list[Exception | None]:
        """See `Bus.publish`."""
        self.inside += 1
        await self.gate.wait()
        return await super().publish(messages)


LOCK = (
    "from pg_locks where locktype = 'advisory'"
    " and database = (select oid from pg_database where datname = current_database())"
)


@pytest.mark.postgres
async def test_lost_lock_is_taken_by_the_other_relay(open_postgres: OpenDatabase) -> None:
    """When the server cuts the lock holder's connection, the other relay takes over; no event is lost or reordered."""
    first, second, stuck, free = open_postgres(), open_postgres(), SlowBus(), FaultyBus()
    async with working(first, stuck):
        await eventually(lambda: _lock_held(first))
        await record(first, event("k", 0), event("k", 1))
        await eventually(lambda: _inside(stuck))
        async with working(second, free):
            async with second.write() as session:
                assert await session.scalar(text(f"select bool_and(pg_terminate_backend(pid)) {LOCK}"))
            await eventually(lambda: _sent(free, 2))
            stuck.gate.set()
            await eventually(lambda: _sent(stuck, 2))
            await record(first, event("k", 2))
            await eventually(lambda: _empty(first))
    assert numbers(free.sent)["k"][:2] == numbers(stuck.sent)["k"][:2] == [0, 1]
    assert Counter(numbers(stuck.sent + free.sent)["k"]) == {0: 2, 1: 2, 2: 1}


async def _lock_held(db: Database) -> bool:
    async with db.read() as session:
        return bool(await session.scalar(text(f"select count(*) {LOCK}")))


async def _inside(bus: SlowBus) -> bool:
    return bus.inside > 0


@pytest.mark.postgres
async def test_rows_that_commit_out_of_the_order_of_their_ids_are_all_sent(open_postgres: OpenDatabase) -> None:
    """A row whose transaction commits after rows with higher ids were sent is sent too."""
    db, bus = open_postgres(), FaultyBus()
    async with working(db, bus):
        async with db.write() as slow:
            slow.record(event("slow", 0))
            await db.stage_recorded(slow)
            lowest = await slow.scalar(select(func.max(OutboxRow.id)))
            await record(db, event("quick", 0), event("quick", 1))
            await eventually(lambda: _sent(bus, 2))
            assert lowest == 1
        await eventually(lambda: _sent(bus, 3))
    assert [message.key for message in bus.sent] == ["quick", "quick", "slow"]
