"""Enter, change and publish plans, and follow a published one by another version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete

from wurao.common.area import COUNTRY
from wurao.common.auth import Principal
from wurao.common.contracts.plans import PlanPublished
from wurao.common.contracts.shared import Refusal
from wurao.common.db import WriteSession
from wurao.common.errors import Conflict
from wurao.common.ids import new_id
from wurao.scheduling.domain import approval
from wurao.scheduling.domain import plans as rules
from wurao.scheduling.domain.gate import AgencyFact, ItemFact
from wurao.scheduling.domain.gate.plan import unusable
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.repository import caps, planning, replicas
from wurao.scheduling.repository import plans as repository
from wurao.scheduling.repository.facts import Policies, law_area
from wurao.scheduling.tables import Plan, PlanParticipant
from wurao.scheduling.usecases.evidence import About


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a plan is to say; without `parts` a joint plan's participants follow from the items."""

    agency_id: str
    title: str
    kind: str
    period: tuple[date, date]
    item_ids: tuple[str, ...]
    contents: Mapping[str, str | None]
    parts: tuple[rules.Participant, ...] = ()


@dataclass(frozen=True, slots=True)
class _Judged:
    """A wanted plan with the facts that it was judged by."""

    area: str
    parts: list[rules.Participant]
    refusals: list[Refusal]
    asked: About


async def judged(session: WriteSession, wanted: Wanted, who: Principal, now: datetime, today: date) -> _Judged:
    """What speaks against a plan, and its participants.

    An agency that nobody published has no area here: the caller's says whose law refuses it (DT-01).
    """
    items = await replicas.items(session, wanted.item_ids)
    parts = _parts(wanted, items)
    agencies = await replicas.agencies(session, [wanted.agency_id, *(part.agency_id for part in parts)])
    agency = agencies.get(wanted.agency_id)
    area = law_area(None, agency, who.area or COUNTRY)
    policy = await Policies(session, today).of(area)
    refusals = _objections(wanted, parts, agencies, items, policy)
    refusals += await _number_left(session, wanted, policy)
    asked = About("plan", who.subject, now, wanted.agency_id, area, None, wanted.item_ids)
    return _Judged(area, parts, refusals, asked)


def _parts(wanted: Wanted, items: Mapping[str, ItemFact]) -> list[rules.Participant]:
    if wanted.kind != "joint":
        return []
    return list(wanted.parts) or rules.participants(wanted.agency_id, wanted.item_ids, items, wanted.period)


def _objections(
    wanted: Wanted,
    parts: Sequence[rules.Participant],
    agencies: Mapping[str, AgencyFact],
    items: Mapping[str, ItemFact],
    policy: Policy,
) -> list[Refusal]:
    found = list(
        rules.objections(
            agencies.get(wanted.agency_id),
            wanted.agency_id,
            wanted.kind,
            wanted.item_ids,
            items,
            wanted.contents,
            policy,
        )
    )
    found += approval.beyond_the_year(wanted.kind, *wanted.period, policy)
    if wanted.parts:
        found += rules.joint_objections(parts, wanted.item_ids, wanted.period, agencies, items, policy)
    return found


async def _number_left(session: WriteSession, wanted: Wanted, policy: Policy) -> list[Refusal]:
    """A campaign beyond the year's number is refused as soon as it is entered; the place is taken on approval."""
    limit = policy.campaign.max_per_year
    if wanted.kind != approval.CAMPAIGN_KIND or limit is None:
        return []
    year = wanted.period[0].year
    taken = await caps.campaigns(session, wanted.agency_id, year)
    return [approval.over_the_number(limit.value, year, policy)] if taken >= limit.value else []


async def create(session: WriteSession, wanted: Wanted, *, who: Principal, now: datetime, today: date) -> Plan:
    """Enter a plan as a draft. Raises Refused: agency, items, missing contents (LX-02), the year's number (QZ-08)."""
    found = await judged(session, wanted, who, now, today)
    found.asked.require(found.refusals)
    plan = _draft(wanted, found.area, who)
    plan.series_id = plan.plan_id
    await _keep(session, plan, found.parts)
    return plan


async def change(
    session: WriteSession, plan: Plan, wanted: Wanted, *, who: Principal, now: datetime, today: date
) -> Plan:
    """Change a draft; approvals passed so far are void. Raises Conflict once approved, Refused as for a new plan."""
    rules.require_draft(plan.state)
    _require_same(plan, wanted)
    found = await judged(session, wanted, who, now, today)
    found.asked.require(found.refusals)
    plan.title, plan.item_ids, plan.contents = wanted.title, list(wanted.item_ids), dict(wanted.contents)
    plan.period_from, plan.period_to = wanted.period
    plan.authors = list(dict.fromkeys((*plan.authors, who.person)))
    if plan.steps:
        plan.steps, plan.round = [], plan.round + 1
    await session.execute(delete(PlanParticipant).where(PlanParticipant.plan_id == plan.plan_id))
    await _keep(session, plan, found.parts)
    return plan


async def revise(
    session: WriteSession, plan: Plan, wanted: Wanted, reason: str, *, who: Principal, now: datetime, today: date
) -> Plan:
    """Draft the next version of a published plan, which stays in force until the new one is published (QZ-05).

    Raises Conflict unless the plan is the published version and no other draft follows it.
    """
    rules.require_current(plan.state)
    _require_same(plan, wanted)
    edition = plan.edition + 1
    if await planning.latest_edition(session, plan.series_id) >= edition:
        raise Conflict("该计划已有新版本在办理", code="plan.version_open")
    found = await judged(session, wanted, who, now, today)
    refusals = [one for one in found.refusals if one.code != "campaign.number_exceeded"]
    found.asked.require(refusals)
    draft = _draft(wanted, found.area, who)
    draft.series_id, draft.edition = plan.series_id, edition
    draft.supersedes, draft.change_reason = plan.plan_id, reason
    await _keep(session, draft, found.parts)
    return draft


def _require_same(plan: Plan, wanted: Wanted) -> None:
    if (wanted.agency_id, wanted.kind) != (plan.agency_id, plan.kind):
        raise Conflict("计划的制定机关和类型不得改变，请另行制定计划", code="plan.other_plan")


def _draft(wanted: Wanted, area: str, who: Principal) -> Plan:
    return Plan(
        plan_id=new_id(),
        agency_id=wanted.agency_id,
        area=area,
        title=wanted.title,
        kind=wanted.kind,
        period_from=wanted.period[0],
        period_to=wanted.period[1],
        item_ids=list(wanted.item_ids),
        contents=dict(wanted.contents),
        state=approval.DRAFT,
        created_by=who.subject,
        authors=[who.person],
    )


async def _keep(session: WriteSession, plan: Plan, parts: Sequence[rules.Participant]) -> None:
    session.add(plan)
    for part in parts:
        session.add(
            PlanParticipant(
                plan_id=plan.plan_id,
                agency_id=part.agency_id,
                item_ids=list(part.item_ids),
                period_from=part.period_from,
                period_to=part.period_to,
            )
        )
    await session.flush()


async def publish(session: WriteSession, plan: Plan, who: Principal, *, now: datetime, today: date) -> Plan:
    """Publish an approved plan; from now on tasks may follow from it, and none from the version before (QZ-05).

    Raises Refused, for a campaign naming each step that it lacks (QZ-08).
    """
    policy = await Policies(session, today).of(plan.area)
    await require_standing(session, plan, who.subject, now, policy)
    with about(plan, who.subject, now).kept():
        plan.state = rules.publish(plan.kind, plan.state, plan.steps, policy)
    plan.published_at = now
    plan.platform = policy.plan.platform.value if policy.plan.platform else None
    if plan.supersedes is not None:
        before = await repository.get(session, plan.supersedes)
        before.state, before.superseded_at = rules.SUPERSEDED, now
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
            supersedes=plan.supersedes,
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
