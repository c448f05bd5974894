"""The tables of a test: those of the platform as migrations make them, and the test's own."""

from collections.abc import Callable
from functools import partial

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import MetaData
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from wurao.common.migrate import create_platform_tables, grant


async def create_tables(url: str, metadata: MetaData | None = None, *steps: Callable[[], None]) -> None:
    """Make the platform's tables and those of `metadata`, run migration steps, grant the services' role its rights."""
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(partial(_create, metadata=metadata or MetaData(), steps=steps))
    finally:
        await engine.dispose()


def _create(connection: Connection, metadata: MetaData, steps: tuple[Callable[[], None], ...]) -> None:
    with Operations.context(MigrationContext.configure(connection)):
        create_platform_tables()
        metadata.create_all(connection)
        for step in steps:
            step()
    grant(connection)
