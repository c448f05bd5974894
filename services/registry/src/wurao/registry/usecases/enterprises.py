"""Which enterprises a caller sees."""

from wurao.common.area import prefix
from wurao.common.auth import Principal
from wurao.common.db import ReadSession
from wurao.registry.repository import agencies as agency_repository
from wurao.registry.repository.enterprises import Sight


async def sight_of(session: ReadSession, who: Principal) -> Sight:
    """Which enterprises a caller sees: itself, those of its area, or those of its agency's area."""
    scope = who.scope()
    if scope.kind == "enterprise":
        return Sight(enterprise_id=scope.enterprise_id)
    if who.area is not None:
        return Sight(area=prefix(who.area))
    if scope.kind == "agency":
        agency = (await agency_repository.known(session, [scope.agency_id])).get(scope.agency_id)
        return Sight(area=prefix(agency.area) if agency else None)
    return Sight()
