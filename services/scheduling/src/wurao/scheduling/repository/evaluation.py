"""How plans were carried out, counted in the database (CX-02)."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, case, exists, func, or_, select

from wurao.common import area as areas
from wurao.common.db import ReadSession
from wurao.scheduling.domain.evaluation import TaskFigures, VisitFigures
from wurao.scheduling.domain.visits import FINISHED
from wurao.scheduling.repository.tasks import CANCELLED, DONE, LAPSED
from wurao.scheduling.tables import Task, Visit, VisitAgency

TaskKey = tuple[str, str]


async def tasks(
    session: ReadSession, area: str, first: date, last: date, agency_id: str | None = None
) -> dict[TaskKey, TaskFigures]:
    """(agency, plan) → figures of the tasks under plans whose last day lies within these days."""
    on_time = case((or_(Task.visit_id.is_(None), Visit.day <= Task.latest), 1), else_=0)
    query = (
        select(Task.agency_id, Task.plan_id, Task.state, func.count(), func.sum(on_time))
        .outerjoin(Visit, Visit.visit_id == Task.visit_id)
        .where(
            Task.plan_id.is_not(None),
            Task.area.startswith(areas.prefix(area), autoescape=True),
            Task.latest >= first,
            Task.latest <= last,
        )
        .group_by(Task.agency_id, Task.plan_id, Task.state)
    )
    if agency_id is not None:
        query = query.where(Task.agency_id == agency_id)
    found: dict[TaskKey, TaskFigures] = {}
    for agency, plan_id, state, n, timely in (await session.execute(query)).all():
        figures = TaskFigures(
            planned=n if state != CANCELLED else 0,
            done=n if state == DONE else 0,
            on_time=timely if state == DONE else 0,
            lapsed=n if state == LAPSED else 0,
            cancelled=n if state == CANCELLED else 0,
        )
        key = (agency, plan_id)
        found[key] = found.get(key, TaskFigures()) + figures
    return found


def total(figures: Iterable[TaskFigures]) -> TaskFigures:
    """Figures added up."""
    return sum(figures, TaskFigures())


async def visits(
    session: ReadSession, area: str, first: date, last: date, agency_id: str | None = None
) -> VisitFigures:
    """Visits that took place within these days, of an agency or of all."""
    held: list[ColumnElement[bool]] = [
        Visit.state == FINISHED,
        Visit.area.startswith(areas.prefix(area), autoescape=True),
        Visit.day >= first,
        Visit.day <= last,
    ]
    if agency_id is not None:
        held.append(exists().where(VisitAgency.visit_id == Visit.visit_id, VisitAgency.agency_id == agency_id))
    agencies = select(VisitAgency.visit_id, func.count().label("n")).group_by(VisitAgency.visit_id).subquery()
    counted = (
        select(func.count(), func.sum(case((agencies.c.n > 1, 1), else_=0)))
        .select_from(Visit)
        .outerjoin(agencies, agencies.c.visit_id == Visit.visit_id)
        .where(*held)
    )
    n, joint = (await session.execute(counted)).one()
    served = select(func.count()).select_from(Task).join(Visit, Visit.visit_id == Task.visit_id).where(*held)
    return VisitFigures(n or 0, joint or 0, await session.scalar(served) or 0)


async def visits_by_agency(session: ReadSession, area: str, first: date, last: date) -> dict[str, VisitFigures]:
    """Visits that took place within these days, for each agency that took part."""
    held = (
        Visit.state == FINISHED,
        Visit.area.startswith(areas.prefix(area), autoescape=True),
        Visit.day >= first,
        Visit.day <= last,
    )
    agencies = select(VisitAgency.visit_id, func.count().label("n")).group_by(VisitAgency.visit_id).subquery()
    counted = (
        select(VisitAgency.agency_id, func.count(), func.sum(case((agencies.c.n > 1, 1), else_=0)))
        .join(Visit, Visit.visit_id == VisitAgency.visit_id)
        .join(agencies, agencies.c.visit_id == Visit.visit_id)
        .where(*held)
        .group_by(VisitAgency.agency_id)
    )
    served = (
        select(VisitAgency.agency_id, func.count())
        .join(Visit, Visit.visit_id == VisitAgency.visit_id)
        .join(Task, Task.visit_id == Visit.visit_id)
        .where(*held)
        .group_by(VisitAgency.agency_id)
    )
    tasks_of = dict((await session.execute(served)).all())
    rows = (await session.execute(counted)).all()
    return {agency_id: VisitFigures(n, joint, tasks_of.get(agency_id, 0)) for agency_id, n, joint in rows}
