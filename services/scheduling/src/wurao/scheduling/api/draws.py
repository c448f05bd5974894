"""Draws over HTTP."""

from typing import Annotated, Literal

from fastapi import Query, Response

from wurao.common import area as areas
from wurao.common.auth import Principal, Role
from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import Read, Write
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.scheduling.access import (
    CanPlan,
    CanReveal,
    CanSubstituteDrawn,
    CanVoidDraw,
    CanWitnessDraw,
    Public,
    require_area,
)
from wurao.scheduling.repository import draws as repository
from wurao.scheduling.repository import plans as plan_repository
from wurao.scheduling.schemas.draws import (
    CommitmentIn,
    DrawIn,
    DrawOut,
    DrawProofOut,
    PartyOut,
    SecretIn,
    SubstitutionIn,
    TicketOut,
)
from wurao.scheduling.schemas.shared import AreaCode, Identifier, WithReason
from wurao.scheduling.tables import Draw
from wurao.scheduling.usecases import draws as usecases
from wurao.scheduling.usecases import freezing

router = unit_router("draws")

DrawState = Annotated[str | None, Query(pattern="^(frozen|drawing|held|void)$")]
FileName = Literal["pool.csv", "officers.csv", "conflicts.csv", "spec.json", "draw.json", "pool.txt"]


@router.post("/draws", status_code=201)
async def freeze_draw(body: DrawIn, who: CanPlan, session: Write, clock: Now, response: Response) -> DrawOut:
    """Freeze and hash pool and officers of a published plan, with the agency's commitment (YZ-02, LX-08)."""
    plan = await plan_repository.get(session, body.plan_id)
    who.require_agency(plan.agency_id)
    wanted = freezing.Wanted(
        item_ids=body.item_ids,
        earliest=body.earliest,
        latest=body.latest,
        commitment=body.commitment,
        outside=(body.outside.source, body.outside.on) if body.outside else None,
        repeats=body.repeats,
        repeat_reason=body.repeat_reason,
        max_visits=body.max_visits,
    )
    draw = await freezing.freeze(session, plan, who, wanted, now=clock.now(), today=clock.today())
    response.headers["Location"] = f"/v1/public/draws/{draw.draw_id}"
    return DrawOut.model_validate(draw)


@router.post("/draws/{draw_id}/commitments")
async def commit(draw_id: str, body: CommitmentIn, who: CanWitnessDraw, session: Write, clock: Now) -> DrawProofOut:
    """The commitment of the supervision body, or of another agency of a joint draw, before any secret is out."""
    draw = await repository.get(session, draw_id)
    if Role.SUPERVISOR in who.roles:
        require_area(who, draw.area)
    else:
        _require_participant(who, draw)
    return await _proof(session, await usecases.commit(session, draw, who, body.commitment, clock.now()))


@router.post("/draws/{draw_id}/reveals")
async def reveal(draw_id: str, body: SecretIn, who: CanReveal, session: Write, clock: Now) -> DrawProofOut:
    """A party's secret; with the last one the seed is fixed and the draw is held as a job (`job_id`)."""
    draw = await repository.get(session, draw_id)
    draw = await usecases.reveal(session, draw, who, body.secret, body.outside_value, clock.now(), clock.today())
    return await _proof(session, draw)


@router.post("/draws/{draw_id}/void")
async def void(draw_id: str, body: WithReason, who: CanVoidDraw, session: Write, clock: Now) -> DrawProofOut:
    """Give a draw up; it stays public with whatever was revealed."""
    draw = await repository.get(session, draw_id)
    _require_own(who, draw)
    return await _proof(session, await usecases.void(session, draw, body.reason, clock.now()))


@router.post("/draws/{draw_id}/substitutes")
async def substitute(
    draw_id: str, body: SubstitutionIn, who: CanSubstituteDrawn, session: Write, clock: Now
) -> DrawProofOut:
    """Put the next ticket in the place of a drawn enterprise that cannot be inspected; the reason is public."""
    draw = await repository.get(session, draw_id)
    _require_own(who, draw)
    draw = await usecases.substitute(session, draw, body.enterprise_id, body.reason, clock.now(), clock.today())
    return await _proof(session, draw)


@router.get("/public/draws")
async def public_draws(
    who: Public,
    session: Read,
    area: AreaCode | None = None,
    plan_id: Identifier | None = None,
    state: DrawState = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[DrawOut]:
    """All draws, void and repeated ones too, oldest first. No login."""
    query = repository.listed(areas.prefix(area) if area else "", plan_id=plan_id, state=state)
    rows, following = await page(session, query, Draw.draw_id, cursor=cursor, limit=limit)
    return Page(items=[DrawOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/public/draws/{draw_id}")
async def public_draw(draw_id: str, who: Public, session: Read) -> DrawProofOut:
    """A draw with its proof, void ones too. No login."""
    return await _proof(session, await repository.get(session, draw_id))


@router.get("/public/draws/{draw_id}/files/{name}", response_class=Response)
async def public_file(draw_id: str, name: FileName, who: Public, session: Read) -> Response:
    """A file of the proof, as `wurao draw verify` reads it; `digests` names its SHA-256. No login."""
    document = await repository.file(session, draw_id, name)
    if document is None:
        raise NotFound("没有这次抽取，或者这个文件尚未产生")
    kind = "application/json" if name.endswith(".json") else "text/csv; charset=utf-8"
    return Response(document, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _require_own(who: Principal, draw: Draw) -> None:
    """Raises Forbidden unless the caller watches over the draw's area or belongs to its agency."""
    if Role.SUPERVISOR in who.roles:
        require_area(who, draw.area)
    else:
        who.require_agency(draw.agency_id)


def _require_participant(who: Principal, draw: Draw) -> None:
    """Raises Forbidden unless the caller's agency takes part in the draw."""
    who.require_agency(who.agency_id if who.agency_id in draw.agencies and who.agency_id else draw.agency_id)


async def _proof(session: ReadSession, draw: Draw) -> DrawProofOut:
    parties, tickets = await usecases.proof(session, draw)
    return DrawProofOut(
        **DrawOut.model_validate(draw).model_dump(),
        parties=[PartyOut.model_validate(party) for party in parties],
        tickets=[TicketOut.model_validate(ticket) for ticket in tickets],
    )
