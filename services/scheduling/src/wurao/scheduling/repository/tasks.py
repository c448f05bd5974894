"""Queries on tasks, and the facts that the gate judges by."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true

from wurao.common import area as areas
from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.common.scope import Scope
from wurao.scheduling.domain.gate import AgencyFact, OwnTaskFact, TaskFact, VisitFact
from wurao.scheduling.domain.off_site import OVER
from wurao.scheduling.domain.visits import COMING
from wurao.scheduling.repository.replicas import chunks
from wurao.scheduling.tables import OffSiteCheck, Task, Visit, VisitAgency, VisitOfficer

OPEN, SCHEDULED, DONE, CANCELLED, LAPSED = "open", "scheduled", "done", "cancelled", "lapsed"


async def get(session: ReadSession, task_id: str) -> Task:
    """The task. Raises NotFound."""
    task = await session.get(Task, task_id)
    if task is None:
        raise NotFound("没有这个检查任务")
    return task


def listed(
    scope: Scope, *, state: str | None = None, agency_id: str | None = None, enterprise_id: str | None = None
) -> Select[Task]:
    """Tasks within a scope."""
    query = select(Task).where(_within(scope))
    for column, value in ((Task.state, state), (Task.agency_id, agency_id), (Task.enterprise_id, enterprise_id)):
        if value is not None:
            query = query.where(column == value)
    return query


def _within(scope: Scope) -> ColumnElement[bool]:
    match scope.kind:
        case "system":
            return true()
        case "area":
            return Task.area.startswith(scope.area, autoescape=True)
        case "agency":
            return or_(Task.agency_id == scope.agency_id, Task.notified_agency_id == scope.agency_id)
        case _:
            return false()


async def some(session: ReadSession, task_ids: Iterable[str]) -> list[Task]:
    """Those of the tasks that exist, oldest first."""
    found: list[Task] = []
    for part in chunks(task_ids):
        found += await session.scalars(select(Task).where(Task.task_id.in_(part)))
    return sorted(found, key=lambda task: task.task_id)


async def of_visits(session: ReadSession, visit_ids: Iterable[str]) -> list[Task]:
    """The tasks of visits, oldest first."""
    found: list[Task] = []
    for part in chunks(visit_ids):
        found += await session.scalars(select(Task).where(Task.visit_id.in_(part)))
    return sorted(found, key=lambda task: task.task_id)


async def rivals(session: ReadSession, enterprise_id: str, visit_id: str) -> Sequence[Task]:
    """On-site tasks at an enterprise that are neither done nor in this visit."""
    query = select(Task).where(
        Task.enterprise_id == enterprise_id,
        Task.method == "on_site",
        Task.state.in_((OPEN, SCHEDULED)),
        or_(Task.visit_id.is_(None), Task.visit_id != visit_id),
    )
    return (await session.scalars(query.order_by(Task.task_id))).all()


async def to_come(session: ReadSession, enterprise_id: str, today: date) -> list[Task]:
    """On-site tasks at an enterprise without a visit or in one that is still to come, oldest first."""
    query = (
        select(Task)
        .outerjoin(Visit, Visit.visit_id == Task.visit_id)
        .where(
            Task.enterprise_id == enterprise_id,
            Task.method == "on_site",
            Task.state.in_((OPEN, SCHEDULED)),
            or_(Task.visit_id.is_(None), and_(Visit.state.in_(COMING), Visit.day >= today)),
        )
    )
    return list(await session.scalars(query.order_by(Task.task_id)))


class DrawTask(NamedTuple):
    """A task that was born of a draw, and is neither cancelled nor lapsed."""

    task_id: str
    agency_id: str
    item_ids: frozenset[str]


async def of_draws(session: ReadSession, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[DrawTask]]:
    """The tasks born of draws, by plan and enterprise."""
    found: dict[tuple[str, str], list[DrawTask]] = {pair: [] for pair in pairs}
    for part in chunks(enterprise_id for _, enterprise_id in found):
        query = select(Task.plan_id, Task.enterprise_id, Task.task_id, Task.agency_id, Task.item_ids).where(
            Task.enterprise_id.in_(part), Task.origin == "draw", Task.state.not_in((CANCELLED, LAPSED))
        )
        for plan_id, enterprise_id, task_id, agency_id, item_ids in (await session.execute(query)).all():
            if plan_id is not None and (plan_id, enterprise_id) in found:
                found[plan_id, enterprise_id].append(DrawTask(task_id, agency_id, frozenset(item_ids)))
    return found


Days = dict[str, date]


async def days(session: ReadSession, visit_ids: Iterable[str]) -> Days:
    """The day of each visit."""
    found: Days = {}
    for part in chunks(visit_ids):
        rows = await session.execute(select(Visit.visit_id, Visit.day).where(Visit.visit_id.in_(part)))
        found |= dict(rows.all())
    return found


async def open_of_agency(session: ReadSession, agency_id: str) -> Sequence[Task]:
    """An agency's tasks without a visit."""
    query = select(Task).where(Task.agency_id == agency_id, Task.state == OPEN)
    return (await session.scalars(query)).all()


async def to_merge(session: ReadSession, area: str, first: date, last: date) -> Sequence[Task]:
    """Open on-site tasks of an area whose window touches the days from first to last."""
    query = select(Task).where(
        Task.state == OPEN,
        Task.method == "on_site",
        Task.area.startswith(areas.prefix(area), autoescape=True),
        Task.earliest <= last,
        Task.latest >= first,
    )
    return (await session.scalars(query.order_by(Task.task_id))).all()


async def past(session: ReadSession, today: date) -> Sequence[Task]:
    """Open tasks whose window is over; an off-site check that is under way is seen to its end."""
    checks = select(OffSiteCheck.task_id).where(OffSiteCheck.state.not_in(OVER))
    query = select(Task).where(Task.state == OPEN, Task.latest < today, Task.task_id.not_in(checks))
    return (await session.scalars(query)).all()


async def coming_visits(session: ReadSession, enterprise_ids: Iterable[str], today: date) -> dict[str, list[VisitFact]]:
    """Visits still to come, by enterprise, with their agencies."""
    found: dict[str, list[VisitFact]] = {}
    sent = select(func.count()).where(VisitOfficer.visit_id == Visit.visit_id).scalar_subquery()
    for part in chunks(enterprise_ids):
        query = (
            select(
                Visit.enterprise_id,
                Visit.visit_id,
                Visit.day,
                Visit.minutes,
                sent,
                Visit.premises_id,
                VisitAgency.agency_id,
            )
            .join(VisitAgency, VisitAgency.visit_id == Visit.visit_id)
            .where(Visit.enterprise_id.in_(part), Visit.state.in_(COMING), Visit.day >= today)
            .order_by(Visit.day, Visit.visit_id, VisitAgency.agency_id)
        )
        for enterprise_id, visit_id, day, minutes, officers, place, agency_id in (await session.execute(query)).all():
            visits = found.setdefault(enterprise_id, [])
            before = visits.pop().agencies if visits and visits[-1].visit_id == visit_id else ()
            visits.append(VisitFact(visit_id, day, (*before, agency_id), minutes, officers, place))
    return found


async def visit_days(session: ReadSession, enterprise_ids: Iterable[str], since: date) -> dict[str, list[date]]:
    """The days of visits at enterprises from a day on, held ones and those to come."""
    found: dict[str, list[date]] = {}
    for part in chunks(enterprise_ids):
        query = select(Visit.enterprise_id, Visit.day).where(
            Visit.enterprise_id.in_(part), Visit.day >= since, Visit.state.not_in((CANCELLED, LAPSED))
        )
        for enterprise_id, day in (await session.execute(query.order_by(Visit.day))).all():
            found.setdefault(enterprise_id, []).append(day)
    return found


UnfinishedRow = tuple[str, str, date, date, str | None, date | None]


async def unfinished(session: ReadSession, enterprise_ids: Iterable[str]) -> list[UnfinishedRow]:
    """(enterprise, agency, earliest, latest, visit, its day) of on-site tasks that are not done."""
    found: list[UnfinishedRow] = []
    for part in chunks(enterprise_ids):
        query = (
            select(Task.enterprise_id, Task.agency_id, Task.earliest, Task.latest, Task.visit_id, Visit.day)
            .outerjoin(Visit, Visit.visit_id == Task.visit_id)
            .where(
                Task.enterprise_id.in_(part),
                Task.method == "on_site",
                or_(Task.state == OPEN, Task.state == SCHEDULED),
            )
            .order_by(Task.task_id)
        )
        for enterprise_id, agency_id, earliest, latest, visit_id, day in (await session.execute(query)).all():
            found.append((enterprise_id, agency_id, earliest, latest, visit_id, day))
    return found


async def own_unfinished(
    session: ReadSession, enterprise_ids: Iterable[str], agency_ids: Collection[str]
) -> dict[tuple[str, str], list[OwnTaskFact]]:
    """On-site tasks of agencies that are not done, by agency and enterprise."""
    found: dict[tuple[str, str], list[OwnTaskFact]] = {}
    for part in chunks(enterprise_ids):
        query = select(Task).where(
            Task.enterprise_id.in_(part),
            Task.agency_id.in_(agency_ids),
            Task.method == "on_site",
            Task.state.in_((OPEN, SCHEDULED)),
        )
        for row in await session.scalars(query.order_by(Task.task_id)):
            fact = OwnTaskFact(frozenset(row.item_ids), row.earliest, row.latest, row.source_record, row.visit_id)
            found.setdefault((row.agency_id, row.enterprise_id), []).append(fact)
    return found


def task_facts(rows: Iterable[UnfinishedRow], agencies: dict[str, AgencyFact]) -> dict[str, list[TaskFact]]:
    """Unfinished tasks by enterprise, of agencies that are known."""
    found: dict[str, list[TaskFact]] = {}
    for enterprise_id, agency_id, earliest, latest, visit_id, day in rows:
        if agency_id in agencies:
            fact = TaskFact(agencies[agency_id], earliest, latest, day, visit_id)
            found.setdefault(enterprise_id, []).append(fact)
    return found
