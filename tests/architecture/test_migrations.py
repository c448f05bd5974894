"""Models and migrations agree, on both databases."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from wurao.checkin.tables import Base as CheckinBase
from wurao.common.migrate import current, head_of, upgrade
from wurao.common.platform import PlatformBase
from wurao.local.plugin import Storage
from wurao.penalty.tables import Base as PenaltyBase
from wurao.registry.tables import Base as RegistryBase
from wurao.scheduling.tables import Base as SchedulingBase
from wurao.supervision.tables import Base as SupervisionBase

BASES = {
    "registry": RegistryBase,
    "scheduling": SchedulingBase,
    "checkin": CheckinBase,
    "penalty": PenaltyBase,
    "supervision": SupervisionBase,
}


# Indexes of one kind of database only, which no model can declare; each has tests of what it is for.
PECULIAR = ("ix_enterprise_search_grams", "enterprise_search_fts")


def _is_common(name: str | None, kind: str, parents: object) -> bool:
    return name is None or not name.startswith(PECULIAR)


def _differences(connection: Connection, service: str) -> tuple[list[object], str | None]:
    context = MigrationContext.configure(connection, opts={"compare_type": False, "include_name": _is_common})
    metadata = [BASES[service].metadata, PlatformBase.metadata]
    return list(compare_metadata(context, metadata)), current(connection)  # type: ignore[arg-type]


@pytest.mark.parametrize("service", BASES)
async def test_migrations_make_what_models_say(service: str, storage: Storage) -> None:
    """After all revisions the database has the tables, columns and indexes of the models, and is at head."""
    await upgrade(service, storage.migration_url)
    await upgrade(service, storage.migration_url)
    engine = create_async_engine(storage.migration_url)
    try:
        async with engine.connect() as connection:
            differences, revision = await connection.run_sync(_differences, service)
    finally:
        await engine.dispose()
    assert differences == []
    assert revision == head_of(service)
