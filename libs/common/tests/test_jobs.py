"""Jobs: progress by polling and by server-sent events, failures, and resuming after a crash."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import pytest
from sqlalchemy import select, update

from wurao.common import jobs
from wurao.common.auth import KeySource, Principal, Role, permission
from wurao.common.bus import Bus
from wurao.common.clock import Clock
from wurao.common.db import Database
from wurao.common.errors import Conflict, NotFound
from wurao.common.jobs import Job, Progress, Runner
from wurao.common.platform import JobRow
from wurao.common.service import Service, assemble
from wurao.common.settings import ServiceSettings
from wurao.common.testing import Harness, create_tables, eventually, running
from wurao.common.unit import Write, router

CanWork = Annotated[Principal, permission("test.work", *Role)]
api = router("test")


@api.post("/perform/{kind}", status_code=202)
async def work(kind: str, who: CanWork, session: Write) -> Job:
    """Queue a job."""
    return await jobs.submit(session, kind, who.subject, {"steps": 3})


@dataclass
class Handlers:
    """Handlers that go on only when told to."""

    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    started: int = 0

    async def count(self, parameters: dict[str, Any], progress: Progress) -> dict[str, Any]:
        self.started += 1
        for step in range(parameters["steps"]):
            await self.gate.acquire()
            await progress.report(step + 1, parameters["steps"], f"第{step + 1}步")
        return {"counted": parameters["steps"]}

    async def refuse(self, parameters: dict[str, Any], progress: Progress) -> dict[str, Any]:
        raise Conflict("名单为空，不能抽取")

    async def crash(self, parameters: dict[str, Any], progress: Progress) -> dict[str, Any]:
        raise RuntimeError("password=hunter2")

    def table(self) -> dict[str, jobs.JobHandler]:
        return {"count": self.count, "refuse": self.refuse, "crash": self.crash}


@asynccontextmanager
async def serving(folder: Path, handlers: Handlers) -> AsyncIterator[Harness]:
    """A service with these jobs."""

    def build(settings: ServiceSettings, bus: Bus, clock: Clock, *, keys: KeySource | None = None) -> Service:
        table = handlers.table()
        return assemble("test", "测试", settings, bus, clock, routers=[api], handlers={}, jobs=table, keys=keys)

    async def migrate(name: str, url: str) -> None:
        await create_tables(url)

    async with running(build, "test", folder, migrate=migrate) as harness:
        yield harness


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """A migrated database."""
    url = f"sqlite+aiosqlite:///{tmp_path}/jobs.db"
    await create_tables(url)
    database = Database(url, source="/wurao/test")
    yield database
    await database.dispose()


async def submitted(db: Database, kind: str = "count") -> str:
    async with db.write() as session:
        return (await jobs.submit(session, kind, "li", {"steps": 1})).job_id


async def row(db: Database) -> JobRow:
    async with db.read() as session:
        return (await session.scalars(select(JobRow))).one()


def in_state(db: Database, state: str) -> Callable[[], Any]:
    async def reached() -> bool:
        return (await row(db)).state == state

    return reached


async def test_progress_is_seen_by_polling(tmp_path: Path) -> None:
    """A queued job runs by itself; each poll shows how far it is, the last one its result."""
    handlers = Handlers()
    async with serving(tmp_path, handlers) as harness:
        who = harness.headers(Role.PLANNER, subject="li", agency_id="a")
        job = (await harness.client.post("/v1/perform/count", headers=who)).json()
        assert (job["state"], job["done"], job["result"]) == ("queued", 0, None)
        where = f"/v1/jobs/{job['job_id']}"

        async def shows(**expected: Any) -> bool:
            seen: dict[str, Any] = (await harness.client.get(where, headers=who)).json()
            return expected.items() <= seen.items()

        handlers.gate.release()
        await eventually(lambda: shows(state="running", done=1, total=3, note="第1步"))
        handlers.gate.release()
        await eventually(lambda: shows(state="running", done=2, note="第2步"))
        handlers.gate.release()
        await eventually(lambda: shows(state="done", done=3, result={"counted": 3}, error=None))


async def test_progress_is_seen_as_server_sent_events(tmp_path: Path) -> None:
    """The event stream names each state as it comes and ends with the job."""
    handlers = Handlers()
    handlers.gate = asyncio.Semaphore(3)
    async with serving(tmp_path, handlers) as harness:
        who = harness.headers(Role.PLANNER, subject="li", agency_id="a")
        job = (await harness.client.post("/v1/perform/count", headers=who)).json()
        answer = await harness.client.get(f"/v1/jobs/{job['job_id']}/events", headers=who)
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        lines = answer.text.splitlines()
        names = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
        seen = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
        assert names[-1] == "done"
        assert [one["state"] for one in seen] == names
        assert [one["done"] for one in seen] == sorted(one["done"] for one in seen)
        assert seen[-1]["result"] == {"counted": 3}


async def test_jobs_belong_to_their_owner(tmp_path: Path) -> None:
    """Another caller finds no such job, by polling as by events."""
    async with serving(tmp_path, Handlers()) as harness:
        owner, other = (harness.headers(Role.PLANNER, subject=name, agency_id="a") for name in ("li", "wang"))
        job = (await harness.client.post("/v1/perform/refuse", headers=owner)).json()
        for path in (f"/v1/jobs/{job['job_id']}", f"/v1/jobs/{job['job_id']}/events", "/v1/jobs/unknown"):
            assert (await harness.client.get(path, headers=other)).status_code == 404


@pytest.mark.parametrize(("kind", "error"), [("refuse", "名单为空，不能抽取"), ("crash", "系统内部错误，已记录")])
async def test_failed_job_says_why(db: Database, kind: str, error: str) -> None:
    """A rule's refusal is told to the owner; a fault is told without its inside. The runner goes on."""
    await submitted(db, kind)
    runner = Runner(db, Handlers().table(), idle=0.01)
    running_ = asyncio.create_task(runner.run())
    await eventually(in_state(db, "failed"))
    found = await row(db)
    assert (found.error, found.result, found.leased_until) == (error, None, None)
    assert not running_.done()
    await runner.stop()
    await running_


async def test_job_of_a_dead_runner_is_resumed_after_its_lease(db: Database) -> None:
    """While its lease runs a job is nobody else's; when the lease is over another runner finishes it."""
    await submitted(db)
    dead, alive = Handlers(), Handlers()
    first = asyncio.create_task(Runner(db, dead.table(), idle=0.01).run())
    await eventually(in_state(db, "running"))
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    runner = Runner(db, alive.table(), idle=0.01)
    assert await runner.lease() is None
    async with db.write() as session:
        await session.execute(update(JobRow).values(leased_until=datetime.now(UTC) - timedelta(seconds=1)))
    alive.gate.release()
    second = asyncio.create_task(runner.run())
    await eventually(in_state(db, "done"))
    assert (dead.started, alive.started) == (1, 1)
    await runner.stop()
    await second


async def test_job_survives_an_absent_database(db: Database) -> None:
    """A job that failed because the database was away is not failed: it stays leased and will be resumed."""
    await submitted(db)

    async def unlucky(parameters: dict[str, Any], progress: Progress) -> dict[str, Any]:
        raise ConnectionRefusedError("starting up")

    runner = Runner(db, {"count": unlucky}, idle=0.01)
    running_ = asyncio.create_task(runner.run())
    await eventually(in_state(db, "running"))
    await runner.stop()
    await running_
    assert (await row(db)).state == "running"


async def test_two_runners_take_a_job_once(db: Database) -> None:
    """Two runners that ask at once get two different jobs, and nothing when none is left."""
    first, second = await submitted(db), await submitted(db)
    runners = [Runner(db, Handlers().table()) for _ in range(2)]
    leased = await asyncio.gather(*(runner.lease() for runner in runners))
    assert {one.job_id for one in leased if one} == {first, second}
    assert await runners[0].lease() is None


async def test_queued_with_what_failed_is_not_queued(db: Database) -> None:
    """A job is queued in its caller's transaction: rolled back with it."""

    async def half() -> None:
        async with db.write() as session:
            await jobs.submit(session, "count", "li", {})
            raise NotFound("没有")

    with pytest.raises(NotFound):
        await half()
    async with db.read() as session:
        assert (await session.scalars(select(JobRow))).all() == []
