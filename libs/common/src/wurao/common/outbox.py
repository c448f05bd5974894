"""Transactional outbox: events become rows in the business transaction; one relay sends them in order.

The relay reads unsent rows from the start each time (ids commit out of order, so never "id > cursor"),
removes them after the acknowledgement, and a failing row blocks only its own key.
"""

import asyncio
import fcntl
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import structlog
from sqlalchemy import and_, delete, exists, func, insert, or_, select, text, update
from sqlalchemy.orm import aliased

from wurao.common import bulk
from wurao.common.bus import Bus, BusAway, Message, Withheld
from wurao.common.contracts import Envelope, Event
from wurao.common.db import Database, ReadSession, WriteSession
from wurao.common.ids import new_id
from wurao.common.platform import OutboxRow
from wurao.common.telemetry import Metrics, current_traceparent

log = structlog.get_logger()

BACKOFF_FIRST = 0.5
BACKOFF_CAP = 60.0
REST_CAP = 5.0
RELAY_LOCK = 0x57555241
NOTIFY_CHANNEL = "wurao_outbox"
MEASURE_EVERY = 1.0
MEASURE_SHARE = 50
LOCK_SECONDS = 5.0
STAGED = ("topic", "key", "headers", "body", "recorded_at", "attempts")
OUTBOX = OutboxRow.metadata.tables["outbox"]
StillHeld = Callable[[], Awaitable[None]]


def backoff(attempts: int) -> timedelta:
    """Doubling from half a second, capped at a minute."""
    return timedelta(seconds=min(BACKOFF_CAP, BACKOFF_FIRST * 2 ** min(attempts, 10)))


def outbox_values(source: str, event: Event, now: datetime) -> dict[str, object]:
    """The outbox row of an event, its envelope already fixed: a resend carries the same id."""
    envelope = Envelope(
        id=new_id(),
        type=event.ce_type,
        source=source,
        subject=event.key,
        time=now,
        traceparent=current_traceparent(),
    )
    return {
        "topic": event.topic,
        "key": event.key,
        "headers": envelope.headers(),
        "body": event.model_dump_json(),
        "recorded_at": now,
    }


async def stage(session: WriteSession, source: str, events: Sequence[Event]) -> None:
    """Insert outbox rows in the session's transaction."""
    if events:
        now = datetime.now(UTC)
        await session.execute(insert(OutboxRow), [outbox_values(source, event, now) for event in events])


@dataclass(frozen=True, slots=True)
class HeaderText:
    """The headers of many events of one class, staged at one moment, as JSON text around an id and a subject."""

    before_id: str
    before_subject: str
    rest: str

    @classmethod
    def of(cls, source: str, event_class: type[Event], now: datetime) -> Self:
        """The headers that `outbox_values` would write, under the current trace."""
        known = Envelope(
            id="@id@",
            type=event_class.ce_type,
            source=source,
            subject="@subject@",
            time=now,
            traceparent=current_traceparent(),
        )
        before_id, rest = json.dumps(known.headers()).split('"@id@"')
        before_subject, rest = rest.split('"@subject@"')
        return cls(before_id, before_subject, rest)

    def text(self, event_id: str, subject: str) -> str:
        """The headers of one event."""
        return f"{self.before_id}{json.dumps(event_id)}{self.before_subject}{json.dumps(subject)}{self.rest}"


async def stage_bodies(session: WriteSession, event_class: type[Event], keyed: Iterable[tuple[str, str]]) -> None:
    """Insert outbox rows of many events of one class, given as key and JSON body; those recorded before go first."""
    await stage_packed(session, pack_bodies(session, event_class, keyed))


def pack_bodies(session: WriteSession, event_class: type[Event], keyed: Iterable[tuple[str, str]]) -> bulk.Packed:
    """The outbox rows of many events of one class, given as key and JSON body, for `stage_packed`."""
    database: Database = session.info["database"]
    now = datetime.now(UTC)
    headers = HeaderText.of(database.source, event_class, now)
    (bind,) = bulk.binders(session, OUTBOX, ["recorded_at"])
    recorded_at = str(bind(now) if bind else now)
    rows = ((event_class.topic, key, headers.text(new_id(), key), body, recorded_at, "0") for key, body in keyed)
    return bulk.pack(session, rows)


async def stage_packed(session: WriteSession, packed: bulk.Packed) -> None:
    """Insert packed outbox rows; events recorded before go first."""
    database: Database = session.info["database"]
    await database.stage_recorded(session)
    await bulk.insert_packed(session, OUTBOX, STAGED, packed)
    session.info["staged"] = True


class Relay:
    """Sends outbox rows of one service. Any number may run; the holder of the lock works, others wait."""

    def __init__(self, db: Database, bus: Bus, metrics: Metrics, *, batch: int = 500, idle: float = 0.5) -> None:
        self._db, self._bus, self._metrics = db, bus, metrics
        self._batch, self._idle = batch, idle
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Work until `stop`; errors of the database or the bus are waited out."""
        attempts = 0
        while not self._stopping.is_set():
            try:
                async with relay_lock(self._db) as still_held:
                    attempts = 0
                    if still_held:
                        async with self._measuring():
                            await self._work(still_held)
            except Exception as error:
                log.warning("relay.interrupted", error=repr(error))
                attempts = min(attempts + 1, 10)
            finally:
                # Another relay may hold the lock now and measure: nobody's numbers may stand still here.
                self._metrics.outbox_depth.set(0)
                self._metrics.outbox_age.set(0)
            await self._rest(self._idle * 2**attempts)

    async def stop(self) -> None:
        """Finish the batch at hand and end."""
        self._stopping.set()
        self._db.committed.set()

    async def _work(self, still_held: StillHeld) -> None:
        away_for = 0
        while not self._stopping.is_set():
            self._db.committed.clear()
            await still_held()
            try:
                sent = await self.send_batch()
            except BusAway as away:
                log.warning("relay.bus_away", error=repr(away))
                away_for = min(away_for + 1, 10)
                await self._rest(self._idle * 2**away_for)
                continue
            away_for = 0
            if not sent:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._db.committed.wait(), self._idle)

    async def _rest(self, seconds: float) -> None:
        """A pause that only `stop` cuts short: new rows may not turn waiting into spinning."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), min(seconds, REST_CAP))

    async def send_batch(self) -> int:
        """Send up to a batch of due rows in order; the number acknowledged. Raises BusAway, with no row to blame."""
        async with self._db.read() as session:
            rows = await due_rows(session, datetime.now(UTC), self._batch)
        if not rows:
            return 0
        outcomes = await self._bus.publish([_message(row) for row in rows])
        sent = [row.id for row, outcome in zip(rows, outcomes, strict=True) if outcome is None]
        failed = _to_blame(rows, outcomes)
        if sent or failed:
            await self._settle(sent, failed, datetime.now(UTC))
        away = next((outcome for outcome in outcomes if isinstance(outcome, BusAway)), None)
        if away:
            raise away
        return len(sent)

    async def _settle(self, sent: Sequence[int], failed: Sequence[tuple[OutboxRow, Exception]], now: datetime) -> None:
        async with self._db.write() as session:
            if sent:
                await session.execute(delete(OutboxRow).where(OutboxRow.id.in_(sent)))
            for row, error in failed:
                again = {"attempts": row.attempts + 1, "not_before": now + backoff(row.attempts)}
                await session.execute(
                    update(OutboxRow).where(OutboxRow.id == row.id).values(**again, error=repr(error)[:500])
                )
        self._metrics.outbox_sent.inc(len(sent))
        self._metrics.outbox_failed.inc(len(failed))

    @asynccontextmanager
    async def _measuring(self) -> AsyncIterator[None]:
        """Measure beside the block: a bus that does not answer must not stop the numbers that tell of it."""

        async def again_and_again() -> None:
            while True:
                began = time.monotonic()
                try:
                    await self.measure()
                except Exception as error:
                    log.warning("relay.not_measured", error=repr(error))
                # Counting many rows takes long: it may take a fiftieth of the time at most.
                await asyncio.sleep(max(MEASURE_EVERY, (time.monotonic() - began) * MEASURE_SHARE))

        task = asyncio.create_task(again_and_again())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def measure(self) -> None:
        """Set the gauges of depth and age."""
        async with self._db.read() as session:
            depth = await session.scalar(select(func.count()).select_from(OutboxRow))
            oldest = await session.scalar(select(OutboxRow.recorded_at).order_by(OutboxRow.id).limit(1))
        self._metrics.outbox_depth.set(depth or 0)
        self._metrics.outbox_age.set((datetime.now(UTC) - oldest).total_seconds() if oldest else 0)


def _to_blame(rows: Sequence[OutboxRow], outcomes: Sequence[Exception | None]) -> Sequence[tuple[OutboxRow, Exception]]:
    """The first failed row of each key: it blocks the rest of its key, which was not really tried."""
    first: dict[tuple[str, str], tuple[OutboxRow, Exception]] = {}
    for row, outcome in zip(rows, outcomes, strict=True):
        if outcome and not isinstance(outcome, Withheld | BusAway):
            first.setdefault((row.topic, row.key), (row, outcome))
    return list(first.values())


def _message(row: OutboxRow) -> Message:
    return Message(row.topic, row.key, row.headers, row.body.encode())


async def due_rows(session: ReadSession, now: datetime, limit: int) -> Sequence[OutboxRow]:
    """Rows that may be sent now, in order; a row waiting for its retry holds back its own key only."""
    earlier = aliased(OutboxRow)
    blocked = exists().where(
        and_(
            earlier.topic == OutboxRow.topic,
            earlier.key == OutboxRow.key,
            earlier.id < OutboxRow.id,
            earlier.not_before > now,
        )
    )
    due = or_(OutboxRow.not_before.is_(None), OutboxRow.not_before <= now)
    query = select(OutboxRow).where(due, ~blocked).order_by(OutboxRow.id).limit(limit)
    return (await session.scalars(query)).all()


@asynccontextmanager
async def relay_lock(db: Database) -> AsyncIterator[StillHeld | None]:
    """For the one relay of a database: a check that raises once the lock is lost. None for all others.

    An advisory lock on PostgreSQL, a file lock beside SQLite.
    """
    if db.is_sqlite:
        with file_lock(db.engine.url.database) as held:
            yield _always if held else None
        return
    async with db.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        if not await connection.scalar(text("select pg_try_advisory_lock(:key)"), {"key": RELAY_LOCK}):
            yield None
            return
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None

        def wake(*_: object) -> None:
            db.committed.set()

        async def still_held() -> None:
            await driver.execute("select 1", timeout=LOCK_SECONDS)

        await driver.add_listener(NOTIFY_CHANNEL, wake)
        try:
            yield still_held
        finally:
            await connection.invalidate()


async def _always() -> None:
    """A file lock is lost only with its process."""


@contextmanager
def file_lock(database: str | None) -> Iterator[bool]:
    """An exclusive lock on a file beside the database; True when this caller has it."""
    if not database or database == ":memory:":
        yield True
        return
    with Path(f"{database}.relay").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
