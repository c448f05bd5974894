"""Adjustments of grades and exposures over HTTP."""

from typing import Annotated

from fastapi import Path, Query, Request, Response

from wurao.common.area import prefix
from wurao.common.auth import Principal
from wurao.common.db import WriteSession
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.registry.access import (
    CanAdjust,
    CanApproveAdjustments,
    CanSeeEnterprises,
    Public,
    require_authority_over,
)
from wurao.registry.api.locate import locate
from wurao.registry.repository import adjustments as repository
from wurao.registry.repository import enterprises as enterprise_repository
from wurao.registry.schemas.adjustments import AdjustmentIn, AdjustmentOut, Because, ExposureOut, Service
from wurao.registry.schemas.base import AreaCode, EnterpriseId, Identifier
from wurao.registry.tables import Adjustment
from wurao.registry.usecases import adjustments as usecases
from wurao.registry.usecases.enterprises import sight_of

router = unit_router("adjustments")

EnterpriseKey = Annotated[EnterpriseId, Path()]
Id = Annotated[Identifier, Path()]
InState = Annotated[str | None, Query(pattern=r"^[a-z_]{1,20}$", description="only adjustments in this state")]


@router.post("/enterprises/{enterprise_id}/adjustments", status_code=201)
async def propose_adjustment(
    enterprise_id: EnterpriseKey,
    body: AdjustmentIn,
    who: CanAdjust,
    session: Write,
    clock: Now,
    request: Request,
    response: Response,
) -> AdjustmentOut:
    """Propose a downgrade, upgrade or exposure; refused without basis, facts, known level or end (LX-11)."""
    enterprise = await enterprise_repository.seen(session, enterprise_id, await sight_of(session, who))
    wanted = usecases.Wanted(**body.model_dump())
    row = await usecases.propose(session, enterprise, wanted, who, clock.today(), clock.now())
    locate(request, response, f"/v1/adjustments/{row.adjustment_id}")
    return _shown(row, response)


@router.get("/enterprises/{enterprise_id}/adjustments")
async def list_enterprise_adjustments(
    enterprise_id: EnterpriseKey,
    who: CanSeeEnterprises,
    session: Read,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[AdjustmentOut]:
    """An enterprise's adjustments; the enterprise itself sees them from the notice on."""
    sight = await sight_of(session, who)
    await enterprise_repository.seen(session, enterprise_id, sight)
    query = repository.of_enterprise(enterprise_id, sight)
    rows, following = await page(session, query, Adjustment.adjustment_id, cursor=cursor, limit=limit)
    return Page(items=[AdjustmentOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/adjustments")
async def list_adjustments(
    who: CanSeeEnterprises, session: Read, state: InState = None, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[AdjustmentOut]:
    """The adjustments within the caller's sight."""
    query = repository.within(await sight_of(session, who))
    if state is not None:
        query = query.where(Adjustment.state == state)
    rows, following = await page(session, query, Adjustment.adjustment_id, cursor=cursor, limit=limit)
    return Page(items=[AdjustmentOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/adjustments/{adjustment_id}")
async def get_adjustment(adjustment_id: Id, who: CanSeeEnterprises, session: Read, response: Response) -> AdjustmentOut:
    """One adjustment."""
    return _shown(await repository.seen(session, adjustment_id, await sight_of(session, who)), response)


@router.post("/adjustments/{adjustment_id}/approve")
async def approve_adjustment(
    adjustment_id: Id,
    who: CanApproveAdjustments,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> AdjustmentOut:
    """Approve what somebody else proposed (LX-11)."""
    row = await _own(session, adjustment_id, who, if_match)
    return _shown(await usecases.approve(session, row, who.person, clock.today(), clock.now()), response)


@router.post("/adjustments/{adjustment_id}/notice")
async def serve_notice(
    adjustment_id: Id,
    body: Service,
    who: CanAdjust,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> AdjustmentOut:
    """Record that the enterprise was notified; its time to object begins (LX-11)."""
    row = await _own(session, adjustment_id, who, if_match)
    return _shown(await usecases.serve(session, row, body.served_on, body.served_how, clock.today()), response)


@router.post("/adjustments/{adjustment_id}/enforce")
async def enforce_adjustment(
    adjustment_id: Id, who: CanAdjust, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> AdjustmentOut:
    """Let an adjustment take effect now; refused before the time to object is over. It also does so by itself."""
    row = await _own(session, adjustment_id, who, if_match)
    return _shown(await usecases.enforce(session, row, clock.today(), clock.now()), response)


@router.post("/adjustments/{adjustment_id}/lift")
async def lift_adjustment(
    adjustment_id: Id,
    body: Because,
    who: CanApproveAdjustments,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> AdjustmentOut:
    """End an adjustment before its day, or drop one that was not notified yet."""
    row = await _own(session, adjustment_id, who, if_match)
    row = await usecases.lift(session, row, body.reason, who.person, clock.today(), clock.now())
    return _shown(row, response)


@router.get("/public/exposures")
async def list_exposures(
    who: Public,
    session: Read,
    clock: Now,
    area: Annotated[AreaCode, Query(description="the area, or one around it")],
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[ExposureOut]:
    """Exposures in force: the only enterprises that are publicly named for their credit by decision (LX-11)."""
    query = repository.exposed(prefix(area), clock.today())
    rows, following = await page(session, query, Adjustment.adjustment_id, cursor=cursor, limit=limit)
    names = await repository.names(session, [row.enterprise_id for row in rows])
    return Page(items=[_exposed(row, names) for row in rows], next_cursor=following)


async def _own(session: WriteSession, adjustment_id: str, who: Principal, if_match: int | None) -> Adjustment:
    """The adjustment, held, if the caller answers for it."""
    seen = await repository.seen(session, adjustment_id, await sight_of(session, who))
    require_authority_over(who, seen.agency_id, seen.area)
    row = await repository.locked(session, adjustment_id)
    check_match(row.version, if_match)
    return row


def _shown(row: Adjustment, response: Response) -> AdjustmentOut:
    etag(response, row.version)
    return AdjustmentOut.model_validate(row)


def _exposed(row: Adjustment, names: dict[str, str]) -> ExposureOut:
    assert row.in_force_from is not None
    return ExposureOut(
        enterprise_id=row.enterprise_id,
        name=names[row.enterprise_id],
        law=row.law,
        article=row.article,
        reason=row.reason,
        agency_name=row.agency_name,
        in_force_from=row.in_force_from,
        ends_on=row.ends_on,
    )
