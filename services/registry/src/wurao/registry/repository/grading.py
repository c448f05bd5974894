"""Queries on facts and grades."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, exists, or_, select

from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.common.platform import PackRow
from wurao.registry.domain.displays import RUNNING
from wurao.registry.domain.facts import Fact
from wurao.registry.repository.bulk import chunked
from wurao.registry.repository.enterprises import of_area
from wurao.registry.tables import Display, Enterprise, FactRow, GradeRow

GRADED = (
    Enterprise.enterprise_id,
    Enterprise.area,
    Enterprise.version,
    Enterprise.scheme,
    Enterprise.grade,
    Enterprise.score,
    Enterprise.assessed,
    Enterprise.sampling_permille,
    Enterprise.yearly_cap,
    Enterprise.grade_clause,
    Enterprise.graded_from,
)


async def graded(session: ReadSession, enterprise_ids: Sequence[str]) -> Sequence[Row[*tuple[Any, ...]]]:
    """The enterprises with their grades as last announced, locked until the end of the transaction."""
    query = select(*GRADED).where(Enterprise.enterprise_id.in_(enterprise_ids))
    return (await session.execute(query.order_by(Enterprise.enterprise_id).with_for_update())).all()


async def live_facts(session: ReadSession, enterprise_ids: Sequence[str], on: date) -> dict[str, list[Fact]]:
    """The facts that count on a day, by enterprise, in one query."""
    query = select(
        FactRow.enterprise_id,
        FactRow.fact_id,
        FactRow.indicator,
        FactRow.value,
        FactRow.occurred_on,
        FactRow.counts_until,
    ).where(
        FactRow.enterprise_id.in_(enterprise_ids),
        FactRow.lapsed.is_(False),
        FactRow.occurred_on <= on,
    )
    found: dict[str, list[Fact]] = {}
    for enterprise_id, fact_id, indicator, value, occurred_on, until in (await session.execute(query)).all():
        found.setdefault(enterprise_id, []).append(Fact(fact_id, indicator, value, occurred_on, until))
    return found


async def facts_by_id(session: ReadSession, fact_ids: Sequence[str]) -> dict[str, FactRow]:
    """Those of the facts that exist, by id."""
    found: dict[str, FactRow] = {}
    for chunk in chunked(fact_ids):
        rows = await session.scalars(select(FactRow).where(FactRow.fact_id.in_(chunk)))
        found.update((row.fact_id, row) for row in rows)
    return found


async def known_facts(session: ReadSession, fact_ids: Sequence[str]) -> dict[str, Row[*tuple[Any, ...]]]:
    """What an import compares of those of the facts that exist, by id."""
    query = select(*FactRow.__table__.columns).where(FactRow.fact_id.in_(fact_ids))
    return {row.fact_id: row for row in (await session.execute(query)).all()}


async def fact(session: ReadSession, enterprise_id: str, fact_id: str) -> FactRow:
    """A fact of an enterprise. Raises NotFound."""
    row = await session.get(FactRow, fact_id)
    if row is None or row.enterprise_id != enterprise_id:
        raise NotFound("没有这条信用记录")
    return row


def facts_of(enterprise_id: str) -> Select[FactRow]:
    """All facts of an enterprise, lapsed ones too."""
    return select(FactRow).where(FactRow.enterprise_id == enterprise_id)


async def already_graded(session: ReadSession, enterprise_ids: Sequence[str]) -> list[str]:
    """Those of the enterprises that hold a grade or an assessment."""
    found: list[str] = []
    for chunk in chunked(sorted(set(enterprise_ids))):
        query = select(Enterprise.enterprise_id).where(
            Enterprise.enterprise_id.in_(chunk),
            or_(Enterprise.grade.is_not(None), Enterprise.assessed.is_not(None)),
        )
        found += await session.scalars(query)
    return found


async def lapsing(session: ReadSession, today: date, limit: int) -> Sequence[Row[str, str]]:
    """Facts whose last day is over and whose enterprises have not been regraded for it.

    Not those whose display is to be ended first: it names another reason.
    """
    ending = exists().where(Display.fact_id == FactRow.fact_id, Display.state == RUNNING, Display.shown_until < today)
    query = (
        select(FactRow.fact_id, FactRow.enterprise_id)
        .where(FactRow.lapsed.is_(False), FactRow.counts_until < today, ~ending)
        .order_by(FactRow.counts_until, FactRow.fact_id)
        .limit(limit)
    )
    return (await session.execute(query)).all()


async def history(session: ReadSession, enterprise_id: str, limit: int = 20) -> Sequence[GradeRow]:
    """The last grades as announced, the newest first."""
    query = select(GradeRow).where(GradeRow.enterprise_id == enterprise_id).order_by(GradeRow.grade_id.desc())
    return (await session.scalars(query.limit(limit))).all()


def grades_of(enterprise_id: str) -> Select[GradeRow]:
    """All grades of an enterprise as announced."""
    return select(GradeRow).where(GradeRow.enterprise_id == enterprise_id)


async def in_force(
    session: ReadSession, enterprise_id: str, on: date, known_at: datetime | None = None
) -> GradeRow | None:
    """The grade in force on a day: of those whose day had come, the one announced last; of those known at an instant
    where one is given."""
    query = grades_of(enterprise_id).where(GradeRow.in_force_from <= on)
    if known_at is not None:
        query = query.where(GradeRow.known_at <= known_at)
    return await session.scalar(query.order_by(GradeRow.grade_id.desc()).limit(1))


async def areas_with_packs(session: ReadSession, today: date) -> Sequence[str]:
    """The areas in which a pack is active."""
    query = select(PackRow.area).where(PackRow.effective_from <= today).distinct().order_by(PackRow.area)
    return (await session.scalars(query)).all()


async def any_graded(session: ReadSession, area_prefix: str) -> bool:
    """Tell whether an enterprise of an area was ever graded or assessed."""
    query = of_area(area_prefix).where(or_(Enterprise.grade.is_not(None), Enterprise.assessed.is_not(None))).limit(1)
    return await session.scalar(query) is not None
