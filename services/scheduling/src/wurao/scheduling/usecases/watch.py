"""Watch over deadlines: plans and meetings that are owed and did not come are told once (CX-01, CX-02, LX-02)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from wurao.common import area as areas
from wurao.common.clock import legal_date
from wurao.common.contracts import Event
from wurao.common.contracts.plans import ConferenceOverdue, PlanOverdue
from wurao.common.db import WriteSession
from wurao.scheduling.domain import owed as rules
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.domain.quarters import period_of
from wurao.scheduling.repository import conference as repository
from wurao.scheduling.repository import planning
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.tables import DeadlineWatch, OverdueNotice, Plan


async def tell_overdue(session: WriteSession, now: datetime) -> int:
    """Tell of what became overdue in each governed area since it is watched; returns how many are new."""
    today = legal_date(now)
    policies = Policies(session, today)
    told = 0
    governed = await repository.governed_areas(session, today)
    for area in governed:
        since = await _watched_since(session, area, today)
        policy = await policies.of(area)
        elsewhere = [other for other in governed if other != area and areas.covers(area, other)]
        overdue: list[PlanOverdue | ConferenceOverdue] = [
            *await _plans(session, area, elsewhere, since, today, policy),
            *await _meetings(session, area, since, today, policy),
        ]
        told += await _tell(session, area, overdue, now)
    return told


async def _watched_since(session: WriteSession, area: str, today: date) -> date:
    watch = await session.get(DeadlineWatch, area)
    if watch is None:
        session.add(DeadlineWatch(area=area, since=today))
        await session.flush()
        return today
    return watch.since


async def _plans(
    session: WriteSession, area: str, elsewhere: Sequence[str], since: date, today: date, policy: Policy
) -> list[PlanOverdue]:
    """Overdue plans of an area; agencies of places with a pack of their own stand under that one."""
    found: list[PlanOverdue] = []
    for owed in rules.plans_owed(today, since, policy):
        filed = await planning.filed_kinds(session, area, owed.period.first, owed.period.last)
        have = {agency for agency, kind, _, ends in filed if kind == owed.kind and _spans(owed, ends)}
        if owed.once:
            found += [] if have else [_plan(area, None, owed)]
            continue
        for agency in await repository.inspecting(session, area):
            here = not any(areas.covers(other, agency.area) for other in elsewhere)
            if here and agency.agency_id not in have and (not owed.lines or agency.line in owed.lines):
                found.append(_plan(agency.area, agency.agency_id, owed))
    return found


def _spans(owed: rules.Owed, ends: date) -> bool:
    """A plan for a year runs beyond its first quarter; one for a quarter may run as long as it likes."""
    return owed.period.months < 12 or owed.kind != "joint" or ends > owed.period.first.replace(month=3, day=31)


def _plan(area: str, agency_id: str | None, owed: rules.Owed) -> PlanOverdue:
    return PlanOverdue(
        overdue_id=overdue_plan_id(area, agency_id, owed.kind, owed.period.name),
        area=area,
        agency_id=agency_id,
        kind=owed.kind,
        period=owed.period.name,
        due=owed.due,
        clause=owed.clause,
        message=owed.message,
        version=1,
    )


def overdue_plan_id(area: str, agency_id: str | None, kind: str, period: str) -> str:
    """What makes an overdue plan the only one of its kind."""
    return f"plan:{area}:{agency_id or '-'}:{kind}:{period}"


async def settled_by(session: WriteSession, plan: Plan) -> list[str]:
    """What was told to be overdue and comes with the filing of a plan."""
    year, quarter = str(plan.period_from.year), period_of(plan.period_from).name
    asked = [overdue_plan_id(plan.area, plan.agency_id, plan.kind, year)]
    if plan.kind == "joint":
        asked += [
            overdue_plan_id(area, None, "joint", name) for area in areas.chain(plan.area) for name in (year, quarter)
        ]
    return [one for one in asked if await session.get(OverdueNotice, one) is not None]


async def _meetings(
    session: WriteSession, area: str, since: date, today: date, policy: Policy
) -> list[ConferenceOverdue]:
    period = rules.meeting_owed(today, since, policy)
    if period is None or await repository.regular(session, area, period.name, held=True):
        return []
    every = policy.conference.every_months or policy.conference.required
    return [
        ConferenceOverdue(
            overdue_id=f"conference:{area}:{period.name}",
            area=area,
            period=period.name,
            due=period.last,
            clause=every.clause,
            version=1,
        )
    ]


async def _tell(
    session: WriteSession, area: str, overdue: Iterable[PlanOverdue | ConferenceOverdue], now: datetime
) -> int:
    new: list[Event] = []
    for event in overdue:
        if await session.get(OverdueNotice, event.overdue_id) is None:
            session.add(OverdueNotice(overdue_id=event.overdue_id, area=area, told_at=now))
            new.append(event)
    await session.flush()
    session.record(*new)
    return len(new)
