"""Orders to correct over HTTP."""

from typing import Literal

from fastapi import Response

from wurao.common.errors import NotFound
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.supervision.access import CanCorrect, CanHandle, CanReadCorrections, require_area
from wurao.supervision.repository import matters
from wurao.supervision.schemas.corrections import CorrectionOut, FeedbackIn
from wurao.supervision.schemas.parts import Key
from wurao.supervision.tables import Correction
from wurao.supervision.usecases import corrections as usecases

router = unit_router("corrections")


@router.get("/corrections")
async def list_corrections(
    who: CanReadCorrections,
    session: Read,
    state: Literal["open", "answered", "closed"] | None = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[CorrectionOut]:
    """Orders to correct: to the caller's agency, or in the caller's area."""
    query = matters.corrections(who.scope(), state=state)
    rows, following = await page(session, query, Correction.order_id, cursor=cursor, limit=limit)
    return Page(items=[CorrectionOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/corrections/{order_id}")
async def get_correction(order_id: Key, who: CanReadCorrections, session: Read, response: Response) -> CorrectionOut:
    """One order to correct, if the caller may see it."""
    row = await session.scalar(matters.corrections(who.scope(), order_id=order_id))
    if row is None:
        raise NotFound("没有这份责令改正")
    etag(response, row.version)
    return CorrectionOut.model_validate(row)


@router.post("/corrections/{order_id}/feedback")
async def feed_back(
    order_id: Key,
    body: FeedbackIn,
    who: CanCorrect,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> CorrectionOut:
    """The agency says what it did (LX-18)."""
    row = await matters.get(session, Correction, order_id, "没有这份责令改正")
    who.require_agency(row.agency_id)
    check_match(row.version, if_match)
    await usecases.feed_back(session, row, body.text, clock.now())
    etag(response, row.version)
    return CorrectionOut.model_validate(row)


@router.post("/corrections/{order_id}/close")
async def close_correction(
    order_id: Key, who: CanHandle, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> CorrectionOut:
    """The supervisor accepts the correction; refused without feedback (LX-18)."""
    row = await matters.get(session, Correction, order_id, "没有这份责令改正")
    require_area(who, row.area)
    check_match(row.version, if_match)
    await usecases.close(session, row, clock.now())
    etag(response, row.version)
    return CorrectionOut.model_validate(row)
