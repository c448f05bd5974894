"""Queries on uploaded packs and activations."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select

from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import NotFound
from wurao.common.platform import PackRow
from wurao.registry.domain.activations import APPROVED
from wurao.registry.tables import PackActivation, PackDraft

_MOST = 200


async def activation(session: ReadSession, activation_id: str) -> PackActivation:
    """The activation. Raises NotFound."""
    found = await session.get(PackActivation, activation_id)
    if found is None:
        raise NotFound("没有这项政策包启用")
    return found


async def activations(session: ReadSession, areas: Sequence[str]) -> Sequence[PackActivation]:
    """Every activation of the areas, the latest day first."""
    query = select(PackActivation).where(PackActivation.area.in_(areas))
    order = (PackActivation.effective_from.desc(), PackActivation.activation_id.desc())
    return (await session.scalars(query.order_by(*order))).all()


async def approved_for(session: ReadSession, area: str, day: date) -> PackActivation | None:
    """The approved activation of an area's day."""
    found: PackActivation | None = await session.scalar(
        select(PackActivation).where(
            PackActivation.area == area, PackActivation.effective_from == day, PackActivation.state == APPROVED
        )
    )
    return found


async def drafts(session: ReadSession) -> Sequence[PackDraft]:
    """Uploaded packs, the newest first, so many as an answer holds."""
    query = select(PackDraft).order_by(PackDraft.uploaded_at.desc(), PackDraft.digest)
    return (await session.scalars(query.limit(_MOST))).all()


async def newest_drafts(session: ReadSession) -> Sequence[PackDraft]:
    """Of each uploaded pack its newest text."""
    newest = select(PackDraft.name, func.max(PackDraft.uploaded_at).label("last")).group_by(PackDraft.name).subquery()
    same = (PackDraft.name == newest.c.name) & (PackDraft.uploaded_at == newest.c.last)
    return (await session.scalars(select(PackDraft).join(newest, same))).all()


async def draft(session: ReadSession, name: str, digest: str | None) -> PackDraft | None:
    """The uploaded pack of a name: that digest, or the newest."""
    query = select(PackDraft).where(PackDraft.name == name)
    if digest:
        query = query.where(PackDraft.digest == digest)
    found: PackDraft | None = await session.scalar(query.order_by(PackDraft.uploaded_at.desc()).limit(1))
    return found


async def next_version(session: WriteSession, area: str) -> int:
    """The next version of an area's packs; whoever asks holds the area until the transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"wurao_pack_{area}"))))
    return int(await session.scalar(select(func.max(PackRow.version)).where(PackRow.area == area)) or 0) + 1
