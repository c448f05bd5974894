"""Queries on facts and grades."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, select

from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.registry.domain.facts import Fact
from wurao.registry.repository.bulk import chunked
from wurao.registry.tables import Enterprise, FactRow, GradeRow

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
    """Those of the enterprises that hold a grade."""
    found: list[str] = []
    for chunk in chunked(sorted(set(enterprise_ids))):
        query = select(Enterprise.enterprise_id).where(
            Enterprise.enterprise_id.in_(chunk), Enterprise.grade.is_not(None)
        )
        found += await session.scalars(query)
    return found


async def lapsing(session: ReadSession, today: date, limit: int) -> Sequence[Row[str, str]]:
    """Facts whose last day is over and whose enterprises have not been regraded for it."""
    query = (
        select(FactRow.fact_id, FactRow.enterprise_id)
        .where(FactRow.lapsed.is_(False), FactRow.counts_until < today)
        .order_by(FactRow.counts_until, FactRow.fact_id)
        .limit(limit)
    )
    return (await session.execute(query)).all()


async def history(session: ReadSession, enterprise_id: str, limit: int = 20) -> Sequence[GradeRow]:
    """The last grades as announced, the newest first."""
    query = select(GradeRow).where(GradeRow.enterprise_id == enterprise_id).order_by(GradeRow.grade_id.desc())
    return (await session.scalars(query.limit(limit))).all()


async def in_force(session: ReadSession, enterprise_id: str, today: date) -> GradeRow | None:
    """The grade in force: of those whose day has come, the one announced last."""
    query = (
        select(GradeRow)
        .where(GradeRow.enterprise_id == enterprise_id, GradeRow.in_force_from <= today)
        .order_by(GradeRow.grade_id.desc())
        .limit(1)
    )
    return await session.scalar(query)
