"""Callbacks over HTTP."""

from typing import Literal

from fastapi import Response

from wurao.common.errors import NotFound
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.supervision.access import CanCallBack, CanWatch, require_area
from wurao.supervision.domain import callbacks as rules
from wurao.supervision.domain.complaints import labels_of
from wurao.supervision.repository import matters
from wurao.supervision.schemas.callbacks import CallbackOut, ClueOut, ResultIn
from wurao.supervision.schemas.parts import AreaParam, Key, Quarter
from wurao.supervision.tables import Callback
from wurao.supervision.usecases import callbacks as usecases
from wurao.supervision.usecases.complaints import section_for

router = unit_router("callbacks")


@router.get("/callbacks")
async def list_callbacks(
    who: CanWatch,
    session: Read,
    state: Literal["open", "overdue", "done"] | None = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[CallbackOut]:
    """Callbacks of the caller's area. Inspecting agencies do not see what enterprises said."""
    query = matters.callbacks(who.scope(), state=state)
    rows, following = await page(session, query, Callback.callback_id, cursor=cursor, limit=limit)
    return Page(items=[CallbackOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/callbacks/clues")
async def list_clues(
    area: AreaParam,
    quarter: Quarter,
    who: CanWatch,
    session: Read,
    clock: Now,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[ClueOut]:
    """The quarter's list of clues with a proposal on each (CX-09)."""
    require_area(who, area)
    section = await section_for(session, area, clock.today())
    days = rules.quarter(int(quarter[:4]), int(quarter[-1]))
    query = matters.clues(area, days.first, days.last)
    rows, following = await page(session, query, Callback.callback_id, cursor=cursor, limit=limit)
    clues = []
    for row in rows:
        proposal = rules.proposal(row.issues)
        known = CallbackOut.model_validate(row).model_dump(include=set(ClueOut.model_fields))
        labels = list(labels_of(row.issues, section))
        clues.append(ClueOut(**known, labels=labels, proposal=proposal, proposed=rules.PROPOSALS[proposal]))
    return Page(items=clues, next_cursor=following)


@router.get("/callbacks/{callback_id}")
async def get_callback(callback_id: Key, who: CanWatch, session: Read, response: Response) -> CallbackOut:
    """One callback of the caller's area."""
    row = await session.scalar(matters.callbacks(who.scope(), callback_id=callback_id))
    if row is None:
        raise NotFound("没有这次回访")
    etag(response, row.version)
    return CallbackOut.model_validate(row)


@router.post("/callbacks/{callback_id}/result")
async def record_result(
    callback_id: Key,
    body: ResultIn,
    who: CanCallBack,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> CallbackOut:
    """Record what the enterprise said (CX-09)."""
    row = await matters.get(session, Callback, callback_id, "没有这次回访")
    require_area(who, row.area)
    check_match(row.version, if_match)
    await usecases.record(session, row, body, who.subject, clock.now())
    etag(response, row.version)
    return CallbackOut.model_validate(row)
