"""Twins of adapters, for tests of what happens when the real ones fail."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from wurao.common.bus import Bus, BusAway, MemoryBus, Message, NotDelivered, Subscription, Withheld


@dataclass
class FaultyBus:
    """A bus that refuses the messages of some keys, or is away; the others reach `sent` and the bus behind it."""

    failing: set[str] = field(default_factory=set)
    away: bool = False
    behind: Bus = field(default_factory=MemoryBus)
    sent: list[Message] = field(default_factory=list)
    tried: list[Message] = field(default_factory=list)

    async def start(self) -> None:
        """See `Bus.start`."""
        await self.behind.start()

    async def stop(self) -> None:
        """See `Bus.stop`."""
        await self.behind.stop()

    async def publish(self, messages: Sequence[Message]) -> list[Exception | None]:
        """See `Bus.publish`."""
        await asyncio.sleep(0)
        if self.away:
            return [BusAway("told to be away") for _ in messages]
        failed: set[str] = set()
        return [await self._one(message, failed) for message in messages]

    async def _one(self, message: Message, failed: set[str]) -> Exception | None:
        if message.key in failed:
            return Withheld("an earlier message of this key failed")
        self.tried.append(message)
        outcome = NotDelivered("told to fail") if message.key in self.failing else await self._deliver(message)
        if outcome:
            failed.add(message.key)
        else:
            self.sent.append(message)
        return outcome

    async def _deliver(self, message: Message) -> Exception | None:
        [outcome] = await self.behind.publish([message])
        return outcome

    async def subscribe(self, group: str, topics: Sequence[str]) -> Subscription:
        """See `Bus.subscribe`."""
        return await self.behind.subscribe(group, topics)
