"""Policy packs and calendars over HTTP."""

from datetime import date
from typing import Annotated

from fastapi import Path, Query

from wurao.common.packs import load_packs
from wurao.common.policy import pack_for
from wurao.common.unit import Read, Write
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.registry.access import CanMaintain, Public, require_area
from wurao.registry.schemas.base import AreaCode
from wurao.registry.schemas.policy import Activation, ActivePack, CalendarIn, CalendarOut, ParameterOut
from wurao.registry.usecases import policy as usecases

router = unit_router("policy")

Area = Annotated[AreaCode, Query()]
Year = Annotated[int, Path(ge=2000, le=2100)]


@router.get("/packs")
async def list_packs(who: Public) -> list[str]:
    """Names of the packs that can be activated."""
    return sorted(load_packs())


@router.post("/packs/{name}/activate")
async def activate_pack(name: str, body: Activation, who: CanMaintain, session: Write) -> ActivePack:
    """Let a pack take effect in an area from a day."""
    require_area(who, body.area)
    row = await usecases.activate(session, name, body)
    return ActivePack.model_validate(row, from_attributes=True)


@router.get("/packs/effective")
async def effective(area: Area, who: Public, session: Read, clock: Now, on: date | None = None) -> list[ParameterOut]:
    """Every parameter in force in an area on a day, with clause and citation."""
    day = usecases.as_of(on, clock.today())
    pack = await pack_for(session, area, day)
    found = [(name, pack.param(name, day)) for name in pack.names_on(day)]
    return [ParameterOut(name=name, **param.model_dump()) for name, param in found]


@router.put("/calendars/{year}")
async def put_calendar(year: Year, body: CalendarIn, who: CanMaintain, session: Write) -> CalendarOut:
    """Load a year's table (PL-85)."""
    row = await usecases.load_calendar(session, year, body)
    return CalendarOut.model_validate(row, from_attributes=True)
