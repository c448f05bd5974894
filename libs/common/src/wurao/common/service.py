"""The runtime of a service: one lifespan over database, bus, relay, consumer, jobs and sweeps.

`assemble` is what each service's `build(settings, bus, clock)` calls; production, embedded and tests
differ only in the arguments.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI
from sqlalchemy import delete, text

from wurao.common import problem, web
from wurao.common.auth import Authenticator, KeySource, RemoteKeys
from wurao.common.bus import Bus
from wurao.common.clock import Clock
from wurao.common.consumer import Consumer, Handlers, Retry, assert_known
from wurao.common.db import Database, WriteSession
from wurao.common.jobs import JobHandler, Runner
from wurao.common.outbox import Relay
from wurao.common.platform import IdempotencyRow, InboxRow
from wurao.common.settings import ServiceSettings
from wurao.common.telemetry import Metrics

log = structlog.get_logger()

GRACE = 20.0
# Longer than any broker keeps messages, and than any caller retries.
INBOX_KEPT = timedelta(days=60)
ANSWERS_KEPT = timedelta(days=7)
WORK_GRACE = 10.0


@dataclass(frozen=True, slots=True)
class Sweep:
    """Something due by the clock: finds who is due at `now` and acts, idempotently; returns how many."""

    name: str
    run: Callable[[WriteSession, datetime], Awaitable[int]]


@dataclass
class Service:
    """A running service: its app and its background work."""

    name: str
    settings: ServiceSettings
    db: Database
    bus: Bus
    clock: Clock
    app: FastAPI
    metrics: Metrics
    relay: Relay
    consumer: Consumer
    runner: Runner
    sweeps: tuple[Sweep, ...]
    startup: tuple[Callable[[WriteSession], Awaitable[None]], ...] = ()
    owns_bus: bool = False
    started: bool = False
    swept: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> "Service":
        await self.bus.start()
        for step in self.startup:
            async with self.db.write() as session:
                await step(session)
        await self._subscribe()
        for work in (self.relay.run, self.consumer_loop, self.runner.run, self._sweep_loop):
            self._tasks.append(asyncio.create_task(work(), name=f"{self.name}.{work.__name__}"))
        self.started = True
        return self

    async def __aexit__(self, *_: object) -> None:
        """Finish what is at hand; what is not published stays in the outbox."""
        self.started = False
        self._stopping.set()
        await self.consumer.stop()
        await self.runner.stop()
        await self.relay.stop()
        if self._tasks:
            _done, late = await asyncio.wait(self._tasks, timeout=WORK_GRACE)
            for task in late:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.owns_bus:
            await self.bus.stop()
        await self.db.dispose()

    async def _subscribe(self) -> None:
        try:
            await self.consumer.subscribe()
        except Exception as error:
            log.warning("bus.unreachable", service=self.name, error=repr(error))

    async def consumer_loop(self) -> None:
        """The consumer, started again after the bus was away."""
        while not self._stopping.is_set():
            try:
                await self.consumer.run()
                return
            except Exception as error:
                log.warning("consumer.interrupted", service=self.name, error=repr(error))
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), 1)

    async def _sweep_loop(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.prune(datetime.now(UTC))
                await self.sweep()
            except Exception as error:
                log.warning("sweep.interrupted", service=self.name, error=repr(error))
            self.swept.set()
            try:
                await asyncio.wait_for(self._stopping.wait(), self.settings.sweep_seconds)
            except TimeoutError:
                continue

    async def prune(self, now: datetime) -> None:
        """Forget handled events and kept answers that nobody can repeat any more (real time, not the law's)."""
        async with self.db.write() as session:
            await session.execute(delete(InboxRow).where(InboxRow.handled_at < now - INBOX_KEPT))
            await session.execute(delete(IdempotencyRow).where(IdempotencyRow.created_at < now - ANSWERS_KEPT))

    async def sweep(self) -> dict[str, int]:
        """Run all sweeps at the clock's now; how many each acted on. One process at a time.

        One that fails keeps no other from running. Raises ExceptionGroup of what failed, at the end.
        """
        counts: dict[str, int] = {}
        failed: list[Exception] = []
        for sweep in self.sweeps:
            try:
                async with self.db.write() as session:
                    if await self._alone(session, sweep.name):
                        counts[sweep.name] = await sweep.run(session, self.clock.now())
            except Exception as error:
                log.warning("sweep.failed", service=self.name, sweep=sweep.name, error=repr(error))
                failed.append(error)
        if failed:
            raise ExceptionGroup("sweeps failed", failed)
        return counts

    async def _alone(self, session: WriteSession, name: str) -> bool:
        if self.db.is_sqlite:
            return True
        query = text("select pg_try_advisory_xact_lock(hashtext(:name))")
        return bool(await session.scalar(query, {"name": f"sweep.{name}"}))

    async def ready(self) -> dict[str, str]:
        """State of each part; all "ok" when the service may take traffic."""
        try:
            await self.db.ping()
            database = "ok"
        except Exception:
            database = "unreachable"
        working = all(not task.done() or task.exception() is None for task in self._tasks)
        return {
            "database": database,
            "work": "ok" if self.started and working else "stopped",
        }


def assemble(
    name: str,
    title: str,
    settings: ServiceSettings,
    bus: Bus,
    clock: Clock,
    *,
    routers: Sequence[APIRouter],
    handlers: Handlers,
    sweeps: Sequence[Sweep] = (),
    jobs: Mapping[str, JobHandler] | None = None,
    startup: Sequence[Callable[[WriteSession], Awaitable[None]]] = (),
    keys: KeySource | None = None,
    db: Database | None = None,
    retry: Retry | None = None,
    state: Mapping[str, Any] | None = None,
) -> Service:
    """Wire a service. `state` is what its endpoints find on `app.state` beside the service itself."""
    assert_known(handlers)
    db = db or Database(settings.database_url, source=f"/wurao/{name}", pool_size=settings.pool_size)
    metrics = Metrics(name)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with service:
            yield

    app = web.create_app(name, title, settings, lifespan)
    service = Service(
        name=name,
        settings=settings,
        db=db,
        bus=bus,
        clock=clock,
        app=app,
        metrics=metrics,
        relay=Relay(db, bus, metrics),
        consumer=Consumer(db, bus, f"wurao-{name}", handlers, metrics, retry=retry),
        runner=Runner(db, jobs or {}),
        sweeps=tuple(sweeps),
        startup=tuple(startup),
    )
    app.state.service = service
    app.state.clock = clock
    app.state.authenticator = Authenticator(
        keys or RemoteKeys(settings.oidc_jwks_url), issuer=settings.oidc_issuer, audience=settings.oidc_audience
    )
    for attribute, value in (state or {}).items():
        setattr(app.state, attribute, value)
    problem.install(app)
    for router in (*routers, *web.platform_routers(settings.sandbox)):
        app.include_router(router)
    web.finish(app, settings, metrics, time.monotonic)
    return service
