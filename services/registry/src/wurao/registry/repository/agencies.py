"""Queries on agencies."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, select

from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.registry.domain.agencies import PUBLISHED
from wurao.registry.tables import Agency


async def get(session: ReadSession, agency_id: str) -> Agency:
    """The agency. Raises NotFound."""
    agency = await session.get(Agency, agency_id)
    if agency is None:
        raise NotFound("没有这个执法主体")
    return agency


async def known(session: ReadSession, agency_ids: Iterable[str]) -> dict[str, Agency]:
    """Those of the agencies that exist, by id."""
    found = await session.scalars(select(Agency).where(Agency.agency_id.in_(list(agency_ids))))
    return {agency.agency_id: agency for agency in found}


def directory(area_prefix: str = "") -> Select[Agency]:
    """Published agencies of an area."""
    return select(Agency).where(Agency.state == PUBLISHED, Agency.area.startswith(area_prefix, autoescape=True))


async def all_in(session: ReadSession, area_prefix: str) -> Sequence[Agency]:
    """All agencies of an area."""
    query = select(Agency).where(Agency.area.startswith(area_prefix, autoescape=True)).order_by(Agency.agency_id)
    return (await session.scalars(query)).all()
