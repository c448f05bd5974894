"""Which enterprises a caller sees, and what it sees of one."""

from datetime import date

from wurao.common.area import prefix
from wurao.common.auth import Principal
from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.registry.domain.enterprises import as_of
from wurao.registry.repository import agencies as agency_repository
from wurao.registry.repository import enterprise_search, lives
from wurao.registry.repository import enterprises as repository
from wurao.registry.repository.enterprises import Sight
from wurao.registry.schemas.enterprises import EnterpriseOut, Renaming
from wurao.registry.tables import Enterprise


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


async def shown(session: ReadSession, enterprise: Enterprise, on: date | None) -> EnterpriseOut:
    """An enterprise with its premises and former names and codes; with a day, its particulars as they were then.

    Grade, premises and former names are those of now, since grades have a history of their own. Raises NotFound
    for a day before its registration.
    """
    enterprise_id = enterprise.enterprise_id
    present = EnterpriseOut.model_validate(enterprise)
    former = (await enterprise_search.former_names(session, [enterprise_id])).get(enterprise_id, [])
    beside = {
        "premises": (await repository.premises_of(session, [enterprise_id])).get(enterprise_id, []),
        "former_names": [Renaming.model_validate(row) for row in former],
        "former_codes": (await enterprise_search.old_codes(session, [enterprise_id])).get(enterprise_id, []),
    }
    if on is None:
        return present.model_copy(update=beside)
    if enterprise.registered_on is not None and on < enterprise.registered_on:
        raise NotFound("当日尚未登记")
    then = as_of(present.model_dump(), await lives.pasts(session, enterprise_id, on), on)
    return EnterpriseOut.model_validate(then | beside | {"as_of": on})
