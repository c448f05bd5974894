"""Calendars over HTTP."""

from typing import Annotated

from fastapi import Path

from wurao.common.unit import Write
from wurao.common.unit import router as unit_router
from wurao.registry.access import CanMaintain
from wurao.registry.schemas.policy import CalendarIn, CalendarOut
from wurao.registry.usecases import policy as usecases

router = unit_router("policy")

Year = Annotated[int, Path(ge=2000, le=2100)]


@router.put("/calendars/{year}")
async def put_calendar(year: Year, body: CalendarIn, who: CanMaintain, session: Write) -> CalendarOut:
    """Load a year's table (PL-85)."""
    row = await usecases.load_calendar(session, year, body)
    return CalendarOut.model_validate(row, from_attributes=True)
