"""Keyset paging: a page begins behind the last row of the page before, so it costs the same at any depth.

Rows that are added or removed while somebody pages neither shift nor repeat the others.
"""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, Self, TypeVar, overload

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import BigInteger, Row, Select, bindparam, tuple_
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeDecorator

from wurao.common.db import ReadSession
from wurao.common.errors import Malformed

T = TypeVar("T")

CursorParam = Annotated[
    str | None, Query(max_length=2_000, description="`next_cursor` of the page before; none for the first page")
]
LimitParam = Annotated[int, Query(ge=1, le=200, description="rows per page")]
DEFAULT_LIMIT = 50

Key = InstrumentedAttribute[Any]
Value = datetime | date | int | str


class Page(BaseModel, Generic[T]):
    """Some rows of a list; `next_cursor` is absent on the last page."""

    items: list[T]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """The keys of a page's last row, tagged with the order that they belong to."""

    tag: str
    values: tuple[Value, ...]

    def encode(self) -> str:
        """Base64url of a JSON array: tag, then the values. TypeError for a value that is no key."""
        document = json.dumps([self.tag, *map(_written, self.values)], separators=(",", ":"))
        return urlsafe_b64encode(document.encode()).rstrip(b"=").decode()

    @classmethod
    def decode(cls, text: str, tag: str, keys: Sequence[Key]) -> Self:
        """The cursor of this order of these columns. Raises Malformed, naming the field `cursor`."""
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            found, *values = json.loads(urlsafe_b64decode(padded))
            if found != tag or len(values) != len(keys):
                raise ValueError("a cursor of another list")
            return cls(tag, tuple(_read(value, key) for value, key in zip(values, keys, strict=True)))
        except (binascii.Error, ArithmeticError, RecursionError, TypeError, ValueError) as error:
            message = "分页游标无效，请从第一页重新读取"
            field = {"field": "cursor", "code": "bad_cursor", "message": message}
            raise Malformed(message, code="bad_cursor", fields=[field]) from error


def _written(value: object) -> str | int:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise TypeError(f"{type(value).__name__} is no paging key")


def _read(value: object, key: Key) -> Value:
    """A value of the key column's type. Raises ValueError or TypeError; nothing else reaches the database."""
    kept = key.type.impl_instance if isinstance(key.type, TypeDecorator) else key.type
    wanted = kept.python_type
    if wanted is int:
        return _integer(value, 63 if isinstance(kept, BigInteger) else 31)
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("not text")
    if wanted is datetime:
        return _instant(value)
    if wanted is date:
        return date.fromisoformat(value)
    value.encode()
    return value


def _integer(value: object, bits: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value.bit_length() > bits:
        raise ValueError("not an integer of the column's size")
    return value


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant carries an offset")
    return instant.astimezone(UTC)


@overload
async def page(
    session: ReadSession,
    query: Select[T],
    *keys: Key,
    cursor: str | None,
    limit: int,
    descending: bool = False,
) -> tuple[list[T], str | None]: ...


@overload
async def page(
    session: ReadSession,
    query: Select[*tuple[Any, ...]],
    *keys: Key,
    cursor: str | None,
    limit: int,
    descending: bool = False,
) -> tuple[list[Row[*tuple[Any, ...]]], str | None]: ...


async def page(
    session: ReadSession,
    query: Select[Any],
    *keys: Key,
    cursor: str | None,
    limit: int,
    descending: bool = False,
) -> tuple[list[Any], str | None]:
    """Up to `limit` rows behind the cursor in the order of the keys, and the cursor of the next page.

    A query of one entity gives entities, one of several columns gives rows, with the keys among them.
    The keys together are unique, never null, and datetimes, dates, integers or text.
    Raises Malformed for a cursor that is damaged or of another list.
    """
    tag = ("-" if descending else "+") + ",".join(key.key for key in keys)
    query = query.order_by(None).order_by(*(key.desc() if descending else key.asc() for key in keys))
    if cursor is not None:
        query = query.where(_behind(keys, Cursor.decode(cursor, tag, keys).values, descending=descending))
    rows = (await session.execute(query.limit(limit + 1))).all()
    shown = rows[:limit]
    last = Cursor(tag, _values(shown[-1], keys)).encode() if len(rows) > limit else None
    return [row[0] if len(row) == 1 else row for row in shown], last


def _behind(keys: Sequence[Key], values: Sequence[Value], *, descending: bool) -> Any:
    """One comparison of whole rows, which both databases answer from the index over the keys."""
    row = tuple_(*keys)
    bound = tuple_(*(bindparam(None, value, key.type) for value, key in zip(values, keys, strict=True)))
    return row < bound if descending else row > bound


def _values(row: Row[Any], keys: Sequence[Key]) -> tuple[Value, ...]:
    """The keys of a row: columns of their own, or attributes of the row's entity."""
    found = row._mapping
    return tuple(found[key] if key in found else getattr(found[key.parent.entity], key.key) for key in keys)
