"""Watch over what was filed in time and waits for others: an approval or a note that stays out is told once (QZ-10)."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from wurao.common import area as areas
from wurao.common.clock import legal_date
from wurao.common.contracts.scheduling import ApprovalCame, ApprovalOverdue
from wurao.common.db import WriteSession
from wurao.common.policy import calendar_for
from wurao.common.workdays import WorkCalendar
from wurao.scheduling.domain import filings as visit_rules
from wurao.scheduling.domain import plan_filing as plan_rules
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.repository import conference, filings, planning
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.tables import Filing, OverdueNotice, Plan, PlanFiling


async def tell(session: WriteSession, now: datetime) -> int:
    """Tell of approvals that stay out beyond the pack's period in each governed area; returns how many are new.

    A filing stays as it is while this is decided: whoever approves it afterwards finds what was told.
    """
    policies, calendar = Policies(session, legal_date(now)), await calendar_for(session)
    governed = await conference.governed_areas(session, legal_date(now))
    overdue: list[ApprovalOverdue] = []
    for area in governed:
        policy = await policies.of(area)
        here = _under(area, governed)
        plans = [(row, plan) for row, plan in await planning.undecided(session, area) if here(row.area)]
        overdue += _plans(plans, policy, calendar, now)
        visits = [row for row in await filings.unapproved(session, area) if here(row.area)]
        overdue += await _visits(session, visits, calendar, now)
    for event in overdue:
        session.add(OverdueNotice(overdue_id=event.overdue_id, area=event.area, told_at=now))
    await session.flush()
    session.record(*overdue)
    return len(overdue)


def _under(area: str, governed: Sequence[str]) -> Callable[[str], bool]:
    """Whether a place stands under the pack of an area and of none within it."""
    within = [other for other in governed if other != area and areas.covers(area, other)]
    return lambda place: not any(areas.covers(other, place) for other in within)


def _plans(
    waiting: Sequence[tuple[PlanFiling, Plan]], policy: Policy, calendar: WorkCalendar, now: datetime
) -> Iterator[ApprovalOverdue]:
    for row, plan in waiting:
        due = plan_rules.decision_due(row.filed_at, policy, calendar)
        if due.is_over(now):
            yield ApprovalOverdue(
                overdue_id=plan_notice(row),
                area=row.area,
                subject="plan",
                subject_id=row.plan_id,
                due=due.at,
                clause=policy.plan.filing_decision_working_days.clause,
                message=plan_rules.undecided(plan.title, policy.vocabulary.name(row.office), due),
                version=1,
            )


async def _visits(
    session: WriteSession, waiting: Sequence[Filing], calendar: WorkCalendar, now: datetime
) -> list[ApprovalOverdue]:
    """By the pack of the day of the inspection, as the approval afterwards is judged."""
    found: list[ApprovalOverdue] = []
    for row in waiting:
        policy = await Policies(session, legal_date(row.began_at)).of(row.area)
        period = policy.filing.makeup_working_days
        due = visit_rules.makeup_due(row.ended_at, policy, calendar) if row.ended_at else None
        if period is not None and due is not None and due.is_over(now):
            found.append(
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
                )
            )
    return found


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
