"""The bus: a small interface with two implementations, memory here and Kafka in `kafka`.

Delivery is at least once and in order per key. A message counts as published when it is acknowledged:
by the broker, or on the memory bus by every subscribed group, so that the outbox alone survives a crash.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol
from zlib import crc32


@dataclass(frozen=True, slots=True)
class Message:
    """What travels: topic, key (aggregate id), headers, body."""

    topic: str
    key: str
    headers: dict[str, str]
    value: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """A received message; `partition` and `offset` say where it stood."""

    message: Message
    partition: int
    offset: int


class NotDelivered(Exception):
    """The bus could not hand the message over; the outbox keeps it."""


class Subscription(Protocol):
    """A member of a consumer group."""

    async def fetch(self, limit: int, timeout: float) -> list[Delivery]:
        """Up to `limit` deliveries, in order per key; an empty list after `timeout` seconds."""
        ...

    async def commit(self, deliveries: Sequence[Delivery]) -> None:
        """Mark deliveries as handled; they do not come again to this group."""
        ...

    async def close(self) -> None:
        """Leave the group; what was not committed goes to other members or comes again."""
        ...


class Bus(Protocol):
    """Publishes messages and hands them to groups."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def publish(self, messages: Sequence[Message]) -> list[Exception | None]:
        """One outcome per message, None for acknowledged. After a failure no later message of its key is sent."""
        ...

    async def subscribe(self, group: str, topics: Sequence[str]) -> Subscription:
        """Join a group. New groups start at the earliest message kept."""
        ...


@dataclass(slots=True)
class _Pending:
    delivery: Delivery
    done: "asyncio.Future[None]"


@dataclass
class _Group:
    topics: frozenset[str]
    members: list["MemorySubscription"] = field(default_factory=list)

    def member_for(self, key: str) -> "MemorySubscription | None":
        return self.members[crc32(key.encode()) % len(self.members)] if self.members else None


class MemorySubscription:
    """A group member on the memory bus."""

    def __init__(self, bus: "MemoryBus", group: _Group) -> None:
        self._bus, self._group = bus, group
        self._queue: asyncio.Queue[_Pending] = asyncio.Queue()
        self._open: dict[int, _Pending] = {}

    def offer(self, pending: _Pending) -> None:
        """Queue a delivery for this member."""
        self._queue.put_nowait(pending)

    async def fetch(self, limit: int, timeout: float) -> list[Delivery]:
        """See `Subscription.fetch`."""
        try:
            first = await asyncio.wait_for(self._queue.get(), timeout)
        except TimeoutError:
            return []
        taken = [first]
        while len(taken) < limit and not self._queue.empty():
            taken.append(self._queue.get_nowait())
        self._open.update((pending.delivery.offset, pending) for pending in taken)
        return [pending.delivery for pending in taken]

    async def commit(self, deliveries: Sequence[Delivery]) -> None:
        """See `Subscription.commit`."""
        for delivery in deliveries:
            pending = self._open.pop(delivery.offset, None)
            if pending and not pending.done.done():
                pending.done.set_result(None)

    async def close(self) -> None:
        """Hand what is left to the other members, or fail its publisher."""
        if self not in self._group.members:
            return
        self._group.members.remove(self)
        left = list(self._open.values())
        while not self._queue.empty():
            left.append(self._queue.get_nowait())
        self._open.clear()
        for pending in left:
            heir = self._group.member_for(pending.delivery.message.key)
            if heir:
                heir.offer(pending)
            elif not pending.done.done():
                pending.done.set_exception(NotDelivered("the group has no member left"))


class MemoryBus:
    """Bus within one process. Nothing is kept: a message is acknowledged once every group handled it."""

    def __init__(self) -> None:
        self._groups: dict[str, _Group] = {}
        self._offset = 0

    async def start(self) -> None:
        """Nothing to start."""

    async def stop(self) -> None:
        """Close every subscription."""
        for group in self._groups.values():
            for member in list(group.members):
                await member.close()

    async def publish(self, messages: Sequence[Message]) -> list[Exception | None]:
        """See `Bus.publish`."""
        waits = [self._offer(message) for message in messages]
        outcomes: list[Exception | None] = []
        for futures in waits:
            results = await asyncio.gather(*futures, return_exceptions=True)
            failed = next((result for result in results if isinstance(result, Exception)), None)
            outcomes.append(failed)
        return outcomes

    def _offer(self, message: Message) -> list["asyncio.Future[None]"]:
        self._offset += 1
        delivery = Delivery(message, 0, self._offset)
        futures = []
        for group in self._groups.values():
            if message.topic not in group.topics:
                continue
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            futures.append(done)
            member = group.member_for(message.key)
            if member:
                member.offer(_Pending(delivery, done))
            else:
                done.set_exception(NotDelivered("the group has no member"))
        return futures

    async def subscribe(self, group: str, topics: Sequence[str]) -> Subscription:
        """See `Bus.subscribe`. A group is known from its first subscription on."""
        known = self._groups.setdefault(group, _Group(frozenset(topics)))
        member = MemorySubscription(self, known)
        known.members.append(member)
        return member
