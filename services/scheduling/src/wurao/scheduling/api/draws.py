"""Draws over HTTP."""

from fastapi import Response

from wurao.common.auth import Role
from wurao.common.db import ReadSession
from wurao.common.unit import Read, Write
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.scheduling.access import CanPlan, CanReveal, CanVoidDraw, CanWitnessDraw, Public, require_area
from wurao.scheduling.repository import plans as repository
from wurao.scheduling.schemas.plans import (
    CommitmentIn,
    DrawIn,
    DrawOut,
    DrawProofOut,
    PartyOut,
    SecretIn,
    TicketOut,
)
from wurao.scheduling.schemas.shared import WithReason
from wurao.scheduling.tables import Draw
from wurao.scheduling.usecases import draws as usecases

router = unit_router("draws")


@router.post("/draws", status_code=201)
async def freeze_draw(body: DrawIn, who: CanPlan, session: Write, clock: Now, response: Response) -> DrawOut:
    """Freeze and hash the pool of a published plan, with the agency's commitment (YZ-02)."""
    plan = await repository.get(session, body.plan_id)
    who.require_agency(plan.agency_id)
    draw = await usecases.freeze(
        session,
        plan,
        who,
        item_ids=body.item_ids,
        window=(body.earliest, body.latest),
        commitment=body.commitment,
        now=clock.now(),
        today=clock.today(),
    )
    response.headers["Location"] = f"/v1/public/draws/{draw.draw_id}"
    return DrawOut.model_validate(draw)


@router.post("/draws/{draw_id}/commitments")
async def commit(draw_id: str, body: CommitmentIn, who: CanWitnessDraw, session: Write, clock: Now) -> DrawProofOut:
    """The supervision body's commitment, before any secret is out."""
    draw = await repository.draw(session, draw_id)
    require_area(who, draw.area)
    await usecases.commit(session, draw, who, body.commitment, clock.now())
    return await _proof(session, draw)


@router.post("/draws/{draw_id}/reveals")
async def reveal(draw_id: str, body: SecretIn, who: CanReveal, session: Write, clock: Now) -> DrawProofOut:
    """A party's secret; with the last one the draw is held and its tasks pass the gate."""
    draw = await repository.draw(session, draw_id)
    await usecases.reveal(session, draw, who, body.secret, clock.now(), clock.today())
    return await _proof(session, draw)


@router.post("/draws/{draw_id}/void")
async def void(draw_id: str, body: WithReason, who: CanVoidDraw, session: Write, clock: Now) -> DrawProofOut:
    """Give a draw up; it stays public with whatever was revealed."""
    draw = await repository.draw(session, draw_id)
    if Role.SUPERVISOR in who.roles:
        require_area(who, draw.area)
    else:
        who.require_agency(draw.agency_id)
    await usecases.void(session, draw, body.reason, clock.now())
    return await _proof(session, draw)


@router.get("/public/draws/{draw_id}")
async def public_draw(draw_id: str, who: Public, session: Read) -> DrawProofOut:
    """A draw with its proof, void ones too. No login."""
    return await _proof(session, await repository.draw(session, draw_id))


@router.get("/public/draws/{draw_id}/pool", response_class=Response)
async def public_pool(draw_id: str, who: Public, session: Read) -> Response:
    """The frozen pool in its canonical text, whose SHA-256 is the draw's `pool_digest`. No login."""
    return Response(await repository.pool(session, draw_id), media_type="text/plain; charset=utf-8")


async def _proof(session: ReadSession, draw: Draw) -> DrawProofOut:
    parties, tickets = await usecases.proof(session, draw)
    return DrawProofOut(
        **DrawOut.model_validate(draw).model_dump(),
        parties=[PartyOut.model_validate(party) for party in parties],
        tickets=[TicketOut.model_validate(ticket) for ticket in tickets],
    )
