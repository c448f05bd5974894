"""Queries on officers who stay away from enterprises."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from wurao.common.db import ReadSession
from wurao.scheduling.domain.people import Recusal, recused_on
from wurao.scheduling.repository.replicas import chunks
from wurao.scheduling.tables import OfficerConflict


async def of_enterprises(session: ReadSession, enterprise_ids: Iterable[str]) -> dict[str, list[Recusal]]:
    """Who stays away from each enterprise, and when."""
    found: dict[str, list[Recusal]] = {}
    for part in chunks(enterprise_ids):
        for row in await session.scalars(select(OfficerConflict).where(OfficerConflict.enterprise_id.in_(part))):
            found.setdefault(row.enterprise_id, []).append(Recusal(row.officer_id, row.since, row.until))
    return found


async def recused(session: ReadSession, enterprise_id: str, day: date) -> set[str]:
    """The officers who stay away from an enterprise on a day."""
    return recused_on((await of_enterprises(session, [enterprise_id])).get(enterprise_id, ()), day)
