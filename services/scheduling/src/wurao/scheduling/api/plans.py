"""Plans over HTTP: entered, changed, followed by versions, published, read."""

from typing import Annotated

from fastapi import Query, Response

from wurao.common import area as areas
from wurao.common.auth import Principal
from wurao.common.db import ReadSession
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.scheduling.access import CanPlan, CanRead, Public, require_agency_or_oversight
from wurao.scheduling.domain import approval
from wurao.scheduling.domain import plans as rules
from wurao.scheduling.repository import planning, replicas
from wurao.scheduling.repository import plans as repository
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.schemas.plans import (
    ParticipantOut,
    PlanFilingOut,
    PlanFullOut,
    PlanIn,
    PlanOut,
    PlanPublicFullOut,
    PlanPublicOut,
    StepOut,
    VersionIn,
)
from wurao.scheduling.schemas.shared import AreaCode
from wurao.scheduling.tables import Plan
from wurao.scheduling.usecases import plans as usecases

router = unit_router("plans")

StateParam = Annotated[str | None, Query(alias="state", pattern="^(draft|approved|published|superseded)$")]
KindParam = Annotated[str | None, Query(alias="kind", pattern="^(annual|quarterly|joint|campaign)$")]


def wanted(body: PlanIn) -> usecases.Wanted:
    """What a body asks for."""
    return usecases.Wanted(
        agency_id=body.agency_id,
        title=body.title,
        kind=body.kind,
        period=(body.period_from, body.period_to),
        item_ids=tuple(dict.fromkeys(body.item_ids)),
        contents=body.contents(),
        parts=tuple(
            rules.Participant(
                one.agency_id,
                tuple(dict.fromkeys(one.item_ids)),
                one.period_from or body.period_from,
                one.period_to or body.period_to,
            )
            for one in body.participants
        ),
    )


@router.post("/plans", status_code=201)
async def create_plan(body: PlanIn, who: CanPlan, session: Write, clock: Now, response: Response) -> PlanOut:
    """Enter a plan as a draft; what it lacks is named (LX-02, DT-10), a campaign beyond the number refused (QZ-08)."""
    who.require_agency(body.agency_id)
    plan = await usecases.create(session, wanted(body), who=who, now=clock.now(), today=clock.today())
    response.headers["Location"] = f"/v1/plans/{plan.plan_id}"
    return answer(plan, response)


@router.put("/plans/{plan_id}")
async def change_plan(
    plan_id: str, body: PlanIn, who: CanPlan, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> PlanOut:
    """Change a draft; the approvals that it passed are void (LX-01)."""
    plan = await repository.get(session, plan_id)
    who.require_agency(plan.agency_id)
    check_match(plan.version, if_match)
    await usecases.change(session, plan, wanted(body), who=who, now=clock.now(), today=clock.today())
    return answer(plan, response)


@router.post("/plans/{plan_id}/versions", status_code=201)
async def revise_plan(
    plan_id: str, body: VersionIn, who: CanPlan, session: Write, clock: Now, response: Response
) -> PlanOut:
    """Draft the next version of a published plan; it is approved and published like the first (QZ-05)."""
    plan = await repository.get(session, plan_id)
    who.require_agency(plan.agency_id)
    draft = await usecases.revise(
        session, plan, wanted(body), body.reason, who=who, now=clock.now(), today=clock.today()
    )
    response.headers["Location"] = f"/v1/plans/{draft.plan_id}"
    return answer(draft, response)


@router.post("/plans/{plan_id}/publish")
async def publish_plan(
    plan_id: str, who: CanPlan, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> PlanOut:
    """Publish an approved plan (QZ-05, QZ-08); the version before it is superseded."""
    plan = await repository.get(session, plan_id)
    who.require_agency(plan.agency_id)
    check_match(plan.version, if_match)
    await usecases.publish(session, plan, who, now=clock.now(), today=clock.today())
    return answer(plan, response)


@router.get("/plans/{plan_id}")
async def get_plan(plan_id: str, who: CanRead, session: Read, clock: Now, response: Response) -> PlanFullOut:
    """A plan in any state, with its approvals, participants and filings."""
    plan = await _readable(session, plan_id, who)
    policy = await Policies(session, clock.today()).of(plan.area)
    awaiting = approval.awaited(plan.kind, plan.state, plan.steps, policy)
    etag(response, plan.version)
    return PlanFullOut(
        **PlanOut.model_validate(plan).model_dump(),
        awaiting=awaiting,
        awaiting_name=approval.NAMES[awaiting] if awaiting else None,
        approvals=[
            StepOut.model_validate({**_columns(step), "name": approval.NAMES[step.step]})
            for step in await planning.steps(session, plan_id)
        ],
        participants=await _participants(session, plan_id),
        filings=[PlanFilingOut.model_validate(row) for row in await planning.filings(session, plan_id)],
    )


def _columns(row: object) -> dict[str, object]:
    return {name: getattr(row, name) for name in StepOut.model_fields if name != "name"}


async def _readable(session: ReadSession, plan_id: str, who: Principal) -> Plan:
    """A plan that the caller's agency made or takes part in, or that the caller watches over."""
    plan = await repository.get(session, plan_id)
    if not await planning.takes_part(session, plan_id, who.agency_id):
        require_agency_or_oversight(who, plan.agency_id, plan.area)
    return plan


async def _participants(session: ReadSession, plan_id: str) -> list[ParticipantOut]:
    parts = await planning.participants(session, [plan_id])
    agencies = await replicas.agencies(session, (part.agency_id for part in parts))
    return [
        ParticipantOut(
            agency_id=part.agency_id,
            name=agencies[part.agency_id].name,
            level=agencies[part.agency_id].level,
            area=agencies[part.agency_id].area,
            line=agencies[part.agency_id].line,
            item_ids=part.item_ids,
            period_from=part.period_from,
            period_to=part.period_to,
        )
        for part in parts
        if part.agency_id in agencies
    ]


@router.get("/plans/{plan_id}/versions")
async def list_versions(plan_id: str, who: CanRead, session: Read) -> list[PlanOut]:
    """Every version of a plan, oldest first."""
    plan = await _readable(session, plan_id, who)
    return [PlanOut.model_validate(row) for row in await planning.versions(session, plan.series_id)]


@router.get("/plans")
async def list_plans(
    who: CanRead,
    session: Read,
    state: StateParam = None,
    kind: KindParam = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[PlanOut]:
    """The plans that the caller may see, oldest first."""
    query = repository.listed(who.scope(), state, kind)
    rows, following = await page(session, query, Plan.plan_id, cursor=cursor, limit=limit)
    return Page(items=[PlanOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/public/plans")
async def public_plans(
    who: Public, session: Read, area: AreaCode | None = None, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[PlanPublicOut]:
    """Published plans in force (QZ-05). No login."""
    query = repository.published(areas.prefix(area) if area else "")
    rows, following = await page(session, query, Plan.plan_id, cursor=cursor, limit=limit)
    return Page(items=[PlanPublicOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/public/plans/{plan_id}")
async def public_plan(plan_id: str, who: Public, session: Read) -> PlanPublicFullOut:
    """A published plan with its participants, also one that a newer version superseded. No login."""
    plan = PlanPublicOut.model_validate(await repository.public(session, plan_id))
    return PlanPublicFullOut(**plan.model_dump(), participants=await _participants(session, plan_id))


@router.get("/public/plans/{plan_id}/versions")
async def public_versions(plan_id: str, who: Public, session: Read) -> list[PlanPublicOut]:
    """The published versions of a plan, oldest first, each with the reason of its change. No login."""
    plan = await repository.public(session, plan_id)
    rows = await planning.versions(session, plan.series_id, public=True)
    return [PlanPublicOut.model_validate(row) for row in rows]


def answer(plan: Plan, response: Response) -> PlanOut:
    """A plan as it stands, with its version as the ETag."""
    etag(response, plan.version)
    return PlanOut.model_validate(plan)
