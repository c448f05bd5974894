"""Create, approve, file and publish plans."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from wurao.common.area import COUNTRY
from wurao.common.auth import Principal
from wurao.common.contracts.scheduling import PlanApproved, PlanFiled, PlanPublished
from wurao.common.db import WriteSession
from wurao.common.ids import new_id
from wurao.scheduling.domain import plans as rules
from wurao.scheduling.domain.gate.plan import unusable
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.repository import plans as repository
from wurao.scheduling.repository import replicas
from wurao.scheduling.repository.facts import Policies, law_area
from wurao.scheduling.tables import Plan
from wurao.scheduling.usecases.evidence import About


async def create(
    session: WriteSession,
    *,
    agency_id: str,
    title: str,
    kind: str,
    period: tuple[date, date],
    item_ids: Sequence[str],
    contents: Mapping[str, str | None],
    who: Principal,
    now: datetime,
    today: date,
) -> Plan:
    """Enter a plan as a draft. Raises Refused: agency, items, missing contents (LX-02).

    An agency that nobody published has no area here: the caller's says whose law refuses it (DT-01).
    """
    agency = (await replicas.agencies(session, [agency_id])).get(agency_id)
    area = law_area(None, agency, who.area or COUNTRY)
    policy = await Policies(session, today).of(area)
    items = await replicas.items(session, item_ids)
    asked = About("plan", who.subject, now, agency_id, area, None, tuple(item_ids))
    asked.require(list(rules.objections(agency, agency_id, kind, item_ids, items, contents, policy)))
    plan = Plan(
        plan_id=new_id(),
        agency_id=agency_id,
        area=area,
        title=title,
        kind=kind,
        period_from=period[0],
        period_to=period[1],
        item_ids=list(dict.fromkeys(item_ids)),
        contents=dict(contents),
        state=rules.DRAFT,
        created_by=who.subject,
    )
    session.add(plan)
    await session.flush()
    return plan


async def approve(
    session: WriteSession,
    plan: Plan,
    who: Principal,
    *,
    by_conference: bool,
    resolution: str | None,
    now: datetime,
    today: date,
) -> Plan:
    """Approve a draft (QZ-05, CX-01). Raises Refused."""
    policy = await Policies(session, today).of(plan.area)
    await require_standing(session, plan, who.subject, now, policy)
    with about(plan, who.subject, now).kept():
        plan.state = rules.approve(
            plan.state,
            by_conference=by_conference,
            own=who.subject == plan.created_by,
            resolution=resolution,
            policy=policy,
        )
    plan.approved_by, plan.approved_at, plan.resolution = who.subject, now, resolution
    await session.flush()
    session.record(
        PlanApproved(
            plan_id=plan.plan_id,
            agency_id=plan.agency_id,
            area=plan.area,
            title=plan.title,
            approved_by=who.subject,
            approved_at=now,
            version=plan.version,
        )
    )
    return plan


async def file(session: WriteSession, plan: Plan, *, now: datetime, today: date) -> Plan:
    """File a plan with the pack's office; late filings are marked (DT-11, CX-05)."""
    policy = await Policies(session, today).of(plan.area)
    term = rules.filing_term(plan.kind, plan.period_from, policy)
    plan.late = rules.file_late(plan.state, plan.filed_at is not None, term, today)
    plan.office, plan.filing_due, plan.filed_at = term.office, term.due, now
    await session.flush()
    session.record(
        PlanFiled(
            plan_id=plan.plan_id,
            agency_id=plan.agency_id,
            area=plan.area,
            office=term.office,
            filed_at=now,
            due=term.due,
            late=plan.late,
            clause=term.clause,
            version=plan.version,
        )
    )
    return plan


async def publish(session: WriteSession, plan: Plan, who: Principal, *, now: datetime, today: date) -> Plan:
    """Publish an approved plan; from now on tasks may follow from it (QZ-05). Raises Refused."""
    policy = await Policies(session, today).of(plan.area)
    await require_standing(session, plan, who.subject, now, policy)
    with about(plan, who.subject, now).kept():
        plan.state = rules.publish(plan.state, policy)
    plan.published_at = now
    await session.flush()
    session.record(
        PlanPublished(
            plan_id=plan.plan_id,
            agency_id=plan.agency_id,
            area=plan.area,
            title=plan.title,
            period_from=plan.period_from,
            period_to=plan.period_to,
            items=tuple(plan.item_ids),
            published_at=now,
            version=plan.version,
        )
    )
    return plan


def about(plan: Plan, by: str, now: datetime) -> About:
    """What a refusal around a plan is about."""
    return About("plan", by, now, plan.agency_id, plan.area, None, tuple(plan.item_ids))


async def require_standing(session: WriteSession, plan: Plan, by: str, now: datetime, policy: Policy) -> None:
    """Raises Refused when the plan's agency is published no more (DT-01)."""
    agency = (await replicas.agencies(session, [plan.agency_id])).get(plan.agency_id)
    about(plan, by, now).require(list(rules.standing(agency, policy.basis)))


def require_usable(plan: Plan, by: str, now: datetime, policy: Policy) -> None:
    """Raises Refused unless tasks may follow from the plan (QZ-05)."""
    about(plan, by, now).require(list(unusable(repository.fact(plan), policy)))
