"""Which agencies a caller of the registry's staff routes sees."""

from wurao.common.auth import Principal
from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.registry.repository import agencies as repository
from wurao.registry.tables import Agency
from wurao.registry.usecases.enterprises import sight_of


async def agency_in_sight(session: ReadSession, agency_id: str, who: Principal) -> Agency:
    """The agency if it lies within the caller's area. Raises NotFound, as for one that does not exist."""
    agency = await repository.get(session, agency_id)
    seen = (await sight_of(session, who)).area
    if seen is None or not agency.area.startswith(seen):
        raise NotFound("没有这个执法主体")
    return agency
