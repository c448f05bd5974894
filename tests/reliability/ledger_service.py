"""Two small services for crash tests: `source` writes entries and tells of them, `sink` enters what it is told.

A script: LEDGER_ROLE says which of the two this process is, LEDGER_CRASH where it kills itself, as a power cut would:
before_publish (rows are committed, nothing is sent), after_publish (sent, but not yet removed from the outbox),
before_commit (handled, but the offsets are not committed).
"""

import os
import signal
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field
from sqlalchemy import insert
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from wurao.common.auth import Public
from wurao.common.bus import Bus, Delivery, Message, Subscription
from wurao.common.clock import Clock
from wurao.common.contracts.registry import OfficerReinstated
from wurao.common.db import WriteSession, named_metadata
from wurao.common.process import serve
from wurao.common.service import Service, assemble
from wurao.common.settings import ServiceSettings
from wurao.common.unit import Write, router

MEMBER = os.getpid()
api = router("ledger")


class Base(DeclarativeBase):
    metadata = named_metadata()


class Entry(Base):
    """What the source acknowledged."""

    __tablename__ = "entries"

    key: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)


class Effect(Base):
    """What the sink did, one row each time it did it; `member` is the process."""

    __tablename__ = "effects"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    number: Mapped[int]
    member: Mapped[int]


class Run(BaseModel):
    """Entries of one key: numbers from `first` on."""

    key: str
    first: Annotated[int, Field(strict=True, ge=0)]
    count: Annotated[int, Field(strict=True, ge=1, le=10_000)] = 1


@api.post("/entries", status_code=201)
async def enter(body: Run, who: Public, session: Write) -> Run:
    """Enter a run in one transaction, with an event for each entry."""
    numbers = range(body.first, body.first + body.count)
    await session.execute(insert(Entry), [{"key": body.key, "number": number} for number in numbers])
    for number in numbers:
        session.record(OfficerReinstated(officer_id=body.key, agency_id="a", reason=str(number), version=number + 1))
    return body


async def on_entry(session: WriteSession, event: OfficerReinstated) -> None:
    """Enter what the source told of; records of earlier tests come back when a broker was killed."""
    if event.officer_id.startswith(os.environ["LEDGER_KEYS"]):
        await session.execute(insert(Effect).values(key=event.officer_id, number=int(event.reason), member=MEMBER))


class CrashingBus:
    """A bus that ends this process at a chosen point."""

    def __init__(self, bus: Bus, point: str) -> None:
        self._bus, self._point = bus, point

    async def start(self) -> None:
        await self._bus.start()

    async def stop(self) -> None:
        await self._bus.stop()

    async def publish(self, messages: Sequence[Message]) -> list[Exception | None]:
        self.reach("before_publish")
        outcomes = await self._bus.publish(messages)
        self.reach("after_publish")
        return outcomes

    async def subscribe(self, group: str, topics: Sequence[str]) -> Subscription:
        return CrashingSubscription(await self._bus.subscribe(group, topics), self)

    def reach(self, point: str) -> None:
        if point == self._point:
            os.kill(os.getpid(), signal.SIGKILL)


class CrashingSubscription:
    def __init__(self, subscription: Subscription, bus: CrashingBus) -> None:
        self._subscription, self._bus = subscription, bus

    async def fetch(self, limit: int, timeout: float) -> list[Delivery]:
        return await self._subscription.fetch(limit, timeout)

    async def commit(self, deliveries: Sequence[Delivery]) -> None:
        self._bus.reach("before_commit")
        await self._subscription.commit(deliveries)

    def wake(self) -> None:
        self._subscription.wake()

    async def close(self) -> None:
        await self._subscription.close()


def build(settings: ServiceSettings, bus: Bus, clock: Clock) -> Service:
    """The service that this process is told to be."""
    point = os.environ.get("LEDGER_CRASH")
    parts: dict[str, Any] = {"routers": [api], "handlers": {}}
    if os.environ["LEDGER_ROLE"] == "sink":
        parts = {"routers": [], "handlers": {OfficerReinstated: on_entry}}
    return assemble(
        os.environ["LEDGER_NAME"], "账", settings, CrashingBus(bus, point) if point else bus, clock, **parts
    )


if __name__ == "__main__":
    serve(os.environ["LEDGER_NAME"], build, ServiceSettings())
