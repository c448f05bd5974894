"""The public board: one page, no login, nothing from elsewhere."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from wurao.common import area as areas
from wurao.common.db import ReadSession
from wurao.common.policy import pack_for
from wurao.common.problem import PROBLEMS
from wurao.common.unit import Read, UnitRoute
from wurao.common.web import Now
from wurao.supervision.access import Public
from wurao.supervision.pages.board import board_page
from wurao.supervision.schemas.parts import AreaParam
from wurao.supervision.usecases import statistics as usecases

router = APIRouter(route_class=UnitRoute, responses=PROBLEMS, tags=["board"])


@router.get("/board", response_class=HTMLResponse)
async def board(
    who: Public,
    session: Read,
    clock: Now,
    area: AreaParam = areas.COUNTRY,
    first: Annotated[date | None, Query(alias="from", description="first legal day")] = None,
    last: Annotated[date | None, Query(alias="to", description="last legal day")] = None,
) -> HTMLResponse:
    """Aggregate figures of an area as a page in Chinese; the year so far unless days are named."""
    begins, ends = usecases.period(first, last, clock.today())
    figures = await usecases.published(session, area, begins, ends)
    place = await _place(session, area, ends)
    return HTMLResponse(board_page(place, begins, ends, figures, clock.now()))


async def _place(session: ReadSession, area: str, on: date) -> str:
    """The area's name where its own pack gives one, else its code."""
    if area == areas.COUNTRY:
        return "全国"
    pack = await pack_for(session, area, on)
    return pack.title if pack.area == area else f"行政区划 {area}"
