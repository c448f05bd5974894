"""Why a visit is as it is, over HTTP."""

from wurao.common.errors import NotFound
from wurao.common.unit import router as unit_router
from wurao.scheduling.access import CanRead, oversees
from wurao.scheduling.api.context import ReadAll
from wurao.scheduling.repository import visits as repository
from wurao.scheduling.schemas.checkonce import ExplanationOut
from wurao.scheduling.usecases import explanations as usecases

router = unit_router("visits")


@router.get("/visits/{visit_id}/explanation")
async def explain_visit(visit_id: str, who: CanRead, session: ReadAll) -> ExplanationOut:
    """Why these tasks are together and others are not, who leads, the one form, officers, delegated items, limits."""
    visit = await repository.get(session, visit_id)
    agencies = (await repository.agencies(session, [visit_id])).get(visit_id, [])
    if who.agency_id not in agencies and not oversees(who, visit.area):
        raise NotFound("没有这次检查")
    return ExplanationOut.of(await usecases.explain(session, visit))
