"""Upload packs, and let them take effect by two persons."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from wurao.common import area as areas
from wurao.common.contracts.registry import PackActivated, PackWithdrawn
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import Malformed, NotFound
from wurao.common.ids import new_id
from wurao.common.packs import Pack, PackError, declared_sections, examine_pack, load_packs
from wurao.common.packs.readers import readers_of
from wurao.common.policy import on_pack_activated, on_pack_withdrawn, pack_for
from wurao.registry.domain import activations as rules
from wurao.registry.repository import policy as repository
from wurao.registry.schemas.policy import Proposal
from wurao.registry.tables import PackActivation, PackDraft


async def upload(session: WriteSession, text: str, who: str, now: datetime) -> tuple[PackDraft, Pack]:
    """Keep an uploaded pack; the same text again is the same draft. Raises Malformed with every fault and its line."""
    pack, faults = await asyncio.to_thread(examine_pack, text, file="上传文件", parents=await _known(session))
    if pack is None:
        raise Malformed("政策包有误", code="pack.faulty", fields=[_field(fault) for fault in faults])
    draft = await session.get(PackDraft, (pack.name, pack.digest))
    if draft is None:
        draft = PackDraft(name=pack.name, digest=pack.digest, title=pack.title, document=pack.to_document(), text=text)
        session.add(draft)
    draft.uploaded_by, draft.uploaded_at = who, now
    await session.flush()
    return draft, pack


async def propose(session: WriteSession, wish: Proposal, who: str, today: date, now: datetime) -> PackActivation:
    """Propose that a pack takes effect in an area from a day; somebody else decides."""
    pack = await find(session, wish.pack, wish.digest)
    rules.require_day(pack, wish.effective_from, today, wish.reason)
    require_complete(pack, wish.effective_from)
    proposal = PackActivation(
        activation_id=new_id(),
        area=wish.area,
        pack=pack.name,
        digest=pack.digest,
        title=pack.title,
        number=pack.source.number,
        document=pack.to_document(),
        effective_from=wish.effective_from,
        reason=wish.reason,
        state=rules.PROPOSED,
        proposed_by=who,
        proposed_at=now,
    )
    session.add(proposal)
    await session.flush()
    return proposal


async def approve(
    session: WriteSession, proposal: PackActivation, who: str, note: str, today: date, now: datetime
) -> None:
    """Let a proposed pack take effect; what was approved for the same day stays on record as replaced."""
    rules.require_other_person(proposal.proposed_by, who)
    rules.require_open(proposal.state)
    rules.require_day(Pack.from_document(proposal.document), proposal.effective_from, today, proposal.reason)
    version = await repository.next_version(session, proposal.area)
    await _replace(session, proposal, who, now)
    _decide(proposal, rules.APPROVED, who, note, now)
    await session.flush()
    event = PackActivated(
        area=proposal.area,
        pack=proposal.pack,
        digest=proposal.digest,
        effective_from=proposal.effective_from,
        document=proposal.document,
        approved_by=(proposal.proposed_by, who),
        version=version,
    )
    await on_pack_activated(session, event)
    session.record(event)


async def reject(session: WriteSession, proposal: PackActivation, who: str, reason: str, now: datetime) -> None:
    """Turn a proposal down, with a reason."""
    rules.require_other_person(proposal.proposed_by, who)
    rules.require_open(proposal.state)
    _decide(proposal, rules.REJECTED, who, reason, now)
    await session.flush()


async def withdraw(
    session: WriteSession, activation: PackActivation, who: str, reason: str, today: date, now: datetime
) -> None:
    """Take back a proposal, or a pack that is approved for a day to come."""
    rules.require_withdrawable(activation.state, activation.effective_from, today)
    acted = activation.state == rules.APPROVED
    activation.state = rules.WITHDRAWN
    activation.ended_by, activation.ended_at, activation.ended_because = who, now, reason
    await session.flush()
    if acted:
        event = PackWithdrawn(
            area=activation.area,
            pack=activation.pack,
            digest=activation.digest,
            effective_from=activation.effective_from,
            reason=reason,
            version=await repository.next_version(session, activation.area),
        )
        await on_pack_withdrawn(session, event)
        session.record(event)


async def history(session: ReadSession, area: str, today: date) -> list[tuple[PackActivation, str]]:
    """Every activation that concerns an area, its own and those above it, each with its standing on `today`."""
    found = await repository.activations(session, areas.chain(area))
    return [(each, standing_of(each, found, today)) for each in found]


def standing_of(activation: PackActivation, others: Sequence[PackActivation], today: date) -> str:
    """Where an activation stands among those of its area."""
    approved = [
        rules.Term(other.activation_id, other.effective_from)
        for other in others
        if other.state == rules.APPROVED and other.area == activation.area
    ]
    return rules.standing(activation.activation_id, activation.state, activation.effective_from, approved, today)


async def before(session: ReadSession, activation: PackActivation) -> Pack:
    """The pack that the area has without this activation."""
    acts = activation.state == rules.APPROVED
    return await pack_for(session, activation.area, activation.effective_from - timedelta(days=acts))


async def find(session: ReadSession, name: str, digest: str | None = None) -> Pack:
    """The pack of a name and digest, an uploaded one before one that came with the platform. Raises NotFound."""
    draft = await repository.draft(session, name, digest)
    if draft is not None:
        return Pack.from_document(draft.document)
    shipped = load_packs().get(name)
    if shipped is None or digest not in (None, shipped.digest):
        raise NotFound("没有这个政策包")
    return shipped


def require_complete(pack: Pack, on: date) -> None:
    """Raises Malformed unless every service can read what it needs from the pack on a day, naming who lacks what."""
    faults = {fault.parameter: fault for fault in _lacking(pack, on)}
    if faults:
        raise Malformed(
            f"政策包在 {on} 不完整，有服务读不到所需参数",
            code="pack.incomplete",
            fields=[_field(fault, readers_of(str(name))) for name, fault in faults.items()],
        )


def _lacking(pack: Pack, on: date) -> Iterator[PackError]:
    """What national law has on a day and the pack lacks, or gives in a shape that a section cannot read.

    Of the sections this process knows its own service's, and embedded all. What the nation has not yet is no fault.
    """
    nation, there = set(load_packs()["national"].names_on(on)), set(pack.names_on(on))
    for name in sorted(nation - there):
        yield PackError("缺少此参数", file=pack.file, line=pack.line, parameter=name)
    for section in declared_sections():
        yield from (fault for fault in pack.problems(section, on=on) if fault.parameter in nation)


async def _known(session: ReadSession) -> dict[str, Pack]:
    drafts = await repository.newest_drafts(session)
    return load_packs() | {draft.name: Pack.from_document(draft.document) for draft in drafts}


async def _replace(session: WriteSession, proposal: PackActivation, who: str, now: datetime) -> None:
    earlier = await repository.approved_for(session, proposal.area, proposal.effective_from)
    if earlier is not None:
        earlier.state = rules.REPLACED
        earlier.ended_by, earlier.ended_at = who, now
        earlier.ended_because = f"由{proposal.title}（{proposal.number}）替换"
        await session.flush()


def _decide(proposal: PackActivation, state: str, who: str, note: str, now: datetime) -> None:
    proposal.state, proposal.decided_by, proposal.decided_at, proposal.decision = state, who, now, note


def _field(fault: PackError, readers: str = "") -> dict[str, str]:
    words = f"第 {fault.line} 行：{fault.message}" + (f"（{readers}服务读取）" if readers else "")
    return {"field": fault.parameter or "pack", "code": f"line_{fault.line}", "message": words}
