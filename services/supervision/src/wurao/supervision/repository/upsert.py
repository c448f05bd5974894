"""Writes that insert or update in one statement, on both databases."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from wurao.common.db import WriteSession
from wurao.supervision.tables import Base


def insert(session: WriteSession, model: type[Base]) -> Any:
    """An INSERT that knows ON CONFLICT, in the dialect of the session's database."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(model)


async def keep_newest(session: WriteSession, model: type[Base], **values: Any) -> None:
    """Keep a replica's row unless it is known in this version or a later one."""
    statement = insert(session, model).values(**values)
    table = model.__table__
    assert isinstance(table, Table)
    keys = [column.name for column in table.primary_key]
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=keys,
            set_={name: statement.excluded[name] for name in values if name not in keys},
            where=statement.excluded.version > table.c.version,
        )
    )
