"""How plans were carried out, over HTTP (CX-02, LX-17)."""

from typing import Annotated

from fastapi import Query

from wurao.common.auth import Principal
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.scheduling.access import CanRead, oversees, require_area
from wurao.scheduling.api.context import ReadAll
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.schemas.plans import EvaluationOut, EvaluationsOut
from wurao.scheduling.schemas.shared import AreaCode, Identifier
from wurao.scheduling.usecases import evaluation as usecases

router = unit_router("plans")

QUARTER = 3
YearParam = Annotated[int, Query(ge=2000, le=2100)]
AgencyParam = Annotated[Identifier | None, Query()]


def agency_in_sight(who: Principal, area: str, agency_id: str | None) -> str | None:
    """The agency whose figures a caller may see: who watches over the area any or all, others their own.

    Raises Forbidden otherwise.
    """
    if oversees(who, area):
        return agency_id
    require_area(who, area)
    who.require_agency(agency_id or who.agency_id or "")
    return agency_id or who.agency_id


@router.get("/plans/evaluation")
async def evaluation(
    who: CanRead, session: ReadAll, clock: Now, area: AreaCode, year: YearParam, agency_id: AgencyParam = None
) -> EvaluationsOut:
    """A year's plans in figures, per quarter or in the periods that the pack evaluates by (CX-02, LX-17)."""
    agency_id = agency_in_sight(who, area, agency_id)
    every = (await Policies(session, clock.today()).of(area)).plan.evaluation_every_months
    months = every.value if every else QUARTER
    periods = await usecases.of_the_year(session, area, year, months, agency_id)
    return EvaluationsOut(
        area=area,
        year=year,
        agency_id=agency_id,
        every_months=months,
        periods=[EvaluationOut.model_validate(one.document()) for one in periods],
    )
