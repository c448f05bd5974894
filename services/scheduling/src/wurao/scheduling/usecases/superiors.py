"""File superiors' visits, and let no more than the allowed visits for acceptance follow (CX-15)."""

from dataclasses import dataclass
from datetime import date, datetime

from wurao.common.contracts.scheduling import SuperiorVisitFiled
from wurao.common.contracts.shared import Way
from wurao.common.db import WriteSession
from wurao.common.ids import new_id
from wurao.scheduling.domain import superiors as rules
from wurao.scheduling.domain.gate import TaskRequest
from wurao.scheduling.domain.joint_day import JointDay
from wurao.scheduling.repository import replicas, turns
from wurao.scheduling.repository import superiors as repository
from wurao.scheduling.repository import tasks as task_repository
from wurao.scheduling.repository.facts import Policies, law_area
from wurao.scheduling.tables import SuperiorVisit, Task
from wurao.scheduling.usecases import joint_days, tasks
from wurao.scheduling.usecases.evidence import About


@dataclass(frozen=True, slots=True)
class Filed:
    """A superior's visit just filed, what could be done together for people and machines, and on which day."""

    visit: SuperiorVisit
    together: list[str]
    ways: list[Way]
    joint: JointDay


async def file(
    session: WriteSession,
    agency_id: str,
    enterprise_id: str,
    superior: str,
    day: date,
    subject: str,
    by: str,
    now: datetime,
    today: date,
) -> Filed:
    """Keep a superior's visit and make it known; with what could be done together, and when. Raises Refused."""
    agency = (await replicas.agencies(session, [agency_id])).get(agency_id)
    enterprise = (await replicas.enterprises(session, [enterprise_id], today)).get(enterprise_id)
    area = law_area(enterprise, agency)
    policy = await Policies(session, today).of(area)
    About("filing", by, now, agency_id, area, enterprise_id).require(list(rules.objections(agency, enterprise, policy)))
    visit = SuperiorVisit(
        superior_visit_id=new_id(),
        enterprise_id=enterprise_id,
        area=area,
        agency_id=agency_id,
        superior=superior,
        day=day,
        subject=subject,
        filed_by=by,
        filed_at=now,
        accepted=0,
        clause=policy.level.superior_visits_filed.clause,
    )
    session.add(visit)
    await session.flush()
    session.record(
        SuperiorVisitFiled(
            superior_visit_id=visit.superior_visit_id,
            enterprise_id=enterprise_id,
            area=area,
            filed_by=agency_id,
            superior=superior,
            day=day,
            subject=subject,
            told_government=policy.level.local_government_told.value,
            clause=visit.clause,
            version=visit.version,
        )
    )
    visits = (await task_repository.coming_visits(session, [enterprise_id], today)).get(enterprise_id, [])
    unfinished = await task_repository.unfinished(session, [enterprise_id])
    agencies = await replicas.agencies(session, [row[1] for row in unfinished])
    open_tasks = task_repository.task_facts(unfinished, agencies).get(enterprise_id, [])
    together, ways = rules.together(visits, open_tasks)
    return Filed(visit, together, ways, await joint_days.find(session, enterprise_id, day, policy, today))


async def accept(
    session: WriteSession, visit: SuperiorVisit, request: TaskRequest, by: str, now: datetime, today: date
) -> Task:
    """The task of a visit for acceptance, if one is left. Raises Refused."""
    rules.require_afterwards(visit.day, request.earliest)
    await turns.take_turn(session, visit.enterprise_id)
    policy = await Policies(session, today).of(visit.area)
    limit = policy.level.acceptance_visits.value if policy.level.acceptance_visits else None
    if not await repository.take_acceptance(session, visit.superior_visit_id, limit):
        about = About("task", by, now, request.agency_id, visit.area, visit.enterprise_id, request.item_ids)
        raise about.refused([rules.no_further_acceptance(policy)])
    task = await tasks.create(session, request, by, now, today)
    task.acceptance_of = visit.superior_visit_id
    return task
