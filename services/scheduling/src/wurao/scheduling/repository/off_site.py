"""Queries on off-site checks and on the share of checks made off site."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, false, func, select, true

from wurao.common import area as areas
from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.common.scope import Scope
from wurao.scheduling.domain.off_site import OVER
from wurao.scheduling.tables import OffSiteCheck, Task, Visit, VisitAgency


async def get(session: ReadSession, task_id: str) -> OffSiteCheck:
    """The check. Raises NotFound."""
    check = await session.get(OffSiteCheck, task_id)
    if check is None:
        raise NotFound("没有这次非现场检查")
    return check


def listed(scope: Scope, state: str | None) -> Select[OffSiteCheck]:
    """Checks within a scope; an enterprise sees those that reminded it."""
    query = select(OffSiteCheck).where(_within(scope))
    return query.where(OffSiteCheck.state == state) if state is not None else query


def _within(scope: Scope) -> ColumnElement[bool]:
    match scope.kind:
        case "system":
            return true()
        case "area":
            return OffSiteCheck.area.startswith(scope.area, autoescape=True)
        case "agency":
            return OffSiteCheck.agency_id == scope.agency_id
        case "enterprise":
            return (OffSiteCheck.enterprise_id == scope.enterprise_id) & OffSiteCheck.reminded_at.is_not(None)
        case _:
            return false()


async def done(session: ReadSession, area: str, since: datetime, until: datetime) -> dict[str, tuple[int, int]]:
    """(off-site, on-site) checks carried out by agency: checks that are over, and visits that were finished."""
    found: dict[str, tuple[int, int]] = {}
    within = areas.prefix(area)
    checks = select(OffSiteCheck.agency_id, func.count()).where(
        OffSiteCheck.area.startswith(within, autoescape=True),
        OffSiteCheck.state.in_(OVER),
        OffSiteCheck.closed_at >= since,
        OffSiteCheck.closed_at < until,
    )
    for agency_id, count in (await session.execute(checks.group_by(OffSiteCheck.agency_id))).all():
        found[agency_id] = (count, 0)
    visits = (
        select(VisitAgency.agency_id, func.count())
        .join(Visit, Visit.visit_id == VisitAgency.visit_id)
        .where(
            Visit.area.startswith(within, autoescape=True),
            Visit.state == "finished",
            Visit.day >= since.date(),
            Visit.day < until.date(),
        )
    )
    for agency_id, count in (await session.execute(visits.group_by(VisitAgency.agency_id))).all():
        found[agency_id] = (found.get(agency_id, (0, 0))[0], count)
    return dict(sorted(found.items()))


async def task_of(session: ReadSession, task_id: str) -> Task:
    """The off-site task. Raises NotFound for another."""
    task = await session.get(Task, task_id)
    if task is None or task.method != "off_site":
        raise NotFound("没有这个非现场检查任务")
    return task
