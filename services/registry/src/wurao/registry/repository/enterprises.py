"""Queries on enterprises and premises."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Row, Select, false, func, select

from wurao.common.contracts.shared import Premises
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import NotFound
from wurao.registry.tables import Enterprise, PremisesRow

Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])

PARTICULARS = (
    Enterprise.enterprise_id,
    Enterprise.name,
    Enterprise.kind,
    Enterprise.industry,
    Enterprise.size,
    Enterprise.area,
    Enterprise.address,
    Enterprise.registered_on,
    Enterprise.park,
    Enterprise.tags,
    Enterprise.parent_id,
    Enterprise.merged_into,
    Enterprise.status,
    Enterprise.version,
)


@dataclass(frozen=True, slots=True)
class Sight:
    """Which enterprises a caller sees: those of an area (by the prefix of its code), or one; none by default."""

    area: str | None = None
    enterprise_id: str | None = None

    def narrow(self, query: Query) -> Query:
        """The query within this sight."""
        if self.enterprise_id is not None:
            return query.where(Enterprise.enterprise_id == self.enterprise_id)
        if self.area is None:
            return query.where(false())
        return query.where(Enterprise.area.startswith(self.area, autoescape=True)) if self.area else query


async def seen(session: ReadSession, enterprise_id: str, sight: Sight) -> Enterprise:
    """The enterprise if the caller sees it. Raises NotFound."""
    query = sight.narrow(select(Enterprise).where(Enterprise.enterprise_id == enterprise_id))
    enterprise = await session.scalar(query)
    if enterprise is None:
        raise NotFound("没有这个经营主体")
    return enterprise


async def by_ids(session: ReadSession, enterprise_ids: Sequence[str]) -> dict[str, Enterprise]:
    """Those of the enterprises that exist, by id."""
    if not enterprise_ids:
        return {}
    rows = await session.scalars(select(Enterprise).where(Enterprise.enterprise_id.in_(enterprise_ids)))
    return {row.enterprise_id: row for row in rows}


async def held(session: WriteSession, *enterprise_ids: str) -> list[Enterprise]:
    """The enterprises as they are now, locked in the order of their ids. Raises NotFound if one is missing."""
    query = select(Enterprise).where(Enterprise.enterprise_id.in_(enterprise_ids)).order_by(Enterprise.enterprise_id)
    query = query.with_for_update().execution_options(populate_existing=True)
    found = {row.enterprise_id: row for row in await session.scalars(query)}
    if set(enterprise_ids) - found.keys():
        raise NotFound("没有这个经营主体")
    return [found[enterprise_id] for enterprise_id in enterprise_ids]


async def known(session: ReadSession, enterprise_ids: Sequence[str]) -> dict[str, Row[*tuple[Any, ...]]]:
    """Particulars of those of the enterprises that exist, locked until the end of the transaction."""
    query = select(*PARTICULARS).where(Enterprise.enterprise_id.in_(enterprise_ids))
    query = query.order_by(Enterprise.enterprise_id).with_for_update()
    return {row.enterprise_id: row for row in (await session.execute(query)).all()}


async def premises_of(session: ReadSession, enterprise_ids: Sequence[str]) -> dict[str, list[Premises]]:
    """Open premises of the enterprises, by enterprise and in the order of their ids."""
    query = (
        select(*PremisesRow.__table__.columns)
        .where(PremisesRow.enterprise_id.in_(enterprise_ids), PremisesRow.closed_on.is_(None))
        .order_by(PremisesRow.premises_id)
    )
    found: dict[str, list[Premises]] = {}
    for row in (await session.execute(query)).all():
        place = Premises(premises_id=row.premises_id, name=row.name, address=row.address, area=row.area)
        found.setdefault(row.enterprise_id, []).append(place)
    return found


async def known_premises(session: ReadSession, premises_ids: Sequence[str]) -> dict[str, Row[*tuple[Any, ...]]]:
    """Those of the premises that exist, by id."""
    query = select(*PremisesRow.__table__.columns).where(PremisesRow.premises_id.in_(premises_ids))
    return {row.premises_id: row for row in (await session.execute(query)).all()}


def of_area(area_prefix: str) -> Select[str]:
    """Ids of the enterprises of an area."""
    query = select(Enterprise.enterprise_id)
    return query.where(Enterprise.area.startswith(area_prefix, autoescape=True)) if area_prefix else query


async def count(session: ReadSession, area_prefix: str) -> int:
    """How many enterprises an area has."""
    return await session.scalar(select(func.count()).select_from(of_area(area_prefix).subquery())) or 0


async def grades(session: ReadSession, area_prefix: str) -> dict[str, int]:
    """How many registered enterprises of an area have each grade."""
    grade = func.coalesce(Enterprise.grade, "")
    query = of_area(area_prefix).with_only_columns(grade, func.count()).group_by(grade).order_by(grade)
    return {row[0]: row[1] for row in (await session.execute(query)).all()}
