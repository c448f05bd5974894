"""Queries on objections."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import Select, false, select

from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import NotFound
from wurao.registry.domain.objections import OPEN
from wurao.registry.repository.enterprises import Sight
from wurao.registry.tables import Objection


def within(sight: Sight) -> Select[Objection]:
    """The objections that a caller sees: its own, or those of its area."""
    query = select(Objection)
    if sight.enterprise_id is not None:
        return query.where(Objection.enterprise_id == sight.enterprise_id)
    return query.where(Objection.area.startswith(sight.area, autoescape=True) if sight.area is not None else false())


async def seen(session: ReadSession, objection_id: str, sight: Sight) -> Objection:
    """An objection within the caller's sight. Raises NotFound."""
    row = await session.scalar(within(sight).where(Objection.objection_id == objection_id))
    if row is None:
        raise NotFound("没有这项异议")
    return row


async def locked(session: WriteSession, objection_id: str) -> Objection:
    """An objection, held until the end of the transaction: whoever decides it takes turns. Raises NotFound."""
    row = await session.get(Objection, objection_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("没有这项异议")
    return row


async def is_made(session: ReadSession, enterprise_id: str, against: str, target_id: str) -> bool:
    """Tell whether the enterprise has objected to this already."""
    query = select(Objection.objection_id).where(
        Objection.enterprise_id == enterprise_id, Objection.against == against, Objection.target_id == target_id
    )
    return await session.scalar(query) is not None


async def stands(session: ReadSession, target_id: str, states: Collection[str]) -> bool:
    """Tell whether an objection to a target is in one of the states."""
    query = select(Objection.objection_id).where(Objection.target_id == target_id, Objection.state.in_(states))
    return await session.scalar(query.limit(1)) is not None


async def overdue(session: WriteSession, today: date, limit: int) -> Sequence[Objection]:
    """Open objections whose last day is over and of which supervision does not know."""
    query = (
        select(Objection)
        .where(Objection.state == OPEN, Objection.due_on < today, Objection.told_overdue.is_(False))
        .order_by(Objection.due_on, Objection.objection_id)
        .limit(limit)
    )
    return (await session.scalars(query.with_for_update(skip_locked=True))).all()
