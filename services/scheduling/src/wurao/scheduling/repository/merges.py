"""Queries on merges and their steps, and on the visits that a merge may alter."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, func, or_, select

from wurao.common import area as areas
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import NotFound
from wurao.scheduling.domain.visits import CANCELLED, LAPSED, PROPOSED
from wurao.scheduling.repository.replicas import chunks
from wurao.scheduling.tables import Merge, MergeStep, Task, Visit, VisitOfficer

RUNNING, DONE, FAILED = "running", "done", "failed"

LaidRow = tuple[str, str, date, int]

# One number for all merges: those who want to begin one take turns, since areas hold one another.
_TURN = 7_035_001


async def take_turn(session: WriteSession) -> None:
    """Whoever begins a merge sees those that others began. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(_TURN)))


async def running_over(session: ReadSession, area: str) -> Merge | None:
    """A running merge whose area holds this area or lies in it."""
    query = select(Merge).where(
        Merge.state == RUNNING,
        or_(Merge.area.in_(areas.chain(area)), Merge.area.startswith(areas.prefix(area), autoescape=True)),
    )
    found: Merge | None = await session.scalar(query.limit(1))
    return found


async def get(session: ReadSession, merge_id: str) -> Merge:
    """The merge. Raises NotFound."""
    merge = await session.get(Merge, merge_id)
    if merge is None:
        raise NotFound("没有这次合并")
    return merge


def listed(within: str) -> Select[Merge]:
    """The merges of an area and of the areas in it."""
    return select(Merge).where(Merge.area.startswith(areas.prefix(within), autoescape=True))


def within(area: str) -> ColumnElement[bool]:
    """Visits in an area."""
    return Visit.area.startswith(areas.prefix(area), autoescape=True)


async def standing(session: ReadSession, area: str, first: date, last: date) -> Sequence[Visit]:
    """Proposed visits of an area between two days."""
    query = select(Visit).where(within(area), Visit.state == PROPOSED, Visit.day.between(first, last))
    return (await session.scalars(query.order_by(Visit.visit_id))).all()


async def officers_laid(session: ReadSession, agency_ids: Iterable[str], first: date, last: date) -> list[LaidRow]:
    """(visit, agency, day, officers) of the officers of live visits between two days."""
    found: list[LaidRow] = []
    for part in chunks(agency_ids):
        query = (
            select(VisitOfficer.visit_id, VisitOfficer.agency_id, Visit.day, func.count())
            .join(Visit, Visit.visit_id == VisitOfficer.visit_id)
            .where(
                VisitOfficer.agency_id.in_(part),
                Visit.day.between(first, last),
                Visit.state.not_in((CANCELLED, LAPSED)),
            )
            .group_by(VisitOfficer.visit_id, VisitOfficer.agency_id, Visit.day)
        )
        found += [(v, a, d, n) for v, a, d, n in (await session.execute(query)).all()]
    return found


async def visits(session: ReadSession, visit_ids: Iterable[str]) -> dict[str, Visit]:
    """Visits by id."""
    found: dict[str, Visit] = {}
    for part in chunks(visit_ids):
        found |= {v.visit_id: v for v in await session.scalars(select(Visit).where(Visit.visit_id.in_(part)))}
    return found


async def to_do(session: ReadSession, merge_id: str, count: int) -> Sequence[MergeStep]:
    """The next steps of a merge that are still to be done."""
    query = select(MergeStep).where(MergeStep.merge_id == merge_id, ~MergeStep.done)
    return (await session.scalars(query.order_by(MergeStep.enterprise_id).limit(count))).all()


async def steps_left(session: ReadSession, merge_id: str) -> tuple[int, int]:
    """(steps done, steps) of a merge."""
    query = select(MergeStep.done, func.count()).where(MergeStep.merge_id == merge_id).group_by(MergeStep.done)
    counted: dict[bool, int] = dict((await session.execute(query)).all())
    return counted.get(True, 0), sum(counted.values())


async def locked_visits(session: WriteSession, visit_ids: Iterable[str]) -> dict[str, Visit]:
    """Visits as they are now, held until the transaction ends."""
    found: dict[str, Visit] = {}
    for part in chunks(sorted(visit_ids)):
        query = select(Visit).where(Visit.visit_id.in_(part)).order_by(Visit.visit_id)
        query = query.with_for_update().execution_options(populate_existing=True)
        found |= {visit.visit_id: visit for visit in await session.scalars(query)}
    return found


async def locked_tasks(session: WriteSession, task_ids: Iterable[str]) -> dict[str, Task]:
    """Tasks as they are now, held until the transaction ends."""
    found: dict[str, Task] = {}
    for part in chunks(sorted(task_ids)):
        query = select(Task).where(Task.task_id.in_(part)).order_by(Task.task_id)
        query = query.with_for_update().execution_options(populate_existing=True)
        found |= {task.task_id: task for task in await session.scalars(query)}
    return found
