"""The enterprise's own view over HTTP: one call for everything held about it."""

from typing import Annotated

from fastapi import Path

from wurao.common.unit import Read
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.registry.access import CanSeeOwnHoldings
from wurao.registry.repository import enterprises as repository
from wurao.registry.schemas.base import EnterpriseId
from wurao.registry.schemas.enterprises import EnterpriseOut
from wurao.registry.schemas.overview import (
    BurdenOut,
    CaseOut,
    ComplaintOut,
    EntryOut,
    MeasureOut,
    Overview,
    RightOut,
    VisitOut,
)
from wurao.registry.usecases.enterprises import sight_of
from wurao.registry.usecases.explanation import explanation
from wurao.registry.usecases.overview import holdings

router = unit_router("enterprises")

Id = Annotated[EnterpriseId, Path()]


@router.get("/enterprises/{enterprise_id}/overview")
async def overview(enterprise_id: Id, who: CanSeeOwnHoldings, session: Read, clock: Now) -> Overview:
    """Grade with reasons, visits past and coming, this year's burden, cases, complaints and rights.

    For the enterprise itself only: its complaints are nobody else's business.
    """
    enterprise = await repository.seen(session, enterprise_id, await sight_of(session, who))
    premises = await repository.premises_of(session, [enterprise_id])
    found = await holdings(session, enterprise, clock.now())
    shown = EnterpriseOut.model_validate(enterprise).model_copy(update={"premises": premises.get(enterprise_id, [])})
    return Overview(
        enterprise=shown,
        grade=await explanation(session, enterprise, clock.today()),
        burden=BurdenOut.model_validate(found.burden, from_attributes=True),
        coming=[VisitOut.model_validate(row) for row in found.coming],
        cancelled=[VisitOut.model_validate(row) for row in found.cancelled],
        past=[EntryOut.model_validate(row) for row in found.held.entries],
        cases=[CaseOut.model_validate(row) for row in found.held.cases],
        measures=[MeasureOut.model_validate(row) for row in found.held.measures],
        complaints=[ComplaintOut.model_validate(row) for row in found.held.complaints],
        rights=[RightOut.model_validate(right) for right in found.rights],
        agencies=found.agencies,
    )
