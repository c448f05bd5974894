"""Queries on officers who stay away from enterprises."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import select

from wurao.common.db import ReadSession
from wurao.scheduling.domain.people import Call, Recusal, recused_on, resting
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.repository import draws
from wurao.scheduling.repository.replicas import chunks
from wurao.scheduling.tables import OfficerCall, OfficerConflict


async def of_enterprises(session: ReadSession, enterprise_ids: Iterable[str]) -> dict[str, list[Recusal]]:
    """Who stays away from each enterprise, and when."""
    found: dict[str, list[Recusal]] = {}
    for part in chunks(enterprise_ids):
        for row in await session.scalars(select(OfficerConflict).where(OfficerConflict.enterprise_id.in_(part))):
            found.setdefault(row.enterprise_id, []).append(Recusal(row.officer_id, row.since, row.until))
    return found


async def not_drawn(session: ReadSession, enterprise_ids: Sequence[str], policy: Policy) -> dict[str, list[Recusal]]:
    """Who is not drawn for each enterprise: in conflict with it, there last time, or too often of late for nothing.

    No officer is drawn for the same enterprise twice running.
    """
    found = await of_enterprises(session, enterprise_ids)
    for enterprise_id, went in (await draws.went_last(session, enterprise_ids)).items():
        found.setdefault(enterprise_id, []).extend(Recusal(officer_id, date.min, None) for officer_id in sorted(went))
    most = policy.pressure.clean_visits_of_an_officer
    if most is None:
        return found
    for part in chunks(enterprise_ids):
        rows = await session.scalars(select(OfficerCall).where(OfficerCall.enterprise_id.in_(part)))
        calls: dict[str, list[Call]] = {}
        for row in rows:
            calls.setdefault(row.enterprise_id, []).append(Call(row.officer_id, row.finished_on, row.clean))
        for enterprise_id, held in calls.items():
            found.setdefault(enterprise_id, []).extend(resting(held, most.value))
    return found


async def recused(session: ReadSession, enterprise_id: str, day: date) -> set[str]:
    """The officers who stay away from an enterprise on a day."""
    return recused_on((await of_enterprises(session, [enterprise_id])).get(enterprise_id, ()), day)
