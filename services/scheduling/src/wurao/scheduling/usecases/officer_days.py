"""What an agency says of its officers' days, and what counts otherwise (QZ-06)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import Malformed, NotFound
from wurao.common.policy import calendar_for
from wurao.scheduling.domain import people
from wurao.scheduling.repository import officer_days as repository
from wurao.scheduling.repository import replicas
from wurao.scheduling.usecases.merge_facts import workdays


@dataclass(frozen=True, slots=True)
class OfficerDay:
    """A working day: officers that count, those with a valid certificate, and whether the agency said so."""

    date: date
    officers: int
    valid_certificates: int
    said: bool


async def say(
    session: WriteSession, agency_id: str, days: Sequence[tuple[date, int | None]], by: str, now: datetime
) -> None:
    """Keep what an agency says of some days; None takes it back. Raises NotFound, or Malformed with every bad day."""
    await require_agency(session, agency_id)
    calendar = await calendar_for(session)
    bad, seen = [], set[date]()
    for at, (day, _) in enumerate(days):
        message = "同一日期出现两次" if day in seen else None if calendar.is_workday(day) else "不是工作日"
        seen.add(day)
        if message:
            bad.append({"field": f"days.{at}.date", "code": "bad_day", "message": f"{day}{message}"})
    if bad:
        raise Malformed("执法力量日期有误", code="officer_days.bad_day", fields=bad)
    kept: Mapping[date, int] = {day: officers for day, officers in days if officers is not None}
    if kept:
        await repository.keep(session, agency_id, kept, by, now)
    await repository.forget(session, agency_id, [day for day, officers in days if officers is None])
    await session.flush()


async def require_agency(session: ReadSession, agency_id: str) -> None:
    """Raises NotFound for an agency that is not known."""
    if agency_id not in await replicas.agencies(session, [agency_id]):
        raise NotFound("没有这个执法主体")


async def between(session: ReadSession, agency_id: str, first: date, last: date) -> list[OfficerDay]:
    """An agency's working days. Raises NotFound or CalendarUnknown."""
    await require_agency(session, agency_id)
    said = await repository.said(session, [agency_id], first, last)
    pool = (await replicas.officers_of(session, [agency_id]))[agency_id]
    found = []
    for day in workdays(await calendar_for(session), first, last):
        valid = sum(people.valid_on(officer, day) for officer in pool)
        officers = said.get((agency_id, day))
        found.append(OfficerDay(day, valid if officers is None else officers, valid, officers is not None))
    return found
