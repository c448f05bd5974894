"""Merges that were held before merges had states and periods are kept."""

from datetime import UTC, date, datetime

from alembic import command
from sqlalchemy import Connection, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from wurao.common.migrate import config_for, upgrade
from wurao.local.plugin import Storage
from wurao.scheduling.tables import Merge

HELD_AT = datetime(2026, 3, 2, 1, tzinfo=UTC)


def _before(connection: Connection) -> None:
    config = config_for("scheduling")
    config.attributes["connection"] = connection
    command.upgrade(config, "0004")
    statement = "insert into merges (merge_id, area, figures, held_at) values ('m', '330802', :figures, :held_at)"
    held_at = HELD_AT if connection.dialect.name == "postgresql" else HELD_AT.isoformat(" ")
    connection.execute(text(statement), {"figures": '{"tasks": 4, "visits": 2}', "held_at": held_at})


async def test_merges_held_before_are_done_with_their_figures(storage: Storage) -> None:
    """The migration keeps area, figures and time of earlier merges, on the day they were held."""
    engine = create_async_engine(storage.migration_url)
    async with engine.begin() as connection:
        await connection.run_sync(_before)
    await upgrade("scheduling", storage.migration_url)
    async with engine.connect() as connection:
        [row] = (await connection.execute(select(Merge.__table__))).all()
    await engine.dispose()
    assert (row.merge_id, row.area, row.state, row.planned) == ("m", "330802", "done", True)
    assert (row.figures, row.held_at.replace(tzinfo=UTC)) == ({"tasks": 4, "visits": 2}, HELD_AT)
    assert row.period_from == row.period_to == date(2026, 3, 2)
