"""Credit repair over HTTP: applications, notices, and what the public sees."""

from typing import Annotated, Any

from fastapi import Path, Query, Request, Response

from wurao.common.db import WriteSession
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.registry.access import (
    CanApplyForRepair,
    CanHandleRepairs,
    CanSeeEnterprises,
    CanSeeRepairs,
    Public,
)
from wurao.registry.api.locate import locate
from wurao.registry.repository import enterprises as enterprise_repository
from wurao.registry.repository import repair as repository
from wurao.registry.schemas.base import AreaCode, EnterpriseId, Identifier
from wurao.registry.schemas.repair import (
    ApplicationIn,
    ApplicationOut,
    ApplicationWithSteps,
    CheckIn,
    DecisionIn,
    NoticeOut,
    Paper,
    PublicCredit,
    ReasonIn,
    RepairRules,
    StepOut,
    SupplementIn,
)
from wurao.registry.tables import Repair
from wurao.registry.usecases import enterprises as enterprise_usecases
from wurao.registry.usecases import publicity
from wurao.registry.usecases import repair as usecases
from wurao.registry.usecases.repair import Deed

router = unit_router("repair")

Enterprise = Annotated[EnterpriseId, Path()]
FactId = Annotated[Identifier, Path()]
ApplicationId = Annotated[Identifier, Path()]


@router.get("/public/repair/rules")
async def get_rules(
    who: Public, session: Read, clock: Now, area: Annotated[AreaCode, Query()] = "000000"
) -> RepairRules:
    """Conditions, standards, procedure, papers, time limits and office of credit repair (LX-12). No login."""
    return await publicity.rules(session, area, clock.today())


@router.get("/public/enterprises/{enterprise_id}/credit")
async def get_public_credit(enterprise_id: Enterprise, who: Public, session: Read, clock: Now) -> PublicCredit:
    """The adverse records of an enterprise that are in display, and how each is repaired (LX-12). No login."""
    return await publicity.credit(session, enterprise_id, clock.today())


@router.get("/enterprises/{enterprise_id}/facts/{fact_id}/repair-notice")
async def get_notice(enterprise_id: Enterprise, fact_id: FactId, who: CanSeeEnterprises, session: Read) -> NoticeOut:
    """The notice of credit repair that goes with the decision (LX-12)."""
    sight = await enterprise_usecases.sight_of(session, who)
    await enterprise_repository.seen(session, enterprise_id, sight)
    return NoticeOut.model_validate(await repository.display(session, enterprise_id, fact_id))


@router.post("/enterprises/{enterprise_id}/repairs", status_code=201)
async def apply(
    enterprise_id: Enterprise,
    body: ApplicationIn,
    who: CanApplyForRepair,
    session: Write,
    clock: Now,
    request: Request,
    response: Response,
) -> ApplicationOut:
    """Apply for the repair of a fact; lacking papers are named and the application is returned at once (LX-12)."""
    row = await usecases.apply(session, enterprise_id, body.fact_id, _papers(body.materials), Deed(who, clock.now()))
    locate(request, response, f"/v1/repairs/{row.application_id}")
    return _shown(row, response)


@router.get("/repairs")
async def list_repairs(
    who: CanSeeRepairs, session: Read, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[ApplicationOut]:
    """Applications: an enterprise's own, those that an agency decides on, or those of an area."""
    scope, sight = who.scope(), await enterprise_usecases.sight_of(session, who)
    query = repository.seen(sight, scope.agency_id if scope.kind == "agency" else None)
    rows, following = await page(session, query, Repair.application_id, cursor=cursor, limit=limit)
    return Page(items=[ApplicationOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/repairs/{application_id}")
async def get_repair(
    application_id: ApplicationId, who: CanSeeRepairs, session: Read, response: Response
) -> ApplicationWithSteps:
    """An application with its course."""
    scope, sight = who.scope(), await enterprise_usecases.sight_of(session, who)
    query = repository.seen(sight, scope.agency_id if scope.kind == "agency" else None)
    row = await repository.repair(session, application_id, query)
    steps = await repository.steps_of(session, application_id)
    return ApplicationWithSteps(
        **_shown(row, response).model_dump(), steps=[StepOut.model_validate(step) for step in steps]
    )


@router.post("/repairs/{application_id}/supplement")
async def supplement(
    application_id: ApplicationId,
    body: SupplementIn,
    who: CanApplyForRepair,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> ApplicationOut:
    """Add papers to an application that was returned."""
    row = await _held(session, application_id, if_match)
    papers = _papers(body.materials)
    return _shown(await usecases.supplement(session, row, papers, Deed(who, clock.now())), response)


@router.post("/repairs/{application_id}/check")
async def check(
    application_id: ApplicationId,
    body: CheckIn,
    who: CanHandleRepairs,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> ApplicationOut:
    """Accept an application whose papers are complete, with a receipt; or return it once, naming all that lacks."""
    row = await _held(session, application_id, if_match)
    faults = [fault.model_dump() for fault in body.lacking]
    return _shown(await usecases.check(session, row, faults, Deed(who, clock.now())), response)


@router.post("/repairs/{application_id}/decide")
async def decide(
    application_id: ApplicationId,
    body: DecisionIn,
    who: CanHandleRepairs,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> ApplicationOut:
    """Grant or refuse; granted, the fact counts and shows no more from today, and the enterprise is regraded."""
    row = await _held(session, application_id, if_match)
    deed = Deed(who, clock.now())
    decided = await usecases.decide(session, row, granted=body.granted, reason=body.reason, deed=deed)
    return _shown(decided, response)


@router.post("/repairs/{application_id}/take-back")
async def take_back(
    application_id: ApplicationId,
    body: ReasonIn,
    who: CanApplyForRepair,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> ApplicationOut:
    """Take an open application back."""
    row = await _held(session, application_id, if_match)
    return _shown(await usecases.take_back(session, row, body.reason, Deed(who, clock.now())), response)


@router.post("/repairs/{application_id}/revoke")
async def revoke(
    application_id: ApplicationId,
    body: ReasonIn,
    who: CanHandleRepairs,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> ApplicationOut:
    """Undo a repair that was got by false papers: the fact counts and shows again."""
    row = await _held(session, application_id, if_match)
    return _shown(await usecases.revoke(session, row, body.reason, Deed(who, clock.now())), response)


async def _held(session: WriteSession, application_id: str, if_match: int | None) -> Repair:
    row = await repository.held_repair(session, application_id)
    check_match(row.version, if_match)
    return row


def _papers(papers: list[Paper]) -> list[dict[str, Any]]:
    return [paper.model_dump() for paper in papers]


def _shown(row: Repair, response: Response) -> ApplicationOut:
    etag(response, row.version)
    return ApplicationOut.model_validate(row)
