"""Queries of imports: which of many ids are known, and rows that wait until an upload is checked to its end."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from asyncpg.exceptions import UniqueViolationError
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Row,
    Select,
    String,
    Table,
    TableClause,
    bindparam,
    column,
    func,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.orm import InstrumentedAttribute

from wurao.common.bulk import Packed, insert_packed, insert_rows, is_postgres
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import Conflict
from wurao.registry.repository.bulk import Values
from wurao.registry.tables import Enterprise, FactRow, PremisesRow

WAITING = "waiting_enterprises"
CHUNK = 5_000


def among(session: ReadSession, key: InstrumentedAttribute[str], ids: Sequence[str]) -> ColumnElement[bool]:
    """The key is one of the ids, however many: they are one parameter."""
    if is_postgres(session):
        return key == func.any(bindparam(None, list(ids), ARRAY(String)))
    listed = func.json_each(json.dumps(list(ids))).table_valued("value")
    return key.in_(select(listed.c.value))


async def begin(session: WriteSession, what: str) -> None:
    """Imports of one kind take turns until the end of the transaction: of equal ones at once the later finds all known.

    SQLite has one writer anyway.
    """
    await take_turn(session, what)
    await give_room(session)


async def give_room(session: WriteSession) -> None:
    """Let indexes take in many rows at once until the end of the transaction: in larger parts it costs less."""
    if is_postgres(session):
        await session.execute(text("set local work_mem = '64MB'"))
        await session.execute(text("set local gin_pending_list_limit = '64MB'"))


async def take_turn(session: WriteSession, *kinds: str) -> None:
    """Wait until imports of these kinds are over, and keep others waiting until the end of the transaction."""
    if is_postgres(session):
        for kind in kinds:
            await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"import.{kind}"))))


async def _by_index(session: ReadSession, query: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Rows of many ids, read by index. A table that fills while it is asked has no statistics: PostgreSQL would read
    all of it for each piece of an upload, more with every piece."""
    if is_postgres(session):
        await session.execute(text("set local enable_seqscan = off"))
    found = (await session.execute(query)).all()
    if is_postgres(session):
        await session.execute(text("set local enable_seqscan to default"))
    return found


async def areas_of(session: ReadSession, enterprise_ids: Sequence[str]) -> dict[str, str]:
    """The areas of those of the enterprises that are known, not locked."""
    query = select(Enterprise.enterprise_id, Enterprise.area)
    query = query.where(among(session, Enterprise.enterprise_id, enterprise_ids))
    return {row[0]: row[1] for row in await _by_index(session, query)}


async def known_enterprises(session: ReadSession, enterprise_ids: Sequence[str]) -> dict[str, tuple[str, bool]]:
    """Area, and whether the record is closed (deregistered or merged), of those of the enterprises that are known."""
    query = select(Enterprise.enterprise_id, Enterprise.area, Enterprise.status == "deregistered")
    query = query.where(among(session, Enterprise.enterprise_id, enterprise_ids))
    return {row[0]: (row[1], row[2]) for row in await _by_index(session, query)}


async def particulars_of(session: ReadSession, enterprise_ids: Sequence[str]) -> dict[str, Values]:
    """All columns of those of the enterprises that are known, not locked."""
    query = select(*Enterprise.__table__.columns).where(among(session, Enterprise.enterprise_id, enterprise_ids))
    return {row.enterprise_id: dict(row._mapping) for row in await _by_index(session, query)}


async def survivors(session: ReadSession, enterprise_ids: Sequence[str]) -> dict[str, str]:
    """Those of the enterprises whose records were merged, with the enterprise that holds each record now."""
    found = await _merged_into(session, enterprise_ids)
    further = await _merged_into(session, sorted(set(found.values()))) if found else {}
    while further:
        found = {merged: further.get(into, into) for merged, into in found.items()}
        further = await _merged_into(session, sorted(set(found.values())))
    return found


async def _merged_into(session: ReadSession, enterprise_ids: Sequence[str]) -> dict[str, str]:
    query = select(Enterprise.enterprise_id, Enterprise.merged_into)
    query = query.where(among(session, Enterprise.enterprise_id, enterprise_ids), Enterprise.merged_into.is_not(None))
    return {row[0]: str(row[1]) for row in await _by_index(session, query)}


async def locked(session: WriteSession, enterprise_ids: Sequence[str]) -> dict[str, Row[*tuple[Any, ...]]]:
    """The enterprises, locked in the order of their ids until the end of the transaction."""
    query = select(*Enterprise.__table__.columns).where(among(session, Enterprise.enterprise_id, enterprise_ids))
    query = query.order_by(Enterprise.enterprise_id).with_for_update()
    return {row.enterprise_id: row for row in await _by_index(session, query)}


async def known_premises(session: ReadSession, premises_ids: Sequence[str]) -> dict[str, Row[*tuple[Any, ...]]]:
    """Those of the premises that are known, by id."""
    query = select(*PremisesRow.__table__.columns).where(among(session, PremisesRow.premises_id, premises_ids))
    return {row.premises_id: row for row in await _by_index(session, query)}


async def known_facts(session: ReadSession, fact_ids: Sequence[str]) -> dict[str, Row[*tuple[Any, ...]]]:
    """Those of the facts that are known, by id, locked: what is decided on them meanwhile is not overwritten."""
    query = select(*FactRow.__table__.columns).where(among(session, FactRow.fact_id, fact_ids))
    query = query.order_by(FactRow.fact_id).with_for_update()
    return {row.fact_id: row for row in await _by_index(session, query)}


async def insert_new(session: WriteSession, table: Table, columns: Sequence[str], packed: Packed) -> None:
    """Insert packed rows that were not known a moment ago. Raises Conflict where somebody else was quicker."""
    try:
        await insert_packed(session, table, columns, packed)
    except UniqueViolationError as error:
        raise Conflict("其中有的记录刚由他人登记，请重新导入", code="import.taken") from error


async def put_aside(session: WriteSession, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Let rows of known enterprises wait in a temporary table (PostgreSQL), the id first."""
    listed = ", ".join(f'"{name}"' for name in columns)
    await session.execute(
        text(
            f"create temporary table if not exists {WAITING} on commit drop as"  # noqa: S608 - names of our own columns
            f" select {listed} from {Enterprise.__tablename__} with no data"
        )
    )
    await insert_rows(session, _waiting(columns), columns, rows)  # type: ignore[arg-type]


async def waiting(session: WriteSession, columns: Sequence[str]) -> AsyncIterator[list[Values]]:
    """The waiting rows that would change their enterprise, in the order of ids, some thousand at a time."""
    await session.execute(text(f"create index on {WAITING} (enterprise_id)"))
    await session.execute(text(f"analyze {WAITING}"))
    fresh, last = _waiting(columns), ""
    differs = or_(*(fresh.c[name].is_distinct_from(getattr(Enterprise, name)) for name in columns))
    query = select(fresh).join(Enterprise, Enterprise.enterprise_id == fresh.c.enterprise_id).where(differs)
    query = query.order_by(fresh.c.enterprise_id).limit(CHUNK)
    while rows := (await session.execute(query.where(fresh.c.enterprise_id > last))).all():
        last = rows[-1].enterprise_id
        yield [dict(row._mapping) for row in rows]


def _waiting(columns: Sequence[str]) -> TableClause:
    return table(WAITING, *(column(name, Enterprise.__table__.c[name].type) for name in columns))
