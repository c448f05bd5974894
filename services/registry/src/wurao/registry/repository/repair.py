"""Queries on displays of adverse facts and on applications for repair."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, false, select, update

from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import NotFound
from wurao.registry.domain.displays import RUNNING
from wurao.registry.domain.repair import ACCEPTED, OPEN, SUBMITTED
from wurao.registry.repository.bulk import chunked
from wurao.registry.repository.enterprises import Sight
from wurao.registry.tables import Agency, Display, Enterprise, FactChange, FactRow, Repair, RepairStep


async def locked_fact(session: WriteSession, fact_id: str) -> FactRow | None:
    """The fact, held until the end of the transaction."""
    return await session.get(FactRow, fact_id, with_for_update=True, populate_existing=True)


async def locked_display(session: WriteSession, fact_id: str) -> Display | None:
    """The display of a fact, held until the end of the transaction: whoever changes it takes turns."""
    return await session.get(Display, fact_id, with_for_update=True, populate_existing=True)


async def displays_of(session: ReadSession, fact_ids: Sequence[str]) -> dict[str, Display]:
    """Those of the facts that have a display, by fact."""
    found: dict[str, Display] = {}
    for chunk in chunked(fact_ids):
        rows = await session.scalars(select(Display).where(Display.fact_id.in_(chunk)))
        found.update((row.fact_id, row) for row in rows)
    return found


async def display(session: ReadSession, enterprise_id: str, fact_id: str) -> Display:
    """The display of an enterprise's fact. Raises NotFound for a fact that is not adverse."""
    row = await session.get(Display, fact_id)
    if row is None or row.enterprise_id != enterprise_id:
        raise NotFound("该记录不是失信信息，没有信用修复告知书")
    return row


def shown_of(enterprise_id: str, on: date) -> Select[Display, FactRow]:
    """What the public sees of an enterprise on a day, with the facts."""
    return (
        select(Display, FactRow)
        .join(FactRow, FactRow.fact_id == Display.fact_id)
        .where(
            Display.enterprise_id == enterprise_id,
            Display.state == RUNNING,
            Display.shown.is_(True),
            Display.shown_from <= on,
            (Display.shown_until.is_(None)) | (Display.shown_until >= on),
        )
        .order_by(Display.shown_from.desc(), Display.fact_id)
    )


async def ending(session: ReadSession, today: date, limit: int) -> Sequence[Display]:
    """Displays whose last day is over, held until the end of the transaction."""
    query = (
        select(Display)
        .where(Display.state == RUNNING, Display.shown_until < today)
        .order_by(Display.shown_until, Display.fact_id)
        .limit(limit)
        .with_for_update()
    )
    return (await session.scalars(query)).all()


async def ended_by_source(session: ReadSession, fact_ids: Sequence[str], today: date) -> set[str]:
    """Those of the facts whose last day by their own source is over."""
    found: set[str] = set()
    for chunk in chunked(fact_ids):
        query = select(FactRow.fact_id).where(FactRow.fact_id.in_(chunk), FactRow.expires_on < today)
        found.update(await session.scalars(query))
    return found


async def end_facts(session: WriteSession, fact_ids: Sequence[str], ended: str, now: datetime) -> None:
    """Let facts count no more, unless they ended before."""
    for chunk in chunked(fact_ids):
        await session.execute(
            update(FactRow)
            .where(FactRow.fact_id.in_(chunk), FactRow.lapsed.is_(False))
            .values(lapsed=True, lapsed_at=now, ended=ended)
            .execution_options(synchronize_session=False)
        )


async def standing_facts(session: WriteSession, fact_ids: Sequence[str]) -> list[Row[*tuple[Any, ...]]]:
    """Those of the facts that count and report anything, as plain rows."""
    found: list[Row[*tuple[Any, ...]]] = []
    for chunk in chunked(fact_ids):
        query = select(*FactRow.__table__.columns)
        query = query.where(FactRow.fact_id.in_(chunk), FactRow.lapsed.is_(False), FactRow.value > 0)
        found += (await session.execute(query)).all()
    return found


async def agencies_named(session: ReadSession, names: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Ids and areas of the agencies of these names, by name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for chunk in chunked(sorted(set(names))):
        query = select(Agency.name, Agency.agency_id, Agency.area).where(Agency.name.in_(chunk))
        for name, agency_id, area in (await session.execute(query)).all():
            found.setdefault(name, []).append((agency_id, area))
    return found


async def areas_of(session: ReadSession, enterprise_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Name and area of those of the enterprises that are known."""
    found: dict[str, tuple[str, str]] = {}
    for chunk in chunked(sorted(set(enterprise_ids))):
        query = select(Enterprise.enterprise_id, Enterprise.name, Enterprise.area)
        rows = (await session.execute(query.where(Enterprise.enterprise_id.in_(chunk)))).all()
        found.update((row.enterprise_id, (row.name, row.area)) for row in rows)
    return found


async def repair(session: ReadSession, application_id: str, within: Select[Repair] | None = None) -> Repair:
    """The application, among those of a query if one is given. Raises NotFound."""
    query = within if within is not None else select(Repair)
    row = await session.scalar(query.where(Repair.application_id == application_id))
    if row is None:
        raise NotFound("没有这件信用修复申请")
    return row


async def held_repair(session: WriteSession, application_id: str) -> Repair:
    """The application, with its fact and display held first, so that deeds on it take turns. Raises NotFound."""
    row = await repair(session, application_id)
    await locked_fact(session, row.fact_id)
    await locked_display(session, row.fact_id)
    await session.refresh(row)
    return row


async def open_for(session: ReadSession, fact_id: str) -> Repair | None:
    """The application on a fact that is not settled yet."""
    query = select(Repair).where(Repair.fact_id == fact_id, Repair.state.in_(OPEN))
    return await session.scalar(query)


def seen(sight: Sight, agency_id: str | None) -> Select[Repair]:
    """Applications within a sight; an agency sees those that it decides on."""
    query = select(Repair)
    if sight.enterprise_id is not None:
        return query.where(Repair.enterprise_id == sight.enterprise_id)
    if agency_id is not None:
        return query.where(Repair.agency_id == agency_id)
    if sight.area is None:
        return query.where(false())
    return query.where(Repair.area.startswith(sight.area, autoescape=True))


async def nearing(session: ReadSession, today: date, limit: int) -> Sequence[Repair]:
    """Applications whose clock runs out soon and that nobody was reminded of."""
    return await _waiting(session, Repair.remind_on <= today, Repair.reminded.is_(False), limit=limit)


async def overdue(session: ReadSession, today: date, limit: int) -> Sequence[Repair]:
    """Applications whose clock has run out, not escalated yet."""
    return await _waiting(session, Repair.due < today, Repair.overdue.is_(False), limit=limit)


async def _waiting(session: ReadSession, *conditions: ColumnElement[bool], limit: int) -> Sequence[Repair]:
    query = select(Repair).where(Repair.state.in_((SUBMITTED, ACCEPTED)), *conditions)
    return (await session.scalars(query.order_by(Repair.due, Repair.application_id).limit(limit))).all()


async def steps_of(session: ReadSession, application_id: str) -> Sequence[RepairStep]:
    """The steps of an application, the first first."""
    query = select(RepairStep).where(RepairStep.application_id == application_id).order_by(RepairStep.step_id)
    return (await session.scalars(query)).all()


async def changes_of(session: ReadSession, fact_id: str) -> Sequence[FactChange]:
    """What became of a fact, the first change first."""
    query = select(FactChange).where(FactChange.fact_id == fact_id).order_by(FactChange.change_id)
    return (await session.scalars(query)).all()
