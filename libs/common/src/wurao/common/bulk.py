"""Many rows at once, inside the session's own transaction: COPY on PostgreSQL, executemany on SQLite.

Values are those that SQLAlchemy takes for the column (dates, aware instants, lists for JSON). `bound` rows are
already as the driver takes them: JSON as text, on SQLite days and instants as text, too. Tables under row-level
security take no COPY: use ordinary inserts there.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from io import BytesIO
from itertools import islice
from typing import Any

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from wurao.common.db import ReadSession, WriteSession

Row = Sequence[Any]
Bind = Callable[[Any], Any]
Packed = bytes | list[Row]
BATCH = 5_000
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def is_postgres(session: ReadSession) -> bool:
    """Tell whether the session speaks to PostgreSQL."""
    return session.get_bind().dialect.name == "postgresql"


async def insert_rows(session: WriteSession, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert rows, each with a value for each of the columns; the rows may be a generator and are never all held."""
    binds = binders(session, table, columns)
    await insert_bound(session, table, columns, (_bind(binds, row) for row in rows))


async def insert_bound(session: WriteSession, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert rows whose values are already as the driver takes them."""
    if is_postgres(session):
        await (await driver_of(session)).copy_records_to_table(table.name, records=rows, columns=list(columns))
        return
    connection = await session.connection()
    names, marks = ", ".join(_quoted(columns)), ", ".join("?" * len(columns))
    statement = f"insert into {_quote(table.name)} ({names}) values ({marks})"  # noqa: S608 - names of our own tables
    await _execute_many(connection, statement, rows)


def pack(session: ReadSession, rows: Iterable[Row]) -> Packed:
    """Bound rows for `insert_packed`; made beside the event loop, they leave it nothing to do but to send them."""
    listed = list(rows)
    return _copy_text(listed).encode() if is_postgres(session) else listed


async def insert_packed(session: WriteSession, table: Table, columns: Sequence[str], packed: Packed) -> None:
    """Insert packed rows."""
    if isinstance(packed, list):
        await insert_bound(session, table, columns, packed)
        return
    driver = await driver_of(session)
    await driver.copy_to_table(table.name, source=BytesIO(packed), columns=list(columns), format="text")


def _copy_text(rows: Sequence[Row]) -> str:
    """Rows in the text format of COPY. Hardly any value needs escaping: one look at the whole tells whether some do."""
    text = "".join([_line(row) for row in rows])
    tabs = sum(map(len, rows)) - len(rows)
    nulls = sum([row.count(None) for row in rows])
    plain = text.count("\t") == tabs and text.count("\n") == len(rows)
    if plain and text.count("\\") == nulls and "\r" not in text:
        return text
    return "".join(_line([_escaped(value) for value in row]) for row in rows)


def _line(row: Row) -> str:
    return "\t".join([value if value.__class__ is str else _cell(value) for value in row]) + "\n"


def _cell(value: Any) -> str:
    return "\\N" if value is None else str(value)


def _escaped(value: Any) -> Any:
    return value.translate(_ESCAPES) if isinstance(value, str) else value


async def update_rows(
    session: WriteSession, table: Table, key: str, columns: Sequence[str], rows: Iterable[Row]
) -> None:
    """Set the columns of the rows that the key names; each row gives the key first, then the columns' values.

    Each key occurs once. Rows that do not exist are passed over.
    """
    binds = binders(session, table, (key, *columns))
    bound = (_bind(binds, row) for row in rows)
    if is_postgres(session):
        async with staging(session, table, (key, *columns)) as staged:
            await (await driver_of(session)).copy_records_to_table(staged, records=bound, columns=[key, *columns])
            await update_from(session, staged, table, key, columns)
        return
    connection = await session.connection()
    sets = ", ".join(f"{name} = ?" for name in _quoted(columns))
    statement = f"update {_quote(table.name)} set {sets} where {_quote(key)} = ?"  # noqa: S608 - as above
    await _execute_many(connection, statement, ((*row[1:], row[0]) for row in bound))


@asynccontextmanager
async def staging(session: WriteSession, table: Table, columns: Sequence[str]) -> AsyncIterator[str]:
    """The name of an empty temporary table with these columns of a table (PostgreSQL); gone after the block."""
    driver = await driver_of(session)
    staged = f"bulk_{table.name}"
    made = f"select {', '.join(_quoted(columns))} from {_quote(table.name)} with no data"  # noqa: S608 - as above
    await driver.execute(f"create temporary table {_quote(staged)} on commit drop as {made}")
    yield staged
    # Not after an error: then the transaction is lost, and the table with it.
    await driver.execute(f"drop table {_quote(staged)}")


async def update_from(session: WriteSession, staged: str, table: Table, key: str, columns: Sequence[str]) -> None:
    """Set the columns of a table from a staged one, joined by the key (PostgreSQL)."""
    sets = ", ".join(f"{name} = fresh.{name}" for name in _quoted(columns))
    target, name = _quote(table.name), _quote(key)
    driver = await driver_of(session)
    # The planner knows nothing of a table just filled.
    await driver.execute(f"analyze {_quote(staged)}")
    await driver.execute(
        f"update {target} set {sets} from {_quote(staged)} fresh where {target}.{name} = fresh.{name}"  # noqa: S608
    )


async def copy_csv(
    session: WriteSession,
    table: str,
    columns: Sequence[str],
    data: bytes,
    *,
    delimiter: str = ",",
    quote: str = '"',
) -> None:
    """Load CSV without a header, an unquoted empty field for NULL (PostgreSQL)."""
    driver = await driver_of(session)
    source = BytesIO(data)
    await driver.copy_to_table(
        table, source=source, columns=list(columns), format="csv", delimiter=delimiter, quote=quote
    )


async def copy_out(session: ReadSession, query: str, *arguments: Any) -> bytes:
    """The rows of a query with `$1`... as CSV without a header (PostgreSQL)."""
    sink = BytesIO()
    await (await driver_of(session)).copy_from_query(query, *arguments, output=sink, format="csv")
    return sink.getvalue()


async def driver_of(session: ReadSession) -> Any:
    """The asyncpg connection under the session, inside the session's transaction. Raises RuntimeError outside one."""
    raw = await (await session.connection()).get_raw_connection()
    driver: Any = raw.driver_connection
    if not driver.is_in_transaction():
        raise RuntimeError("bulk work needs the session's transaction to have begun")
    return driver


def binders(session: ReadSession, table: Table, columns: Sequence[str]) -> tuple[Bind | None, ...]:
    """What turns a value of each column into what the driver takes; None where it takes the value as it is."""
    dialect = session.get_bind().dialect
    return tuple(table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in columns)


def _bind(binds: Sequence[Bind | None], row: Row) -> tuple[Any, ...]:
    return tuple(bind(value) if bind else value for bind, value in zip(binds, row, strict=True))


async def _execute_many(connection: AsyncConnection, statement: str, rows: Iterable[Row]) -> None:
    remaining = iter(rows)
    while batch := [tuple(row) for row in islice(remaining, BATCH)]:
        await connection.exec_driver_sql(statement, batch)


def _quoted(names: Sequence[str]) -> list[str]:
    return [_quote(name) for name in names]


def _quote(name: str) -> str:
    return f'"{name}"'
