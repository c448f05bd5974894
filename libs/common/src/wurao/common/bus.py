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


class Withheld(NotDelivered):
    """Not tried, because an earlier message of its key failed."""


class BusAway(NotDelivered):
    """The bus as a whole cannot be reached: the fault of no message."""


class Subscription(Protocol):
    """A member of a consumer group."""

    async def fetch(self, limit: int, timeout: float) -> list[Delivery]:
        """Up to `limit` deliveries, in order per key; an empty list after `timeout` seconds."""
        ...

    async def commit(self, deliveries: Sequence[Delivery]) -> None:
        """Mark deliveries as handled; they do not come again to this group."""
        ...

    def wake(self) -> None:
        """Let a waiting `fetch` return early where the implementation can."""
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
    """The members of a group. While deliveries of a key are with a member, the key stays with it: order per key."""

    topics: frozenset[str]
    members: list["MemorySubscription"] = field(default_factory=list)
    holders: dict[str, tuple["MemorySubscription", int]] = field(default_factory=dict)

    def give(self, pending: _Pending) -> None:
        """Queue a delivery for the member that is responsible for its key, or fail its publisher."""
        key = pending.delivery.message.key
        holder, count = self.holders.get(key, (None, 0))
        member = holder or self._member_for(key)
        if member is None:
            _fail(pending)
            return
        self.holders[key] = (member, count + 1)
        member.offer(pending)

    def _member_for(self, key: str) -> "MemorySubscription | None":
        return self.members[crc32(key.encode()) % len(self.members)] if self.members else None

    def settled(self, key: str) -> None:
        """One delivery of the key is handled."""
        holder, count = self.holders[key]
        if count > 1:
            self.holders[key] = (holder, count - 1)
        else:
            del self.holders[key]

    def without(self, member: "MemorySubscription", left: Sequence[_Pending]) -> None:
        """A member leaves; the others get what it leaves behind, in order."""
        self.members.remove(member)
        self.holders = {key: held for key, held in self.holders.items() if held[0] is not member}
        for pending in sorted(left, key=lambda one: one.delivery.offset):
            self.give(pending)


def _fail(pending: _Pending) -> None:
    if not pending.done.done():
        pending.done.set_exception(NotDelivered("the group has no member"))


class MemorySubscription:
    """A group member on the memory bus."""

    def __init__(self, group: _Group) -> None:
        self._group = group
        self._queue: asyncio.Queue[_Pending | None] = asyncio.Queue()
        self._open: dict[int, _Pending] = {}

    def offer(self, pending: _Pending) -> None:
        """Queue a delivery for this member."""
        self._queue.put_nowait(pending)

    async def fetch(self, limit: int, timeout: float) -> list[Delivery]:
        """See `Subscription.fetch`."""
        try:
            # Not wait_for: when a message and a cancellation meet, Python 3.11 lets that one swallow the cancellation.
            async with asyncio.timeout(timeout):
                first = await self._queue.get()
        except TimeoutError:
            return []
        taken = [first] if first else []
        while first and len(taken) < limit and not self._queue.empty():
            if following := self._queue.get_nowait():
                taken.append(following)
        self._open.update((pending.delivery.offset, pending) for pending in taken)
        return [pending.delivery for pending in taken]

    def wake(self) -> None:
        """See `Subscription.wake`."""
        self._queue.put_nowait(None)

    async def commit(self, deliveries: Sequence[Delivery]) -> None:
        """See `Subscription.commit`."""
        for delivery in deliveries:
            pending = self._open.pop(delivery.offset, None)
            if pending is None:
                continue
            self._group.settled(delivery.message.key)
            if not pending.done.done():
                pending.done.set_result(None)

    async def close(self) -> None:
        """Hand what is left to the other members, or fail its publisher."""
        if self in self._group.members:
            self._group.without(self, self._taken())

    def release(self) -> None:
        """Let the publishers of what is left go."""
        for pending in self._taken():
            if not pending.done.done():
                pending.done.set_result(None)

    def _taken(self) -> list[_Pending]:
        left = list(self._open.values())
        while not self._queue.empty():
            if pending := self._queue.get_nowait():
                left.append(pending)
        self._open.clear()
        return left


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
        results = iter(await asyncio.gather(*(done for waiting in waits for done in waiting), return_exceptions=True))
        return [_first_failure([next(results) for _ in waiting]) for waiting in waits]

    def _offer(self, message: Message) -> list["asyncio.Future[None]"]:
        self._offset += 1
        delivery, waiting = Delivery(message, 0, self._offset), []
        for group in self._groups.values():
            if message.topic in group.topics:
                done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                waiting.append(done)
                group.give(_Pending(delivery, done))
        return waiting

    async def subscribe(self, group: str, topics: Sequence[str]) -> Subscription:
        """See `Bus.subscribe`. A group is known from its first subscription on."""
        known = self._groups.setdefault(group, _Group(frozenset(topics)))
        member = MemorySubscription(known)
        known.members.append(member)
        return member

    def forget(self, group: str) -> None:
        """Nobody will come back to this group: what it has not handled holds up no publisher any more."""
        known = self._groups.pop(group, None)
        for member in known.members if known else []:
            member.release()


def _first_failure(results: Sequence[object]) -> Exception | None:
    return next((result for result in results if isinstance(result, Exception)), None)
