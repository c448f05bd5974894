"""Agencies over HTTP."""

from typing import Annotated

from fastapi import Path, Response

from wurao.common.auth import Principal
from wurao.common.db import WriteSession
from wurao.common.importing import IMPORT_BODY, Uploaded
from wurao.common.imports import ImportReport
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.registry.access import CanImport, CanPublish, CanRead, Public, require_area
from wurao.registry.repository import agencies as repository
from wurao.registry.schemas.agencies import AgencyOut, AgencyRow, Withdrawal
from wurao.registry.schemas.base import Identifier
from wurao.registry.tables import Agency
from wurao.registry.usecases import agencies as usecases

router = unit_router("agencies")

AgencyId = Annotated[Identifier, Path()]


@router.post("/agencies/import", openapi_extra=IMPORT_BODY)
async def import_agencies(who: CanImport, session: Write, upload: Uploaded, clock: Now) -> ImportReport:
    """Enter agencies from CSV or NDJSON; the report names every bad row."""
    checked = upload.check(AgencyRow, unique=lambda row: row.agency_id)
    await usecases.confirm(session, checked.good, clock.today())
    return checked.report


@router.get("/agencies/{agency_id}")
async def get_agency(agency_id: AgencyId, who: CanRead, session: Read, response: Response) -> AgencyOut:
    """An agency in any state."""
    agency = await repository.get(session, agency_id)
    etag(response, agency.version)
    return AgencyOut.model_validate(agency)


@router.post("/agencies/{agency_id}/publish")
async def publish_agency(
    agency_id: AgencyId, who: CanPublish, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> AgencyOut:
    """Publish a confirmed agency (DT-01)."""
    await _require_change(session, agency_id, who, if_match)
    agency = await usecases.publish(session, agency_id, clock.today())
    etag(response, agency.version)
    return AgencyOut.model_validate(agency)


@router.post("/agencies/{agency_id}/withdraw")
async def withdraw_agency(
    agency_id: AgencyId, body: Withdrawal, who: CanPublish, session: Write, clock: Now, if_match: IfMatch
) -> AgencyOut:
    """Withdraw an agency (DT-01)."""
    await _require_change(session, agency_id, who, if_match)
    return AgencyOut.model_validate(await usecases.withdraw(session, agency_id, body.reason, clock.today()))


@router.get("/public/agencies")
async def directory(who: Public, session: Read, cursor: CursorParam = None, limit: LimitParam = 50) -> Page[AgencyOut]:
    """Who may enforce, on what authority, by which procedure and with which remedies (DT-03). No login."""
    rows, following = await page(session, repository.directory(), Agency.agency_id, cursor=cursor, limit=limit)
    return Page(items=[AgencyOut.model_validate(row) for row in rows], next_cursor=following)


async def _require_change(session: WriteSession, agency_id: str, who: Principal, if_match: int | None) -> None:
    agency = await repository.get(session, agency_id)
    require_area(who, agency.area)
    check_match(agency.version, if_match)
