"""Complaints over HTTP."""

from typing import Annotated, Literal

from fastapi import Query, Response

from wurao.common.auth import Principal
from wurao.common.errors import NotFound
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.supervision.access import CanComplain, CanHandle, CanReadComplaints, Public, require_area
from wurao.supervision.domain.complaints import is_urgent
from wurao.supervision.repository import matters
from wurao.supervision.schemas.complaints import (
    COMPLAINANT,
    CategoryOut,
    ClosedOut,
    ClosingIn,
    ComplaintIn,
    ComplaintOut,
)
from wurao.supervision.schemas.corrections import CorrectionOut
from wurao.supervision.schemas.leads import LeadOut
from wurao.supervision.schemas.parts import AreaParam, Code, Key
from wurao.supervision.tables import Complaint
from wurao.supervision.usecases import complaints as usecases

router = unit_router("complaints")


def shown(row: Complaint, who: Principal) -> ComplaintOut:
    """The complaint for its reader: agencies learn nothing of who complained, for fear of reprisal."""
    complete = ComplaintOut.model_validate(row)
    if who.scope().kind != "agency":
        return complete
    return complete.model_copy(update=dict.fromkeys(COMPLAINANT))


@router.post("/complaints", status_code=201, responses={200: {"model": ComplaintOut}})
async def file_complaint(
    body: ComplaintIn, who: CanComplain, session: Write, clock: Now, response: Response
) -> ComplaintOut:
    """File a complaint; 200 with the same complaint for an `external_id` that the channel sent before (QZ-29)."""
    row, new = await usecases.file(session, who, body, clock.now())
    response.status_code = 201 if new else 200
    response.headers["Location"] = f"/v1/complaints/{row.complaint_id}"
    etag(response, row.version)
    return shown(row, who)


@router.get("/complaints")
async def list_complaints(
    who: CanReadComplaints,
    session: Read,
    state: Literal["open", "closed"] | None = None,
    category: Annotated[Code | None, Query()] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[ComplaintOut]:
    """Complaints: an enterprise's own, those against an agency, those of an area."""
    query = matters.complaints(who.scope(), state=state, category=category)
    rows, following = await page(session, query, Complaint.complaint_id, cursor=cursor, limit=limit)
    return Page(items=[shown(row, who) for row in rows], next_cursor=following)


@router.get("/complaints/categories")
async def list_categories(area: AreaParam, who: Public, session: Read, clock: Now) -> list[CategoryOut]:
    """What can be complained about in an area, for one-step reporting (YZ-18). No login."""
    section = await usecases.section_for(session, area, clock.today())
    rule = section.categories
    return [
        CategoryOut(
            category=name,
            label=section.labels.value.get(name, name),
            urgent=is_urgent(name),
            clause=rule.clause,
            cite=rule.cite,
        )
        for name in rule.value
    ]


@router.get("/complaints/{complaint_id}")
async def get_complaint(complaint_id: Key, who: CanReadComplaints, session: Read, response: Response) -> ComplaintOut:
    """One complaint, if the caller may see it."""
    row = await session.scalar(matters.complaints(who.scope(), complaint_id=complaint_id))
    if row is None:
        raise NotFound("没有这件投诉")
    etag(response, row.version)
    return shown(row, who)


@router.post("/complaints/{complaint_id}/close")
async def close_complaint(
    complaint_id: Key,
    body: ClosingIn,
    who: CanHandle,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> ClosedOut:
    """Close with outcome and reply; a proven one orders a correction, a suspected breach gives leads (LX-16)."""
    row = await matters.get(session, Complaint, complaint_id, "没有这件投诉")
    require_area(who, row.area)
    check_match(row.version, if_match)
    closed = await usecases.close(session, row, body, who.subject, clock.now())
    etag(response, row.version)
    return ClosedOut(
        complaint=shown(closed.complaint, who),
        correction=CorrectionOut.model_validate(closed.correction) if closed.correction else None,
        leads=[LeadOut.model_validate(lead) for lead in closed.leads],
    )
