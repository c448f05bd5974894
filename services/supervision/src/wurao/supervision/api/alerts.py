"""Alerts over HTTP."""

from typing import Annotated, Literal

from fastapi import Query, Response

from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.supervision.access import CanHandle, CanWatch, require_area
from wurao.supervision.repository import matters
from wurao.supervision.schemas.alerts import AlertOut, ClearingIn
from wurao.supervision.schemas.parts import Code, Key
from wurao.supervision.tables import Alert
from wurao.supervision.usecases import alerts as usecases

router = unit_router("alerts")


@router.get("/alerts")
async def list_alerts(
    who: CanWatch,
    session: Read,
    state: Literal["open", "cleared"] | None = None,
    kind: Annotated[Code | None, Query()] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[AlertOut]:
    """Alerts of the caller's area, the newest first."""
    query = matters.alerts(who.scope(), state=state, kind=kind)
    rows, following = await page(session, query, Alert.alert_id, cursor=cursor, limit=limit, descending=True)
    return Page(items=[AlertOut.model_validate(row) for row in rows], next_cursor=following)


@router.post("/alerts/{alert_id}/clear")
async def clear_alert(
    alert_id: Key,
    body: ClearingIn,
    who: CanHandle,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> AlertOut:
    """End an alert that was looked into (QZ-30)."""
    row = await matters.get(session, Alert, alert_id, "没有这条预警")
    require_area(who, row.area)
    check_match(row.version, if_match)
    await usecases.clear(session, row, body.reason, clock.now())
    etag(response, row.version)
    return AlertOut.model_validate(row)
