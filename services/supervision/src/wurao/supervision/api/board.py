"""The public board: one page, no login, nothing from elsewhere."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from wurao.common import area as areas
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
    return HTMLResponse(board_page(area, begins, ends, figures, clock.now()))
