"""Statistics over HTTP."""

from datetime import date
from typing import Annotated

from fastapi import Query

from wurao.common.unit import Read
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.supervision.access import CanWatch, require_area
from wurao.supervision.schemas.parts import AreaParam
from wurao.supervision.schemas.statistics import StatisticsOut
from wurao.supervision.usecases import statistics as usecases

router = unit_router("statistics")


@router.get("/statistics")
async def statistics(
    area: AreaParam,
    who: CanWatch,
    session: Read,
    clock: Now,
    first: Annotated[date | None, Query(alias="from", description="first legal day")] = None,
    last: Annotated[date | None, Query(alias="to", description="last legal day")] = None,
) -> StatisticsOut:
    """Figures from recorded events alone (QZ-19); no amounts, no ranks (DT-06)."""
    require_area(who, area)
    begins, ends = usecases.period(first, last, clock.today())
    figures = await usecases.published(session, area, begins, ends)
    return StatisticsOut(area=area, period_from=begins, period_to=ends, figures=figures)
