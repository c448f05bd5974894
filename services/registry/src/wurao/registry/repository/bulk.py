"""Many rows at once: chunks that fit a statement's parameters on both databases."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import InstrumentedAttribute

from wurao.common.db import ReadSession, WriteSession
from wurao.registry.tables import Base

CHUNK = 2_000

T = TypeVar("T")
Values = dict[str, Any]


def chunked(rows: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """The rows in pieces of at most `size`, in order."""
    return (rows[at : at + size] for at in range(0, len(rows), size))


async def existing(session: ReadSession, key: InstrumentedAttribute[str], ids: Sequence[str]) -> set[str]:
    """Those of the ids that the key's table holds."""
    found: set[str] = set()
    for chunk in chunked(sorted(set(ids))):
        found.update(await session.scalars(select(key).where(key.in_(chunk))))
    return found


async def insert_all(session: WriteSession, table: type[Base], rows: Sequence[Values]) -> None:
    """Insert rows without loading them as objects."""
    if rows:
        await session.execute(insert(_table(table)), list(rows))


async def update_all(session: WriteSession, table: type[Base], key: str, rows: Sequence[Values]) -> None:
    """Update rows by their key; each row names the key and the same columns."""
    if not rows:
        return
    target = _table(table)
    columns = [name for name in rows[0] if name != key]
    statement = (
        update(target)
        .where(target.c[key] == bindparam(f"_{key}"))
        .values({name: bindparam(f"_{name}", type_=target.c[name].type) for name in columns})
    )
    connection = await session.connection()
    await connection.execute(statement, [{f"_{name}": value for name, value in row.items()} for row in rows])


def _table(mapped: type[Base]) -> Table:
    table = mapped.__table__
    assert isinstance(table, Table)
    return table
