"""Plans over HTTP."""

from typing import Annotated

from fastapi import Query, Response

from wurao.common import area as areas
from wurao.common.auth import Role
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.scheduling.access import (
    CanApprovePlan,
    CanPlan,
    CanRead,
    Public,
    require_agency_or_oversight,
    require_area,
)
from wurao.scheduling.repository import plans as repository
from wurao.scheduling.schemas.plans import Approval, PlanIn, PlanOut, PlanPublicOut
from wurao.scheduling.schemas.shared import AreaCode
from wurao.scheduling.tables import Plan
from wurao.scheduling.usecases import plans as usecases

router = unit_router("plans")

PlanState = Annotated[str | None, Query(pattern="^(draft|approved|published)$")]


@router.post("/plans", status_code=201)
async def create_plan(body: PlanIn, who: CanPlan, session: Write, clock: Now, response: Response) -> PlanOut:
    """Enter a plan as a draft; what it lacks is named (LX-02, DT-10)."""
    who.require_agency(body.agency_id)
    plan = await usecases.create(
        session,
        agency_id=body.agency_id,
        title=body.title,
        kind=body.kind,
        period=(body.period_from, body.period_to),
        item_ids=body.item_ids,
        contents=body.contents(),
        who=who,
        now=clock.now(),
        today=clock.today(),
    )
    response.headers["Location"] = f"/v1/plans/{plan.plan_id}"
    etag(response, plan.version)
    return PlanOut.model_validate(plan)


@router.post("/plans/{plan_id}/approve")
async def approve_plan(
    plan_id: str,
    who: CanApprovePlan,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
    body: Approval | None = None,
) -> PlanOut:
    """Approve a draft as the head or, where the pack says so, as the joint conference (QZ-05, CX-01)."""
    plan = await repository.get(session, plan_id)
    check_match(plan.version, if_match)
    by_conference = Role.HEAD not in who.roles or who.agency_id != plan.agency_id
    if by_conference and Role.CONFERENCE in who.roles:
        require_area(who, plan.area)
    else:
        who.require_agency(plan.agency_id)
    await usecases.approve(
        session,
        plan,
        who,
        by_conference=by_conference,
        resolution=body.resolution if body else None,
        now=clock.now(),
        today=clock.today(),
    )
    return _answer(plan, response)


@router.post("/plans/{plan_id}/file")
async def file_plan(
    plan_id: str, who: CanPlan, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> PlanOut:
    """File an approved plan with the pack's office; late filings are marked (DT-11, CX-05)."""
    plan = await repository.get(session, plan_id)
    who.require_agency(plan.agency_id)
    check_match(plan.version, if_match)
    await usecases.file(session, plan, now=clock.now(), today=clock.today())
    return _answer(plan, response)


@router.post("/plans/{plan_id}/publish")
async def publish_plan(
    plan_id: str, who: CanPlan, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> PlanOut:
    """Publish an approved plan (QZ-05)."""
    plan = await repository.get(session, plan_id)
    who.require_agency(plan.agency_id)
    check_match(plan.version, if_match)
    await usecases.publish(session, plan, who, now=clock.now(), today=clock.today())
    return _answer(plan, response)


@router.get("/plans/{plan_id}")
async def get_plan(plan_id: str, who: CanRead, session: Read, response: Response) -> PlanOut:
    """A plan in any state."""
    plan = await repository.get(session, plan_id)
    require_agency_or_oversight(who, plan.agency_id, plan.area)
    return _answer(plan, response)


@router.get("/plans")
async def list_plans(
    who: CanRead, session: Read, state: PlanState = None, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[PlanOut]:
    """The plans that the caller may see, oldest first."""
    query = repository.listed(who.scope(), state)
    rows, following = await page(session, query, Plan.plan_id, cursor=cursor, limit=limit)
    return Page(items=[PlanOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/public/plans")
async def public_plans(
    who: Public, session: Read, area: AreaCode | None = None, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[PlanPublicOut]:
    """Published plans (QZ-05). No login."""
    query = repository.published(areas.prefix(area) if area else "")
    rows, following = await page(session, query, Plan.plan_id, cursor=cursor, limit=limit)
    return Page(items=[PlanPublicOut.model_validate(row) for row in rows], next_cursor=following)


def _answer(plan: Plan, response: Response) -> PlanOut:
    etag(response, plan.version)
    return PlanOut.model_validate(plan)
