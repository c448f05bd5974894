"""One service, really running: migrated database, bus, relay, consumer, HTTP client."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

import httpx

from wurao.common.auth import KeySource, Role
from wurao.common.bus import Bus, MemoryBus, Message, Subscription
from wurao.common.clock import Clock, ManualClock
from wurao.common.contracts import CATALOGUE, TOPICS, Envelope, Event
from wurao.common.ids import new_id
from wurao.common.issuer import Issuer
from wurao.common.migrate import upgrade
from wurao.common.service import Service
from wurao.common.settings import ServiceSettings

ISSUER_URL = "https://issuer.test"
START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)

E = TypeVar("E", bound=Event)


class Build(Protocol):
    """A service's `build`."""

    def __call__(
        self, settings: ServiceSettings, bus: Bus, clock: Clock, *, keys: KeySource | None = None
    ) -> Service: ...


@dataclass
class Recorder:
    """Every event on the bus, in order of arrival."""

    events: list[Event] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)

    def of(self, event_class: type[E]) -> list[E]:
        """The events of one class so far."""
        return [event for event in self.events if isinstance(event, event_class)]

    async def wait_for(
        self, event_class: type[E], match: Callable[[E], bool] = lambda _: True, *, seconds: float = 10.0
    ) -> E:
        """The first matching event; raises TimeoutError when none arrives in time."""
        async with asyncio.timeout(seconds):
            while True:
                found = next((event for event in self.of(event_class) if match(event)), None)
                if found is not None:
                    return found
                await asyncio.sleep(0.01)

    async def follow(self, subscription: Subscription) -> None:
        """Record until cancelled."""
        while True:
            deliveries = await subscription.fetch(100, 0.2)
            for delivery in deliveries:
                envelope = Envelope.from_headers(delivery.message.headers)
                event_class = CATALOGUE.get(envelope.type)
                if event_class:
                    self.events.append(event_class.parse(delivery.message.value))
                    self.envelopes.append(envelope)
            await subscription.commit(deliveries)


@dataclass
class Harness:
    """A running service and the means to talk to it."""

    service: Service
    client: httpx.AsyncClient
    issuer: Issuer
    bus: Bus
    clock: ManualClock
    recorder: Recorder

    def headers(self, *roles: Role, subject: str | None = None, **claims: str | None) -> dict[str, str]:
        """Authorization of a caller with these roles and claims (area, agency_id, officer_id, enterprise_id)."""
        token = self.issuer.mint(subject or "-".join(roles), list(roles), claims=claims)
        return {"Authorization": f"Bearer {token}"}

    async def deliver(self, *events: Event) -> None:
        """Publish events as another service would; returns when every group on the memory bus handled them."""
        outcomes = await self.bus.publish([message_of(event) for event in events])
        failed = [outcome for outcome in outcomes if outcome]
        if failed:
            raise failed[0]


def message_of(event: Event, *, event_id: str | None = None) -> Message:
    """The message that carries an event."""
    envelope = Envelope(
        id=event_id or new_id(),
        type=event.ce_type,
        source=f"/wurao/{event.producer}",
        subject=event.key,
        time=datetime.now(UTC),
    )
    return Message(event.topic, event.key, envelope.headers(), event.model_dump_json().encode())


@asynccontextmanager
async def running(
    build: Build,
    name: str,
    folder: Path,
    *,
    clock: ManualClock | None = None,
    bus: Bus | None = None,
    database_url: str | None = None,
    migration_url: str | None = None,
    settings_class: type[ServiceSettings] = ServiceSettings,
    record: Sequence[str] = TOPICS,
    migrate: Callable[[str, str], Awaitable[None]] = upgrade,
    **settings: Any,
) -> AsyncIterator[Harness]:
    """Migrate, build and start one service; SQLite in `folder` unless a database URL is given."""
    url = database_url or f"sqlite+aiosqlite:///{folder}/{name}.db"
    await migrate(name, migration_url or url)
    issuer, clock, bus = Issuer(ISSUER_URL), clock or ManualClock(START), bus or MemoryBus()
    values: dict[str, Any] = {
        "oidc_issuer": ISSUER_URL,
        "sweep_seconds": 3600.0,
        "signing_keys_file": folder / f"{name}-keys.json",
    }
    configured = settings_class(database_url=url, **values | settings)
    service = build(configured, bus, clock, keys=issuer.keys())
    recorder = Recorder()
    group = f"recorder-{new_id()}"
    subscription = await bus.subscribe(group, record)
    following = asyncio.create_task(recorder.follow(subscription))
    transport = httpx.ASGITransport(app=service.app, raise_app_exceptions=False)
    try:
        async with service, httpx.AsyncClient(transport=transport, base_url="http://wurao.test") as client:
            # The sweeps of the start are over before a test asks for its own: each would find what the other did.
            await service.swept.wait()
            yield Harness(service, client, issuer, bus, clock, recorder)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await subscription.close()
        if isinstance(bus, MemoryBus):
            bus.forget(group)
