"""Calendars over HTTP: an agency's and an enterprise's, as JSON, as iCalendar, and under private addresses."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import Depends, Query, Response

from wurao.common.auth import Principal
from wurao.common.clock import legal_date
from wurao.common.db import ReadSession
from wurao.common.errors import Forbidden, Malformed, NotFound
from wurao.common.unit import Write
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.scheduling.access import CanReadCalendar, Public, oversees, require_agency_or_oversight
from wurao.scheduling.api.context import ReadAll
from wurao.scheduling.repository import changes, replicas
from wurao.scheduling.schemas.calendars import CalendarOut, LinkIn, LinkOut, calendar_out, icalendar
from wurao.scheduling.schemas.shared import Day
from wurao.scheduling.tables import CalendarLink
from wurao.scheduling.usecases import calendars as usecases
from wurao.scheduling.usecases.calendars import Owner

router = unit_router("calendars")

BEFORE, AFTER, LONGEST = timedelta(days=31), timedelta(days=180), timedelta(days=400)
MEDIA_TYPE = "text/calendar; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Range:
    """From when to when a calendar is shown."""

    first: date
    last: date


def _range(
    clock: Now,
    first: Annotated[Day | None, Query(alias="from")] = None,
    last: Annotated[Day | None, Query(alias="to")] = None,
) -> Range:
    found = Range(first or clock.today() - BEFORE, last or clock.today() + AFTER)
    if found.last < found.first:
        raise Malformed("结束日期早于开始日期", code="range_reversed")
    if found.last - found.first > LONGEST:
        raise Malformed(f"日历一次最多{LONGEST.days}天", code="range_too_long")
    return found


Days = Annotated[Range, Depends(_range)]


@router.get("/agencies/{agency_id}/calendar")
async def agency_calendar(
    agency_id: str, who: CanReadCalendar, session: ReadAll, clock: Now, days: Days
) -> CalendarOut:
    """The visits of an agency, proposed and cancelled ones too."""
    owner = Owner(agency_id=agency_id)
    await _require(session, who, owner, clock.today())
    return await _json(session, owner, days, clock.today())


@router.get("/agencies/{agency_id}/calendar.ics", response_class=Response)
async def agency_calendar_file(
    agency_id: str, who: CanReadCalendar, session: ReadAll, clock: Now, days: Days
) -> Response:
    """The same as iCalendar."""
    owner = Owner(agency_id=agency_id)
    await _require(session, who, owner, clock.today())
    return await _file(session, owner, days, clock)


@router.get("/enterprises/{enterprise_id}/calendar")
async def enterprise_calendar(
    enterprise_id: str, who: CanReadCalendar, session: ReadAll, clock: Now, days: Days
) -> CalendarOut:
    """The approved visits to an enterprise, with agencies, items and its rights."""
    owner = Owner(enterprise_id=enterprise_id)
    await _require(session, who, owner, clock.today())
    return await _json(session, owner, days, clock.today())


@router.get("/enterprises/{enterprise_id}/calendar.ics", response_class=Response)
async def enterprise_calendar_file(
    enterprise_id: str, who: CanReadCalendar, session: ReadAll, clock: Now, days: Days
) -> Response:
    """The same as iCalendar."""
    owner = Owner(enterprise_id=enterprise_id)
    await _require(session, who, owner, clock.today())
    return await _file(session, owner, days, clock)


@router.post("/calendar-links", status_code=201)
async def make_link(body: LinkIn, who: CanReadCalendar, session: Write, clock: Now) -> LinkOut:
    """A private address of one's own calendar for calendar applications; whoever has it can read the calendar."""
    _require_own(who, body.owner())
    link, secret = await usecases.make_link(session, body.owner(), who.person, clock.now())
    return _link(link, f"/v1/public/calendars/{secret}.ics")


@router.post("/calendar-links/{link_id}/revoke")
async def revoke_link(link_id: str, who: CanReadCalendar, session: Write, clock: Now) -> LinkOut:
    """Close a private address at once."""
    link = await session.get(CalendarLink, link_id)
    if link is None:
        raise NotFound("没有这个日历")
    _require_own(who, Owner(link.agency_id, link.enterprise_id))
    link.revoked_at = link.revoked_at or clock.now()
    return _link(link, None)


@router.get("/public/calendars/{secret}.ics", response_class=Response)
async def subscribed(secret: str, who: Public, session: ReadAll, clock: Now) -> Response:
    """The calendar behind a private address, from a month ago to half a year ahead. No login."""
    link = await changes.link_of(session, usecases.digest(secret))
    days = Range(clock.today() - BEFORE, clock.today() + AFTER)
    return await _file(session, Owner(link.agency_id, link.enterprise_id), days, clock)


def _link(link: CalendarLink, path: str | None) -> LinkOut:
    return LinkOut(link_id=link.link_id, path=path, created_at=link.created_at, revoked_at=link.revoked_at)


def _require_own(who: Principal, owner: Owner) -> None:
    if owner.enterprise_id is not None:
        who.require_enterprise(owner.enterprise_id)
    else:
        assert owner.agency_id is not None
        who.require_agency(owner.agency_id)


async def _require(session: ReadSession, who: Principal, owner: Owner, today: date) -> None:
    """Raises Forbidden unless it is the caller's own calendar, or one of the area that he watches over."""
    if owner.agency_id is not None:
        agency = (await replicas.agencies(session, [owner.agency_id])).get(owner.agency_id)
        if agency is None:
            raise NotFound("没有这个机关")
        require_agency_or_oversight(who, owner.agency_id, agency.area)
        return
    assert owner.enterprise_id is not None
    if who.enterprise_id is not None:
        who.require_enterprise(owner.enterprise_id)
        return
    enterprise = (await replicas.enterprises(session, [owner.enterprise_id], today)).get(owner.enterprise_id)
    if enterprise is None or not oversees(who, enterprise.area):
        raise Forbidden("只能查看本企业的检查日历", code="other_enterprise")


async def _json(session: ReadSession, owner: Owner, days: Range, today: date) -> CalendarOut:
    found = await usecases.entries(session, owner, days.first, days.last)
    return calendar_out(await usecases.owner_name(session, owner, today), owner, days.first, days.last, found)


async def _file(session: ReadSession, owner: Owner, days: Range, clock: Now) -> Response:
    found = await usecases.entries(session, owner, days.first, days.last)
    name = await usecases.owner_name(session, owner, legal_date(clock.now()))
    return Response(icalendar(name, owner, found, clock.now()), media_type=MEDIA_TYPE)
