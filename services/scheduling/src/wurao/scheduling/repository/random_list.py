"""Queries on what stands on the random list."""

from sqlalchemy import func, or_, select

from wurao.common import area as areas
from wurao.common.db import ReadSession
from wurao.scheduling.domain.random_list import Listed
from wurao.scheduling.tables import Agency, Item


async def counts(session: ReadSession, area: str) -> list[Listed]:
    """Published items of an area's published agencies, counted by agency and marks."""
    excused = or_(Item.special_industry, Item.key_area)
    query = (
        select(Item.agency_id, Item.random_list, excused, func.count())
        .join(Agency, Agency.agency_id == Item.agency_id)
        .where(Item.published, Agency.published, Agency.area.startswith(areas.prefix(area), autoescape=True))
        .group_by(Item.agency_id, Item.random_list, excused)
    )
    return [Listed(agency_id, on_list, bool(free), n) for agency_id, on_list, free, n in await session.execute(query)]
