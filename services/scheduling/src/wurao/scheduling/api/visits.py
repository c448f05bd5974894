"""Visits and the keys of their codes over HTTP."""

from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Response

from wurao.common.auth import Principal
from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.qr import svg
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.scheduling.access import CanApproveVisit, CanRead, Public, oversees
from wurao.scheduling.api.context import Codes, Configured, ReadAll
from wurao.scheduling.repository import changes
from wurao.scheduling.repository import visits as repository
from wurao.scheduling.schemas.shared import Digest, Identifier
from wurao.scheduling.schemas.visits import KeysOut, RevokedCodeOut, VisitOut
from wurao.scheduling.settings import code_check_url
from wurao.scheduling.tables import RevokedCode, Visit
from wurao.scheduling.usecases import changing
from wurao.scheduling.usecases import visits as usecases

router = unit_router("visits")

VisitState = Annotated[str | None, Query(pattern="^(proposed|approved|started|finished|cancelled|lapsed)$")]
Filter = Annotated[Identifier | None, Query()]


@router.get("/visits")
async def list_visits(
    who: CanRead,
    session: Read,
    state: VisitState = None,
    agency_id: Filter = None,
    enterprise_id: Filter = None,
    day: date | None = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[VisitOut]:
    """The visits that the caller may see, oldest first."""
    query = repository.listed(who.scope(), state=state, agency_id=agency_id, enterprise_id=enterprise_id, day=day)
    rows, following = await page(session, query, Visit.visit_id, cursor=cursor, limit=limit)
    return Page(items=await _answers(session, rows), next_cursor=following)


@router.get("/visits/{visit_id}")
async def get_visit(visit_id: str, who: CanRead, session: Read, response: Response) -> VisitOut:
    """A visit in any state."""
    return await answer(session, await visible(session, visit_id, who), response)


@router.post("/visits/{visit_id}/approve")
async def approve_visit(
    visit_id: str, who: CanApproveVisit, session: Write, clock: Now, codes: Codes, if_match: IfMatch, response: Response
) -> VisitOut:
    """Approve a proposed visit as a head of its leading agency, and issue its code (LX-01, QZ-09)."""
    visit = await changing.locked(session, visit_id)
    usecases.require_lead(visit, who)
    check_match(visit.version, if_match)
    await usecases.approve(session, visit, who, codes, clock.now())
    return await answer(session, visit, response)


@router.get("/visits/{visit_id}/code.svg", response_class=Response)
async def code_picture(visit_id: str, who: CanRead, session: Read, settings: Configured) -> Response:
    """The action code as a QR symbol that opens the page where anyone can check it."""
    visit = await visible(session, visit_id, who)
    if visit.code is None:
        raise NotFound("该检查没有有效的行政行为码")
    link = f"{code_check_url(settings)}?{urlencode({'token': visit.code})}"
    return Response(svg(link), media_type="image/svg+xml")


@router.get("/public/officer-lists/{visit_id}/{sha256}", response_class=Response)
async def public_officer_list(visit_id: Identifier, sha256: Digest, who: Public, session: ReadAll) -> Response:
    """The officers who could be drawn for a visit, as the bytes whose digest the visit shows (YZ-10). No login."""
    document = await repository.officer_list(session, visit_id, sha256)
    return Response(document, media_type="text/csv; charset=utf-8")


@router.get("/public/keys")
async def public_keys(who: Public, codes: Codes) -> KeysOut:
    """The keys that verify action codes, offline and by anyone (QZ-09). No login."""
    return KeysOut(keys=codes.ring.public())


@router.get("/public/revoked-codes")
async def revoked_codes(
    who: Public, session: ReadAll, clock: Now, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[RevokedCodeOut]:
    """Codes that were replaced or taken back before their window was over: for who verifies offline. No login."""
    rows, following = await page(session, changes.revoked(clock.now()), RevokedCode.code_id, cursor=cursor, limit=limit)
    return Page(items=[RevokedCodeOut.model_validate(row) for row in rows], next_cursor=following)


async def visible(session: ReadSession, visit_id: str, who: Principal) -> Visit:
    """The visit, for those who take part or watch over its area. Raises NotFound."""
    visit = await repository.get(session, visit_id)
    agencies = (await repository.agencies(session, [visit_id])).get(visit_id, [])
    if who.agency_id not in agencies and not oversees(who, visit.area):
        raise NotFound("没有这次检查")
    return visit


async def answer(session: ReadSession, visit: Visit, response: Response) -> VisitOut:
    """The visit with its version as ETag."""
    etag(response, visit.version)
    [found] = await _answers(session, [visit])
    return found


async def _answers(session: ReadSession, visits: list[Visit]) -> list[VisitOut]:
    ids = [visit.visit_id for visit in visits]
    agencies, officers = await repository.agencies(session, ids), await repository.officers(session, ids)
    waiting = await changes.awaiting(session, ids)
    return [
        VisitOut.of(
            visit, agencies.get(visit.visit_id, []), officers.get(visit.visit_id, []), waiting.get(visit.visit_id)
        )
        for visit in visits
    ]
