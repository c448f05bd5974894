"""Convene, hold and close the joint conference; adopt its resolutions (CX-01)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from wurao.common.auth import Principal
from wurao.common.contracts.plans import ConferenceHeld
from wurao.common.contracts.shared import JsonObject
from wurao.common.db import WriteSession
from wurao.common.errors import Conflict, NotFound
from wurao.common.ids import new_id
from wurao.scheduling.domain import approval
from wurao.scheduling.domain import conference as rules
from wurao.scheduling.domain.plans import KINDS
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.repository import conference as repository
from wurao.scheduling.repository import planning, replicas
from wurao.scheduling.repository import plans as plan_repository
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.tables import Meeting, Resolution
from wurao.scheduling.usecases import approvals


async def convene(
    session: WriteSession,
    *,
    area: str,
    kind: str,
    day: date,
    reason: str | None,
    topics: Sequence[str],
    who: Principal,
    now: datetime,
    today: date,
) -> Meeting:
    """Convene a meeting with its agenda. Raises Refused, Conflict for a second regular meeting of one period."""
    policy = await Policies(session, today).of(area)
    period = rules.convene(kind, day, reason, policy)
    if kind == rules.REGULAR and await repository.regular(session, area, period):
        raise Conflict("本期例会已经召集", code="conference.convened")
    number = await repository.number_of(session, area, day.year) + 1
    meeting = Meeting(
        meeting_id=new_id(),
        area=area,
        kind=kind,
        period=period,
        title=f"{day.year}年第{number}次涉企执法检查联席会议",
        day=day,
        reason=reason,
        topics=list(topics),
        agenda=await _agenda(session, area, day, topics, policy),
        state=rules.CONVENED,
        convened_by=who.person,
        convened_at=now,
        attendees=[],
    )
    session.add(meeting)
    await session.flush()
    return meeting


async def set_agenda(session: WriteSession, meeting: Meeting, topics: Sequence[str], today: date) -> Meeting:
    """Draw the agenda up anew, from what waits now. Raises Conflict once the meeting ended."""
    rules.require_open(meeting.state)
    policy = await Policies(session, today).of(meeting.area)
    meeting.topics = list(topics)
    meeting.agenda = await _agenda(session, meeting.area, meeting.day, topics, policy)
    await session.flush()
    return meeting


async def _agenda(session: WriteSession, area: str, day: date, topics: Sequence[str], policy: Policy) -> JsonObject:
    drafts = await planning.drafts(session, area)
    waiting = [
        plan
        for plan in drafts
        if approval.awaited(plan.kind, plan.state, plan.steps, policy) in (approval.CONFERENCE, approval.GOVERNMENT)
    ]
    agencies = await replicas.agencies(session, (plan.agency_id for plan in waiting))
    listed: dict[str, int] = {}
    for item in await repository.non_random_items(session, area):
        listed[item.agency_id] = listed.get(item.agency_id, 0) + 1
    plans = [
        rules.Waiting(
            plan.plan_id,
            agencies[plan.agency_id].name if plan.agency_id in agencies else plan.agency_id,
            plan.title,
            KINDS[plan.kind],
        )
        for plan in waiting
    ]
    return rules.agenda(day, plans, listed, topics, policy)


async def hold(
    session: WriteSession, meeting: Meeting, presided_by: str, attendees: Sequence[str], day: date, today: date
) -> Meeting:
    """Record that the meeting took place, who presided and who was there. Raises Refused, Conflict."""
    policy = await Policies(session, today).of(meeting.area)
    members = [agency.agency_id for agency in await repository.members(session, meeting.area)]
    if day > today:
        raise Conflict("会议日期未到", code="conference.not_yet")
    meeting.state = rules.hold(meeting.state, presided_by, attendees, members, policy)
    meeting.presided_by, meeting.attendees, meeting.day = presided_by, list(dict.fromkeys(attendees)), day
    await session.flush()
    return meeting


@dataclass(frozen=True, slots=True)
class Proposed:
    """A resolution to adopt."""

    number: str
    subject: str
    decision: str
    text: str
    plan_ids: tuple[str, ...] = ()
    item_ids: tuple[str, ...] = ()


async def resolve(
    session: WriteSession, meeting: Meeting, wanted: Proposed, who: Principal, *, now: datetime, today: date
) -> Resolution:
    """Adopt a resolution: the plans that it names are approved or returned with it, all of them or none (CX-01).

    Raises Conflict for a number given before or a meeting that is not being held, Refused as an approval does.
    """
    rules.require_held(meeting.state)
    if await repository.resolution(session, meeting.area, wanted.number):
        raise Conflict("该决议文号已经使用", code="conference.number_taken")
    unknown = set(wanted.item_ids) - (await replicas.items(session, wanted.item_ids)).keys()
    if unknown:
        raise NotFound(f"没有检查事项{'、'.join(sorted(unknown))}")
    row = Resolution(
        resolution_id=new_id(),
        meeting_id=meeting.meeting_id,
        area=meeting.area,
        number=wanted.number,
        subject=wanted.subject,
        decision=wanted.decision,
        text=wanted.text,
        plan_ids=list(wanted.plan_ids),
        item_ids=list(wanted.item_ids),
        adopted_by=who.person,
        adopted_at=now,
    )
    session.add(row)
    await session.flush()
    for plan_id in wanted.plan_ids:
        await _decide(session, plan_id, wanted, who, now, today)
    return row


async def _decide(
    session: WriteSession, plan_id: str, wanted: Proposed, who: Principal, now: datetime, today: date
) -> None:
    plan = await plan_repository.get(session, plan_id)
    may = frozenset({approval.CONFERENCE, approval.GOVERNMENT})
    if wanted.decision == "approved":
        said = approvals.Said(wanted.text[:500], wanted.number)
        await approvals.take(session, plan, who, None, said, may=may, now=now, today=today)
    elif wanted.decision == "returned":
        await approvals.give_back(session, plan, who, wanted.text[:500], may=may, now=now, today=today)


async def close(session: WriteSession, meeting: Meeting, summary: str, now: datetime) -> Meeting:
    """End a meeting: its minutes are settled. Raises Conflict unless it is being held."""
    rules.require_held(meeting.state)
    meeting.state, meeting.summary, meeting.closed_at = rules.CLOSED, summary, now
    await session.flush()
    resolutions = await repository.resolutions(session, meeting.meeting_id)
    session.record(
        ConferenceHeld.model_validate(
            {
                "meeting_id": meeting.meeting_id,
                "area": meeting.area,
                "kind": meeting.kind,
                "period": meeting.period,
                "held_on": meeting.day,
                "resolutions": len(resolutions),
                "version": meeting.version,
            }
        )
    )
    return meeting
