"""Queries on adjustments of grades and on exposures."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Row, Select, and_, exists, false, select

from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import NotFound
from wurao.registry.domain.adjustments import APPROVED, IN_FORCE, NOTICED, PROPOSED, TOLD
from wurao.registry.domain.adjustments import OPEN as STATES
from wurao.registry.domain.grading import Hold
from wurao.registry.domain.objections import OPEN
from wurao.registry.repository.bulk import chunked
from wurao.registry.repository.enterprises import Sight
from wurao.registry.tables import Adjustment, Enterprise, FactRow, Objection


async def holds(session: ReadSession, enterprise_ids: Sequence[str], on: date) -> dict[str, Hold]:
    """The adjustments that bind the enterprises' grades on a day; at most one each (LX-11)."""
    found: dict[str, Hold] = {}
    for chunk in chunked(enterprise_ids):
        query = select(Adjustment).where(Adjustment.enterprise_id.in_(chunk), _binding(on))
        for row in await session.scalars(query):
            assert row.level is not None
            found[row.enterprise_id] = Hold(
                adjustment_id=row.adjustment_id,
                way="up" if row.kind == "upgrade" else "down",
                level=row.level,
                basis=f"{row.law}{row.article}",
                agency=row.agency_name,
                until=row.ends_on,
                clause=row.clause,
            )
    return found


async def held_between(session: ReadSession, first: str, last: str, on: date) -> Sequence[str]:
    """Those of the enterprises from one id to another whose grades an adjustment binds on a day."""
    query = select(Adjustment.enterprise_id).where(Adjustment.enterprise_id.between(first, last), _binding(on))
    return (await session.scalars(query.order_by(Adjustment.enterprise_id))).all()


def _binding(on: date) -> ColumnElement[bool]:
    return and_(
        Adjustment.kind != "exposure",
        Adjustment.state == IN_FORCE,
        Adjustment.in_force_from <= on,
        Adjustment.ends_on >= on,
    )


def within(sight: Sight) -> Select[Adjustment]:
    """The adjustments that a caller sees; an enterprise sees its own from the notice on."""
    query = select(Adjustment)
    if sight.enterprise_id is not None:
        return query.where(Adjustment.enterprise_id == sight.enterprise_id, Adjustment.state.in_(TOLD))
    return query.where(Adjustment.area.startswith(sight.area, autoescape=True) if sight.area is not None else false())


def of_enterprise(enterprise_id: str, sight: Sight) -> Select[Adjustment]:
    """An enterprise's adjustments, as far as the caller sees them."""
    return within(sight).where(Adjustment.enterprise_id == enterprise_id)


async def seen(session: ReadSession, adjustment_id: str, sight: Sight) -> Adjustment:
    """An adjustment within the caller's sight. Raises NotFound."""
    row = await session.scalar(within(sight).where(Adjustment.adjustment_id == adjustment_id))
    if row is None:
        raise NotFound("没有这项调整")
    return row


async def locked(session: WriteSession, adjustment_id: str) -> Adjustment:
    """An adjustment, held until the end of the transaction: whoever changes it takes turns. Raises NotFound."""
    row = await session.get(Adjustment, adjustment_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("没有这项调整")
    return row


async def is_taken(session: ReadSession, slot: str) -> bool:
    """Tell whether an adjustment of the kind is open."""
    return await session.scalar(select(Adjustment.adjustment_id).where(Adjustment.slot == slot)) is not None


async def due(session: WriteSession, today: date, limit: int) -> Sequence[Adjustment]:
    """Those whose objection period is over without an open objection, and those whose last day is over."""
    objected = exists().where(Objection.target_id == Adjustment.adjustment_id, Objection.state == OPEN)
    ripe = and_(Adjustment.state == NOTICED, Adjustment.objection_until < today, ~objected)
    over = and_(Adjustment.state.in_((NOTICED, IN_FORCE)), Adjustment.ends_on < today)
    query = select(Adjustment).where(ripe | over).order_by(Adjustment.enterprise_id).limit(limit)
    return (await session.scalars(query.with_for_update(skip_locked=True))).all()


async def moved(session: WriteSession, limit: int) -> Sequence[Row[Adjustment, str]]:
    """Open adjustments of enterprises that left the area, each held and with the enterprise's area now."""
    query = (
        select(Adjustment, Enterprise.area)
        .join(Enterprise, Enterprise.enterprise_id == Adjustment.enterprise_id)
        .where(Adjustment.state.in_(STATES), Adjustment.area != Enterprise.area)
        .order_by(Adjustment.adjustment_id)
        .limit(limit)
    )
    return (await session.execute(query.with_for_update(of=Adjustment, skip_locked=True))).all()


async def stale(session: WriteSession, today: date, limit: int) -> Sequence[Adjustment]:
    """Adjustments that were never notified and whose last day is over."""
    query = select(Adjustment).where(Adjustment.state.in_((PROPOSED, APPROVED)), Adjustment.ends_on < today)
    query = query.order_by(Adjustment.adjustment_id).limit(limit)
    return (await session.scalars(query.with_for_update(skip_locked=True))).all()


async def groundless(session: ReadSession) -> list[str]:
    """Ids of adjustments notified or in force of whose facts none counts any more; there are few adjustments."""
    query = select(Adjustment.adjustment_id, Adjustment.facts).where(Adjustment.state.in_((NOTICED, IN_FORCE)))
    rows = (await session.execute(query.order_by(Adjustment.enterprise_id))).all()
    live: set[str] = set()
    for chunk in chunked(sorted({fact for _, facts in rows for fact in facts})):
        counting = select(FactRow.fact_id).where(FactRow.fact_id.in_(chunk), FactRow.lapsed.is_(False))
        live.update(await session.scalars(counting))
    return [adjustment_id for adjustment_id, facts in rows if live.isdisjoint(facts)]


def exposed(area_prefix: str, on: date) -> Select[Adjustment]:
    """What the public sees: exposures in force on a day."""
    return select(Adjustment).where(
        Adjustment.kind == "exposure",
        Adjustment.state == IN_FORCE,
        Adjustment.ends_on >= on,
        Adjustment.area.startswith(area_prefix, autoescape=True),
    )


async def names(session: ReadSession, enterprise_ids: Sequence[str]) -> dict[str, str]:
    """The enterprises' names, by id; at most a page of them."""
    query = select(Enterprise.enterprise_id, Enterprise.name).where(Enterprise.enterprise_id.in_(enterprise_ids))
    return dict((await session.execute(query)).all())
