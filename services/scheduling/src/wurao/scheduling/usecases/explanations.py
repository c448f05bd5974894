"""Explain a visit from what is known now: tasks in it and not in it, lead, form, officers, consents (QZ-06, QZ-07)."""

from collections import Counter
from dataclasses import dataclass

from wurao.common.contracts.shared import Question, Refusal, VisitItem
from wurao.common.db import ReadSession
from wurao.scheduling.domain.checkonce import consent as consent_rules
from wurao.scheduling.domain.checkonce import sentences
from wurao.scheduling.domain.checkonce.apart import Share, Together, conflicts
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.domain.visits import COMING
from wurao.scheduling.repository import consents, replicas
from wurao.scheduling.repository import tasks as task_repository
from wurao.scheduling.repository import visits as repository
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.tables import Consent, Item, Task, Visit
from wurao.scheduling.usecases import composing


@dataclass(frozen=True)
class Explained:
    """A visit with everything that explains it."""

    visit: Visit
    shares: list[Share]
    items: list[VisitItem]
    names: dict[str, str]
    present: dict[str, int]
    agencies: list[str]
    asked_once: list[sentences.AskedOnce]
    limits: list[sentences.Limit]
    apart: list[tuple[Share, list[Refusal]]]
    consents: list[Consent]


async def explain(session: ReadSession, visit: Visit) -> Explained:
    """Everything that explains a visit; the session sees all agencies' tasks at the enterprise."""
    policy = await Policies(session, visit.day).of(visit.area)
    own = await task_repository.of_visits(session, [visit.visit_id])
    others = await task_repository.rivals(session, visit.enterprise_id, visit.visit_id)
    tasks = [*own, *others]
    rows = await replicas.item_rows(session, (item for task in tasks for item in task.item_ids))
    listed = [VisitItem.model_validate(item) for item in visit.items]
    agencies = (await repository.agencies(session, [visit.visit_id])).get(visit.visit_id, [])
    officers = (await repository.officers(session, [visit.visit_id])).get(visit.visit_id, [])
    known = await replicas.agencies(session, [*agencies, *(task.agency_id for task in tasks)])
    names = {agency_id: fact.name for agency_id, fact in known.items()}
    asked = list(await consents.of_visit(session, visit.visit_id))
    days = await task_repository.days(session, (task.visit_id for task in others if task.visit_id))
    reasons = {i: one.reason for one in asked if one.state == consent_rules.OBJECTED for i in one.task_ids}

    def share(task: Task) -> Share:
        return _share(task, rows, names, policy, reasons.get(task.task_id), days)

    present = dict(Counter(officer.agency_id for officer in officers))
    now = Together(
        visit_id=visit.visit_id,
        day=visit.day,
        place=visit.premises_id or "",
        minutes=visit.minutes,
        officers={agency_id: present.get(agency_id, 0) for agency_id in agencies},
        drawn=visit.kind == "random",
        open=visit.state in COMING,
    )
    questions = [Question.model_validate(question) for question in visit.questions]
    return Explained(
        visit=visit,
        shares=[share(task) for task in own],
        items=listed,
        names=names,
        present=present,
        agencies=agencies,
        asked_once=sentences.asked_once(questions, {item.item_id: item.name for item in listed}),
        limits=sentences.limits(len(agencies), visit.minutes, sum(present.values()), policy),
        apart=[(one, conflicts(one, now, policy)) for one in map(share, others)],
        consents=asked,
    )


def _share(
    task: Task,
    rows: dict[str, Item],
    names: dict[str, str],
    policy: Policy,
    objection: str | None,
    days: task_repository.Days,
) -> Share:
    items = [rows[item_id] for item_id in task.item_ids if item_id in rows]
    first, last = composing.days_of(task)
    return Share(
        task_id=task.task_id,
        agency_id=task.agency_id,
        agency_name=names.get(task.agency_id, task.agency_id),
        first=first,
        last=last,
        place=task.premises_id or "",
        minutes=sum(item.minutes for item in items),
        officers=composing.officers_needed(items, policy),
        drawn=task.origin == "draw",
        objection=objection,
        other_visit_id=task.visit_id if task.visit_id in days else None,
        other_day=days.get(task.visit_id or ""),
    )
