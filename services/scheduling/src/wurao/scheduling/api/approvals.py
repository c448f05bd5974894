"""The approvals of a plan over HTTP, and its filing (LX-01, QZ-08, CX-01, CX-05)."""

from fastapi import Response

from wurao.common.auth import Principal, Role
from wurao.common.db import ReadSession
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.scheduling.access import (
    CanApprovePlan,
    CanDecideFiling,
    CanPlan,
    CanRead,
    CanTakeStep,
    require_area,
)
from wurao.scheduling.api.plans import answer
from wurao.scheduling.domain import approval
from wurao.scheduling.domain import plans as rules
from wurao.scheduling.repository import planning, replicas
from wurao.scheduling.repository import plans as repository
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.schemas.plans import (
    Approval,
    FileIn,
    FilingDecision,
    FilingTermOut,
    PlanFilingOut,
    PlanKind,
    PlanOut,
    StepIn,
)
from wurao.scheduling.schemas.shared import AreaCode, Day, WithReason
from wurao.scheduling.tables import Plan, PlanFiling
from wurao.scheduling.usecases import approvals, plan_filings

router = unit_router("plans")


async def _may(session: ReadSession, who: Principal, plan: Plan) -> frozenset[str]:
    """The steps of a plan that a caller may take: by role in its agency, over its area, or above its agency.

    Raises Forbidden for a caller who has nothing to do with the plan.
    """
    found: set[str] = set()
    if who.agency_id == plan.agency_id:
        by_role = {
            Role.PLANNER: {approval.UNIT_LEADER},
            Role.REVIEWER: {approval.LEGAL_REVIEW},
            Role.HEAD: {approval.DISCUSSION, approval.HEAD},
        }
        found |= {step for role, steps in by_role.items() if role in who.roles for step in steps}
    elif Role.HEAD in who.roles and await replicas.parent_of(session, plan.agency_id) == who.agency_id:
        found.add(approval.GOVERNMENT)
    if not found and Role.CONFERENCE in who.roles:
        require_area(who, plan.area)
        found |= {approval.CONFERENCE, approval.GOVERNMENT}
    if not found:
        who.require_agency(plan.agency_id)
    return frozenset(found)


@router.post("/plans/{plan_id}/steps")
async def take_step(
    plan_id: str, body: StepIn, who: CanTakeStep, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> PlanOut:
    """Pass an approval before the last: unit leader, legal review, collective discussion (LX-01, QZ-08)."""
    plan = await repository.get(session, plan_id)
    check_match(plan.version, if_match)
    may = await _may(session, who, plan)
    said = approvals.Said(body.remark, body.document, tuple(body.attendees))
    await approvals.take(session, plan, who, body.step, said, may=may, now=clock.now(), today=clock.today())
    return answer(plan, response)


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
    """Pass the last approval: of the head, of the conference by its resolution, of government or superior by a
    document; whichever the pack wants (QZ-05, QZ-08, CX-01).
    """
    plan = await repository.get(session, plan_id)
    check_match(plan.version, if_match)
    may = await _may(session, who, plan)
    body = body or Approval()
    said = approvals.Said(body.remark, body.resolution or body.document)
    await approvals.take(session, plan, who, None, said, may=may, now=clock.now(), today=clock.today())
    return answer(plan, response)


@router.post("/plans/{plan_id}/return")
async def return_plan(
    plan_id: str, body: WithReason, who: CanTakeStep, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> PlanOut:
    """Return a draft for change; the approvals that it passed are void (LX-01)."""
    plan = await repository.get(session, plan_id)
    check_match(plan.version, if_match)
    may = await _may(session, who, plan)
    await approvals.give_back(session, plan, who, body.reason, may=may, now=clock.now(), today=clock.today())
    return answer(plan, response)


@router.get("/plans/filing-term")
async def filing_term(
    who: CanRead, session: Read, clock: Now, area: AreaCode, kind: PlanKind, period_from: Day
) -> FilingTermOut:
    """What the pack wants of a plan: contents, approvals, office, window, platform (LX-02, DT-11, CX-05)."""
    policy = await Policies(session, clock.today()).of(area)
    term = rules.filing_term(kind, period_from, policy)
    through = policy.plan.filing_through
    return FilingTermOut(
        office=term.office,
        through_random=through.value.random if through else None,
        through_non_random=through.value.non_random if through else None,
        opens=term.opens,
        due=term.due,
        clause=term.clause,
        completion_reported=policy.plan.completion_reported.value,
        mandatory_fields=list(policy.plan.mandatory_fields.value),
        steps=list(approval.flow(kind, policy)),
        platform=policy.plan.platform.value if policy.plan.platform else None,
        mailbox=policy.filing.mailbox.value if policy.filing.mailbox else None,
    )


@router.post("/plans/{plan_id}/file")
async def file_plan(
    plan_id: str,
    who: CanPlan,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
    body: FileIn | None = None,
) -> PlanOut:
    """File an approved plan with the pack's office; late filings are marked, early ones refused (DT-11, CX-05)."""
    plan = await repository.get(session, plan_id)
    who.require_agency(plan.agency_id)
    check_match(plan.version, if_match)
    note = body.note if body else ""
    await plan_filings.file(session, plan, who, note, now=clock.now(), today=clock.today())
    return answer(plan, response)


@router.post("/plans/{plan_id}/filing-decisions")
async def decide_filing(
    plan_id: str, body: FilingDecision, who: CanDecideFiling, session: Write, clock: Now
) -> PlanFilingOut:
    """Check, note or return a filing, as the office of the line that it is before (DT-11, CX-05)."""
    plan = await repository.get(session, plan_id)
    require_area(who, plan.area)
    row = await plan_filings.decide(
        session, plan, who, body.decision, body.remark, now=clock.now(), today=clock.today()
    )
    return PlanFilingOut.model_validate(row)


@router.get("/plan-filings")
async def waiting_filings(
    who: CanDecideFiling,
    session: Read,
    clock: Now,
    area: AreaCode,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[PlanFilingOut]:
    """The filings of an area that wait for the caller's office, oldest first (DT-11, CX-05)."""
    require_area(who, area)
    policy = await Policies(session, clock.today()).of(area)
    lines = await plan_filings.lines_of(session, who, policy)
    query = planning.before_offices(area, lines)
    rows, following = await page(session, query, PlanFiling.filing_id, cursor=cursor, limit=limit)
    return Page(items=[PlanFilingOut.model_validate(row) for row in rows], next_cursor=following)
