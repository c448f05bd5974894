"""Coverage of special fields over HTTP, for those who watch over an area (BE-54)."""

from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import Read
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.scheduling.access import CanWatch, require_area
from wurao.scheduling.repository import coverage as repository
from wurao.scheduling.schemas.coverage import CoverageOut, FieldOut, OverdueOut
from wurao.scheduling.schemas.shared import AreaCode
from wurao.scheduling.tables import Coverage

router = unit_router("coverage")


@router.get("/coverage")
async def coverage(who: CanWatch, session: Read, clock: Now, area: AreaCode) -> CoverageOut:
    """How far special trades and key fields are covered (BE-54)."""
    require_area(who, area)
    found = await repository.figures(session, area, clock.today())
    fields = [FieldOut(field=field, enterprises=n, inspected=done, overdue=late) for field, n, done, late in found]
    return CoverageOut(area=area, on=clock.today(), fields=fields)


@router.get("/coverage/overdue")
async def overdue(
    who: CanWatch, session: Read, clock: Now, area: AreaCode, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[OverdueOut]:
    """Who was due and not inspected 该查不查 (BE-54)."""
    require_area(who, area)
    query = repository.listed(area, clock.today())
    rows, following = await page(session, query, Coverage.enterprise_id, cursor=cursor, limit=limit)
    return Page(items=[OverdueOut.model_validate(row) for row in rows], next_cursor=following)
