"""Duplicates: found by a job, decided by a person; the survivor takes over all that is on record, and can give it back.

A merge moves facts, premises, former names and old codes, and what else names the enterprise (`succession`); both
histories stay where they are and are read together.
"""

from wurao.common.area import prefix
from wurao.common.clock import Clock
from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Database, WriteSession
from wurao.common.ids import new_id
from wurao.common.jobs import Job, JobHandler, Progress, submit
from wurao.common.unit import check_match
from wurao.registry.access import require_area
from wurao.registry.domain import duplicates as rules
from wurao.registry.domain.duplicates import Group, Pair
from wurao.registry.domain.search import name_key
from wurao.registry.repository import duplicates as repository
from wurao.registry.repository import enterprise_search, imports, lives
from wurao.registry.repository import enterprises as enterprise_repository
from wurao.registry.repository.bulk import Values, chunked
from wurao.registry.schemas.enterprises import MergeIn
from wurao.registry.tables import DuplicateProposal, Enterprise, FormerCode, FormerName, Merge
from wurao.registry.usecases import search_backlog, succession
from wurao.registry.usecases.classing import regrade
from wurao.registry.usecases.lives import Act, note, touch

JOB = "duplicates"
IMPORTED = ("facts", "premises")
"""What an import under way may be entering for either enterprise, which does not lock them."""


async def request(session: WriteSession, area: str, act: Act) -> Job:
    """Queue the search for duplicates in an area of the caller's."""
    require_area(act.who, area)
    return await submit(session, JOB, act.who.subject, {"area": area})


def duplicates_job(clock: Clock) -> JobHandler:
    """The job that proposes duplicates. What was proposed before, dismissed ones too, does not come back."""

    async def run(parameters: JsonObject, progress: Progress) -> JsonObject:
        area = prefix(parameters["area"])
        await search_backlog.drain(progress)
        groups = await _groups(progress, area)
        found = rules.pairs(groups)
        await progress.report(len(repository.GROUNDS), len(repository.GROUNDS) + 1, f"发现 {len(found)} 对疑似重复")
        new = await _propose(progress.db, found, clock)
        return {"area": parameters["area"], "pairs": len(found), "new": new}

    return run


async def _groups(progress: Progress, area: str) -> list[Group]:
    found: list[Group] = []
    for done, ground in enumerate(repository.GROUNDS):
        await progress.report(done, len(repository.GROUNDS) + 1, "正在比对")
        async with progress.db.read() as session:
            found += await repository.groups(session, ground, area)
    return found


async def _propose(db: Database, found: dict[Pair, dict[rules.Ground, str]], clock: Clock) -> int:
    new = 0
    for pairs in chunked(sorted(found)):
        async with db.write() as session:
            known = await repository.proposed(session, pairs)
            areas = await repository.areas_of(session, [first for first, _ in pairs])
            rows: list[Values] = [
                {
                    "proposal_id": new_id(),
                    "first_id": pair[0],
                    "second_id": pair[1],
                    "area": areas[pair[0]],
                    "grounds": list(found[pair]),
                    "reasons": rules.reasons(found[pair]),
                    "state": "open",
                    "found_at": clock.now(),
                    "version": 1,
                }
                for pair in pairs
                if pair not in known
            ]
            new += await repository.propose(session, rows)
    return new


async def dismiss(
    session: WriteSession, proposal_id: str, reason: str, act: Act, if_match: int | None
) -> DuplicateProposal:
    """Decide that two enterprises are two; they are not proposed again. Raises Conflict if it is decided."""
    proposal = await repository.proposal(session, proposal_id)
    require_area(act.who, proposal.area)
    check_match(proposal.version, if_match)
    rules.require_open(proposal.state)
    _decide(proposal, "dismissed", reason, act)
    await session.flush()
    return proposal


def _decide(proposal: DuplicateProposal, state: rules.State, reason: str, act: Act) -> None:
    proposal.state, proposal.decision_reason = state, reason
    proposal.decided_by, proposal.decided_at = act.who.subject, act.now


async def merge(session: WriteSession, body: MergeIn, act: Act) -> Merge:
    """Merge one record into another's. The survivor is graded anew with all facts. Raises Conflict."""
    merged_id, survivor_id = body.merged_id, body.survivor_id
    rules.require_mergeable(merged_id, survivor_id, None, None)
    await imports.take_turn(session, *IMPORTED)
    held = {row.enterprise_id: row for row in await enterprise_repository.held(session, merged_id, survivor_id)}
    merged, survivor = held[merged_id], held[survivor_id]
    require_area(act.who, merged.area)
    require_area(act.who, survivor.area)
    rules.require_mergeable(merged_id, survivor_id, merged.merged_into, survivor.merged_into)
    proposal = await repository.proposal_of(session, (min(merged_id, survivor_id), max(merged_id, survivor_id)))
    if proposal is not None:
        _decide(proposal, "merged", body.reason, act)
    followed = await succession.follow(session, merged, survivor)
    row = Merge(
        merge_id=new_id(),
        merged_id=merged_id,
        survivor_id=survivor_id,
        proposal_id=proposal.proposal_id if proposal else None,
        reason=body.reason,
        status_before=merged.status,
        facts=await repository.move_facts(session, merged_id, survivor_id),
        premises=await repository.move_premises(session, merged_id, survivor_id),
        names=await _take_names(session, merged, survivor, act),
        codes=await _take_codes(session, merged_id, survivor_id),
        adjustments=followed.adjustments,
        objections=followed.objections,
        conflicts=followed.conflicts,
        merged_by=act.who.subject,
        merged_at=act.now,
    )
    session.add(row)
    note(
        session,
        merged_id,
        "merged",
        act.today,
        body.reason,
        ({"status": merged.status, "merged_into": None}, {"status": "deregistered", "merged_into": survivor_id}),
        act,
    )
    note(session, survivor_id, "took_over", act.today, body.reason, ({}, {"merged_id": merged_id}), act)
    merged.status, merged.merged_into = "deregistered", survivor_id
    await _settle(session, merged, survivor, act)
    return row


async def _take_names(session: WriteSession, merged: Enterprise, survivor: Enterprise, act: Act) -> list[str]:
    """Former names of the merged become the survivor's, and so does its present one unless they are called alike."""
    taken = [(row.name, row.used_until) for row in await repository.names_of(session, merged.enterprise_id)]
    if name_key(merged.name) != name_key(survivor.name):
        taken.append((merged.name, act.today))
    rows = [
        FormerName(
            former_id=new_id(),
            enterprise_id=survivor.enterprise_id,
            name=name,
            used_until=until,
            source_id=merged.enterprise_id,
        )
        for name, until in taken
    ]
    session.add_all(rows)
    return [row.former_id for row in rows]


async def _take_codes(session: WriteSession, merged_id: str, survivor_id: str) -> list[str]:
    """Old codes of the merged, and its own, lead to the survivor."""
    known = set(await repository.codes_of(session, survivor_id))
    taken = [code for code in (*await repository.codes_of(session, merged_id), merged_id) if code not in known]
    session.add_all(FormerCode(code=code, enterprise_id=survivor_id) for code in taken)
    return taken


async def undo(session: WriteSession, merge_id: str, reason: str, act: Act, if_match: int | None) -> Merge:
    """Give the merged enterprise its record back; the merge and its undoing stay in both histories."""
    row = await lives.merge(session, merge_id)
    await imports.take_turn(session, *IMPORTED)
    held = await enterprise_repository.held(session, row.merged_id, row.survivor_id)
    await session.refresh(row)
    check_match(row.version, if_match)
    known = {each.enterprise_id: each for each in held}
    merged, survivor = known[row.merged_id], known[row.survivor_id]
    require_area(act.who, merged.area)
    require_area(act.who, survivor.area)
    rules.require_undoable(row.undone_at is not None, survivor.merged_into)
    await repository.move_facts(session, row.survivor_id, row.merged_id, row.facts)
    await repository.move_premises(session, row.survivor_id, row.merged_id, row.premises)
    await _give_back(session, row)
    await succession.give_back(session, row, merged, survivor)
    if row.proposal_id is not None:
        _decide(await repository.proposal(session, row.proposal_id), "undone", reason, act)
    row.undone_by, row.undone_at, row.undone_reason = act.who.subject, act.now, reason
    note(
        session,
        row.merged_id,
        "unmerged",
        act.today,
        reason,
        ({"status": merged.status, "merged_into": row.survivor_id}, {"status": row.status_before, "merged_into": None}),
        act,
    )
    note(session, row.survivor_id, "gave_back", act.today, reason, ({}, {"merged_id": row.merged_id}), act)
    merged.status, merged.merged_into = row.status_before, None
    await _settle(session, merged, survivor, act)
    return row


async def _give_back(session: WriteSession, row: Merge) -> None:
    for former_id in row.names:
        name = await session.get(FormerName, former_id)
        if name is not None:
            await session.delete(name)
    for code in row.codes:
        old = await session.get(FormerCode, (code, row.survivor_id))
        if old is not None:
            await session.delete(old)


async def _settle(session: WriteSession, merged: Enterprise, survivor: Enterprise, act: Act) -> None:
    """After facts and premises moved: search, versions, events and grades follow."""
    await session.flush()
    for enterprise in (merged, survivor):
        await enterprise_search.index(session, enterprise)
    await touch(session, merged)
    await touch(session, survivor)
    for enterprise in (merged, survivor):
        if enterprise.merged_into is None:
            await regrade(session, enterprise.enterprise_id, "merge", act.today, act.now)
            await session.refresh(enterprise)
