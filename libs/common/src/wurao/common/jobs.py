"""Jobs: long work with progress, watchable by polling and server-sent events, resumed after a crash.

A job is a row. A runner leases it, runs its handler and stores the result; a lease that runs out
(the process died) lets any runner start the handler again, so handlers are idempotent.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import structlog
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import or_, select, update

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Database, ReadSession, WriteSession, is_transient
from wurao.common.errors import NotFound, WuraoError
from wurao.common.ids import new_id
from wurao.common.platform import JobRow

log = structlog.get_logger()

LEASE = timedelta(seconds=30)
State = Literal["queued", "running", "done", "failed"]


class Job(BaseModel):
    """A job as its owner sees it. `done` of `total` units of work."""

    job_id: str
    kind: str
    state: State
    done: int
    total: int
    note: str
    result: JsonObject | None
    error: str | None
    created_at: AwareDatetime
    finished_at: AwareDatetime | None


@dataclass
class Progress:
    """What a handler uses to say how far it is; also renews the lease."""

    db: Database
    job_id: str

    async def report(self, done: int, total: int, note: str = "") -> None:
        """`done` of `total` units, with a Chinese note for the person who watches."""
        async with self.db.write() as session:
            await session.execute(
                update(JobRow)
                .where(JobRow.job_id == self.job_id)
                .values(done=done, total=total, note=note, leased_until=datetime.now(UTC) + LEASE)
            )


JobHandler = Callable[[JsonObject, Progress], Awaitable[JsonObject]]


def as_job(row: JobRow) -> Job:
    """The view of a row."""
    return Job.model_validate(row, from_attributes=True)


async def submit(session: WriteSession, kind: str, owner: str, parameters: JsonObject) -> Job:
    """Queue a job in the caller's transaction."""
    row = JobRow(
        job_id=new_id(),
        kind=kind,
        state="queued",
        owner=owner,
        parameters=parameters,
        done=0,
        total=0,
        note="",
        created_at=datetime.now(UTC),
    )
    session.add(row)
    await session.flush()
    return as_job(row)


async def find(session: ReadSession, job_id: str, owner: str) -> Job:
    """The owner's job. Raises NotFound."""
    row = await session.get(JobRow, job_id)
    if row is None or row.owner != owner:
        raise NotFound("没有这个任务")
    return as_job(row)


async def watch(db: Database, job_id: str, owner: str, *, every: float = 0.3) -> AsyncIterator[Job]:
    """The job each time it changes, until it ends."""
    last: Job | None = None
    while True:
        async with db.read() as session:
            job = await find(session, job_id, owner)
        if job != last:
            yield job
            last = job
        if job.state in ("done", "failed"):
            return
        await asyncio.sleep(every)


class Runner:
    """Runs the queued jobs of one service, one at a time."""

    def __init__(self, db: Database, handlers: Mapping[str, JobHandler], *, idle: float = 0.2) -> None:
        self._db, self._handlers, self._idle = db, handlers, idle
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Work until `stop`; a job at hand is left to its lease."""
        while not self._stopping.is_set():
            try:
                row = await self.lease() if self._handlers else None
                if row is not None:
                    await self._perform(row)
                    continue
            except Exception as error:
                log.warning("jobs.interrupted", error=repr(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._idle)

    async def stop(self) -> None:
        """End after the job at hand."""
        self._stopping.set()

    async def lease(self) -> JobRow | None:
        """The oldest job that nobody works on, now leased to this runner; or None."""
        now = datetime.now(UTC)
        free = or_(JobRow.state == "queued", (JobRow.state == "running") & (JobRow.leased_until < now))
        query = select(JobRow).where(free, JobRow.kind.in_(list(self._handlers))).order_by(JobRow.created_at)
        async with self._db.read() as reading:
            if await reading.scalar(query.with_only_columns(JobRow.job_id).limit(1)) is None:
                return None
        async with self._db.write() as session:
            row = await session.scalar(query.limit(1).with_for_update(skip_locked=True))
            if row is not None:
                row.state, row.leased_until = "running", now + LEASE
            return row

    async def _perform(self, row: JobRow) -> None:
        renewing = asyncio.create_task(self._renew(row.job_id))
        try:
            result = await self._handlers[row.kind](row.parameters, Progress(self._db, row.job_id))
            outcome: dict[str, Any] = {"state": "done", "result": result}
        except WuraoError as error:
            outcome = {"state": "failed", "error": error.message}
        except Exception as error:
            if is_transient(error):
                raise
            log.error("jobs.failed", job=row.job_id, kind=row.kind, error=repr(error))
            outcome = {"state": "failed", "error": "系统内部错误，已记录"}
        finally:
            renewing.cancel()
        async with self._db.write() as session:
            await session.execute(
                update(JobRow)
                .where(JobRow.job_id == row.job_id)
                .values(finished_at=datetime.now(UTC), leased_until=None, **outcome)
            )

    async def _renew(self, job_id: str) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            try:
                async with self._db.write() as session:
                    await session.execute(
                        update(JobRow).where(JobRow.job_id == job_id).values(leased_until=datetime.now(UTC) + LEASE)
                    )
            except Exception as error:
                log.warning("jobs.lease_not_renewed", job=job_id, error=repr(error))
