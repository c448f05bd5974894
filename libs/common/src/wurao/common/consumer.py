"""Consumer loop: deliveries become handler calls, each effect once, poison set aside.

A batch is handled in one transaction; when that fails its events are handled one by one, with bounded
retries and backoff, and what still fails goes to dead letters with its reason. Errors of the
infrastructure (database away) are waited out instead: they are nobody's poison.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy import select

from wurao.common.bus import Bus, Delivery, Message, Subscription
from wurao.common.contracts import CATALOGUE, Envelope, Event
from wurao.common.db import Database, ReadSession, WriteSession, is_transient
from wurao.common.errors import Conflict, NotFound, WuraoError
from wurao.common.inbox import claim
from wurao.common.platform import DeadLetterRow, OutboxRow
from wurao.common.telemetry import Metrics, span

log = structlog.get_logger()

Handler = Callable[[WriteSession, Any], Awaitable[None]]
Handlers = Mapping[type[Event], Handler]


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a handler is tried, and how long the pauses are (seconds)."""

    attempts: int = 5
    first: float = 0.05
    cap: float = 2.0

    def pause(self, attempt: int) -> float:
        """The pause after the given attempt (1 based): doubling, capped."""
        return min(self.cap, self.first * 2.0 ** min(attempt - 1, 16))


def topics_of(handlers: Handlers) -> tuple[str, ...]:
    """The topics that a table of handlers needs."""
    return tuple(sorted({event.topic for event in handlers}))


class Consumer:
    """One member of a service's group."""

    def __init__(
        self,
        db: Database,
        bus: Bus,
        group: str,
        handlers: Handlers,
        metrics: Metrics,
        *,
        retry: Retry | None = None,
        batch: int = 100,
    ) -> None:
        self._db, self._bus, self._group, self._metrics = db, bus, group, metrics
        self._handlers = {event.ce_type: (event, handler) for event, handler in handlers.items()}
        self._topics = topics_of(handlers)
        self._retry, self._batch = retry or Retry(), batch
        self._stopping = asyncio.Event()
        self._subscription: Subscription | None = None

    @property
    def events(self) -> tuple[type[Event], ...]:
        """The events that this consumer handles."""
        return tuple(event for event, _ in self._handlers.values())

    async def subscribe(self) -> None:
        """Join the group, so that nothing published from now on is missed."""
        if self._topics and self._subscription is None:
            self._subscription = await self._bus.subscribe(self._group, self._topics)

    async def run(self) -> None:
        """Handle deliveries until `stop`; the batch at hand is finished and committed.

        After an error the member has left its group; run again, it joins anew.
        """
        await self.subscribe()
        subscription = self._subscription
        if subscription is None:
            return
        try:
            while not self._stopping.is_set():
                deliveries = await subscription.fetch(self._batch, 0.5)
                if deliveries:
                    await self.handle(deliveries)
                    await subscription.commit(deliveries)
        finally:
            self._subscription = None
            await subscription.close()

    async def stop(self) -> None:
        """End after the batch at hand."""
        self._stopping.set()
        if self._subscription is not None:
            self._subscription.wake()

    async def handle(self, deliveries: Sequence[Delivery]) -> None:
        """All effects of the deliveries, each once, or their dead letters. Raises only when told to stop meanwhile."""
        messages = [d.message for d in deliveries if d.message.headers.get("ce_type") in self._handlers]
        if not messages:
            return
        try:
            await self._transaction(messages)
        except Exception as error:
            log.info("consumer.batch_split", group=self._group, size=len(messages), error=repr(error))
            for message in messages:
                await self._handle_alone(message)

    async def _handle_alone(self, message: Message) -> None:
        failed = waited = 0
        while True:
            try:
                await self._transaction([message])
                return
            except Exception as error:
                self._metrics.retried.inc()
                if is_transient(error):
                    waited += 1
                    await self._wait(waited, error)
                    continue
                failed, waited = failed + 1, 0
                if failed >= self._retry.attempts or isinstance(error, ValidationError | Unreadable):
                    await self._bury(message, error, failed)
                    return
                await self._wait(failed, error)

    async def _wait(self, attempt: int, error: Exception) -> None:
        """The pause before the next attempt; told to stop, the member leaves the message to the next one."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), self._retry.pause(attempt))
        if self._stopping.is_set():
            raise error

    async def _transaction(self, messages: Sequence[Message]) -> None:
        async with self._db.write() as session:
            counts = await self._apply(session, messages)
        for event_type, count in counts.items():
            self._metrics.handled.labels(event_type).inc(count)

    async def _apply(self, session: WriteSession, messages: Sequence[Message]) -> Counter[str]:
        envelopes = [_envelope(message) for message in messages]
        fresh = await claim(session, self._group, [envelope.id for envelope in envelopes])
        counts: Counter[str] = Counter()
        for envelope, message in zip(envelopes, messages, strict=True):
            if envelope.id not in fresh:
                self._metrics.repeated.inc()
                continue
            fresh.discard(envelope.id)
            event_class, handler = self._handlers[envelope.type]
            with span(f"handle {event_class.__name__}", envelope.traceparent):
                await handler(session, event_class.parse(message.value))
                await self._db.stage_recorded(session)
            counts[envelope.type] += 1
        return counts

    async def _bury(self, message: Message, error: Exception, attempts: int) -> None:
        """Set a message aside; the database being away is waited out here too."""
        event_id = message.headers.get("ce_id") or _digest(message)
        log.error("consumer.dead_letter", group=self._group, id=event_id, error=repr(error))
        waited = 0
        while True:
            try:
                await self._set_aside(message, event_id, error, attempts)
                return
            except Exception as failure:
                waited += 1
                await self._wait(waited, failure)

    async def _set_aside(self, message: Message, event_id: str, error: Exception, attempts: int) -> None:
        letter = {name: _storable(value) for name, value in message.headers.items()}
        headers = letter | {"wurao_reason": repr(error)[:500], "wurao_topic": message.topic}
        key, body = _storable(message.key), _storable(message.value.decode(errors="replace"))
        async with self._db.write() as session:
            fresh = await claim(session, self._group, [event_id])
            if not fresh:
                return
            now = datetime.now(UTC)
            session.add(
                DeadLetterRow(
                    event_id=event_id,
                    consumer_group=self._group,
                    topic=message.topic,
                    key=key,
                    headers=letter,
                    body=body,
                    reason=repr(error)[:2000],
                    attempts=attempts,
                    died_at=now,
                )
            )
            session.add(OutboxRow(topic=dead_topic(self._group), key=key, headers=headers, body=body, recorded_at=now))
        self._db.committed.set()
        self._metrics.dead.labels(message.headers.get("ce_type", "unknown")).inc()

    async def replay(self, session: WriteSession, event_id: str) -> None:
        """Handle a dead letter again inside the caller's transaction; it is gone when that commits.

        Raises NotFound, or Conflict when it cannot be digested still (then the letter stays).
        """
        letter = await session.get(DeadLetterRow, (event_id, self._group), with_for_update=True)
        if letter is None:
            raise NotFound("没有这条死信")
        known = self._handlers.get(letter.headers.get("ce_type", ""))
        if known is None:
            raise Conflict("本服务已不处理这类事件", code="replay_failed")
        event_class, handler = known
        try:
            with span(f"replay {event_class.__name__}", letter.headers.get("traceparent")):
                await handler(session, event_class.parse(letter.body))
                await session.delete(letter)
                await self._db.stage_recorded(session)
        except WuraoError:
            raise
        except Exception as error:
            if is_transient(error):
                raise
            log.warning("consumer.replay_failed", group=self._group, id=event_id, error=repr(error))
            raise Conflict("死信再次处理失败，仍予保留", code="replay_failed") from error


class Unreadable(Exception):
    """The headers are not those of a CloudEvent."""


def _envelope(message: Message) -> Envelope:
    try:
        return Envelope.from_headers(message.headers)
    except (KeyError, ValueError) as error:
        raise Unreadable(repr(error)) from error


def _digest(message: Message) -> str:
    """What stands for the id of a message that has none."""
    parts = (message.topic.encode(), message.key.encode(), message.value)
    return sha256(b"\0".join(parts)).hexdigest()


def _storable(text: str) -> str:
    """PostgreSQL keeps no NUL in texts."""
    return text.replace("\0", "\ufffd")


def dead_topic(group: str) -> str:
    """Where a group's dead letters are announced."""
    return f"wurao.{group}.dead"


async def dead_letters(session: ReadSession, limit: int) -> Sequence[DeadLetterRow]:
    """The oldest dead letters first."""
    query = select(DeadLetterRow).order_by(DeadLetterRow.died_at, DeadLetterRow.event_id).limit(limit)
    return (await session.scalars(query)).all()


def assert_known(handlers: Handlers) -> None:
    """Every handled event is in the catalogue. Raises TypeError at wiring time."""
    for event in handlers:
        if CATALOGUE.get(event.ce_type) is not event:
            raise TypeError(f"{event.__name__} is not in the catalogue")
