"""Check once: the job that turns an area's open tasks into proposed visits (DT-13, QZ-06, CX-03)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from wurao.common.clock import Clock
from wurao.common.contracts.scheduling import TasksMerged
from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Database, ReadSession, WriteSession
from wurao.common.ids import new_id
from wurao.common.jobs import JobHandler, Progress
from wurao.common.policy import calendar_for
from wurao.common.workdays import WorkCalendar
from wurao.scheduling.domain import merge as rules
from wurao.scheduling.domain import people
from wurao.scheduling.domain import visits as visit_rules
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.repository import plans, recusals, replicas
from wurao.scheduling.repository import tasks as task_repository
from wurao.scheduling.repository import visits as repository
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.tables import Item, Merge, Task, Visit, VisitAgency
from wurao.scheduling.usecases import composing, visits
from wurao.scheduling.usecases import tasks as task_usecases

KIND = "merge"
BATCH = 100


def workdays(calendar: WorkCalendar, first: date, last: date) -> list[date]:
    """The working days from first to last. Raises CalendarUnknown."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if calendar.is_workday(day)]


@dataclass
class _Staff:
    """Officers by agency, how many minutes each day is laid on them already, and who stays away from whom."""

    officers: Mapping[str, Sequence[people.OfficerFact]]
    booked: dict[tuple[str, date], int]
    recusals: Mapping[str, Sequence[people.Recusal]]

    def draw(
        self, agency_id: str, count: int, seed: str, visit_id: str, enterprise_id: str, day: date, minutes: int
    ) -> list[people.OfficerFact]:
        """Officers of an agency by ticket, among those who may go there and whose day still holds the visit."""
        pool = self.officers.get(agency_id, ())
        busy = {o.officer_id for o in pool if self.booked.get((o.officer_id, day), 0) + minutes > people.DAY_MINUTES}
        away = people.recused_on(self.recusals.get(enterprise_id, ()), day)
        return people.drawn(pool, count, seed, visit_id, day, busy | away)

    def lay(self, officers: Sequence[people.OfficerFact], day: date, minutes: int) -> None:
        """Count a visit on its officers' day."""
        for officer in officers:
            key = (officer.officer_id, day)
            self.booked[key] = self.booked.get(key, 0) + minutes


def handler(clock: Clock) -> JobHandler:
    """The job: parameters merge_id, area, from, to, proposed_by."""

    async def run(parameters: JsonObject, progress: Progress) -> JsonObject:
        return await perform(progress.db, parameters, progress, clock)

    return run


async def perform(db: Database, parameters: JsonObject, progress: Progress, clock: Clock) -> JsonObject:
    """Merge in batches, each its own transaction; started again after a crash it goes on with what is left."""
    area, merge_id = str(parameters["area"]), str(parameters["merge_id"])
    first = max(date.fromisoformat(parameters["from"]), clock.today())
    last = date.fromisoformat(parameters["to"])
    async with db.read() as session:
        policy = await Policies(session, clock.today()).of(area)
        found = await task_repository.to_merge(session, area, first, last)
        items = await replicas.item_rows(session, (item for task in found for item in task.item_ids))
        days = workdays(await calendar_for(session), first, last)
        taken = await repository.taken_days(session, area, first, last)
        staff = await _staff(session, found, first, last)
    plain = [_plain(task, items, policy) for task in found]
    merged = rules.merge(plain, days, taken, _limits(policy))
    for at in range(0, len(merged.groups), BATCH):
        async with db.write() as session:
            for group in merged.groups[at : at + BATCH]:
                await _propose(session, group, merge_id, str(parameters["proposed_by"]), items, staff, policy)
        await progress.report(at + len(merged.groups[at : at + BATCH]), len(merged.groups), "合并检查任务")
    async with db.write() as session:
        return await _conclude(session, merge_id, area, first, last, clock)


async def _staff(session: ReadSession, tasks: Sequence[Task], first: date, last: date) -> _Staff:
    officers = await replicas.officers_of(session, (task.agency_id for task in tasks))
    ids = [officer.officer_id for pool in officers.values() for officer in pool]
    away = await recusals.of_enterprises(session, (task.enterprise_id for task in tasks))
    return _Staff(officers, await repository.booked(session, first, last, ids), away)


def _limits(policy: Policy) -> rules.Limits:
    merge = policy.merge
    return rules.Limits(merge.max_agencies.value, merge.max_minutes.value, merge.max_officers.value)


def _plain(task: Task, items: Mapping[str, Item], policy: Policy) -> rules.MergeTask:
    known = [items[item_id] for item_id in task.item_ids if item_id in items]
    return rules.MergeTask(
        task_id=task.task_id,
        agency_id=task.agency_id,
        enterprise_id=task.enterprise_id,
        place=task.premises_id or "",
        first=task.earliest,
        last=min(task.latest, date(task.counter_year, 12, 31)),
        minutes=sum(item.minutes for item in known),
        officers=composing.officers_needed(known, policy),
    )


async def _propose(
    session: WriteSession,
    group: rules.Group,
    merge_id: str,
    proposed_by: str,
    items: Mapping[str, Item],
    staff: _Staff,
    policy: Policy,
) -> None:
    """Put one visit together; tasks whose agency can send nobody stay open."""
    rows = [await task_repository.get(session, task.task_id) for task in group.tasks]
    tasks = [task for task in rows if task.state == task_repository.OPEN]
    enterprise = (await replicas.enterprises(session, [group.enterprise_id], group.day)).get(group.enterprise_id)
    if enterprise is None or enterprise.status == "deregistered":
        return
    visit_id, seed = new_id(), await _officer_seed(session, tasks, merge_id)
    minutes = sum(task.minutes for task in group.tasks)
    sent: dict[str, list[people.OfficerFact]] = {}
    for agency_id in sorted({task.agency_id for task in tasks}):
        own = [items[item_id] for task in tasks if task.agency_id == agency_id for item_id in task.item_ids]
        count = composing.officers_needed(own, policy)
        sent[agency_id] = staff.draw(agency_id, count, seed, visit_id, group.enterprise_id, group.day, minutes)
    lead, tasks = _lead(tasks, items, sent, policy)
    if lead is None:
        return
    listed = composing.items_of(tasks, items, delegated=[a for a in sent if not sent[a]])
    visit = Visit(
        visit_id=visit_id,
        merge_id=merge_id,
        enterprise_id=group.enterprise_id,
        enterprise_name=enterprise.name,
        premises_id=next((task.premises_id for task in tasks if task.premises_id), None),
        area=enterprise.area,
        lead_agency_id=lead,
        items=[item.model_dump(mode="json") for item in listed],
        questions=composing.form_of(listed, items),
        kind=visit_rules.kind_of([_share(task) for task in tasks]),
        ground=next((task.ground for task in tasks if task.ground), None),
        source_record=next((task.source_record for task in tasks if task.source_record), None),
        day=group.day,
        minutes=minutes,
        officer_seed=seed,
        state=visit_rules.PROPOSED,
        proposed_by=proposed_by,
    )
    session.add(visit)
    for agency_id in dict.fromkeys(task.agency_id for task in tasks):
        session.add(VisitAgency(visit_id=visit_id, agency_id=agency_id))
        visits.add_officers(session, visit, sent[agency_id])
        staff.lay(sent[agency_id], group.day, minutes)
    for task in tasks:
        task.state, task.visit_id = task_repository.SCHEDULED, visit_id
    await task_usecases.count_once(session, tasks)
    await session.flush()


async def _officer_seed(session: ReadSession, tasks: Sequence[Task], merge_id: str) -> str:
    """The seeds of the draws that the tasks come from, so that the officers' draw can be replayed too."""
    seeds = await plans.seeds(session, (task.draw_id for task in tasks if task.draw_id))
    return sha256("\n".join([*sorted(seeds.values()), merge_id]).encode()).hexdigest()


def _lead(
    tasks: Sequence[Task], items: Mapping[str, Item], sent: Mapping[str, Sequence[people.OfficerFact]], policy: Policy
) -> tuple[str | None, list[Task]]:
    """The leading agency, and the tasks that the visit can serve under it.

    An agency that sends nobody has its simple items checked by the leading agency where the pack allows (QZ-07).
    """
    present = {agency_id: len(officers) for agency_id, officers in sent.items()}
    able = [task for task in tasks if present[task.agency_id]]
    weights = visit_rules.by_weight(composing.items_of(able, items))
    lead = next((agency_id for agency_id in weights if people.enough(present, agency_id, policy)), None)
    if lead is None:
        return None, []
    delegated = [
        task
        for task in tasks
        if not present[task.agency_id]
        and policy.merge.delegated_checks.value
        and all(items[item_id].delegable for item_id in task.item_ids)
    ]
    return lead, [*able, *delegated]


def _share(task: Task) -> visit_rules.TaskShare:
    return visit_rules.TaskShare(
        task.task_id, task.agency_id, task.origin, tuple(task.item_ids), task.ground, task.source_record
    )


async def _conclude(
    session: WriteSession, merge_id: str, area: str, first: date, last: date, clock: Clock
) -> JsonObject:
    """Report the merge once, with what it saved against one visit for each task."""
    known = await session.get(Merge, merge_id)
    if known is not None:
        return known.figures
    served, held = await repository.served(session, merge_id)
    left = len(await task_repository.to_merge(session, area, first, last))
    event = TasksMerged(
        merge_id=merge_id,
        area=area,
        tasks=served + left,
        visits=held,
        visits_unmerged=served,
        unserved=left,
        held_at=clock.now(),
        version=1,
    )
    figures = {
        "merge_id": merge_id,
        "tasks": served + left,
        "visits": held,
        "visits_unmerged": served,
        "saved": served - held,
        "unserved": left,
    }
    session.add(Merge(merge_id=merge_id, area=area, figures=figures, held_at=clock.now()))
    session.record(event)
    return figures


__all__ = ["KIND", "handler", "perform", "workdays"]
