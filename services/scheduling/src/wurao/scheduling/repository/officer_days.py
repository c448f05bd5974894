"""Queries on the officers' days that agencies named."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import delete, select

from wurao.common.db import ReadSession, WriteSession
from wurao.scheduling.repository.replicas import chunks
from wurao.scheduling.tables import OfficerDays


async def of_agency(session: ReadSession, agency_id: str, first: date, last: date) -> Sequence[OfficerDays]:
    """What an agency said of the days from first to last."""
    query = select(OfficerDays).where(OfficerDays.agency_id == agency_id, OfficerDays.day.between(first, last))
    return (await session.scalars(query.order_by(OfficerDays.day))).all()


async def said(session: ReadSession, agency_ids: Iterable[str], first: date, last: date) -> dict[tuple[str, date], int]:
    """Officers by agency and day, where the agency said something."""
    found: dict[tuple[str, date], int] = {}
    for part in chunks(agency_ids):
        query = select(OfficerDays).where(OfficerDays.agency_id.in_(part), OfficerDays.day.between(first, last))
        found |= {(row.agency_id, row.day): row.officers for row in await session.scalars(query)}
    return found


async def keep(session: WriteSession, agency_id: str, said: Mapping[date, int], by: str, now: datetime) -> None:
    """Keep officers by day; what was said of a day before is replaced."""
    known = {row.day: row for row in await of_agency(session, agency_id, min(said), max(said))}
    for day, officers in said.items():
        if day in known:
            known[day].officers, known[day].set_by, known[day].set_at = officers, by, now
        else:
            session.add(OfficerDays(agency_id=agency_id, day=day, officers=officers, set_by=by, set_at=now))


async def forget(session: WriteSession, agency_id: str, days: Iterable[date]) -> None:
    """Days on which all officers with a valid certificate count again."""
    await session.execute(
        delete(OfficerDays).where(OfficerDays.agency_id == agency_id, OfficerDays.day.in_(list(days)))
    )
