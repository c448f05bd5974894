"""Insert-or-nothing and insert-or-newer, which both databases write alike but SQLAlchemy spells per dialect."""

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import CursorResult, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase

from wurao.common.db import WriteSession


def insertion(session: WriteSession, table: type[DeclarativeBase]) -> Any:
    """The dialect's INSERT, which knows ON CONFLICT."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(cast("Table", table.__table__))


async def insert_or_nothing(
    session: WriteSession, table: type[DeclarativeBase], values: Mapping[str, Any], key: str
) -> bool:
    """Insert unless a row with the unique `key` exists; tells whether this call inserted."""
    statement = insertion(session, table).values(**values).on_conflict_do_nothing(index_elements=[key])
    result = cast("CursorResult[Any]", await session.execute(statement))
    return result.rowcount == 1


async def keep_newer(
    session: WriteSession,
    table: type[DeclarativeBase],
    values: Mapping[str, Any],
    *,
    only_new: frozenset[str] = frozenset(),
) -> None:
    """One statement: insert a replica's row, or update it where the event's version is newer than the row's.

    `only_new` columns are set when the row is inserted and left alone afterwards.
    """
    statement = insertion(session, table).values(**values)
    keys = [column.name for column in table.__table__.primary_key]
    changed = {name: statement.excluded[name] for name in values if name not in keys and name not in only_new}
    newer = cast("Any", table).version < statement.excluded.version
    await session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed, where=newer))
