"""Exemptions over HTTP, for those who watch over an area."""

from datetime import datetime, time, timedelta
from typing import Annotated

from fastapi import Query

from wurao.common.clock import SHANGHAI
from wurao.common.errors import Malformed
from wurao.common.unit import Read
from wurao.common.unit import router as unit_router
from wurao.scheduling.access import CanWatch, require_area
from wurao.scheduling.domain.exemptions import per_agency
from wurao.scheduling.repository import exemptions as repository
from wurao.scheduling.schemas.exemptions import ExemptedOut, ExemptionsOut
from wurao.scheduling.schemas.shared import AreaCode, Day

router = unit_router("tasks")


@router.get("/exemptions")
async def exemptions(
    who: CanWatch, session: Read, area: AreaCode, since: Annotated[Day, Query()], until: Annotated[Day, Query()]
) -> ExemptionsOut:
    """How often each agency left the draw or the plan, on what ground and in which month; who stands out is marked."""
    require_area(who, area)
    if until < since:
        raise Malformed("截止日期早于开始日期", code="period.reversed")
    begin = datetime.combine(since, time.min, SHANGHAI)
    end = datetime.combine(until + timedelta(days=1), time.min, SHANGHAI)
    found = per_agency(await repository.counted(session, area, begin, end))
    return ExemptionsOut(
        area=area, since=since, until=until, agencies=[ExemptedOut.model_validate(one) for one in found]
    )
