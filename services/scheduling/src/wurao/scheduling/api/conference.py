"""The joint conference over HTTP (CX-01)."""

from typing import Annotated

from fastapi import Query, Response
from starlette.responses import HTMLResponse

from wurao.common.auth import Principal
from wurao.common.db import ReadSession
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.scheduling.access import CanHoldConference, CanRead, require_area
from wurao.scheduling.api.context import ReadAll
from wurao.scheduling.repository import conference as repository
from wurao.scheduling.repository import replicas
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.schemas.conference import (
    AgendaIn,
    CloseIn,
    ConferenceOut,
    HoldIn,
    MeetingIn,
    MeetingOut,
    MemberOut,
    MinutesOut,
    NonRandomItem,
    NonRandomOut,
    ResolutionIn,
    ResolutionOut,
)
from wurao.scheduling.schemas.shared import AreaCode
from wurao.scheduling.tables import Meeting
from wurao.scheduling.usecases import conference as usecases
from wurao.scheduling.usecases import minutes

router = unit_router("conference")


@router.get("/conference")
async def get_conference(who: CanRead, session: ReadAll, clock: Now, area: AreaCode) -> ConferenceOut:
    """An area's conference as its pack has it: conveners, members, rhythm (CX-01)."""
    require_area(who, area)
    policy = (await Policies(session, clock.today()).of(area)).conference
    host = policy.host_line.value if policy.host_line else None
    return ConferenceOut(
        area=area,
        required=policy.required.value,
        every_months=policy.every_months.value if policy.every_months else 3,
        extra_meetings=policy.extra_meetings.value,
        conveners=list(policy.conveners.value),
        reports_to=list(policy.reports_to.value),
        members=[
            MemberOut(agency_id=one.agency_id, name=one.name, line=one.line, host=one.line == host)
            for one in await repository.members(session, area)
        ],
    )


@router.get("/conference/non-random-items")
async def non_random_items(
    who: CanRead, session: ReadAll, area: AreaCode, year: Annotated[int, Query(ge=2000, le=2100)]
) -> NonRandomOut:
    """The year's list of non-random items: as the conference adjusted it, else what is published (CX-01)."""
    require_area(who, area)
    resolved = await repository.latest_list(session, area, year)
    if resolved is None:
        items = list(await repository.non_random_items(session, area))
    else:
        items = list((await replicas.item_rows(session, resolved.item_ids)).values())
    return NonRandomOut(
        area=area,
        year=year,
        resolution=resolved.number if resolved else None,
        items=[NonRandomItem.model_validate(item) for item in items],
    )


@router.post("/meetings", status_code=201)
async def convene(
    body: MeetingIn, who: CanHoldConference, session: Write, clock: Now, response: Response
) -> MeetingOut:
    """Convene a meeting, the period's regular one or an extra one; its agenda is what waits (CX-01)."""
    require_area(who, body.area)
    meeting = await usecases.convene(
        session,
        area=body.area,
        kind=body.kind,
        day=body.day,
        reason=body.reason,
        topics=body.topics,
        who=who,
        now=clock.now(),
        today=clock.today(),
    )
    response.headers["Location"] = f"/v1/meetings/{meeting.meeting_id}"
    return _answer(meeting, response)


async def _own(session: ReadSession, meeting_id: str, who: Principal) -> Meeting:
    meeting = await repository.get(session, meeting_id)
    require_area(who, meeting.area)
    return meeting


@router.put("/meetings/{meeting_id}/agenda")
async def set_agenda(
    meeting_id: str,
    body: AgendaIn,
    who: CanHoldConference,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> MeetingOut:
    """Draw the agenda up anew, from what waits now and further topics (CX-01)."""
    meeting = await _own(session, meeting_id, who)
    check_match(meeting.version, if_match)
    await usecases.set_agenda(session, meeting, body.topics, clock.today())
    return _answer(meeting, response)


@router.post("/meetings/{meeting_id}/hold")
async def hold(
    meeting_id: str,
    body: HoldIn,
    who: CanHoldConference,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> MeetingOut:
    """Record that the meeting took place, who presided and who was there (CX-01)."""
    meeting = await _own(session, meeting_id, who)
    check_match(meeting.version, if_match)
    await usecases.hold(session, meeting, body.presided_by, body.attendees, body.held_on, clock.today())
    return _answer(meeting, response)


@router.post("/meetings/{meeting_id}/resolutions", status_code=201)
async def resolve(
    meeting_id: str, body: ResolutionIn, who: CanHoldConference, session: Write, clock: Now
) -> ResolutionOut:
    """Adopt a resolution; the plans that it names are approved or returned with it, all or none (CX-01)."""
    meeting = await _own(session, meeting_id, who)
    wanted = usecases.Proposed(
        body.number, body.subject, body.decision, body.text, tuple(body.plan_ids), tuple(body.item_ids)
    )
    row = await usecases.resolve(session, meeting, wanted, who, now=clock.now(), today=clock.today())
    return ResolutionOut.model_validate(row)


@router.post("/meetings/{meeting_id}/close")
async def close(
    meeting_id: str,
    body: CloseIn,
    who: CanHoldConference,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> MeetingOut:
    """End a meeting: its minutes are settled (CX-01)."""
    meeting = await _own(session, meeting_id, who)
    check_match(meeting.version, if_match)
    await usecases.close(session, meeting, body.summary, clock.now())
    return _answer(meeting, response)


@router.get("/meetings")
async def list_meetings(
    who: CanRead, session: ReadAll, area: AreaCode, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[MeetingOut]:
    """The meetings of an area, oldest first."""
    require_area(who, area)
    rows, following = await page(session, repository.listed(area), Meeting.meeting_id, cursor=cursor, limit=limit)
    return Page(items=[MeetingOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/meetings/{meeting_id}")
async def get_meeting(meeting_id: str, who: CanRead, session: ReadAll, response: Response) -> MeetingOut:
    """A meeting as it stands."""
    return _answer(await _own(session, meeting_id, who), response)


@router.get("/meetings/{meeting_id}/minutes")
async def get_minutes(meeting_id: str, who: CanRead, session: ReadAll, clock: Now) -> MinutesOut:
    """The minutes: agenda, who was there, the report on the period before, resolutions, whom it is handed up to."""
    meeting = await _own(session, meeting_id, who)
    return MinutesOut.model_validate(await minutes.of(session, meeting, clock.today()))


@router.get("/meetings/{meeting_id}/minutes.html", response_class=HTMLResponse)
async def print_minutes(meeting_id: str, who: CanRead, session: ReadAll, clock: Now) -> HTMLResponse:
    """The minutes as a page in Chinese that prints."""
    meeting = await _own(session, meeting_id, who)
    return HTMLResponse(minutes.page(await minutes.of(session, meeting, clock.today())))


def _answer(meeting: Meeting, response: Response) -> MeetingOut:
    etag(response, meeting.version)
    return MeetingOut.model_validate(meeting)
