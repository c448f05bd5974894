"""Queries on the lives of enterprises: their deeds, premises and merges."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, func, or_, select

from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import NotFound
from wurao.registry.domain.enterprises import Past, require_unmerged
from wurao.registry.tables import Enterprise, EnterpriseDeed, Merge, PremisesRow


def deeds_of(enterprise_ids: Sequence[str]) -> Select[EnterpriseDeed]:
    """All changes in the lives of these enterprises."""
    return select(EnterpriseDeed).where(EnterpriseDeed.enterprise_id.in_(enterprise_ids))


async def pasts(session: ReadSession, enterprise_id: str, after: date) -> list[Past]:
    """What an enterprise was before each change that took effect after a day."""
    query = select(EnterpriseDeed.effective_on, EnterpriseDeed.deed_id, EnterpriseDeed.before).where(
        EnterpriseDeed.enterprise_id == enterprise_id, EnterpriseDeed.effective_on > after
    )
    return [Past(*row) for row in (await session.execute(query)).all()]


async def last_day(session: ReadSession, enterprise_id: str) -> date | None:
    """The day of the last change of an enterprise."""
    query = select(func.max(EnterpriseDeed.effective_on)).where(EnterpriseDeed.enterprise_id == enterprise_id)
    return await session.scalar(query)


async def merged_into(session: ReadSession, survivor_id: str) -> list[str]:
    """The enterprises whose records this one took over, at first or second hand, and holds now."""
    found: list[str] = []
    layer = [survivor_id]
    while layer:
        query = select(Merge.merged_id).where(Merge.survivor_id.in_(layer), Merge.undone_at.is_(None))
        layer = [*(await session.scalars(query.order_by(Merge.merged_id)))]
        found += layer
    return found


async def with_merged(session: ReadSession, enterprise_id: str) -> list[str]:
    """The enterprise and those whose records it holds now."""
    return [enterprise_id, *await merged_into(session, enterprise_id)]


async def survivor(session: ReadSession, enterprise_id: str) -> str:
    """The enterprise that holds this one's record now: itself unless it was merged."""
    into = select(Enterprise.merged_into).where(Enterprise.enterprise_id == enterprise_id)
    following = await session.scalar(into)
    return enterprise_id if following is None else await survivor(session, following)


async def require_own_record(session: WriteSession, enterprise_id: str) -> None:
    """Keep an enterprise from being merged until the end of the transaction. Raises Conflict if it was before."""
    query = select(Enterprise.merged_into).where(Enterprise.enterprise_id == enterprise_id)
    require_unmerged(await session.scalar(query.with_for_update(read=True)))


async def merge(session: ReadSession, merge_id: str) -> Merge:
    """The merge. Raises NotFound."""
    found = await session.get(Merge, merge_id)
    if found is None:
        raise NotFound("没有这次并档")
    return found


def merges_of(enterprise_id: str) -> Select[Merge]:
    """Merges that an enterprise was part of."""
    return select(Merge).where(or_(Merge.merged_id == enterprise_id, Merge.survivor_id == enterprise_id))


async def premises(session: ReadSession, enterprise_id: str) -> Sequence[PremisesRow]:
    """All premises of an enterprise, closed ones too."""
    query = select(PremisesRow).where(PremisesRow.enterprise_id == enterprise_id)
    return (await session.scalars(query.order_by(PremisesRow.premises_id))).all()


async def one_premises(session: ReadSession, enterprise_id: str, premises_id: str) -> PremisesRow:
    """Premises of an enterprise. Raises NotFound."""
    found = await session.get(PremisesRow, premises_id, populate_existing=True)
    if found is None or found.enterprise_id != enterprise_id:
        raise NotFound("没有这处经营场所")
    return found
