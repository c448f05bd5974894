"""Enterprises by the thousand as frames, in and out: COPY on PostgreSQL, plain statements on SQLite."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any

import polars as pl
from sqlalchemy import Select, Table, or_, select

from wurao.common import bulk
from wurao.common.db import ReadSession, WriteSession
from wurao.registry.domain.frames import FACTS, KNOWN
from wurao.registry.repository.enterprises import of_area
from wurao.registry.tables import Enterprise, FactRow

ENTERPRISES = Enterprise.metadata.tables["enterprises"]
_KNOWN = tuple(getattr(Enterprise, name) for name in KNOWN)
GRADES = Enterprise.metadata.tables["grades"]


async def locked(session: WriteSession, area: str, after: str, limit: int) -> pl.DataFrame:
    """The next enterprises of an area (by prefix) behind an id with what is `KNOWN`, locked as by `grading.graded`."""
    query = of_area(area).with_only_columns(*_KNOWN)
    query = query.where(Enterprise.enterprise_id > after).order_by(Enterprise.enterprise_id).limit(limit)
    return await _read(session, query.with_for_update(), KNOWN)


async def locked_among(session: WriteSession, enterprise_ids: Sequence[str]) -> pl.DataFrame:
    """The same of those of the enterprises that exist."""
    query = select(*_KNOWN).where(Enterprise.enterprise_id.in_(enterprise_ids)).order_by(Enterprise.enterprise_id)
    return await _read(session, query.with_for_update(), KNOWN)


async def counting(session: ReadSession, area: str, first: str, last: str, on: date) -> pl.DataFrame:
    """The facts (`FACTS`) that count on a day of the area's enterprises from one id to another."""
    query = _counting(on).where(FactRow.enterprise_id.between(first, last))
    if area:
        theirs = of_area(area).where(Enterprise.enterprise_id.between(first, last))
        query = query.where(FactRow.enterprise_id.in_(theirs))
    return await _read(session, query, FACTS)


async def counting_among(session: ReadSession, enterprise_ids: Sequence[str], on: date) -> pl.DataFrame:
    """The same of the enterprises named."""
    return await _read(session, _counting(on).where(FactRow.enterprise_id.in_(enterprise_ids)), FACTS)


def _counting(on: date) -> Select[Any]:
    return select(*(getattr(FactRow, name) for name in FACTS)).where(
        FactRow.lapsed.is_(False),
        FactRow.occurred_on <= on,
        or_(FactRow.counts_until.is_(None), FactRow.counts_until >= on),
    )


async def insert(session: WriteSession, table: Table, rows: pl.DataFrame) -> None:
    """Insert a frame whose columns are the table's, JSON and instants as text (`instant`)."""
    if bulk.is_postgres(session):
        await _copy(session, table.name, rows)
        return
    plain = rows.with_columns(pl.selectors.date().dt.to_string("%Y-%m-%d"))
    await bulk.insert_bound(session, table, plain.columns, plain.iter_rows())


async def change(session: WriteSession, rows: pl.DataFrame) -> None:
    """Set the frame's columns of the enterprises that its first column, the id, names."""
    key, *columns = rows.columns
    if rows.is_empty():
        return
    if not bulk.is_postgres(session):
        await bulk.update_rows(session, ENTERPRISES, key, columns, rows.iter_rows())
        return
    async with bulk.staging(session, ENTERPRISES, rows.columns) as staged:
        await _copy(session, staged, rows)
        await bulk.update_from(session, staged, ENTERPRISES, key, columns)


def instant(session: ReadSession, table: Table, column: str, moment: datetime) -> str:
    """An instant as text that the table's column takes."""
    (bind,) = bulk.binders(session, table, [column])
    return str(bind(moment)) if bind else moment.isoformat()


async def _read(session: ReadSession, query: Select[Any], schema: Mapping[str, Any]) -> pl.DataFrame:
    if not bulk.is_postgres(session):
        return _of_rows((await session.execute(query)).all(), schema)
    text = query.compile(dialect=session.get_bind().dialect, compile_kwargs={"literal_binds": True})
    data = await bulk.copy_out(session, str(text))
    if not data:
        return _of_rows([], schema)
    days = [name for name, kind in schema.items() if kind == pl.Date]
    plain = {name: pl.String if name in days else kind for name, kind in schema.items()}
    frame = pl.read_csv(BytesIO(data), has_header=False, schema=plain)
    return frame.with_columns(pl.col(days).str.to_date("%Y-%m-%d"))


def _of_rows(rows: Sequence[Any], schema: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([tuple(row) for row in rows], schema=dict(schema), orient="row")


# Separated by characters that no JSON text and no name has, so that JSON travels unquoted.
_CSV = {"delimiter": "\x1f", "quote": "\x1e"}


async def _copy(session: WriteSession, table: str, rows: pl.DataFrame) -> None:
    data = BytesIO()
    rows.write_csv(data, include_header=False, separator=_CSV["delimiter"], quote_char=_CSV["quote"])
    await bulk.copy_csv(session, table, rows.columns, data.getvalue(), **_CSV)
