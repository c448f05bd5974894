"""Queries of the enterprises that wait to be indexed for the search."""

from collections.abc import Sequence

from sqlalchemy import exists, func, select

from wurao.common.db import ReadSession, WriteSession
from wurao.common.platform import JobRow
from wurao.registry.repository.imports import among
from wurao.registry.tables import EnterpriseSearch, SearchBacklog


async def size(session: ReadSession) -> int:
    """How many pieces wait."""
    return await session.scalar(select(func.count()).select_from(SearchBacklog)) or 0


async def waits(session: ReadSession) -> bool:
    """Tell whether any enterprise waits."""
    return bool(await session.scalar(select(exists().select_from(SearchBacklog))))


async def first(session: WriteSession) -> SearchBacklog | None:
    """The oldest piece that nobody works on, kept from others until the end of the transaction."""
    query = select(SearchBacklog).order_by(SearchBacklog.backlog_id).limit(1)
    return await session.scalar(query.with_for_update(skip_locked=True))


async def indexed(session: ReadSession, enterprise_ids: Sequence[str]) -> set[str]:
    """Those of the enterprises that the search knows."""
    query = select(EnterpriseSearch.enterprise_id).where(among(session, EnterpriseSearch.enterprise_id, enterprise_ids))
    return set(await session.scalars(query))


async def under_way(session: ReadSession, job: str) -> bool:
    """Tell whether a job of this kind is queued or running."""
    return bool(
        await session.scalar(select(exists().where(JobRow.kind == job, JobRow.state.in_(("queued", "running")))))
    )
