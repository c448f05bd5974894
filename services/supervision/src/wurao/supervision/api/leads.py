"""Leads over HTTP: each recipient its own stream."""

from typing import Literal

from fastapi import Response
from sqlalchemy import Select

from wurao.common.auth import Principal, Role
from wurao.common.errors import Forbidden
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.supervision.access import CanReadLeads, CanReceiveLeads
from wurao.supervision.repository import matters
from wurao.supervision.schemas.leads import AcknowledgementIn, LeadOut
from wurao.supervision.schemas.parts import Key
from wurao.supervision.tables import Lead
from wurao.supervision.usecases import leads as usecases

router = unit_router("leads")


def _seen_by(who: Principal, state: str | None) -> Select[Lead]:
    if Role.SUPERVISOR in who.roles:
        return matters.leads_for_supervisors(who.scope(), state=state)
    if who.area is None:
        raise Forbidden("凭证未写明辖区", code="no_area")
    return matters.leads_for_recipient(usecases.recipient_of(who), who.area, state=state)


@router.get("/leads")
async def list_leads(
    who: CanReadLeads,
    session: Read,
    state: Literal["referred", "acknowledged"] | None = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[LeadOut]:
    """Leads: a recipient's own stream in its area; a supervisor's area, whoever received them (DT-17)."""
    rows, following = await page(session, _seen_by(who, state), Lead.lead_id, cursor=cursor, limit=limit)
    return Page(items=[LeadOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/leads/{lead_id}")
async def get_lead(lead_id: Key, who: CanReadLeads, session: Read, response: Response) -> LeadOut:
    """One lead, if the caller may see it."""
    row = await usecases.readable(session, who, lead_id)
    etag(response, row.version)
    return LeadOut.model_validate(row)


@router.post("/leads/{lead_id}/acknowledge")
async def acknowledge(
    lead_id: Key,
    who: CanReceiveLeads,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
    body: AcknowledgementIn | None = None,
) -> LeadOut:
    """Confirm the hand-over (CX-19)."""
    check_match((await usecases.received(session, who, lead_id)).version, if_match)
    row = await usecases.acknowledge(session, who, lead_id, body.note if body else "", clock.now())
    etag(response, row.version)
    return LeadOut.model_validate(row)
