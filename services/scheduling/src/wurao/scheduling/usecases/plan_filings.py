"""File a plan with the office that the pack names; the office notes it or returns it (DT-11, CX-05)."""

from collections.abc import Sequence
from datetime import date, datetime

from wurao.common.auth import Principal, Role
from wurao.common.contracts.plans import PlanFiled
from wurao.common.contracts.shared import JsonObject
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import NotFound
from wurao.common.ids import new_id
from wurao.scheduling.domain import plan_filing as rules
from wurao.scheduling.domain import plans
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.domain.quarters import period_of
from wurao.scheduling.repository import planning, replicas
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.tables import Plan, PlanFiling
from wurao.scheduling.usecases import evaluation, outstanding, watch
from wurao.scheduling.usecases.plans import about

# The supervision body is the justice department of its level.
SUPERVISION_LINE = "justice"


async def file(
    session: WriteSession, plan: Plan, who: Principal, note: str = "", *, now: datetime, today: date
) -> Plan:
    """File a plan with the pack's office, with this period's completion where the pack wants it (DT-11, CX-05).

    The first filing says whether it is late; one that was returned is filed again. Raises Conflict and Refused as
    `domain.plans.file_late` does.
    """
    policy = await Policies(session, today).of(plan.area)
    term = plans.filing_term(plan.kind, plan.period_from, policy)
    again = plan.filing_state == rules.RETURNED
    with about(plan, who.subject, now).kept():
        late = plans.file_late(plan.state, plan.filed_at is not None and not again, term, today, policy)
    if not again:
        plan.office, plan.filing_due, plan.filed_at, plan.late = term.office, term.due, now, late
    items = list((await replicas.items(session, plan.item_ids)).values())
    row = PlanFiling(
        filing_id=new_id(),
        plan_id=plan.plan_id,
        attempt=len(await planning.filings(session, plan.plan_id)) + 1,
        area=plan.area,
        office=term.office,
        through=_through(plans.through(items, policy), term.office),
        state=rules.FILED,
        due=term.due,
        late=plan.late,
        filed_by=who.person,
        filed_at=now,
        completion=await _completion(session, plan, policy, today),
        note=note,
    )
    plan.filing_state = rules.FILED
    session.add(row)
    await session.flush()
    if not again:
        session.record(_filed(plan, term, await watch.settled_by(session, plan), now))
    return plan


def _through(line: str | None, office: str) -> str | None:
    return None if line == office else line


async def _completion(session: ReadSession, plan: Plan, policy: Policy, today: date) -> JsonObject | None:
    """How the agency carried out its plans in the running quarter, as it stands on the day of filing (CX-05)."""
    if not policy.plan.completion_reported.value or plan.kind not in ("quarterly", "joint"):
        return None
    found = await evaluation.of_period(session, plan.area, period_of(today), plan.agency_id)
    return {**found.document(), "as_of": today.isoformat()}


def _filed(plan: Plan, term: plans.FilingTerm, settles: Sequence[str], now: datetime) -> PlanFiled:
    return PlanFiled(
        plan_id=plan.plan_id,
        agency_id=plan.agency_id,
        area=plan.area,
        office=term.office,
        filed_at=now,
        due=term.due,
        late=plan.late,
        clause=term.clause,
        settles=tuple(settles),
        version=plan.version,
    )


async def lines_of(session: ReadSession, who: Principal, policy: Policy) -> frozenset[str]:
    """The lines of administration for whose offices a caller acts."""
    found = set()
    if who.agency_id and who.roles & {Role.PLANNER, Role.HEAD}:
        own = (await replicas.agencies(session, [who.agency_id])).get(who.agency_id)
        found |= {own.line} if own and own.published else set()
    if Role.SUPERVISOR in who.roles:
        found.add(SUPERVISION_LINE)
    if Role.CONFERENCE in who.roles and policy.conference.host_line is not None:
        found.add(policy.conference.host_line.value)
    return frozenset(found)


async def decide(
    session: WriteSession, plan: Plan, who: Principal, decision: str, remark: str, *, now: datetime, today: date
) -> PlanFiling:
    """Check, note or return a plan's last filing. Raises Conflict and Refused as `domain.plan_filing.decide` does."""
    history = await planning.filings(session, plan.plan_id)
    if not history:
        raise NotFound("该计划没有报备")
    row = history[-1]
    policy = await Policies(session, today).of(plan.area)
    lines = await lines_of(session, who, policy)
    with about(plan, who.subject, now).kept():
        row.state = rules.decide(
            row.state,
            decision,
            office=row.office,
            through=row.through,
            lines=lines,
            own=who.person == row.filed_by,
            policy=policy,
        )
    if decision == rules.CHECKED:
        row.checked_by, row.checked_at = who.person, now
    else:
        row.decided_by, row.decided_at = who.person, now
    row.remark, plan.filing_state = remark, row.state
    await session.flush()
    if row.state not in rules.OPEN:
        await outstanding.settle(session, outstanding.plan_notice(row), "备案机关已经办结")
    return row
