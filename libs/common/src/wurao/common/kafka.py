"""The bus on Apache Kafka: idempotent producer with acks from all replicas, explicit commits."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    KafkaError,
    MessageSizeTooLargeError,
)

from wurao.common.bus import BusAway, Delivery, Message, NotDelivered, Subscription, Withheld

log = structlog.get_logger()

# Below the broker's default limit of a batch, so that a single message that is too large never leaves the process.
MESSAGE_LIMIT = 1_000_000
# A message of this size travels in a batch of its own, which the broker may refuse while it takes the next one:
# the rest of its key waits for it. Smaller ones fill batches of at most 16 kB, below any sensible limit.
LARGE = 12_000
CLOSE_SECONDS = 5.0
TOPIC_SECONDS = 10.0


class TopicMissing(Exception):
    """The broker has no such topic and makes none, or lets us not write to it."""


def _pairs(headers: dict[str, str]) -> list[tuple[str, bytes]]:
    return [(name, value.encode()) for name, value in headers.items()]


async def _failed(sent: "asyncio.Future[object]") -> bool:
    [result] = await asyncio.gather(sent, return_exceptions=True)
    return isinstance(result, BaseException)


def _check(message: Message, missing: set[str]) -> None:
    if message.topic in missing:
        raise TopicMissing(message.topic)


def _delivery(record: "ConsumerRecord[bytes | None, bytes | None]") -> Delivery:
    headers = {name: value.decode(errors="replace") for name, value in record.headers}
    key = (record.key or b"").decode(errors="replace")
    message = Message(record.topic, key, headers, record.value or b"")
    return Delivery(message, record.partition, record.offset)


class KafkaSubscription:
    """A group member; offsets are committed only by `commit`."""

    def __init__(self, consumer: AIOKafkaConsumer, left: Callable[["KafkaSubscription"], None]) -> None:
        self._consumer, self._left = consumer, left

    async def fetch(self, limit: int, timeout: float) -> list[Delivery]:
        """See `Subscription.fetch`. Records stay in order within a partition, so within a key."""
        found = await self._consumer.getmany(timeout_ms=int(timeout * 1000), max_records=limit)
        return [_delivery(record) for records in found.values() for record in records]

    async def commit(self, deliveries: Sequence[Delivery]) -> None:
        """See `Subscription.commit`. After a rebalance the commit may be void: the inbox absorbs the repeat."""
        offsets: dict[TopicPartition, int] = {}
        for delivery in deliveries:
            place = TopicPartition(delivery.message.topic, delivery.partition)
            offsets[place] = max(offsets.get(place, 0), delivery.offset + 1)
        mine = {place: offset for place, offset in offsets.items() if place in self._consumer.assignment()}
        try:
            if mine:
                await self._consumer.commit(mine)
        except (CommitFailedError, IllegalStateError) as error:
            log.info("kafka.commit_void", error=repr(error))
        except KafkaError as error:
            log.warning("kafka.commit_failed", error=repr(error))

    def wake(self) -> None:
        """The broker's answer is waited for; `fetch` is bounded by its timeout."""

    async def close(self) -> None:
        """Leave the group; a broker that does not answer is not waited for longer than a few seconds."""
        self._left(self)
        await _bounded("kafka.consumer_stop", self._consumer.stop())


async def _bounded(what: str, stopping: Coroutine[Any, Any, None]) -> None:
    try:
        await asyncio.wait_for(stopping, CLOSE_SECONDS)
    except (KafkaError, OSError, TimeoutError) as error:
        log.warning(what, error=repr(error))


class KafkaBus:
    """See `Bus`. One producer per process."""

    def __init__(self, bootstrap: str, *, client_id: str, send_timeout: float = 60.0) -> None:
        self._bootstrap, self._client_id, self._send_timeout = bootstrap, client_id, send_timeout
        self._producer: AIOKafkaProducer | None = None
        self._members: set[KafkaSubscription] = set()
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Nothing yet: the producer starts with the first message, so a service starts without a broker."""

    async def stop(self) -> None:
        """Leave all groups and flush the producer."""
        for member in list(self._members):
            await member.close()
        await self._drop_producer()

    async def publish(self, messages: Sequence[Message]) -> list[Exception | None]:
        """See `Bus.publish`. After a broker failure the producer is renewed: nothing queued may overtake."""
        async with self._turn:
            try:
                producer = await self._started()
            except (KafkaError, OSError) as error:
                return [BusAway(repr(error))] * len(messages)
            outcomes: list[Exception | None] = []
            try:
                outcomes = await self._send(producer, messages)
            finally:
                # Interrupted, or failed beyond the message: what the producer still holds may not overtake.
                if not outcomes or any(type(outcome) in (NotDelivered, BusAway) for outcome in outcomes):
                    await self._drop_producer()
            return outcomes

    async def _send(self, producer: AIOKafkaProducer, messages: Sequence[Message]) -> list[Exception | None]:
        outcomes: list[Exception | None] = [None] * len(messages)
        waiting: dict[int, asyncio.Future[object]] = {}
        stopped: set[tuple[str, str]] = set()
        large: dict[tuple[str, str], asyncio.Future[object]] = {}
        away: BusAway | None = None
        missing = await self._missing(producer, {message.topic for message in messages})
        for index, message in enumerate(messages):
            place = (message.topic, message.key)
            if place in large and await _failed(large.pop(place)):
                stopped.add(place)
            if away or place in stopped:
                outcomes[index] = away or Withheld("an earlier message of this key failed")
                continue
            try:
                _check(message, missing)
                waiting[index] = await producer.send(
                    message.topic, message.value, message.key.encode(), headers=_pairs(message.headers)
                )
                if len(message.value) > LARGE:
                    large[place] = waiting[index]
            except (MessageSizeTooLargeError, TopicMissing, ValueError) as error:
                outcomes[index] = error
                stopped.add(place)
            except KafkaError as error:
                # No room in time: the next message would wait as long again.
                outcomes[index] = away = BusAway(repr(error))
        results = await asyncio.gather(*waiting.values(), return_exceptions=True)
        for index, result in zip(waiting, results, strict=True):
            if isinstance(result, Exception):
                outcomes[index] = NotDelivered(repr(result))
        return outcomes

    async def _missing(self, producer: AIOKafkaProducer, topics: set[str]) -> set[str]:
        async def look(topic: str) -> bool:
            try:
                return not await asyncio.wait_for(producer.partitions_for(topic), TOPIC_SECONDS)
            except (KafkaError, TimeoutError) as error:
                log.warning("kafka.topic_missing", topic=topic, error=repr(error))
                return True

        return {topic for topic in sorted(topics) if await look(topic)}

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap,
                client_id=self._client_id,
                enable_idempotence=True,
                acks="all",
                linger_ms=2,
                max_request_size=MESSAGE_LIMIT,
                request_timeout_ms=int(self._send_timeout * 1000),
            )
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        return self._producer

    async def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await _bounded("kafka.producer_stop", producer.stop())

    async def subscribe(self, group: str, topics: Sequence[str]) -> Subscription:
        """See `Bus.subscribe`."""
        consumer = AIOKafkaConsumer(
            *topics,
            bootstrap_servers=self._bootstrap,
            client_id=self._client_id,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_interval_ms=300_000,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=2_000,
            metadata_max_age_ms=5_000,
        )
        try:
            await consumer.start()
        except BaseException:
            await consumer.stop()
            raise
        member = KafkaSubscription(consumer, self._members.discard)
        self._members.add(member)
        return member
