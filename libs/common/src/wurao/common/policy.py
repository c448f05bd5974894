"""Packs and calendars as a service keeps them: fed by the registry's events, asked as of a date."""

from datetime import date

from sqlalchemy import select

from wurao.common import area as areas
from wurao.common.consumer import Handlers
from wurao.common.contracts.registry import CalendarPublished, PackActivated, PackWithdrawn
from wurao.common.db import ReadSession, WriteSession
from wurao.common.packs import Pack, load_pack
from wurao.common.platform import CalendarRow, PackRow
from wurao.common.workdays import WorkCalendar, YearTable

_PARSED: dict[str, Pack] = {}
_PARSED_LIMIT = 256

# What is left of a withdrawn pack: its version, so that a late copy of its activation finds it newer.
_GONE = ""


def _remember(digest: str, pack: Pack) -> Pack:
    if len(_PARSED) >= _PARSED_LIMIT:
        _PARSED.clear()
    _PARSED[digest] = pack
    return pack


async def pack_for(session: ReadSession, area: str, on: date) -> Pack:
    """The pack in force in an area on a day: the nearest area's, else the national one."""
    chain = areas.chain(area)
    rows = (
        await session.execute(
            select(PackRow.area, PackRow.effective_from, PackRow.digest)
            .where(PackRow.area.in_(chain), PackRow.effective_from <= on, PackRow.digest != _GONE)
            .order_by(PackRow.effective_from.desc())
        )
    ).all()
    latest = {row.area: row for row in reversed(rows)}
    chosen = next((latest[place] for place in chain if place in latest), None)
    if chosen is None:
        return load_pack("national")
    if chosen.digest in _PARSED:
        return _PARSED[chosen.digest]
    row = await session.get_one(PackRow, (chosen.area, chosen.effective_from))
    return _remember(row.digest, Pack.from_document(row.document))


async def calendar_for(session: ReadSession) -> WorkCalendar:
    """The working-day calendar with the tables that administrators loaded."""
    rows = (await session.scalars(select(CalendarRow))).all()
    calendar = WorkCalendar()
    for row in rows:
        calendar = calendar.with_year(_table(row))
    return calendar


def _table(row: CalendarRow) -> YearTable:
    return YearTable(
        year=row.year,
        notice=row.notice,
        workdays=frozenset(date.fromisoformat(day) for day in row.workdays),
        holidays={date.fromisoformat(day): name for day, name in row.holidays.items()},
        statutory=frozenset(date.fromisoformat(day) for day in row.statutory),
    )


async def on_pack_activated(session: WriteSession, event: PackActivated) -> None:
    """Keep the activated pack."""
    key = (event.area, event.effective_from)
    known = await session.get(PackRow, key)
    if known is not None and known.version >= event.version:
        return
    await session.merge(
        PackRow(
            area=event.area,
            effective_from=event.effective_from,
            pack=event.pack,
            digest=event.digest,
            document=event.document,
            approved_by=list(event.approved_by),
            version=event.version,
        )
    )


async def on_pack_withdrawn(session: WriteSession, event: PackWithdrawn) -> None:
    """Forget a pack that did not take effect."""
    key = (event.area, event.effective_from)
    known = await session.get(PackRow, key)
    if known is not None and known.version >= event.version:
        return
    await session.merge(
        PackRow(
            area=event.area,
            effective_from=event.effective_from,
            pack=event.pack,
            digest=_GONE,
            document={},
            approved_by=[],
            version=event.version,
        )
    )


async def on_calendar_published(session: WriteSession, event: CalendarPublished) -> None:
    """Keep the year's table."""
    known = await session.get(CalendarRow, event.year)
    if known is not None and known.version >= event.version:
        return
    await session.merge(
        CalendarRow(
            year=event.year,
            notice=event.notice,
            workdays=[day.isoformat() for day in event.workdays],
            holidays=event.holidays,
            statutory=[day.isoformat() for day in event.statutory],
            version=event.version,
        )
    )


POLICY_HANDLERS: Handlers = {
    PackActivated: on_pack_activated,
    PackWithdrawn: on_pack_withdrawn,
    CalendarPublished: on_calendar_published,
}
