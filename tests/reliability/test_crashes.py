"""Processes and servers are killed while events flow: nothing is lost, nothing is doubled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
import pytest

from wurao.common.testing import eventually

if TYPE_CHECKING:
    from tests.reliability.conftest import Ledger

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.xdist_group("reliability")]


@dataclass
class Writer:
    """Writes entry after entry, also while the source is away; remembers what was acknowledged."""

    ledger: Ledger
    client: httpx.AsyncClient
    acknowledged: set[tuple[str, int]] = field(default_factory=set)
    tried: int = 0

    async def write(self) -> None:
        number, key = divmod(self.tried, 7)
        self.tried += 1
        if await self.ledger.enter(self.client, self.ledger.key(key), number):
            self.acknowledged.add((self.ledger.key(key), number))

    async def until(self, count: int) -> None:
        """Wait until so many entries were acknowledged."""

        async def reached() -> bool:
            return len(self.acknowledged) >= count

        await eventually(reached, seconds=60.0)


@asynccontextmanager
async def writing(ledger: Ledger, client: httpx.AsyncClient, pause: float = 0.01) -> AsyncIterator[Writer]:
    """A writer that works beside the block."""
    writer = Writer(ledger, client)

    async def work() -> None:
        while True:
            await writer.write()
            await asyncio.sleep(pause)

    task = asyncio.create_task(work())
    try:
        yield writer
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.mark.parametrize("point", ["before_publish", "after_publish"])
async def test_source_killed_around_publishing(ledger: Ledger, client: httpx.AsyncClient, point: str) -> None:
    """Killed after the commit and before the publishing, or after it and before it is noted: each effect once."""
    source, _ = await ledger.start_both(source=point)
    acknowledged = await ledger.enter(client, ledger.key(1), 0, 20)
    assert source.program.wait_ended(20)
    assert await ledger.count("source", "entries") == await ledger.count("source", "outbox") == 20
    sent = await ledger.on_topic()
    assert len(sent[ledger.key(1)]) == (0 if point == "before_publish" else 20)
    await ledger.start("source")
    await ledger.verify({(ledger.key(1), number) for number in range(20)} if acknowledged else set())


async def test_sink_killed_before_its_offsets_are_committed(ledger: Ledger, client: httpx.AsyncClient) -> None:
    """Killed after the effects are committed and before the offsets are: the events come again, the effects do not."""
    _, sink = await ledger.start_both(sink="before_commit")
    assert await ledger.enter(client, ledger.key(1), 0, 50)
    assert sink.program.wait_ended(30)
    done = await ledger.count("sink", "effects")
    assert done > 0
    await ledger.start("sink")
    assert await ledger.enter(client, ledger.key(1), 50, 10)
    await ledger.verify({(ledger.key(1), number) for number in range(60)})
    metrics = (await client.get(f"http://127.0.0.1:{ledger.ports['sink']}/metrics")).text
    assert f"wurao_events_repeated_total {float(done)}" in metrics


async def test_relay_killed_while_it_sends_thousands(ledger: Ledger, client: httpx.AsyncClient) -> None:
    """Killed while it sends thousands of rows, the source goes on where it stood; order and number are kept."""
    total = 4000
    source, _ = await ledger.start_both()
    runs = [ledger.enter(client, ledger.key(key), 0, total // 8) for key in range(8)]
    assert all(await asyncio.gather(*runs))

    async def under_way() -> bool:
        return await ledger.count("source", "outbox") < total - 500

    await eventually(under_way)
    source.kill()
    assert await ledger.count("source", "outbox") > 0
    await ledger.start("source")
    await ledger.verify({(ledger.key(key), number) for key in range(8) for number in range(total // 8)})


async def test_broker_away_for_twenty_seconds(ledger: Ledger, client: httpx.AsyncClient) -> None:
    """While the broker is dead for twenty seconds every write is acknowledged; all effects follow when it is back."""
    await ledger.start_both()
    async with writing(ledger, client) as writer:
        await writer.until(50)
        ledger.broker.kill()
        died, before = time.monotonic(), len(writer.acknowledged)

        async def twenty_seconds_over() -> bool:
            return time.monotonic() - died > 20

        await eventually(twenty_seconds_over)
        assert len(writer.acknowledged) > before + 100
        assert len(writer.acknowledged) == writer.tried or len(writer.acknowledged) == writer.tried - 1
        await asyncio.to_thread(ledger.broker.start)
        await writer.until(len(writer.acknowledged) + 50)
    await ledger.verify(writer.acknowledged)


async def test_postgres_killed_while_writing_and_consuming(ledger: Ledger, client: httpx.AsyncClient) -> None:
    """The postmaster is killed and started again; both services go on by themselves, with nothing lost or doubled."""
    processes = await ledger.start_both()
    async with writing(ledger, client) as writer:
        for _ in range(2):
            await writer.until(len(writer.acknowledged) + 100)
            ledger.database.kill()
            refused = writer.tried + 5

            async def noticed(refused: int = refused) -> bool:
                return writer.tried > refused

            await eventually(noticed)
            await asyncio.to_thread(ledger.database.start)
        await writer.until(len(writer.acknowledged) + 100)
    await ledger.verify(writer.acknowledged)
    assert all(process.program.alive() for process in processes)


async def test_rebalance_and_death_of_a_member(ledger: Ledger, client: httpx.AsyncClient) -> None:
    """A second member joins while events flow, then the first is killed: each effect once, in order per key."""
    _, first = await ledger.start_both()
    async with writing(ledger, client) as writer:
        await writer.until(50)
        second = await ledger.start("sink", name="second")
        await eventually(lambda: worked(ledger, second.program.pid))
        first.kill()
        taken_over = await last_effect(ledger)
        await writer.until(len(writer.acknowledged) + 100)
        await eventually(lambda: worked(ledger, second.program.pid, after=taken_over))
    await ledger.verify(writer.acknowledged)
    assert await worked(ledger, first.program.pid)


async def worked(ledger: Ledger, member: int, *, after: int = 0) -> bool:
    """Whether a member of the sink's group had an effect after the given one."""
    effects = await ledger.rows("sink", "select id, member from effects")
    return any(found == member and int(number) > after for number, found in effects)


async def last_effect(ledger: Ledger) -> int:
    [[last]] = await ledger.rows("sink", "select coalesce(max(id), 0) from effects")
    return int(last)


async def test_graceful_stop_loses_and_repeats_nothing(ledger: Ledger, client: httpx.AsyncClient) -> None:
    """On SIGTERM both services end by themselves; started again they go on, and no event comes a second time."""
    source, sink = await ledger.start_both()
    async with writing(ledger, client) as writer:
        await writer.until(100)
        assert await asyncio.to_thread(source.stop)
        assert await asyncio.to_thread(sink.stop)
        await ledger.start_both()
        await writer.until(len(writer.acknowledged) + 50)
    await ledger.verify(writer.acknowledged)
    metrics = (await client.get(f"http://127.0.0.1:{ledger.ports['sink']}/metrics")).text
    assert "wurao_events_repeated_total 0.0" in metrics
    sent = await ledger.on_topic()
    assert all(len(set(events)) == len(events) for events in sent.values())


async def test_stop_while_the_broker_is_dead(ledger: Ledger, client: httpx.AsyncClient) -> None:
    """On SIGTERM without a broker both services still end by themselves; what was acknowledged is sent afterwards."""
    source, sink = await ledger.start_both()
    assert await ledger.enter(client, ledger.key(0), 0, 10)
    await eventually(ledger.all_entered)
    ledger.broker.kill()
    assert await ledger.enter(client, ledger.key(0), 10, 10)
    stopped = await asyncio.gather(*(asyncio.to_thread(one.stop, 40.0) for one in (source, sink)))
    assert stopped == [True, True]
    await asyncio.to_thread(ledger.broker.start)
    await ledger.start_both()
    await ledger.verify({(ledger.key(0), number) for number in range(20)})
