"""Visits for acceptance that were asked for before tasks named the superior's visit are counted again."""

from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, MetaData, Table, insert, inspect, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from wurao.common.migrate import config_for, upgrade
from wurao.local.plugin import Storage
from wurao.scheduling.tables import SuperiorVisit, Task

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
TASKS = {
    "open": ("上级检查s-1", "open"),
    "cancelled": ("上级检查s-1", "cancelled"),
    "done": ("上级检查s-2", "done"),
    "lapsed": ("上级检查s-3", "lapsed"),
    "complaint": ("12345-1", "open"),
    "unknown": ("上级检查s-9", "open"),
    "none": (None, "open"),
}


def _filled(table: Table, **values: Any) -> dict[str, Any]:
    """A row with something in every column that wants it."""
    usual: dict[type, Any] = {str: "x", int: 1, bool: True, datetime: AT, list: [], dict: []}
    wanted = {c.name: usual.get(c.type.python_type, AT.date()) for c in table.columns if not c.nullable}
    return wanted | values


def _before(connection: Connection) -> None:
    config = config_for("scheduling")
    config.attributes["connection"] = connection
    command.upgrade(config, "0011")
    earlier = MetaData()
    tasks = Task.__table__.to_metadata(earlier)  # type: ignore[attr-defined]
    visits = SuperiorVisit.__table__.to_metadata(earlier)  # type: ignore[attr-defined]
    if connection.dialect.name == "postgresql":
        connection.execute(text("select set_config('wurao.scope', 'system', true)"))
    there = {column["name"] for column in inspect(connection).get_columns("tasks")}
    for task_id, (source, state) in TASKS.items():
        row = _filled(tasks, task_id=task_id, item_ids=[], created_at=AT, source_record=source, state=state)
        connection.execute(insert(tasks).values({name: row[name] for name in row if name in there}))
    for number in (1, 2, 3):
        row = _filled(visits, superior_visit_id=f"s-{number}", superior=f"省局{number}", filed_at=AT, accepted=number)
        connection.execute(insert(visits).values(row))


@pytest.mark.clause("CX-15")
async def test_places_are_those_of_tasks_that_are_not_over_without_a_visit(storage: Storage) -> None:
    """A task follows the visit that its source names, if there is one; what was cancelled or lapsed holds no place."""
    engine = create_async_engine(storage.migration_url)
    async with engine.begin() as connection:
        await connection.run_sync(_before)
    await upgrade("scheduling", storage.migration_url)
    async with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(text("select set_config('wurao.scope', 'system', true)"))
        followed = dict((await connection.execute(select(Task.task_id, Task.acceptance_of))).all())
        taken = dict((await connection.execute(select(SuperiorVisit.superior_visit_id, SuperiorVisit.accepted))).all())
    await engine.dispose()
    assert {one: visit for one, visit in followed.items() if visit} == {
        "open": "s-1",
        "cancelled": "s-1",
        "done": "s-2",
        "lapsed": "s-3",
    }
    assert taken == {"s-1": 1, "s-2": 1, "s-3": 0}
