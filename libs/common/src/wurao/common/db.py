"""Databases: PostgreSQL and SQLite behind one class, read and write sessions as two types.

A write session collects events; they become outbox rows in the same transaction, after the flush,
so that ids of one key grow in the order in which its aggregate changed.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, MetaData, event, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

from wurao.common.contracts import Event
from wurao.common.scope import SYSTEM, Scope

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Json = JSON().with_variant(JSONB(), "postgresql")


def named_metadata() -> MetaData:
    """Metadata with the naming convention that migrations rely on."""
    return MetaData(naming_convention=NAMING)


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept as UTC on both databases. Raises ValueError on a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant carries an offset")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Versioned:
    """Mixin of aggregates: a concurrent change raises StaleDataError instead of losing an update."""

    version: Mapped[int] = mapped_column()

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.__table__.c.version}  # type: ignore[attr-defined]


class _ReadOnly(Session):
    """What a read session runs on: a flush or a statement that changes rows is a programming error."""


class ReadSession(AsyncSession):
    """A session that only reads. Raises RuntimeError on a write; PostgreSQL refuses textual ones itself."""


class WriteSession(ReadSession):
    """A session that also writes and records events. Never committed by a use case."""

    def record(self, *events: Event) -> None:
        """Keep events for the outbox row that the commit writes. Flush first: events carry the version."""
        self.info.setdefault("events", []).extend(events)

    async def stage(self) -> None:
        """Write the events recorded so far to the outbox now, in this transaction; bulk work need not hold them."""
        database: Database = self.info["database"]
        await database.stage_recorded(self)

    def recorded(self) -> list[Event]:
        """Take the events recorded so far."""
        taken: list[Event] = self.info.pop("events", [])
        return taken


@event.listens_for(_ReadOnly, "before_flush")
def _refuse_flush(session: Session, *_: Any) -> None:
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("a read session cannot write")


@event.listens_for(_ReadOnly, "do_orm_execute")
def _refuse_change(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        raise RuntimeError("a read session cannot write")


# Classes of SQLSTATE (and single states) that tell of the server or of other sessions, not of the statement:
# connection, resources, operator intervention (shutdown, starting up), serialization, deadlock, lock timeout.
_PASSING_STATES = ("08", "53", "57P", "40001", "40P01", "55P03")
_PASSING_SQLITE = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN}
)


def is_transient(error: BaseException) -> bool:
    """True for failures of the database or of its connection, which the same work may survive when tried again."""
    if isinstance(error, ConnectionError | TimeoutError | PoolTimeout):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or is_transient(error.orig or Exception())
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _PASSING_SQLITE
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return state.startswith(_PASSING_STATES)
    return isinstance(error, OSError) and error.filename is None


class Database:
    """One service's database. `write` commits at its end or not at all."""

    def __init__(self, url: str, *, source: str, pool_size: int = 10) -> None:
        self.url = url
        self.source = source
        self.is_sqlite = url.startswith("sqlite")
        self.committed = asyncio.Event()
        self.engine = _engine(url, pool_size)
        writing = self.engine.execution_options(wurao_write=True)
        reading = self.engine if self.is_sqlite else self.engine.execution_options(postgresql_readonly=True)
        self._readers = async_sessionmaker(
            reading, class_=ReadSession, sync_session_class=_ReadOnly, expire_on_commit=False
        )
        self._writers = async_sessionmaker(writing, class_=WriteSession, expire_on_commit=False)
        self._turn = asyncio.Lock() if self.is_sqlite else nullcontext()

    @asynccontextmanager
    async def read(self, scope: Scope = SYSTEM) -> AsyncIterator[ReadSession]:
        """A consistent view for one scope."""
        async with self._readers() as session:
            await self._claim(session, scope)
            yield session

    @asynccontextmanager
    async def write(self, scope: Scope = SYSTEM) -> AsyncIterator[WriteSession]:
        """One transaction: business rows and outbox rows together; rolls back on any error."""
        async with self._turn, self._writers() as session:
            session.info["database"] = self
            await self._claim(session, scope)
            yield session
            await self.commit(session)

    async def commit(self, session: WriteSession) -> None:
        """Write the recorded events to the outbox, commit, wake the relay."""
        await self.stage_recorded(session)
        await session.commit()
        if session.info.pop("staged", False):
            self.committed.set()

    async def stage_recorded(self, session: WriteSession) -> None:
        """Flush, then turn the events recorded so far into outbox rows, under the current trace."""
        from wurao.common.outbox import stage

        await session.flush()
        if events := session.recorded():
            await stage(session, self.source, events)
            session.info["staged"] = True

    async def _claim(self, session: ReadSession, scope: Scope) -> None:
        if self.is_sqlite:
            return
        await session.execute(
            text(
                "select set_config('wurao.scope', :scope, true), set_config('wurao.area', :area, true),"
                " set_config('wurao.agency', :agency, true), set_config('wurao.enterprise', :enterprise, true)"
            ),
            {name.removeprefix("wurao."): value for name, value in scope.settings().items()},
        )

    async def ping(self) -> None:
        """Raises when the database does not answer."""
        async with self.engine.connect() as connection:
            await connection.execute(text("select 1"))

    async def dispose(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def _engine(url: str, pool_size: int) -> AsyncEngine:
    """Its errors go to logs and dead letters, so they do not tell the values of a statement."""
    options = {"pool_size": pool_size, "max_overflow": pool_size, "hide_parameters": True}
    if not url.startswith("sqlite"):
        return create_async_engine(url, pool_pre_ping=True, **options)
    engine = create_async_engine(url, **options)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Writers take the lock at once: a deferred writer loses updates silently (style.md §3)."""
    immediate = connection.get_execution_options().get("wurao_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def sqlite_version() -> tuple[int, ...]:
    """The linked SQLite's version; RETURNING needs 3.35."""
    return sqlite3.sqlite_version_info
