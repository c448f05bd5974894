"""Queries on the coverage of special fields."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, String, cast, func, or_, select

from wurao.common import area as areas
from wurao.common.db import ReadSession, WriteSession
from wurao.scheduling.repository.replicas import chunks
from wurao.scheduling.tables import Coverage, Enterprise, OfficerCall

BATCH = 1_000


def _of_fields(fields: Sequence[str]) -> ColumnElement[bool]:
    tags = cast(Enterprise.tags, String)
    of_one = or_(*(tags.contains(f'"{field}"', autoescape=True) for field in fields)) if fields else False
    return (Enterprise.status == "registered") & of_one


async def unwatched(
    session: ReadSession, area: str, elsewhere: Iterable[str], fields: Sequence[str]
) -> Sequence[Enterprise]:
    """Some enterprises of special fields in an area that nobody watches yet; `elsewhere` are areas of their own."""
    query = (
        select(Enterprise)
        .outerjoin(Coverage, Coverage.enterprise_id == Enterprise.enterprise_id)
        .where(
            Coverage.enterprise_id.is_(None),
            Enterprise.area.startswith(areas.prefix(area), autoescape=True),
            *(~Enterprise.area.startswith(areas.prefix(other), autoescape=True) for other in elsewhere),
            _of_fields(fields),
        )
    )
    return (await session.scalars(query.order_by(Enterprise.enterprise_id).limit(BATCH))).all()


async def overdue(session: WriteSession, today: date) -> Sequence[tuple[Coverage, Enterprise]]:
    """Some enterprises whose period is over and of whom nobody was told, kept from others meanwhile."""
    query = (
        select(Coverage, Enterprise)
        .join(Enterprise, Enterprise.enterprise_id == Coverage.enterprise_id)
        .where(Coverage.told_on.is_(None), Coverage.due_on < today)
        .order_by(Coverage.due_on, Coverage.enterprise_id)
        .limit(BATCH)
    )
    rows = await session.execute(query.with_for_update(of=Coverage, skip_locked=True))
    return [(row[0], row[1]) for row in rows.all()]


def listed(area: str, today: date) -> Select[Coverage]:
    """The overdue enterprises of an area."""
    return select(Coverage).where(
        Coverage.area.startswith(areas.prefix(area), autoescape=True), Coverage.due_on < today
    )


async def last_inspections(session: ReadSession, enterprise_ids: Iterable[str]) -> dict[str, date]:
    """The day of the last inspection that is known of each enterprise."""
    found: dict[str, date] = {}
    for part in chunks(enterprise_ids):
        query = select(OfficerCall.enterprise_id, func.max(OfficerCall.finished_on)).where(
            OfficerCall.enterprise_id.in_(part)
        )
        found |= dict((await session.execute(query.group_by(OfficerCall.enterprise_id))).all())
    return found


async def figures(session: ReadSession, area: str, today: date) -> list[tuple[str, int, int, int]]:
    """(field, enterprises, those inspected within their period, those overdue) of an area."""
    late = Coverage.due_on < today
    query = (
        select(
            Coverage.field,
            func.count(),
            func.count().filter(~late & Coverage.last_on.is_not(None)),
            func.count().filter(late),
        )
        .where(Coverage.area.startswith(areas.prefix(area), autoescape=True))
        .group_by(Coverage.field)
        .order_by(Coverage.field)
    )
    return [(row[0], row[1], row[2], row[3]) for row in (await session.execute(query)).all()]
