"""Watch over what was filed in time and waits for others: an approval or a note that stays out is told once (QZ-10)."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from wurao.common import area as areas
from wurao.common.clock import legal_date
from wurao.common.contracts.plans import ApprovalCame, ApprovalOverdue
from wurao.common.db import WriteSession
from wurao.common.legalclock import DueDate
from wurao.common.policy import calendar_for
from wurao.common.workdays import CalendarUnknown, WorkCalendar
from wurao.scheduling.domain import filings as visit_rules
from wurao.scheduling.domain import plan_filing as plan_rules
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.repository import conference, filings, planning
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.tables import Filing, OverdueNotice, Plan, PlanFiling

LOOKED_BACK = timedelta(days=366)
"""Inspections that ended longer ago are over and done with: their periods ran out, and were told of, long since."""


async def tell(session: WriteSession, now: datetime) -> int:
    """Tell of approvals that stay out beyond the pack's period in each governed area; returns how many are new.

    What is told is held first, and left alone if somebody decided it meanwhile: whoever decides it afterwards finds
    what was told.
    """
    laws, calendar = _Laws(session), await calendar_for(session)
    governed = await conference.governed_areas(session, legal_date(now))
    plans: dict[str, ApprovalOverdue] = {}
    visits: dict[str, ApprovalOverdue] = {}
    for area in governed:
        policy, here = await laws.of(area, legal_date(now)), _under(area, governed)
        waiting = [(row, plan) for row, plan in await planning.undecided(session, area) if here(row.area)]
        plans |= {row.filing_id: event for row, event in _plans(waiting, policy, calendar, now)}
        ended = [row for row in await filings.unapproved(session, area, since=now - LOOKED_BACK) if here(row.area)]
        visits |= {row.filing_id: event async for row, event in _visits(ended, laws, calendar, now)}
    overdue = [plans[one] for one in await planning.held_undecided(session, plans)]
    overdue += [visits[one] for one in await filings.held_unapproved(session, visits)]
    for event in overdue:
        session.add(OverdueNotice(overdue_id=event.overdue_id, area=event.area, told_at=now))
    await session.flush()
    session.record(*overdue)
    return len(overdue)


class _Laws:
    """The packs of each day that is asked for, read once."""

    def __init__(self, session: WriteSession) -> None:
        self._session = session
        self._by_day: dict[date, Policies] = {}

    async def of(self, area: str, day: date) -> Policy:
        """The pack in force in an area on a day."""
        return await self._by_day.setdefault(day, Policies(self._session, day)).of(area)


def _under(area: str, governed: Sequence[str]) -> Callable[[str], bool]:
    """Whether a place stands under the pack of an area and of none within it."""
    within = [other for other in governed if other != area and areas.covers(area, other)]
    return lambda place: not any(areas.covers(other, place) for other in within)


def _plans(
    waiting: Iterable[tuple[PlanFiling, Plan]], policy: Policy, calendar: WorkCalendar, now: datetime
) -> Iterator[tuple[PlanFiling, ApprovalOverdue]]:
    for row, plan in waiting:
        due = _run_out(partial(plan_rules.decision_due, row.filed_at, policy, calendar), now)
        if due is not None:
            held_by = policy.vocabulary.name(plan_rules.holder(row.state, row.office, row.through))
            yield (
                row,
                ApprovalOverdue(
                    overdue_id=plan_notice(row),
                    area=row.area,
                    subject="plan",
                    subject_id=row.plan_id,
                    due=due.at,
                    clause=policy.plan.filing_decision_working_days.clause,
                    message=plan_rules.undecided(plan.title, held_by, due),
                    version=1,
                ),
            )


async def _visits(
    ended: Iterable[Filing], laws: _Laws, calendar: WorkCalendar, now: datetime
) -> AsyncIterator[tuple[Filing, ApprovalOverdue]]:
    """By the pack of the day of the inspection, as the approval afterwards is judged."""
    for row in ended:
        policy = await laws.of(row.area, legal_date(row.began_at))
        period = policy.filing.makeup_working_days
        assert row.ended_at is not None
        due = _run_out(partial(visit_rules.makeup_due, row.ended_at, policy, calendar), now)
        if period is not None and due is not None:
            yield (
                row,
                ApprovalOverdue(
                    overdue_id=visit_notice(row),
                    area=row.area,
                    agency_id=row.agency_id,
                    enterprise_id=row.enterprise_id,
                    subject="filing",
                    subject_id=row.filing_id,
                    due=due.at,
                    clause=period.clause,
                    message=visit_rules.unapproved(due),
                    version=1,
                ),
            )


def _run_out(reckon: Callable[[], DueDate | None], now: datetime) -> DueDate | None:
    """The period, if it is over. One that reaches into a year without a calendar is not, until that year begins.

    Raises CalendarUnknown from then on.
    """
    try:
        due = reckon()
    except CalendarUnknown as unknown:
        if legal_date(now).year < unknown.year:
            return None
        raise
    return due if due is not None and due.is_over(now) else None


def plan_notice(row: PlanFiling) -> str:
    """What makes the notice of a plan's filing the only one of its kind."""
    return planning.NOTICE + row.filing_id


def visit_notice(row: Filing) -> str:
    """What makes the notice of an inspection's filing the only one of its kind."""
    return filings.NOTICE + row.filing_id


async def settle(session: WriteSession, notice: str, reason: str) -> None:
    """Say that what was told to be out came after all."""
    told = await session.get(OverdueNotice, notice)
    if told is not None:
        session.record(ApprovalCame(overdue_id=notice, area=told.area, reason=reason, version=2))
