"""Databases for the tests of the transport, one of each kind in turn."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from wurao.common.db import Database
from wurao.common.testing import create_tables
from wurao.local.plugin import Storage

OpenDatabase = Callable[[], Database]


@pytest.fixture
async def open_database(storage: Storage) -> AsyncIterator[OpenDatabase]:
    """Opens one migrated database of each kind, each time as another process would."""
    async with _opening(storage) as opened:
        yield opened


@pytest.fixture
async def open_postgres(postgres_storage: Callable[[], Storage]) -> AsyncIterator[OpenDatabase]:
    """The same on PostgreSQL alone."""
    async with _opening(postgres_storage()) as opened:
        yield opened


@asynccontextmanager
async def _opening(storage: Storage) -> AsyncIterator[OpenDatabase]:
    await create_tables(storage.migration_url)
    async with AsyncExitStack() as stack:

        def opened() -> Database:
            database = Database(storage.url, source="/wurao/test")
            stack.push_async_callback(database.dispose)
            return database

        yield opened
