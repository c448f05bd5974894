"""Queries on areas."""

from collections.abc import Iterable

from sqlalchemy import Select, select

from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.registry.repository.bulk import chunked
from wurao.registry.tables import Area


async def get(session: ReadSession, code: str) -> Area:
    """The area. Raises NotFound."""
    area = await session.get(Area, code)
    if area is None:
        raise NotFound("没有这个行政区划")
    return area


async def known(session: ReadSession, codes: Iterable[str]) -> dict[str, Area]:
    """Those of the areas that exist, by code."""
    found: dict[str, Area] = {}
    for chunk in chunked(sorted(set(codes))):
        rows = await session.scalars(select(Area).where(Area.code.in_(chunk)))
        found.update((area.code, area) for area in rows)
    return found


def tree(parent: str | None = None, name: str = "") -> Select[Area]:
    """Areas directly below a parent, or all; only those whose name has the text."""
    query = select(Area)
    if parent is not None:
        query = query.where(Area.parent == parent)
    return query.where(Area.name.contains(name, autoescape=True)) if name else query
