"""The use of items over HTTP, and proposals to cancel what proves useless."""

from typing import Annotated

from fastapi import Path, Query, Response

from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.registry.access import CanPublishItems, CanRead, require_authority_over
from wurao.registry.api.sight import agency_in_sight
from wurao.registry.repository import agencies as agency_repository
from wurao.registry.repository import proposals as repository
from wurao.registry.schemas.base import Identifier
from wurao.registry.schemas.items import ProposalDecision, ProposalOut, UsageOut, UsageReport
from wurao.registry.tables import ItemProposal
from wurao.registry.usecases import item_usage as usecases

router = unit_router("items")

AgencyId = Annotated[Identifier, Path()]
ProposalId = Annotated[Identifier, Path()]


@router.get("/agencies/{agency_id}/items/usage")
async def usage(
    agency_id: AgencyId,
    who: CanRead,
    session: Read,
    clock: Now,
    months: Annotated[int | None, Query(ge=1, le=120)] = None,
    frequent_from: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
) -> UsageReport:
    """Which items are inspected very often, which have long been unused, which never find anything (QZ-03)."""
    await agency_in_sight(session, agency_id, who)
    found = await usecases.analyse(session, agency_id, clock.today(), months, frequent_from)
    return UsageReport(
        agency_id=agency_id,
        since=found.since,
        frequent_from=found.thresholds.frequent_from,
        fruitless_from=found.thresholds.fruitless_from,
        clause=found.clause,
        cite=found.cite,
        items=[UsageOut.model_validate(used) for used in found.items],
    )


@router.post("/agencies/{agency_id}/items/proposals")
async def propose(agency_id: AgencyId, who: CanPublishItems, session: Write, clock: Now) -> list[ProposalOut]:
    """Propose to cancel what is long unused or never finds anything; the fresh proposals (QZ-03)."""
    agency = await agency_repository.get(session, agency_id)
    require_authority_over(who, agency_id, agency.area)
    return [ProposalOut.model_validate(row) for row in await usecases.propose(session, agency_id, clock.today())]


@router.get("/agencies/{agency_id}/items/proposals")
async def list_proposals(
    agency_id: AgencyId, who: CanRead, session: Read, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[ProposalOut]:
    """The proposals of an agency within the caller's area in every state, the last first."""
    await agency_in_sight(session, agency_id, who)
    query = repository.of_agency(agency_id)
    rows, following = await page(session, query, ItemProposal.proposal_id, cursor=cursor, limit=limit, descending=True)
    return Page(items=[ProposalOut.model_validate(row) for row in rows], next_cursor=following)


@router.post("/item-proposals/{proposal_id}/decide")
async def decide(
    proposal_id: ProposalId,
    body: ProposalDecision,
    who: CanPublishItems,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> ProposalOut:
    """Cancel the item as proposed, or dismiss the proposal with the reason; a cancelled item gets no new task."""
    found = await repository.get(session, proposal_id)
    agency = await agency_repository.get(session, found.agency_id)
    require_authority_over(who, found.agency_id, agency.area)
    check_match(found.version, if_match)
    found = await usecases.decide(
        session, found, cancel=body.cancel, reason=body.reason, by=who.person, today=clock.today()
    )
    etag(response, found.version)
    return ProposalOut.model_validate(found)
