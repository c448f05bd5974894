"""Load calendars."""

from datetime import date

from wurao.common.contracts.registry import CalendarPublished
from wurao.common.db import WriteSession
from wurao.common.errors import Malformed
from wurao.common.platform import CalendarRow
from wurao.common.policy import on_calendar_published
from wurao.common.workdays import YearTable
from wurao.registry.schemas.policy import CalendarIn


async def load_calendar(session: WriteSession, year: int, table: CalendarIn) -> CalendarRow:
    """Load a year's table of holidays and make-up workdays; it overrides what the platform ships."""
    try:
        YearTable(
            year=year,
            notice=table.notice,
            workdays=frozenset(table.workdays),
            holidays=table.holidays,
            statutory=frozenset(table.statutory),
        )
    except ValueError as error:
        raise Malformed(str(error), code="calendar.bad_table", clause="PL-85") from error
    known = await session.get(CalendarRow, year)
    event = CalendarPublished(
        year=year,
        notice=table.notice,
        workdays=tuple(sorted(table.workdays)),
        holidays={day.isoformat(): name for day, name in sorted(table.holidays.items())},
        statutory=tuple(sorted(table.statutory)),
        version=known.version + 1 if known else 1,
    )
    await on_calendar_published(session, event)
    session.record(event)
    return await session.get_one(CalendarRow, year)


def as_of(on: date | None, today: date) -> date:
    """The day a question is about: today unless another is named."""
    return on or today
