"""What a merge knows before it plans: tasks, standing visits, taken days, and the officers' days that are left."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from wurao.common.db import ReadSession
from wurao.common.policy import calendar_for
from wurao.common.workdays import WorkCalendar
from wurao.scheduling.domain.checkonce import capacity as capacity_rules
from wurao.scheduling.domain.checkonce import consent
from wurao.scheduling.domain.checkonce.planning import Instance
from wurao.scheduling.domain.checkonce.rounds import How, Stand, how_of
from wurao.scheduling.domain.merge import MergeTask
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.repository import consents, merges, officer_days, replicas
from wurao.scheduling.repository import tasks as task_repository
from wurao.scheduling.repository import visits as visit_repository
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.tables import Item, Task
from wurao.scheduling.usecases import composing


@dataclass(frozen=True)
class Known:
    """An instance to plan, how to, and the visits whose officers are there no more."""

    instance: Instance
    how: How
    loose: frozenset[str]
    served: int
    standing: int


def workdays(calendar: WorkCalendar, first: date, last: date) -> list[date]:
    """The working days from first to last. Raises CalendarUnknown."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if calendar.is_workday(day)]


async def known(session: ReadSession, area: str, first: date, last: date, now: datetime, today: date) -> Known:
    """The facts of a merge. Only enterprises with something to gain are looked at anew. Raises CalendarUnknown."""
    policy, calendar = await Policies(session, today).of(area), await calendar_for(session)
    days = workdays(calendar, first, last)
    tasks = list(await task_repository.to_merge(session, area, first, last))
    standing = await merges.standing(session, area, first, last)
    held = _by_visit(await task_repository.of_visits(session, (visit.visit_id for visit in standing)))
    agencies = {task.agency_id for part in (tasks, *held.values()) for task in part}
    officers = await replicas.officers_of(session, agencies)
    said = await officer_days.said(session, agencies, first, last)
    full = capacity_rules.capacity(officers, said, days, capacity_rules.turns(policy))
    laid = await merges.officers_laid(session, agencies, first, last)
    loose = _loose(laid, full, {visit.visit_id for visit in standing})
    counted = Counter(visit.enterprise_id for visit in standing)
    touched = {task.enterprise_id for task in tasks} | {place for place, n in counted.items() if n > 1}
    touched |= {visit.enterprise_id for visit in standing if visit.visit_id in loose}
    stands = [
        Stand(visit.visit_id, visit.enterprise_id, visit.day, tuple(task.task_id for task in held[visit.visit_id]))
        for visit in standing
        if visit.enterprise_id in touched and held[visit.visit_id]
    ]
    altered = {stand.visit_id for stand in stands}
    free = capacity_rules.less(full, _load(laid, altered))
    taken = await visit_repository.taken_days(session, area, first, last)
    taken -= {(stand.enterprise_id, stand.day) for stand in stands}
    tasks += [task for stand in stands for task in held[stand.visit_id]]
    items = await replicas.item_rows(session, (item for task in tasks for item in task.item_ids))
    sending = _sending(full)
    joint_from = None
    if policy.merge.consent_working_days is not None:
        joint_from = consent.due(now, policy, calendar).due + timedelta(days=1)
    objected = await consents.objected_tasks(session, touched)
    return Known(
        Instance([_plain(task, items, policy, sending) for task in tasks], stands, days, taken, free),
        how_of(policy, joint_from, {task.task_id for task in tasks if task.origin == "draw"}, objected),
        frozenset(loose & altered),
        served=sum(len(stand.task_ids) for stand in stands),
        standing=len(stands),
    )


def _by_visit(tasks: Sequence[Task]) -> defaultdict[str, list[Task]]:
    found: defaultdict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        found[task.visit_id or ""].append(task)
    return found


def _load(laid: Sequence[merges.LaidRow], without: set[str]) -> dict[tuple[str, date], int]:
    load: Counter[tuple[str, date]] = Counter()
    for visit_id, agency_id, day, officers in laid:
        if visit_id not in without:
            load[agency_id, day] += officers
    return dict(load)


def _loose(laid: Sequence[merges.LaidRow], full: capacity_rules.Capacity, proposed: set[str]) -> set[str]:
    """The proposed visits, youngest first, that go beyond what an agency can send on their day."""
    load = _load(laid, set())
    found: set[str] = set()
    for visit_id, agency_id, day, officers in sorted(laid, reverse=True):
        key = (agency_id, day)
        if visit_id in proposed and key in full and load[key] > full[key]:
            load[key] -= officers
            found.add(visit_id)
    return found


def _sending(full: capacity_rules.Capacity) -> defaultdict[str, list[date]]:
    found: defaultdict[str, list[date]] = defaultdict(list)
    for (agency_id, day), officers in full.items():
        if officers:
            found[agency_id].append(day)
    return found


def _plain(task: Task, items: Mapping[str, Item], policy: Policy, sending: Mapping[str, Sequence[date]]) -> MergeTask:
    """A task for the engine; one that its agency cannot attend, and others may check, needs no officers (QZ-07)."""
    listed = [items[item_id] for item_id in task.item_ids if item_id in items]
    first, last = composing.days_of(task)
    delegated = composing.simple(task, items, policy) and not any(
        first <= day <= last for day in sending.get(task.agency_id, ())
    )
    return MergeTask(
        task_id=task.task_id,
        agency_id=task.agency_id,
        enterprise_id=task.enterprise_id,
        place=task.premises_id or "",
        first=first,
        last=last,
        minutes=max(1, sum(item.minutes for item in listed)),
        officers=0 if delegated else composing.officers_needed(listed, policy),
    )
