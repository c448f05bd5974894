"""Sanctions, lost cases and heavy cases over HTTP."""

from typing import Annotated, Literal

from fastapi import Query, Response

from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.supervision.access import CanHandle, CanWatch, require_area
from wurao.supervision.repository import matters
from wurao.supervision.schemas.accountability import (
    ConclusionIn,
    HeavyCaseOut,
    LostCaseIn,
    SanctionIn,
    SanctionOut,
    TraceBackOut,
)
from wurao.supervision.schemas.parts import Identifier, Key
from wurao.supervision.tables import HeavyCase, Sanction, TraceBack
from wurao.supervision.usecases import accountability as usecases

router = unit_router("accountability")


@router.post("/sanctions", status_code=201)
async def sanction(body: SanctionIn, who: CanHandle, session: Write, clock: Now, response: Response) -> SanctionOut:
    """Suspend or revoke an officer's certificate (DT-18)."""
    row = await usecases.sanction(session, who, body, clock.now())
    response.headers["Location"] = f"/v1/sanctions?officer_id={row.officer_id}"
    return SanctionOut.model_validate(row)


@router.get("/sanctions")
async def list_sanctions(
    who: CanWatch,
    session: Read,
    officer_id: Annotated[Identifier | None, Query()] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[SanctionOut]:
    """Sanctions of the caller's area."""
    query = matters.sanctions(who.scope(), officer_id=officer_id)
    rows, following = await page(session, query, Sanction.decision_id, cursor=cursor, limit=limit)
    return Page(items=[SanctionOut.model_validate(row) for row in rows], next_cursor=following)


@router.post("/lost-cases", status_code=201, responses={200: {"model": TraceBackOut}})
async def lost_case(body: LostCaseIn, who: CanHandle, session: Write, clock: Now, response: Response) -> TraceBackOut:
    """Trace a lost case back (DT-18); 200 with the same trace-back for a case that is traced already."""
    row, new = await usecases.trace_back(session, who, body, clock.now())
    response.status_code = 201 if new else 200
    response.headers["Location"] = f"/v1/trace-backs/{row.trace_back_id}"
    etag(response, row.version)
    return TraceBackOut.model_validate(row)


@router.get("/trace-backs")
async def list_trace_backs(
    who: CanWatch,
    session: Read,
    state: Literal["open", "concluded"] | None = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[TraceBackOut]:
    """Lost cases traced back in the caller's area."""
    query = matters.trace_backs(who.scope(), state=state)
    rows, following = await page(session, query, TraceBack.trace_back_id, cursor=cursor, limit=limit)
    return Page(items=[TraceBackOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/trace-backs/{trace_back_id}")
async def get_trace_back(trace_back_id: Key, who: CanWatch, session: Read, response: Response) -> TraceBackOut:
    """One lost case traced back."""
    row = await matters.get(session, TraceBack, trace_back_id, "没有这项责任倒查")
    require_area(who, row.area)
    etag(response, row.version)
    return TraceBackOut.model_validate(row)


@router.post("/trace-backs/{trace_back_id}/conclude")
async def conclude(
    trace_back_id: Key,
    body: ConclusionIn,
    who: CanHandle,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> TraceBackOut:
    """Say who is liable for a lost case (DT-18)."""
    row = await matters.get(session, TraceBack, trace_back_id, "没有这项责任倒查")
    require_area(who, row.area)
    check_match(row.version, if_match)
    await usecases.conclude(session, row, body, clock.now())
    etag(response, row.version)
    return TraceBackOut.model_validate(row)


@router.get("/heavy-cases")
async def list_heavy_cases(
    who: CanWatch, session: Read, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[HeavyCaseOut]:
    """Heavy cases of the caller's area, as events filed them (QZ-31), the latest first."""
    rows, following = await page(
        session,
        matters.heavy_cases(who.scope()),
        HeavyCase.filed_at,
        HeavyCase.case_id,
        cursor=cursor,
        limit=limit,
        descending=True,
    )
    return Page(items=[HeavyCaseOut.model_validate(row) for row in rows], next_cursor=following)
