"""Relations that require recusal, over HTTP (行政处罚法 第四十三条)."""

from typing import Annotated, Literal

from fastapi import Path, Query, Request, Response

from wurao.common.auth import Principal, Role
from wurao.common.db import WriteSession
from wurao.common.errors import Forbidden
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.registry.access import CanChangeStanding, CanDeclareConflicts, require_authority_over
from wurao.registry.api.locate import locate
from wurao.registry.api.officers import OfficerId, changeable
from wurao.registry.domain import conflicts as rules
from wurao.registry.repository import conflicts as repository
from wurao.registry.repository import officers as officer_repository
from wurao.registry.schemas.base import EnterpriseId, Identifier
from wurao.registry.schemas.conflicts import ConflictDecision, ConflictIn, ConflictOut
from wurao.registry.schemas.officers import Because
from wurao.registry.tables import Officer, OfficerConflict
from wurao.registry.usecases import conflicts as usecases

router = unit_router("conflicts")

ConflictId = Annotated[Identifier, Path()]
State = Annotated[Literal["reported", "in_force", "dismissed", "ended"] | None, Query()]
ENTERING = {Role.PLANNER, Role.HEAD, Role.SUPERVISOR, Role.PLATFORM}


@router.post("/officers/{officer_id}/conflicts", status_code=201)
async def declare_conflict(
    officer_id: OfficerId,
    body: ConflictIn,
    who: CanDeclareConflicts,
    session: Write,
    clock: Now,
    request: Request,
    response: Response,
) -> ConflictOut:
    """Declare a relation as the officer, enter it as the agency, or report it as the enterprise."""
    officer = await officer_repository.get(session, officer_id)
    source = _source(who, officer, body.enterprise_id)
    conflict = await usecases.enter(session, officer, body, source, who.subject, clock.now())
    locate(request, response, f"/v1/conflicts/{conflict.conflict_id}")
    return _shown(conflict, response)


def _source(who: Principal, officer: Officer, enterprise_id: str) -> str:
    """On whose word the relation rests. Raises Forbidden."""
    if who.enterprise_id is not None:
        who.require_enterprise(enterprise_id)
        return rules.ENTERPRISE
    if who.officer_id == officer.officer_id:
        return rules.OFFICER
    if not who.roles & ENTERING:
        raise Forbidden("只能申报本人的回避事项", code="other_officer")
    require_authority_over(who, officer.agency_id, officer.area)
    return rules.AGENCY


@router.get("/conflicts")
async def list_conflicts(
    who: CanDeclareConflicts,
    session: Read,
    state: State = None,
    officer_id: Annotated[Identifier | None, Query()] = None,
    enterprise_id: Annotated[EnterpriseId | None, Query()] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[ConflictOut]:
    """Relations within the caller's sight: an officer's own, an enterprise's reports, the agency's, the area's."""
    query = repository.listed(
        who.scope(), own_officer=_only(who), state=state, officer_id=officer_id, enterprise_id=enterprise_id
    )
    rows, following = await page(session, query, OfficerConflict.conflict_id, cursor=cursor, limit=limit)
    return Page(items=[ConflictOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/conflicts/{conflict_id}")
async def get_conflict(
    conflict_id: ConflictId, who: CanDeclareConflicts, session: Read, response: Response
) -> ConflictOut:
    """One relation within the caller's sight."""
    return _shown(await repository.seen(session, conflict_id, who.scope(), own_officer=_only(who)), response)


def _only(who: Principal) -> str | None:
    """The one officer whose relations the caller sees, where the caller is no more than an officer."""
    return None if who.enterprise_id or who.roles & ENTERING else who.officer_id or ""


@router.post("/conflicts/{conflict_id}/decide")
async def decide_conflict(
    conflict_id: ConflictId,
    body: ConflictDecision,
    who: CanChangeStanding,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> ConflictOut:
    """Uphold or dismiss an enterprise's report, as the agency's head or from above; until then nothing stops."""
    conflict, officer = await _changeable(session, conflict_id, who, if_match)
    await usecases.decide(session, officer, conflict, body.reason, who.subject, clock.now(), upheld=body.upheld)
    return _shown(conflict, response)


@router.post("/conflicts/{conflict_id}/end")
async def end_conflict(
    conflict_id: ConflictId,
    body: Because,
    who: CanChangeStanding,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> ConflictOut:
    """End a relation as of today, as the agency's head or from above."""
    conflict, officer = await _changeable(session, conflict_id, who, if_match)
    await usecases.end(session, officer, conflict, body.reason, who.subject, clock.now())
    return _shown(conflict, response)


async def _changeable(
    session: WriteSession, conflict_id: str, who: Principal, if_match: int | None
) -> tuple[OfficerConflict, Officer]:
    conflict = await repository.get(session, conflict_id)
    check_match(conflict.version, if_match)
    return conflict, await changeable(session, conflict.officer_id, who)


def _shown(conflict: OfficerConflict, response: Response) -> ConflictOut:
    etag(response, conflict.version)
    return ConflictOut.model_validate(conflict)
