"""Activate packs and load calendars."""

from datetime import date

from wurao.common.contracts.registry import CalendarPublished, PackActivated
from wurao.common.db import WriteSession
from wurao.common.errors import Conflict, Malformed, NotFound
from wurao.common.packs import PackError, load_pack
from wurao.common.platform import CalendarRow, PackRow
from wurao.common.policy import on_calendar_published, on_pack_activated
from wurao.common.workdays import YearTable
from wurao.registry.schemas.policy import Activation, CalendarIn


async def activate(session: WriteSession, name: str, activation: Activation) -> PackRow:
    """Let a pack take effect in an area from a day. Two different persons approve."""
    if len(set(activation.approved_by)) < 2:
        raise Conflict("政策包启用须由两人批准", code="pack.two_persons")
    try:
        pack = load_pack(name)
    except PackError as error:
        raise NotFound("没有这个政策包") from error
    key = (activation.area, activation.effective_from)
    known = await session.get(PackRow, key)
    event = PackActivated(
        area=activation.area,
        pack=name,
        digest=pack.digest,
        effective_from=activation.effective_from,
        document=pack.to_document(),
        approved_by=tuple(activation.approved_by),
        version=known.version + 1 if known else 1,
    )
    await on_pack_activated(session, event)
    await session.flush()
    session.record(event)
    return await session.get_one(PackRow, key)


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
