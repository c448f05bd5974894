"""Agencies over HTTP."""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import Path, Query, Request, Response

from wurao.common.area import prefix
from wurao.common.auth import Principal
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import NotFound
from wurao.common.importing import IMPORT_BODY
from wurao.common.imports import Checked, ImportReport
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.registry.access import CanImport, CanMaintain, CanPublish, CanRead, Public, require_area
from wurao.registry.api.locate import locate
from wurao.registry.api.sight import agency_in_sight
from wurao.registry.api.uploads import rows_of
from wurao.registry.repository import agencies as repository
from wurao.registry.schemas.agencies import (
    AgencyIn,
    AgencyOut,
    AgencyRow,
    ChangeOut,
    Confirmation,
    DelegationIn,
    Lapsing,
    PublicAgency,
    UnitRow,
    Withdrawal,
)
from wurao.registry.schemas.base import NO_NUL, AreaCode, Identifier
from wurao.registry.tables import Agency, AgencyChange
from wurao.registry.usecases import agencies as usecases
from wurao.registry.usecases import agency_imports as imports
from wurao.registry.usecases import directory as views
from wurao.registry.usecases.enterprises import sight_of

router = unit_router("agencies")

AgencyId = Annotated[Identifier, Path()]
Rows = Annotated[Checked[AgencyRow], rows_of(AgencyRow, lambda row: row.agency_id)]
Units = Annotated[Checked[UnitRow], rows_of(UnitRow, lambda row: row.unit_id)]
AreaParam = Annotated[AreaCode | None, Query(description="only this area and what lies within it")]
LineParam = Annotated[str | None, Query(pattern=r"^[a-z_]{2,40}$", description="only this line of administration")]
NamePart = Annotated[str, Query(max_length=60, pattern=NO_NUL, description="part of the name")]


@router.post("/agencies", status_code=201)
async def register_agency(
    body: AgencyIn, who: CanMaintain, session: Write, clock: Now, request: Request, response: Response
) -> AgencyOut:
    """Confirm one agency, an entrusted one with its delegation; unfit bodies are refused (DT-01, QZ-02)."""
    require_area(who, body.area)
    agency = await imports.register(session, body, who, clock.now())
    locate(request, response, f"/v1/agencies/{agency.agency_id}")
    etag(response, agency.version)
    return AgencyOut.model_validate(agency)


@router.post("/agencies/import", openapi_extra=IMPORT_BODY)
async def import_agencies(rows: Rows, who: CanImport, session: Write, clock: Now) -> ImportReport:
    """Enter agencies of the caller's area from CSV or NDJSON; the report names every bad row."""
    return await imports.enter(session, rows, who, clock.now())


@router.post("/units/import", openapi_extra=IMPORT_BODY)
async def import_units(rows: Units, who: CanImport, session: Write, clock: Now) -> ImportReport:
    """Enter internal units of agencies from CSV or NDJSON."""
    return await imports.enter_units(session, rows, who, clock.now())


@router.get("/agencies")
async def list_agencies(
    who: CanRead,
    session: Read,
    area: AreaParam = None,
    line: LineParam = None,
    state: Literal["confirmed", "published", "withdrawn"] | None = None,
    q: NamePart = "",
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[AgencyOut]:
    """Agencies in any state within the caller's area."""
    query = repository.register(await _within(session, who, area), line, state, q)
    rows, following = await page(session, query, Agency.agency_id, cursor=cursor, limit=limit)
    return Page(items=[AgencyOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/agencies/lapsing")
async def list_lapsing(
    who: CanRead,
    session: Read,
    clock: Now,
    area: AreaParam = None,
    days: Annotated[int | None, Query(ge=0, le=3660, description="days from today; else the pack's")] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[Lapsing]:
    """Bodies within the caller's area whose delegation ends within some days, the first to end first (DT-01)."""
    within, today = await _within(session, who, area), clock.today()
    ahead = days if days is not None else await views.lapse_notice(session, within.ljust(6, "0"), today)
    query = repository.lapsing(within, today + timedelta(days=ahead))
    keys = (Agency.delegated_until, Agency.agency_id)
    rows, following = await page(session, query, *keys, cursor=cursor, limit=limit)
    return Page(items=await views.lapsing(session, rows, today), next_cursor=following)


@router.get("/agencies/{agency_id}")
async def get_agency(agency_id: AgencyId, who: CanRead, session: Read, response: Response) -> AgencyOut:
    """An agency within the caller's area, in any state."""
    agency = await agency_in_sight(session, agency_id, who)
    etag(response, agency.version)
    return AgencyOut.model_validate(agency)


@router.get("/agencies/{agency_id}/history")
async def agency_history(
    agency_id: AgencyId, who: CanRead, session: Read, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[ChangeOut]:
    """Who did what to an agency within the caller's area, when and why, the last first."""
    agency = await agency_in_sight(session, agency_id, who)
    query = repository.changes(agency.agency_id)
    rows, following = await page(session, query, AgencyChange.change_id, cursor=cursor, limit=limit, descending=True)
    return Page(items=[ChangeOut.model_validate(row) for row in rows], next_cursor=following)


@router.post("/agencies/{agency_id}/publish")
async def publish_agency(
    agency_id: AgencyId, who: CanPublish, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> AgencyOut:
    """Publish a confirmed agency; refused without the authority that its kind needs (DT-01)."""
    await _require_change(session, agency_id, who, if_match)
    return _answer(response, await usecases.publish(session, agency_id, who.subject, clock.now()))


@router.post("/agencies/{agency_id}/withdraw")
async def withdraw_agency(
    agency_id: AgencyId,
    body: Withdrawal,
    who: CanPublish,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> AgencyOut:
    """Withdraw an agency and whoever acts on its delegation alone (DT-01)."""
    await _require_change(session, agency_id, who, if_match)
    return _answer(response, await usecases.withdraw(session, agency_id, body.reason, who.subject, clock.now()))


@router.post("/agencies/{agency_id}/confirm")
async def confirm_agency_anew(
    agency_id: AgencyId,
    body: Confirmation,
    who: CanPublish,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> AgencyOut:
    """Confirm a withdrawn agency once more; its history stays (DT-01)."""
    await _require_change(session, agency_id, who, if_match)
    return _answer(response, await usecases.confirm_anew(session, agency_id, body.reason, who.subject, clock.now()))


@router.post("/agencies/{agency_id}/delegations")
async def delegate(
    agency_id: AgencyId,
    body: DelegationIn,
    who: CanPublish,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> AgencyOut:
    """Register an entrusted body's delegation, or renew it before it ends."""
    await _require_change(session, agency_id, who, if_match)
    return _answer(response, await usecases.delegate(session, agency_id, body.as_rule(), who.subject, clock.now()))


@router.get("/public/agencies")
async def directory(
    who: Public,
    session: Read,
    clock: Now,
    area: AreaParam = None,
    line: LineParam = None,
    q: NamePart = "",
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[PublicAgency]:
    """Who may enforce, on what authority, by which procedure and with which remedies (DT-03). No login."""
    query = repository.directory(prefix(area) if area else "", line, q)
    rows, following = await page(session, query, Agency.agency_id, cursor=cursor, limit=limit)
    return Page(items=await views.shown(session, rows, clock.today()), next_cursor=following)


@router.get("/public/agencies/{agency_id}")
async def directory_entry(agency_id: AgencyId, who: Public, session: Read, clock: Now) -> PublicAgency:
    """A published agency (DT-01, DT-03). No login."""
    [shown] = await views.shown(session, [await repository.published(session, agency_id)], clock.today())
    return shown


def _answer(response: Response, agency: Agency) -> AgencyOut:
    etag(response, agency.version)
    return AgencyOut.model_validate(agency)


async def _within(session: ReadSession, who: Principal, area: str | None) -> str:
    """What the codes of the areas asked for begin with. Raises NotFound for an area that the caller does not see."""
    seen = (await sight_of(session, who)).area
    wanted = prefix(area) if area is not None else seen
    if seen is None or wanted is None or not wanted.startswith(seen):
        raise NotFound("没有这个行政区划")
    return wanted


async def _require_change(session: WriteSession, agency_id: str, who: Principal, if_match: int | None) -> None:
    agency = await repository.get(session, agency_id)
    require_area(who, agency.area)
    check_match(agency.version, if_match)
