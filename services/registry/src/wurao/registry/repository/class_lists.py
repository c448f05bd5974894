"""Queries on class lists and their entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, Select, delete, false, func, or_, select, update

from wurao.common import area as areas
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import NotFound
from wurao.registry.domain.class_lists import APPROVED, BUILDING, PROPOSED, SUPERSEDED, SUPPLEMENTARY, Held
from wurao.registry.domain.grading import Standing
from wurao.registry.repository.bulk import chunked
from wurao.registry.repository.enterprises import Sight
from wurao.registry.tables import ClassEntry, ClassList, Enterprise, GradeRow


@dataclass(frozen=True, slots=True)
class Listed:
    """An enterprise's class in an approved list."""

    list_id: str
    year: int
    in_force_from: date
    resolution: str
    grade: str
    score: int
    reasons: Sequence[str]


def within(sight: Sight) -> Select[ClassList]:
    """The lists that a caller sees: those of its area."""
    query = select(ClassList)
    return query.where(ClassList.area.startswith(sight.area, autoescape=True) if sight.area is not None else false())


async def seen(session: ReadSession, list_id: str, sight: Sight) -> ClassList:
    """A list within the caller's sight. Raises NotFound."""
    row = await session.scalar(within(sight).where(ClassList.list_id == list_id))
    if row is None:
        raise NotFound("没有这份分级清单")
    return row


async def locked(session: WriteSession, list_id: str) -> ClassList:
    """A list, held until the end of the transaction: whoever changes it takes turns. Raises NotFound."""
    row = await session.get(ClassList, list_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("没有这份分级清单")
    return row


async def held(session: ReadSession, area: str, year: int, today: date) -> Held:
    """Whether a list approved for the area, or for one around it, is in force today, or was made for a year."""
    query = select(ClassList.year, ClassList.in_force_from).where(
        ClassList.area.in_(areas.chain(area)), ClassList.state == APPROVED, ClassList.kind != SUPPLEMENTARY
    )
    rows = (await session.execute(query)).all()
    now = any(row.in_force_from is not None and row.in_force_from <= today for row in rows)
    return Held(today=now, year=any(row.year == year for row in rows) or (now and year == today.year))


async def supersede(session: WriteSession, row: ClassList) -> None:
    """Set aside the other lists of the same area, year and kind that nobody approved."""
    await session.execute(
        update(ClassList)
        .where(
            ClassList.area == row.area,
            ClassList.year == row.year,
            ClassList.kind == row.kind,
            ClassList.state.in_((BUILDING, PROPOSED)),
            ClassList.list_id != row.list_id,
        )
        .values(state=SUPERSEDED, version=ClassList.version + 1)
        .execution_options(synchronize_session=False)
    )


async def clear(session: WriteSession, list_id: str) -> None:
    """Remove the entries of a list that is built anew."""
    await session.execute(delete(ClassEntry).where(ClassEntry.list_id == list_id))


def _living(area_prefix: str) -> Select[str]:
    query = select(Enterprise.enterprise_id).where(Enterprise.status != "deregistered")
    return query.where(Enterprise.area.startswith(area_prefix, autoescape=True)) if area_prefix else query


def _unlisted(query: Select[str]) -> Select[str]:
    listed = (
        select(ClassEntry.enterprise_id)
        .join(ClassList, ClassList.list_id == ClassEntry.list_id)
        .where(ClassList.state == APPROVED, ClassEntry.enterprise_id == Enterprise.enterprise_id)
    )
    return query.where(~listed.exists())


def members(row: ClassList) -> Select[str]:
    """Whom a list is about: those chosen, those in no approved list yet, or every enterprise of the area."""
    query = _living(areas.prefix(row.area))
    if row.chosen:
        return query.where(Enterprise.enterprise_id.in_(row.chosen))
    return _unlisted(query) if row.kind == SUPPLEMENTARY else query


async def next_members(session: ReadSession, row: ClassList, after: str, limit: int) -> Sequence[str]:
    """The next enterprises that a list is about, behind an id and in the order of their ids."""
    query = members(row).where(Enterprise.enterprise_id > after).order_by(Enterprise.enterprise_id)
    return (await session.scalars(query.limit(limit))).all()


async def count_members(session: ReadSession, row: ClassList) -> int:
    """How many enterprises a list is about."""
    return await session.scalar(select(func.count()).select_from(members(row).subquery())) or 0


def entries_of(list_id: str, *, grade: str | None = None, changed: bool = False) -> Select[ClassEntry]:
    """A list's entries; those of one class, or only those whose class changes."""
    query = select(ClassEntry).where(ClassEntry.list_id == list_id)
    if grade is not None:
        query = query.where(ClassEntry.grade == grade)
    if changed:
        query = query.where(or_(ClassEntry.previous.is_(None), ClassEntry.previous != ClassEntry.grade))
    return query


async def next_entries(
    session: ReadSession, list_id: str, after: str, limit: int
) -> Sequence[Row[str, str, int, list[str]]]:
    """(enterprise, class, score, reasons) of a list's next entries behind an id, in the order of the ids."""
    query = (
        select(ClassEntry.enterprise_id, ClassEntry.grade, ClassEntry.score, ClassEntry.reasons)
        .where(ClassEntry.list_id == list_id, ClassEntry.enterprise_id > after)
        .order_by(ClassEntry.enterprise_id)
        .limit(limit)
    )
    return (await session.execute(query)).all()


async def of_enterprises(
    session: ReadSession, enterprise_ids: Sequence[str], limit: int = 20
) -> Sequence[Row[ClassEntry, ClassList]]:
    """Enterprises' classes in proposed and approved lists, the newest first."""
    query = (
        select(ClassEntry, ClassList)
        .join(ClassList, ClassList.list_id == ClassEntry.list_id)
        .where(ClassEntry.enterprise_id.in_(enterprise_ids), ClassList.state.in_((PROPOSED, APPROVED)))
        .order_by(ClassList.list_id.desc(), ClassEntry.enterprise_id)
    )
    return (await session.execute(query.limit(limit))).all()


async def listed(session: ReadSession, enterprise_ids: Sequence[str]) -> dict[str, list[Listed]]:
    """The enterprises' classes in approved lists, each day's last approval after the others."""
    found: dict[str, list[Listed]] = {}
    for chunk in chunked(enterprise_ids):
        query = (
            select(
                ClassEntry.enterprise_id,
                ClassList.list_id,
                ClassList.year,
                ClassList.in_force_from,
                ClassList.resolution,
                ClassEntry.grade,
                ClassEntry.score,
                ClassEntry.reasons,
            )
            .join(ClassList, ClassList.list_id == ClassEntry.list_id)
            .where(ClassEntry.enterprise_id.in_(chunk), ClassList.state == APPROVED)
            .order_by(ClassList.in_force_from, ClassList.approved_at, ClassList.list_id)
        )
        for enterprise_id, list_id, year, since, resolution, grade, score, reasons in (
            await session.execute(query)
        ).all():
            assert since is not None
            one = Listed(list_id, year, since, resolution, grade, score, reasons)
            found.setdefault(enterprise_id, []).append(one)
    return found


async def announced(session: ReadSession, enterprise_ids: Sequence[str]) -> dict[str, list[Standing]]:
    """The grades that were announced of enterprises, the oldest first."""
    found: dict[str, list[Standing]] = {}
    for chunk in chunked(enterprise_ids):
        query = (
            select(
                GradeRow.enterprise_id,
                GradeRow.scheme,
                GradeRow.grade,
                GradeRow.sampling_permille,
                GradeRow.yearly_cap,
                GradeRow.clause,
                GradeRow.in_force_from,
            )
            .where(GradeRow.enterprise_id.in_(chunk))
            .order_by(GradeRow.grade_id)
        )
        for enterprise_id, scheme, grade, permille, cap, clause, since in (await session.execute(query)).all():
            found.setdefault(enterprise_id, []).append(Standing(scheme, grade, permille, cap, clause, since))
    return found
