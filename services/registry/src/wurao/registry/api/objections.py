"""Objections over HTTP."""

from typing import Annotated

from fastapi import Path, Query, Request, Response

from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.registry.access import CanDecideObjections, CanObject, CanSeeEnterprises, require_area
from wurao.registry.api.locate import locate
from wurao.registry.repository import enterprises as enterprise_repository
from wurao.registry.repository import objections as repository
from wurao.registry.schemas.adjustments import DecisionIn, ObjectionIn, ObjectionOut
from wurao.registry.schemas.base import EnterpriseId, Identifier
from wurao.registry.tables import Objection
from wurao.registry.usecases import objections as usecases
from wurao.registry.usecases.enterprises import sight_of

router = unit_router("objections")

Id = Annotated[Identifier, Path()]
InState = Annotated[str | None, Query(pattern=r"^[a-z_]{1,20}$", description="only objections in this state")]


@router.post("/enterprises/{enterprise_id}/objections", status_code=201)
async def file_objection(
    enterprise_id: Annotated[EnterpriseId, Path()],
    body: ObjectionIn,
    who: CanObject,
    session: Write,
    clock: Now,
    request: Request,
    response: Response,
) -> ObjectionOut:
    """Object to a grade, an adjustment, a fact or a proposed class; an open objection keeps it from taking effect."""
    who.require_enterprise(enterprise_id)
    enterprise = await enterprise_repository.seen(session, enterprise_id, await sight_of(session, who))
    row = await usecases.file(
        session,
        enterprise,
        body.against,
        body.target_id,
        body.reason,
        body.materials,
        who.subject,
        clock.today(),
        clock.now(),
    )
    locate(request, response, f"/v1/objections/{row.objection_id}")
    return _shown(row, response)


@router.get("/objections")
async def list_objections(
    who: CanSeeEnterprises, session: Read, state: InState = None, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[ObjectionOut]:
    """The objections within the caller's sight."""
    query = repository.within(await sight_of(session, who))
    if state is not None:
        query = query.where(Objection.state == state)
    rows, following = await page(session, query, Objection.objection_id, cursor=cursor, limit=limit)
    return Page(items=[ObjectionOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/objections/{objection_id}")
async def get_objection(objection_id: Id, who: CanSeeEnterprises, session: Read, response: Response) -> ObjectionOut:
    """One objection."""
    return _shown(await repository.seen(session, objection_id, await sight_of(session, who)), response)


@router.post("/objections/{objection_id}/decide")
async def decide_objection(
    objection_id: Id,
    body: DecisionIn,
    who: CanDecideObjections,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> ObjectionOut:
    """Decide an objection as somebody without part in what is objected to; what is upheld is carried out (LX-11)."""
    seen = await repository.seen(session, objection_id, await sight_of(session, who))
    require_area(who, seen.area)
    row = await repository.locked(session, objection_id)
    check_match(row.version, if_match)
    verdict = usecases.Verdict(**body.model_dump())
    return _shown(await usecases.decide(session, row, verdict, who, clock.today(), clock.now()), response)


def _shown(row: Objection, response: Response) -> ObjectionOut:
    etag(response, row.version)
    return ObjectionOut.model_validate(row)
