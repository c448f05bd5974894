"""Keyset paging."""

import asyncio
import json
from base64 import urlsafe_b64encode
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Mapped, aliased, mapped_column

from wurao.common.db import Database, Instant, named_metadata
from wurao.common.errors import Malformed
from wurao.common.paging import DEFAULT_LIMIT, Cursor, CursorParam, Key, LimitParam, Page, _behind, page

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


class Base(DeclarativeBase):
    metadata = named_metadata()


class Leaf(Base):
    __tablename__ = "leaves"

    id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    day: Mapped[date]
    rank: Mapped[int]
    size: Mapped[int] = mapped_column(BigInteger)


def leaf(number: int, minutes: int, rank: int) -> dict[str, object]:
    """The columns of one row."""
    at = NOON + timedelta(minutes=minutes, microseconds=minutes)
    day = date(2026, 1, 1) + timedelta(minutes)
    return {"id": f"叶{number:03}", "at": at, "day": day, "rank": rank, "size": rank << 40}


async def filled(path: Path, rows: list[dict[str, object]]) -> Database:
    """A database that holds just these rows."""
    database = Database(f"sqlite+aiosqlite:///{path / 'leaves.db'}", source="test")
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
        if rows:
            await connection.execute(insert(Leaf), rows)
    return database


async def walk(database: Database, *keys: Key, limit: int, descending: bool = False) -> list[list[str]]:
    """The ids of all pages from the first to the last."""
    pages, cursor = [], None
    async with database.read() as session:
        while True:
            leaves, cursor = await page(session, select(Leaf), *keys, cursor=cursor, limit=limit, descending=descending)
            pages.append([found.id for found in leaves])
            if cursor is None:
                return pages


ORDERS: list[tuple[Key, ...]] = [
    (Leaf.id,),
    (Leaf.at, Leaf.id),
    (Leaf.day, Leaf.rank, Leaf.id),
    (Leaf.size, Leaf.id),
]


@settings(max_examples=25, deadline=None)
@given(
    cells=st.lists(st.tuples(st.integers(0, 3), st.integers(-2, 2)), max_size=23),
    order=st.sampled_from(range(len(ORDERS))),
    limit=st.integers(1, 9),
    descending=st.booleans(),
)
def test_walking_the_pages_gives_each_row_once_in_order(
    tmp_path_factory: pytest.TempPathFactory,
    cells: list[tuple[int, int]],
    order: int,
    limit: int,
    descending: bool,
) -> None:
    """Whatever the ties, keys, page size and direction, the pages joined are the sorted rows."""

    async def run() -> list[list[str]]:
        database = await filled(tmp_path_factory.mktemp("pages"), rows)
        try:
            return await walk(database, *ORDERS[order], limit=limit, descending=descending)
        finally:
            await database.dispose()

    rows = [leaf(number, *cell) for number, cell in enumerate(cells)]
    names = [key.key for key in ORDERS[order]]
    expected = [row["id"] for row in sorted(rows, key=lambda row: [row[n] for n in names], reverse=descending)]
    pages = asyncio.run(run())
    assert [name for ids in pages for name in ids] == expected
    assert all(len(ids) == limit for ids in pages[:-1])


async def test_a_row_removed_between_two_pages_shifts_nothing(tmp_path: Path) -> None:
    """After the last row of a page has gone, the next page begins where it would have begun."""
    database = await filled(tmp_path, [leaf(n, n, 0) for n in range(6)])
    async with database.read() as session:
        first, cursor = await page(session, select(Leaf), Leaf.at, Leaf.id, cursor=None, limit=3)
    async with database.write() as writing:
        await writing.delete(first[-1])
    async with database.read() as session:
        second, end = await page(session, select(Leaf), Leaf.at, Leaf.id, cursor=cursor, limit=3)
    await database.dispose()
    assert [found.id for found in second] == ["叶003", "叶004", "叶005"]
    assert end is None


async def test_columns_and_aliases_page_as_entities_do(tmp_path: Path) -> None:
    """A query of columns gives named rows, a query of an alias its entities, both with a working cursor."""
    database = await filled(tmp_path, [leaf(n, n, 0) for n in range(3)])
    other = aliased(Leaf)
    async with database.read() as session:
        rows, cursor = await page(session, select(Leaf.rank, Leaf.id), Leaf.id, cursor=None, limit=2, descending=True)
        rest, _ = await page(session, select(other), other.id, cursor=cursor, limit=2, descending=True)
    await database.dispose()
    assert [(row.rank, row.id) for row in rows] == [(0, "叶002"), (0, "叶001")]
    assert [found.id for found in rest] == ["叶000"]


def test_postgresql_compares_whole_rows_with_typed_values() -> None:
    """On PostgreSQL the condition is one row comparison whose parameters carry the columns' types."""
    condition = _behind((Leaf.at, Leaf.id), (NOON, "叶"), descending=True)
    written = str(condition.compile(dialect=postgresql.asyncpg.dialect()))  # type: ignore[no-untyped-call]
    assert written == ("(leaves.at, leaves.id) < ($1::TIMESTAMP WITH TIME ZONE, $2::VARCHAR)")


def raw(document: object) -> str:
    """A cursor made by hand."""
    return urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


INSTANT = NOON.isoformat()
GOOD = ["+at,rank,id", INSTANT, 1, "x"]


def test_a_cursor_survives_encoding() -> None:
    """Decoding gives back the very values, with instants to the microsecond."""
    keys = (Leaf.at, Leaf.day, Leaf.size, Leaf.id)
    cursor = Cursor("t", (NOON + timedelta(microseconds=7), date(2026, 3, 2), -(2**62), "叶\n"))
    assert Cursor.decode(cursor.encode(), "t", keys) == cursor


def test_the_hand_made_cursor_is_good_before_it_is_damaged() -> None:
    """The cursor that the next test damages decodes."""
    assert Cursor.decode(raw(GOOD), GOOD[0], (Leaf.at, Leaf.rank, Leaf.id)).values == (NOON, 1, "x")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?",
        "叶",
        "A",
        raw(GOOD)[:-3],
        raw({"a": 1}),
        raw([]),
        raw(7),
        raw(GOOD[:3]),
        raw([*GOOD, "y"]),
        raw(["-at,rank,id", *GOOD[1:]]),
        raw([GOOD[0], "2026-03-02T04:00:00", 1, "x"]),
        raw([GOOD[0], "0001-01-01T00:00:00+14:00", 1, "x"]),
        raw([GOOD[0], 5, 1, "x"]),
        raw([GOOD[0], INSTANT, True, "x"]),
        raw([GOOD[0], INSTANT, 1.5, "x"]),
        raw([GOOD[0], INSTANT, "1", "x"]),
        raw([GOOD[0], INSTANT, 2**31, "x"]),
        raw([GOOD[0], INSTANT, 1, None]),
        raw([GOOD[0], INSTANT, 1, "a\0b"]),
        raw([GOOD[0], INSTANT, 1, "\ud800"]),
        urlsafe_b64encode(b"[" * 1400).decode(),
    ],
)
def test_a_damaged_cursor_is_malformed(text: str) -> None:
    """Every damaged, foreign or forged cursor is refused as malformed and names the field."""
    with pytest.raises(Malformed) as caught:
        Cursor.decode(text, "+at,rank,id", (Leaf.at, Leaf.rank, Leaf.id))
    assert [field["field"] for field in caught.value.fields] == ["cursor"]


def test_a_key_that_is_null_cannot_page() -> None:
    """A null key is a mistake of the program and fails loudly instead of losing rows."""
    with pytest.raises(TypeError, match="NoneType"):
        Cursor("t", (None,)).encode()  # type: ignore[arg-type]


async def test_the_query_parameters_have_bounds_and_a_default() -> None:
    """Without a limit a page has 50 rows; 0 and 201 are refused."""
    app = FastAPI()

    @app.get("/leaves")
    async def leaves(cursor: CursorParam = None, limit: LimitParam = DEFAULT_LIMIT) -> Page[int]:
        return Page(items=[limit], next_cursor=cursor)

    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        first = await client.get("/leaves")
        answers = [await client.get(f"/leaves?limit={n}") for n in (0, 1, 200, 201)]
    assert first.json() == {"items": [50], "next_cursor": None}
    assert [answer.status_code for answer in answers] == [422, 200, 200, 422]
