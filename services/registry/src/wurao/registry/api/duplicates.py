"""Duplicates over HTTP: looked for by a job, proposed with reasons, merged or dismissed by a person, undone."""

from typing import Annotated, Literal

from fastapi import Path, Request, Response

from wurao.common.area import prefix
from wurao.common.jobs import Job
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, etag
from wurao.common.unit import router as unit_router
from wurao.registry.access import CanMaintain, CanSeeEnterprises, require_area
from wurao.registry.api.lives import Acting
from wurao.registry.api.locate import locate
from wurao.registry.repository import duplicates as repository
from wurao.registry.repository import enterprises as enterprise_repository
from wurao.registry.repository import lives
from wurao.registry.schemas.base import EnterpriseId, Identifier
from wurao.registry.schemas.enterprises import (
    Comparison,
    Decision,
    DuplicateSearch,
    EnterpriseBrief,
    MergeIn,
    MergeOut,
    ProposalOut,
)
from wurao.registry.tables import DuplicateProposal, Merge
from wurao.registry.usecases import duplicates as usecases
from wurao.registry.usecases import enterprises as enterprise_usecases

router = unit_router("duplicates")

Id = Annotated[EnterpriseId, Path()]
ProposalId = Annotated[Identifier, Path()]
MergeId = Annotated[Identifier, Path()]
State = Literal["open", "dismissed", "merged", "undone"]


@router.post("/duplicates/search", status_code=202)
async def search_duplicates(
    body: DuplicateSearch, who: CanMaintain, act: Acting, session: Write, request: Request, response: Response
) -> Job:
    """Look for duplicates in an area of the caller's; progress at /v1/jobs/{job_id}."""
    job = await usecases.request(session, body.area, act)
    locate(request, response, f"/v1/jobs/{job.job_id}")
    return job


@router.get("/duplicates")
async def list_duplicates(
    who: CanMaintain, session: Read, state: State = "open", cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[ProposalOut]:
    """Enterprises of the caller's area that may be the same, each pair with reasons."""
    query = repository.proposals(prefix(who.area) if who.area is not None else None, state)
    rows, following = await page(session, query, DuplicateProposal.proposal_id, cursor=cursor, limit=limit)
    return Page(items=[ProposalOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/duplicates/{proposal_id}")
async def get_duplicate(proposal_id: ProposalId, who: CanMaintain, session: Read, response: Response) -> Comparison:
    """A proposal with both enterprises side by side."""
    proposal = await repository.one_proposal(session, proposal_id)
    require_area(who, proposal.area)
    both = await enterprise_repository.by_ids(session, [proposal.first_id, proposal.second_id])
    etag(response, proposal.version)
    enterprises = [EnterpriseBrief.model_validate(both[key]) for key in sorted(both)]
    return Comparison(**ProposalOut.model_validate(proposal).model_dump(), enterprises=enterprises)


@router.post("/duplicates/{proposal_id}/dismiss")
async def dismiss_duplicate(
    proposal_id: ProposalId,
    body: Decision,
    who: CanMaintain,
    act: Acting,
    session: Write,
    if_match: IfMatch,
    response: Response,
) -> ProposalOut:
    """Decide that the two are two; they are not proposed again."""
    proposal = await usecases.dismiss(session, proposal_id, body.reason, act, if_match)
    etag(response, proposal.version)
    return ProposalOut.model_validate(proposal)


@router.post("/merges", status_code=201)
async def merge_enterprises(
    body: MergeIn, who: CanMaintain, act: Acting, session: Write, request: Request, response: Response
) -> MergeOut:
    """Merge one enterprise's record into the survivor's, which takes over facts, premises, names and history."""
    row = await usecases.merge(session, body, act)
    etag(response, row.version)
    locate(request, response, f"/v1/merges/{row.merge_id}")
    return MergeOut.model_validate(row)


@router.get("/merges/{merge_id}")
async def get_merge(merge_id: MergeId, who: CanMaintain, session: Read, response: Response) -> MergeOut:
    """A merge with all that moved."""
    row = await lives.merge(session, merge_id)
    sight = await enterprise_usecases.sight_of(session, who)
    await enterprise_repository.seen(session, row.survivor_id, sight)
    etag(response, row.version)
    return MergeOut.model_validate(row)


@router.post("/merges/{merge_id}/undo")
async def undo_merge(
    merge_id: MergeId,
    body: Decision,
    who: CanMaintain,
    act: Acting,
    session: Write,
    if_match: IfMatch,
    response: Response,
) -> MergeOut:
    """Give the merged enterprise its record back; both histories keep the merge and its undoing."""
    row = await usecases.undo(session, merge_id, body.reason, act, if_match)
    etag(response, row.version)
    return MergeOut.model_validate(row)


@router.get("/enterprises/{enterprise_id}/merges")
async def list_merges(
    enterprise_id: Id, who: CanSeeEnterprises, session: Read, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[MergeOut]:
    """The merges that an enterprise was part of, undone ones too, the newest first."""
    await enterprise_repository.seen(session, enterprise_id, await enterprise_usecases.sight_of(session, who))
    query = lives.merges_of(enterprise_id)
    rows, following = await page(session, query, Merge.merge_id, cursor=cursor, limit=limit, descending=True)
    return Page(items=[MergeOut.model_validate(row) for row in rows], next_cursor=following)
