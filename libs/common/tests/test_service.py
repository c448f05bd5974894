"""The runtime of a service: limits, health, documentation, sweeps, and work that goes on after the bus was away."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import Request
from pydantic import BaseModel

from wurao.common.auth import KeySource, Principal, Public, Role, permission
from wurao.common.bus import Bus, MemoryBus, Subscription
from wurao.common.clock import Clock
from wurao.common.consumer import Retry
from wurao.common.contracts.registry import OfficerExited, OfficerReinstated
from wurao.common.db import WriteSession
from wurao.common.service import Service, Sweep, assemble
from wurao.common.settings import ServiceSettings
from wurao.common.testing import Harness, create_tables, eventually, running
from wurao.common.unit import Write, router
from wurao.common.uploads import read_body

CanWrite = Annotated[Principal, permission("test.write", Role.PLATFORM)]
api = router("test")


class Text(BaseModel):
    text: str


@api.post("/texts")
async def keep(body: Text, who: CanWrite, session: Write) -> int:
    """Keep a text and tell of it."""
    session.record(OfficerReinstated(officer_id="k", agency_id="a", reason=body.text[:10], version=1))
    return len(body.text)


@api.post("/texts/import")
async def load(request: Request, who: CanWrite) -> int:
    """Read a large body."""
    return len(await read_body(request, 10_000_000))


@api.get("/open")
async def greet(who: Public) -> str:
    """For everybody."""
    return "好"


@dataclass
class Bench:
    """What the service under test does beside HTTP."""

    handled: list[str] = field(default_factory=list)
    swept: list[datetime] = field(default_factory=list)
    broken: bool = False

    async def fail(self, session: WriteSession, now: datetime) -> int:
        if self.broken:
            raise ValueError("a row that nobody can read")
        return 0

    async def on_exit(self, session: WriteSession, event: OfficerExited) -> None:
        self.handled.append(event.officer_id)

    async def sweep(self, session: WriteSession, now: datetime) -> int:
        self.swept.append(now)
        session.record(OfficerReinstated(officer_id="swept", agency_id="a", reason="到期", version=1))
        return 1

    def build(self, settings: ServiceSettings, bus: Bus, clock: Clock, *, keys: KeySource | None = None) -> Service:
        return assemble(
            "test",
            "测试",
            settings,
            bus,
            clock,
            routers=[api],
            handlers={OfficerExited: self.on_exit},
            sweeps=[Sweep("fail", self.fail), Sweep("due", self.sweep)],
            keys=keys,
            retry=Retry(attempts=2, first=0.001),
        )


async def migrate(name: str, url: str) -> None:
    await create_tables(url)


@asynccontextmanager
async def serving(folder: Path, bench: Bench | None = None, **settings: Any) -> AsyncIterator[Harness]:
    """The service, running."""
    async with running((bench or Bench()).build, "test", folder, migrate=migrate, **settings) as harness:
        yield harness


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    """A body without a declared length."""
    for part in parts:
        yield part


async def test_body_above_the_limit_is_refused(tmp_path: Path) -> None:
    """More than the limit answers 413, its length declared or found out on the way; an import may be larger."""
    async with serving(tmp_path, body_limit=2000) as harness:
        headers = harness.headers(Role.PLATFORM) | {"Content-Type": "application/json"}
        large = b'{"text": "' + b"x" * 3000 + b'"}'
        for content in (large, pieces(large[:1500], large[1500:])):
            answer = await harness.client.post("/v1/texts", content=content, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
            assert answer.headers["Content-Type"] == "application/problem+json"
        keyed = headers | {"Idempotency-Key": "large-0001"}
        answer = await harness.client.post("/v1/texts", content=pieces(large), headers=keyed)
        assert answer.status_code == 413
        answer = await harness.client.post("/v1/texts/import", content=pieces(large), headers=headers)
        assert (answer.status_code, answer.json()) == (200, len(large))
        answer = await harness.client.post("/v1/texts", json={"text": "x" * 1000}, headers=headers)
        assert answer.status_code == 200


async def test_too_many_requests_are_told_when_to_come_back(tmp_path: Path) -> None:
    """Above the rate one caller gets 429 with Retry-After within the window; other callers do not."""
    async with serving(tmp_path, rate_limit="3/minute") as harness:
        one, other = (harness.headers(Role.PLATFORM, subject=name) for name in ("a", "b"))
        answers = [await harness.client.get("/v1/open", headers=one) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
        assert answers[-1].json()["code"] == "too_many"
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
        assert (await harness.client.get("/v1/open", headers=other)).status_code == 200
        assert (await harness.client.get("/v1/open")).status_code == 200


async def test_health_tells_what_is_wrong(tmp_path: Path) -> None:
    """Live as long as it answers; ready only with its database and its background work."""
    async with serving(tmp_path) as harness:
        assert (await harness.client.get("/health/live")).json()["status"] == "ok"
        answer = await harness.client.get("/health/ready")
        assert (answer.status_code, answer.json()["parts"]) == (200, {"database": "ok", "work": "ok"})
        harness.service.started = False
        answer = await harness.client.get("/health/ready")
        assert (answer.status_code, answer.json()["parts"]["work"]) == (503, "stopped")


async def test_metrics_and_documentation_need_nothing_from_outside(tmp_path: Path) -> None:
    """Metrics are Prometheus text; the documentation loads its scripts from the service itself."""
    async with serving(tmp_path) as harness:
        text = (await harness.client.get("/metrics")).text
        assert 'wurao_service{service="test"} 1.0' in text
        assert "wurao_outbox_depth" in text
        page = (await harness.client.get("/docs")).text
        assert "https://" not in page
        assert (await harness.client.get("/assets/swagger-ui-bundle.js")).status_code == 200
        document = (await harness.client.get("/openapi.json")).json()
        assert "/v1/texts" in document["paths"]
        assert "/v1/sandbox/clock" not in document["paths"]


async def test_answers_carry_request_id_and_guards(tmp_path: Path) -> None:
    """The caller's request id comes back, a new one is made otherwise; browsers are told to be careful."""
    async with serving(tmp_path) as harness:
        answer = await harness.client.get("/v1/open", headers={"X-Request-Id": "abc"})
        assert answer.headers["X-Request-Id"] == "abc"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert len((await harness.client.get("/v1/open")).headers["X-Request-Id"]) > 20


async def test_trace_of_a_request_reaches_its_events(tmp_path: Path) -> None:
    """An event recorded in a request carries the trace that the caller sent."""
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    async with serving(tmp_path) as harness:
        headers = harness.headers(Role.PLATFORM) | {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
        await harness.client.post("/v1/texts", json={"text": "x"}, headers=headers)
        await harness.recorder.wait_for(OfficerReinstated, lambda event: event.officer_id == "k")
        traces = {envelope.subject: envelope.traceparent for envelope in harness.recorder.envelopes}
        assert (traces["k"] or "").split("-")[1] == trace


async def test_sweeps_run_by_the_clock_and_their_events_are_sent(tmp_path: Path) -> None:
    """A sweep runs at the clock's now when the service starts and whenever asked; what it records is sent."""
    bench = Bench()
    async with serving(tmp_path, bench) as harness:
        await harness.recorder.wait_for(OfficerReinstated, lambda event: event.officer_id == "swept")
        assert await harness.service.sweep() == {"fail": 0, "due": 1}
        assert bench.swept == [harness.clock.now()] * 2


async def test_a_sweep_that_fails_keeps_no_other_from_running(tmp_path: Path) -> None:
    """The sweep behind one that fails runs all the same, and the failure is told at the end."""
    bench = Bench()
    async with serving(tmp_path, bench) as harness:
        bench.broken = True
        with pytest.raises(ExceptionGroup, match="sweeps failed") as failed:
            await harness.service.sweep()
        assert [str(error) for error in failed.value.exceptions] == ["a row that nobody can read"]
        assert len(bench.swept) == 2


async def test_kept_answers_are_forgotten_after_a_week(tmp_path: Path) -> None:
    """An answer kept for an Idempotency-Key is replayed within a week; after it the request is new."""
    async with serving(tmp_path) as harness:
        headers = harness.headers(Role.PLATFORM) | {"Idempotency-Key": "prune-this-key"}

        async def replayed() -> bool:
            answer = await harness.client.post("/v1/texts", json={"text": "x"}, headers=headers)
            return "Idempotency-Replayed" in answer.headers

        assert [await replayed(), await replayed()] == [False, True]
        await harness.service.prune(datetime.now(UTC) + timedelta(days=6))
        assert await replayed()
        await harness.service.prune(datetime.now(UTC) + timedelta(days=8))
        assert not await replayed()


@dataclass
class AbsentBus(MemoryBus):
    """A bus that cannot be joined as long as it is absent."""

    absent: bool = True
    refused: int = 0

    def __post_init__(self) -> None:
        MemoryBus.__init__(self)

    async def subscribe(self, group: str, topics: Sequence[str]) -> Subscription:
        """See `Bus.subscribe`."""
        if self.absent and group == "wurao-test":
            self.refused += 1
            raise ConnectionRefusedError("no broker")
        return await super().subscribe(group, topics)


async def test_service_starts_without_a_bus_and_joins_it_later(tmp_path: Path) -> None:
    """Without a broker a service serves and is ready; when the broker comes it handles events by itself."""
    bench, bus = Bench(), AbsentBus()
    async with serving(tmp_path, bench, bus=bus) as harness:
        assert (await harness.client.get("/health/ready")).status_code == 200
        assert bus.refused > 0
        bus.absent = False
        gone = OfficerExited(officer_id="o", agency_id="a", reason="r", exited_on=harness.clock.today(), version=1)

        async def handled() -> bool:
            await harness.deliver(gone)
            return "o" in bench.handled

        await eventually(handled)


async def test_stop_finishes_the_batch_at_hand(tmp_path: Path) -> None:
    """A service that stops while it handles an event finishes it: the publisher has its acknowledgement."""
    entered, gate = asyncio.Event(), asyncio.Event()

    class Slow(Bench):
        async def on_exit(self, session: WriteSession, event: OfficerExited) -> None:
            entered.set()
            await gate.wait()
            await super().on_exit(session, event)

    bench, bus = Slow(), MemoryBus()
    async with serving(tmp_path, bench, bus=bus) as harness:
        gone = OfficerExited(officer_id="o", agency_id="a", reason="r", exited_on=harness.clock.today(), version=1)
        delivering = asyncio.create_task(harness.deliver(gone))
        await entered.wait()
        asyncio.get_running_loop().call_soon(gate.set)
    await delivering
    assert bench.handled == ["o"]


def test_event_outside_the_catalogue_cannot_be_wired(tmp_path: Path) -> None:
    """A handler for a class that is no event of the catalogue fails when the service is built."""

    async def handle(session: WriteSession, event: Any) -> None:
        raise AssertionError

    class Foreign:
        ce_type, __name__ = "foreign", "Foreign"

    settings = ServiceSettings(database_url=f"sqlite+aiosqlite:///{tmp_path}/x.db")
    with pytest.raises(TypeError, match="not in the catalogue"):
        assemble(
            "test",
            "测试",
            settings,
            MemoryBus(),
            Bench,  # type: ignore[arg-type]
            routers=[],
            handlers={Foreign: handle},  # type: ignore[dict-item]
        )
