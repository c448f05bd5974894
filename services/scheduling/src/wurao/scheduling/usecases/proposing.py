"""Put visits together as a merge planned them, one enterprise at a time; what changed meanwhile is left alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import ReadSession, WriteSession
from wurao.common.ids import new_id
from wurao.common.policy import calendar_for
from wurao.common.workdays import WorkCalendar
from wurao.scheduling.domain import visits as rules
from wurao.scheduling.domain.checkonce import capacity
from wurao.scheduling.domain.gate import EnterpriseFact
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.repository import changes, merges, officer_days, plans, recusals, replicas
from wurao.scheduling.repository import tasks as task_repository
from wurao.scheduling.repository import visits as repository
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.tables import Item, Merge, MergeStep, Task, Visit, VisitAgency
from wurao.scheduling.usecases import composing, consents, histories, visits
from wurao.scheduling.usecases import tasks as task_usecases
from wurao.scheduling.usecases.staffing import Staff

ANEW = "重新合并检查任务"


@dataclass(frozen=True)
class Kit:
    """What the steps of a merge have in common."""

    merge: Merge
    policy: Policy
    calendar: WorkCalendar
    now: datetime
    today: date
    items: Mapping[str, Item]
    staff: Staff


async def kit(session: ReadSession, merge: Merge, steps: Sequence[MergeStep], now: datetime, today: date) -> Kit:
    """Items, officers and recusals for some steps."""
    task_ids = [task_id for step in steps for one in step.placed for task_id in one["task_ids"]]
    tasks = await task_repository.some(session, task_ids)
    items = await replicas.item_rows(session, (item for task in tasks for item in task.item_ids))
    officers = await replicas.officers_of(session, (task.agency_id for task in tasks))
    ids = [officer.officer_id for pool in officers.values() for officer in pool]
    booked = await repository.booked(session, merge.period_from, merge.period_to, ids)
    policy = await Policies(session, today).of(merge.area)
    away = await recusals.not_drawn(session, [step.enterprise_id for step in steps], policy)
    calendar = await calendar_for(session)
    left = await _left(session, merge, officers, policy)
    return Kit(merge, policy, calendar, now, today, items, Staff(officers, booked, away, left))


async def _left(
    session: ReadSession, merge: Merge, agency_ids: Iterable[str], policy: Policy
) -> dict[tuple[str, date], int]:
    """Officers' turns on the days that agencies said something of, beside the visits that stand."""
    agency_ids, days = list(agency_ids), (merge.period_from, merge.period_to)
    said = await officer_days.said(session, agency_ids, *days)
    left = {key: officers * capacity.turns(policy) for key, officers in said.items()}
    for _, agency_id, day, officers in await merges.officers_laid(session, agency_ids, *days) if left else ():
        if (agency_id, day) in left:
            left[agency_id, day] -= officers
    return left


async def perform(session: WriteSession, step: MergeStep, kit: Kit) -> None:
    """Do a step, once. Visits that were approved meanwhile, and tasks that have gone elsewhere, stay as they are."""
    named = [one["visit_id"] for one in step.placed if one["visit_id"]]
    standing = await merges.locked_visits(session, [*named, *step.dropped])
    step.done = True
    if any(visit.state != rules.PROPOSED for visit in standing.values()):
        return
    held = await task_repository.of_visits(session, standing)
    wanted = [task_id for one in step.placed for task_id in one["task_ids"]]
    tasks = await merges.locked_tasks(session, [*wanted, *(task.task_id for task in held)])
    before = {visit_id: await histories.snapshot(session, visit) for visit_id, visit in standing.items()}
    await _take_apart(session, standing.values(), held, kit)
    enterprise = (await replicas.enterprises(session, [step.enterprise_id], kit.today)).get(step.enterprise_id)
    again: set[str] = set()
    if enterprise is not None and enterprise.status != "deregistered":
        for one in step.placed:
            visit = standing.get(one["visit_id"] or "")
            listed = [tasks[i] for i in one["task_ids"] if i in tasks and tasks[i].state == task_repository.OPEN]
            if await _put_together(session, visit, listed, date.fromisoformat(one["day"]), enterprise, kit):
                again.add(one["visit_id"])
    for visit_id in sorted(again & standing.keys()):
        visit = standing[visit_id]
        await histories.keep(session, visit, "merge", before[visit_id], ANEW, kit.merge.requested_by, kit.now)
    for visit_id in sorted(standing.keys() - again):
        await visits.call_off(session, standing[visit_id], rules.CANCELLED, ANEW, kit.now)
    left = [task for task in held if task.visit_id is None]
    await task_usecases.reopen(session, left, kit.policy, kit.today, ANEW)


async def _take_apart(session: WriteSession, standing: Iterable[Visit], held: Iterable[Task], kit: Kit) -> None:
    """Tasks and officers out of standing visits, and their days free, so that visits may change days."""
    for visit in standing:
        await changes.overtake(session, visit.visit_id)
        officers = await visits.officers_of(session, visit)
        kit.staff.lay(((o.agency_id, o.officer_id) for o in officers), visit.day, visit.minutes, sign=-1)
        await repository.empty(session, visit.visit_id)
        visit.state = rules.CANCELLED
    for task in held:
        task.state, task.visit_id = task_repository.OPEN, None
    await session.flush()


async def _put_together(
    session: WriteSession, visit: Visit | None, tasks: list[Task], day: date, enterprise: EnterpriseFact, kit: Kit
) -> bool:
    """One visit of the tasks, if the day is free and somebody can lead it; tells whether it stands."""
    enterprise_id = enterprise.enterprise_id
    if not tasks or await repository.taken_on(session, enterprise_id, day) is not None:
        return False
    visit_id = visit.visit_id if visit else new_id()
    seed = visit.officer_seed if visit else await _officer_seed(session, tasks, kit.merge.merge_id)
    tasks = await task_usecases.hold_places(session, tasks, kit.policy)
    minutes = composing.minutes_of(tasks, kit.items)
    chosen = await plans.drawn_officers(session, enterprise_id, (task.draw_id for task in tasks if task.draw_id))
    sent = {}
    for agency_id in sorted({task.agency_id for task in tasks}):
        own = [kit.items[item_id] for task in tasks if task.agency_id == agency_id for item_id in task.item_ids]
        count = composing.officers_needed(own, kit.policy)
        sent[agency_id] = kit.staff.draw(agency_id, count, seed, visit_id, enterprise_id, day, minutes, chosen)
    present = {agency_id: len(draw.officers) for agency_id, draw in sent.items() if draw.officers}
    lead, tasks = composing.leading(tasks, kit.items, present, kit.policy)
    if lead is None:
        return False
    made = visit or _new(visit_id, seed, enterprise, kit)
    made.lead_agency_id, made.day, made.state = lead, day, rules.PROPOSED
    made.opens_at = made.closes_at = None
    composing.fill(made, tasks, kit.items, present, kit.policy)
    session.add(made)
    agencies = list(dict.fromkeys(task.agency_id for task in tasks))
    for agency_id in agencies:
        session.add(VisitAgency(visit_id=visit_id, agency_id=agency_id))
        await visits.send(session, made, sent[agency_id])
        kit.staff.lay(((agency_id, officer.officer_id) for officer in sent[agency_id].officers), day, made.minutes)
    for task in tasks:
        task.state, task.visit_id = task_repository.SCHEDULED, visit_id
    await task_usecases.count_once(session, tasks)
    await session.flush()
    initiator = kit.merge.agency_id if kit.merge.agency_id in agencies else lead
    await consents.propose(session, made, tasks, initiator, kit.policy, kit.calendar, kit.now)
    return True


def _new(visit_id: str, seed: str, enterprise: EnterpriseFact, kit: Kit) -> Visit:
    return Visit(
        visit_id=visit_id,
        merge_id=kit.merge.merge_id,
        enterprise_id=enterprise.enterprise_id,
        enterprise_name=enterprise.name,
        area=enterprise.area,
        officer_seed=seed,
        proposed_by=kit.merge.requested_by,
    )


async def _officer_seed(session: ReadSession, tasks: Sequence[Task], merge_id: str) -> str:
    """The seeds of the draws that the tasks come from, so that the officers' draw can be replayed too."""
    seeds = await plans.seeds(session, (task.draw_id for task in tasks if task.draw_id))
    return sha256("\n".join([*sorted(seeds.values()), merge_id]).encode()).hexdigest()


def step_row(merge_id: str, enterprise_id: str, placed: list[JsonObject], dropped: Sequence[str]) -> MergeStep:
    """A step still to be done."""
    return MergeStep(merge_id=merge_id, enterprise_id=enterprise_id, placed=placed, dropped=list(dropped), done=False)
