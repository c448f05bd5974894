"""Take a plan through its approvals, each recorded, or give it back for change (LX-01, QZ-05, QZ-08, CX-01)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from wurao.common.auth import Principal
from wurao.common.contracts.plans import PlanApproved
from wurao.common.db import WriteSession
from wurao.common.errors import Refused
from wurao.scheduling.domain import approval as rules
from wurao.scheduling.domain.policy import Policy, refusal
from wurao.scheduling.repository import caps, conference, planning, plans
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.tables import Plan, PlanStep
from wurao.scheduling.usecases.plans import about, require_standing


@dataclass(frozen=True, slots=True)
class Said:
    """What goes with a step: a remark, the number of its document, who was there."""

    remark: str = ""
    document: str | None = None
    attendees: tuple[str, ...] = field(default=())


async def take(
    session: WriteSession,
    plan: Plan,
    who: Principal,
    step: str | None,
    said: Said,
    *,
    may: frozenset[str],
    now: datetime,
    today: date,
) -> Plan:
    """Pass a step, the last one by default; after the last one the plan is approved.

    Raises Conflict and Refused as `domain.approval.take` does, and when the year's campaigns are used up (QZ-08).
    """
    policy = await Policies(session, today).of(plan.area)
    await require_standing(session, plan, who.subject, now, policy)
    step = step or rules.flow(plan.kind, policy)[-1]
    history = await planning.steps(session, plan.plan_id)
    act = rules.Act(step, who.person, may, said.document)
    with about(plan, who.subject, now).kept():
        state = rules.take(_standing(plan, history), act, policy)
        if step == rules.CONFERENCE:
            await _require_resolution(session, plan, said.document or "", policy)
    if state == rules.APPROVED:
        await _take_place(session, plan, who, now, policy)
        plan.state, plan.approved_by, plan.approved_at = state, who.person, now
        plan.resolution = said.document
    plan.steps = [*plan.steps, step]
    _record(session, plan, who, history, step, "passed", said, now)
    await session.flush()
    if state == rules.APPROVED:
        session.record(_approved(plan, now))
    return plan


async def give_back(
    session: WriteSession,
    plan: Plan,
    who: Principal,
    remark: str,
    *,
    may: frozenset[str],
    now: datetime,
    today: date,
) -> Plan:
    """Return a draft for change with a remark; the approvals it passed are void (LX-01)."""
    policy = await Policies(session, today).of(plan.area)
    with about(plan, who.subject, now).kept():
        rules.give_back(_standing(plan, ()), who.person, may, policy)
    history = await planning.steps(session, plan.plan_id)
    step = rules.awaited(plan.kind, plan.state, plan.steps, policy) or rules.HEAD
    _record(session, plan, who, history, step, "returned", Said(remark), now)
    plan.steps, plan.round = [], plan.round + 1
    await session.flush()
    return plan


def _standing(plan: Plan, history: Sequence[PlanStep]) -> rules.Standing:
    taken = {one.step: one.person for one in history if one.round == plan.round and one.decision == "passed"}
    return rules.Standing(plan.kind, plan.state, frozenset(plan.authors), taken)


async def _require_resolution(session: WriteSession, plan: Plan, number: str, policy: Policy) -> None:
    """The conference decides by a resolution that it adopted, on this plan if it names any (CX-01)."""
    known = await conference.resolution(session, plan.area, number)
    approves = known is not None and known.decision == "approved" and known.subject == "plans"
    if known is None or not approves or (known.plan_ids and plan.plan_id not in known.plan_ids):
        message = f"没有审定检查计划的会议决议“{number}”"
        options = ["召开联席会议，形成审定计划的决议", "核对决议文号"]
        raise Refused([refusal("plan.no_resolution", policy.plan.approver, message, options)])


async def _take_place(session: WriteSession, plan: Plan, who: Principal, now: datetime, policy: Policy) -> None:
    """A campaign takes its place in the agency's year; a further version of the same year has it already (QZ-08)."""
    limit = policy.campaign.max_per_year
    if plan.kind != rules.CAMPAIGN_KIND or limit is None:
        return
    year = plan.period_from.year
    if plan.supersedes and (await plans.get(session, plan.supersedes)).period_from.year == year:
        return
    if not await caps.take(session, caps.campaign_place(plan.agency_id, year), limit.value):
        raise about(plan, who.subject, now).refused([rules.over_the_number(limit.value, year, policy)])


def _record(
    session: WriteSession,
    plan: Plan,
    who: Principal,
    history: Sequence[PlanStep],
    step: str,
    decision: str,
    said: Said,
    now: datetime,
) -> None:
    session.add(
        PlanStep(
            plan_id=plan.plan_id,
            number=len(history) + 1,
            round=plan.round,
            step=step,
            decision=decision,
            person=who.person,
            agency_id=who.agency_id,
            document=said.document,
            attendees=list(said.attendees),
            remark=said.remark,
            at=now,
        )
    )


def _approved(plan: Plan, now: datetime) -> PlanApproved:
    return PlanApproved(
        plan_id=plan.plan_id,
        agency_id=plan.agency_id,
        area=plan.area,
        title=plan.title,
        approved_by=plan.approved_by or "",
        approved_at=now,
        version=plan.version,
    )


__all__ = ["Said", "give_back", "take"]
