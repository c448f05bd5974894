"""Visits and the keys of their codes over HTTP."""

from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Response

from wurao.common.auth import Principal
from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.policy import calendar_for
from wurao.common.qr import svg
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.scheduling.access import CanApproveVisit, CanRead, Public, oversees
from wurao.scheduling.api.context import Codes, Configured
from wurao.scheduling.repository import visits as repository
from wurao.scheduling.schemas.shared import Identifier, WithReason
from wurao.scheduling.schemas.visits import KeysOut, OfficersIn, RescheduleIn, VisitOut
from wurao.scheduling.settings import code_check_url
from wurao.scheduling.tables import Visit
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
    return await _answer(session, await _visible(session, visit_id, who), response)


@router.post("/visits/{visit_id}/approve")
async def approve_visit(
    visit_id: str, who: CanApproveVisit, session: Write, clock: Now, codes: Codes, if_match: IfMatch, response: Response
) -> VisitOut:
    """Approve a proposed visit as a head of its leading agency, and issue its code (LX-01, QZ-09)."""
    visit = await repository.get(session, visit_id)
    usecases.require_lead(visit, who)
    check_match(visit.version, if_match)
    await usecases.approve(session, visit, who, codes, clock.now())
    return await _answer(session, visit, response)


@router.get("/visits/{visit_id}/code.svg", response_class=Response)
async def code_picture(visit_id: str, who: CanRead, session: Read, settings: Configured) -> Response:
    """The action code as a QR symbol that opens the page where anyone can check it."""
    visit = await _visible(session, visit_id, who)
    if visit.code is None:
        raise NotFound("该检查没有有效的行政行为码")
    link = f"{code_check_url(settings)}?{urlencode({'token': visit.code})}"
    return Response(svg(link), media_type="image/svg+xml")


@router.post("/visits/{visit_id}/cancel")
async def cancel_visit(
    visit_id: str, body: WithReason, who: CanApproveVisit, session: Write, if_match: IfMatch, response: Response
) -> VisitOut:
    """Cancel a visit with its tasks; its code is revoked."""
    visit = await repository.get(session, visit_id)
    usecases.require_lead(visit, who)
    check_match(visit.version, if_match)
    await usecases.cancel(session, visit, body.reason)
    return await _answer(session, visit, response)


@router.post("/visits/{visit_id}/officers")
async def change_officers(
    visit_id: str,
    body: OfficersIn,
    who: CanApproveVisit,
    session: Write,
    clock: Now,
    codes: Codes,
    if_match: IfMatch,
    response: Response,
) -> VisitOut:
    """Put other officers on a visit; an approved one gets a new code."""
    visit = await repository.get(session, visit_id)
    usecases.require_lead(visit, who)
    check_match(visit.version, if_match)
    await usecases.change_officers(
        session, visit, body.remove, body.add, body.reason, by=who.subject, signer=codes, now=clock.now()
    )
    return await _answer(session, visit, response)


@router.post("/visits/{visit_id}/reschedule")
async def reschedule_visit(
    visit_id: str,
    body: RescheduleIn,
    who: CanApproveVisit,
    session: Write,
    clock: Now,
    codes: Codes,
    if_match: IfMatch,
    response: Response,
) -> VisitOut:
    """Move a visit to another working day of its tasks' window; an approved one gets a new code."""
    visit = await repository.get(session, visit_id)
    usecases.require_lead(visit, who)
    check_match(visit.version, if_match)
    workday = (await calendar_for(session)).is_workday(body.date)
    await usecases.reschedule(
        session,
        visit,
        body.date,
        body.reason,
        by=who.subject,
        signer=codes,
        now=clock.now(),
        today=clock.today(),
        workday=workday,
    )
    return await _answer(session, visit, response)


@router.get("/public/keys")
async def public_keys(who: Public, codes: Codes) -> KeysOut:
    """The keys that verify action codes, offline and by anyone (QZ-09). No login."""
    return KeysOut(keys=codes.ring.public())


async def _visible(session: ReadSession, visit_id: str, who: Principal) -> Visit:
    """The visit, for those who take part or watch over its area. Raises NotFound."""
    visit = await repository.get(session, visit_id)
    agencies = (await repository.agencies(session, [visit_id])).get(visit_id, [])
    if who.agency_id not in agencies and not oversees(who, visit.area):
        raise NotFound("没有这次检查")
    return visit


async def _answer(session: ReadSession, visit: Visit, response: Response) -> VisitOut:
    etag(response, visit.version)
    [answer] = await _answers(session, [visit])
    return answer


async def _answers(session: ReadSession, visits: list[Visit]) -> list[VisitOut]:
    ids = [visit.visit_id for visit in visits]
    agencies, officers = await repository.agencies(session, ids), await repository.officers(session, ids)
    return [VisitOut.of(visit, agencies.get(visit.visit_id, []), officers.get(visit.visit_id, [])) for visit in visits]
