"""Queries on draws, their files, parties and drawn enterprises, and on who may not be drawn for whom."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import aliased

from wurao.common import area as areas
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import NotFound
from wurao.scheduling.domain.draw import FROZEN
from wurao.scheduling.domain.visits import FINISHED, STARTED
from wurao.scheduling.repository.replicas import chunks
from wurao.scheduling.tables import Draw, DrawFile, Drawn, DrawParty, OfficerConflict, Visit, VisitOfficer


async def get(session: ReadSession, draw_id: str) -> Draw:
    """The draw. Raises NotFound."""
    row = await session.get(Draw, draw_id)
    if row is None:
        raise NotFound("没有这次抽取")
    return row


async def locked(session: WriteSession, draw_id: str) -> Draw:
    """The draw as it stands now, for this transaction alone. Raises NotFound."""
    row = await session.get(Draw, draw_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("没有这次抽取")
    return row


def listed(area_prefix: str = "", *, plan_id: str | None = None, state: str | None = None) -> Select[Draw]:
    """Draws that anyone may read: all of them."""
    query = select(Draw).where(Draw.area.startswith(area_prefix, autoescape=True))
    for column, value in ((Draw.plan_id, plan_id), (Draw.state, state)):
        if value is not None:
            query = query.where(column == value)
    return query


async def ended(session: ReadSession, plan_id: str, earliest: date, latest: date) -> Sequence[Draw]:
    """Draws of a plan whose seed is fixed or that were given up, and whose days touch these, newest first."""
    query = select(Draw).where(
        Draw.plan_id == plan_id, Draw.state != FROZEN, Draw.earliest <= latest, Draw.latest >= earliest
    )
    return (await session.scalars(query.order_by(Draw.frozen_at.desc(), Draw.draw_id.desc()))).all()


async def parties(session: ReadSession, draw_id: str) -> Sequence[DrawParty]:
    """The parties of a draw, in the order in which they committed."""
    query = select(DrawParty).where(DrawParty.draw_id == draw_id)
    return (await session.scalars(query.order_by(DrawParty.committed_at, DrawParty.party))).all()


async def file(session: ReadSession, draw_id: str, name: str) -> str | None:
    """A file of a draw's proof, if it is there already."""
    found: str | None = await session.scalar(
        select(DrawFile.document).where(DrawFile.draw_id == draw_id, DrawFile.name == name)
    )
    return found


async def files(session: ReadSession, draw_id: str, names: Sequence[str]) -> dict[str, bytes]:
    """The bytes of those files of a draw's proof that are there, in the order of the names."""
    query = select(DrawFile.name, DrawFile.document).where(DrawFile.draw_id == draw_id, DrawFile.name.in_(names))
    found = {name: document.encode() for name, document in (await session.execute(query)).all()}
    return {name: found[name] for name in names if name in found}


async def tickets(session: ReadSession, draw_id: str) -> Sequence[Drawn]:
    """Who was drawn, by stratum and rank; substitutes in their order behind them."""
    query = select(Drawn).where(Drawn.draw_id == draw_id)
    return (await session.scalars(query.order_by(Drawn.called.nulls_first(), Drawn.stratum, Drawn.rank))).all()


async def substitutes(session: ReadSession, draw_id: str) -> Sequence[Drawn]:
    """The substitutes of a draw, in the order in which they were called."""
    query = select(Drawn).where(Drawn.draw_id == draw_id, Drawn.called.is_not(None))
    return (await session.scalars(query.order_by(Drawn.called))).all()


async def unsettled(session: ReadSession, draw_id: str, limit: int) -> Sequence[Drawn]:
    """Drawn enterprises that have not been through the gate, in a fixed order."""
    query = select(Drawn).where(Drawn.draw_id == draw_id, Drawn.settled.is_(False))
    return (await session.scalars(query.order_by(Drawn.stratum, Drawn.rank).limit(limit))).all()


async def counted(session: ReadSession, draw_id: str) -> tuple[int, int]:
    """(drawn, settled) of a draw."""
    settled = func.count().filter(Drawn.settled.is_(True))
    row = (await session.execute(select(func.count(), settled).where(Drawn.draw_id == draw_id))).one()
    return row[0], row[1]


async def barred(
    session: ReadSession, area: str, officer_ids: Collection[str], first: date, last: date
) -> set[tuple[str, str]]:
    """(enterprise, officer) who may not meet: in conflict on some day from first to last, or the officer went last."""
    found: set[tuple[str, str]] = set()
    for part in chunks(officer_ids):
        conflicts = select(OfficerConflict.enterprise_id, OfficerConflict.officer_id).where(
            OfficerConflict.officer_id.in_(part),
            OfficerConflict.since <= last,
            or_(OfficerConflict.until.is_(None), OfficerConflict.until >= first),
        )
        latest = (
            select(Visit.enterprise_id, VisitOfficer.officer_id)
            .join(VisitOfficer, VisitOfficer.visit_id == Visit.visit_id)
            .where(
                VisitOfficer.officer_id.in_(part),
                Visit.area.startswith(areas.prefix(area), autoescape=True),
                *_latest(),
            )
        )
        for query in (conflicts, latest):
            found |= {(enterprise_id, officer_id) for enterprise_id, officer_id in (await session.execute(query)).all()}
    return found


async def went_last(session: ReadSession, enterprise_ids: Iterable[str]) -> dict[str, set[str]]:
    """The officers of the last visit that took place at each enterprise."""
    found: dict[str, set[str]] = {}
    for part in chunks(enterprise_ids):
        query = (
            select(Visit.enterprise_id, VisitOfficer.officer_id)
            .join(VisitOfficer, VisitOfficer.visit_id == Visit.visit_id)
            .where(Visit.enterprise_id.in_(part), *_latest())
        )
        for enterprise_id, officer_id in (await session.execute(query)).all():
            found.setdefault(enterprise_id, set()).add(officer_id)
    return found


def _latest() -> tuple[ColumnElement[bool], ...]:
    """A visit that took place and was followed by none."""
    later = aliased(Visit)
    took_place = (STARTED, FINISHED)
    followed = exists().where(
        later.enterprise_id == Visit.enterprise_id, later.state.in_(took_place), later.day > Visit.day
    )
    return Visit.state.in_(took_place), ~followed
