"""Ask the gate, create, cancel and reopen tasks; keep the yearly places."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import cast

from wurao.common.auth import Principal
from wurao.common.clock import legal_date
from wurao.common.contracts.checkin import InspectionFinished
from wurao.common.contracts.scheduling import OutOfAreaNotified, TriggeredBeyondReason
from wurao.common.contracts.shared import Refusal
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import Conflict
from wurao.common.ids import new_id
from wurao.scheduling.access import require_area
from wurao.scheduling.domain.gate import Facts, Method, Origin, TaskRequest, Verdict, as_carried_out, judge, judge_again
from wurao.scheduling.domain.gate import area as area_rules
from wurao.scheduling.domain.gate import cap as cap_rules
from wurao.scheduling.domain.gate import triggered as triggered_rules
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.repository import caps, facts, replicas, superiors, turns
from wurao.scheduling.repository import tasks as repository
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.tables import Task
from wurao.scheduling.usecases.evidence import About


async def require_sight(session: ReadSession, who: Principal, enterprise_ids: Iterable[str], today: date) -> None:
    """Raises Forbidden when an enterprise lies outside the area that the caller watches over."""
    for enterprise in (await replicas.enterprises(session, enterprise_ids, today)).values():
        require_area(who, enterprise.area)


async def preflight(session: ReadSession, requests: Sequence[TaskRequest], today: date) -> list[Verdict]:
    """What the gate would say, without creating anything."""
    known = await facts.load(session, requests, today)
    asked = zip(requests, known, strict=True)
    return [judge(as_carried_out(request, *one), *one) for request, one in asked]


async def create(session: WriteSession, request: TaskRequest, by: str, now: datetime, today: date) -> Task:
    """Create a task when the gate permits it, off site where that may be. Raises Refused with every reason."""
    await turns.take_turn(session, request.enterprise_id)
    [(found, policy)] = await facts.load(session, [request], today)
    request = as_carried_out(request, found, policy)
    admitted = await admit(session, request, found, policy, by=by, now=now)
    if isinstance(admitted, Task):
        return admitted
    raise about(request, found, by, now).refused(admitted)


def about(request: TaskRequest, found: Facts, by: str, now: datetime) -> About:
    """What a refused task was about."""
    area = facts.law_area(found.enterprise, found.agency)
    return About("task", by, now, request.agency_id, area, request.enterprise_id, request.item_ids)


Asked = tuple[TaskRequest, Facts, Policy]


async def admit(
    session: WriteSession, request: TaskRequest, found: Facts, policy: Policy, *, by: str, now: datetime
) -> Task | tuple[Refusal, ...]:
    """The new task with its place in the year, or why not."""
    [admitted] = await admit_all(session, [(request, found, policy)], by=by, now=now)
    return admitted


async def admit_all(
    session: WriteSession, asked: Sequence[Asked], *, by: str, now: datetime, draw_id: str | None = None
) -> list[Task | tuple[Refusal, ...]]:
    """For each request its new task with its place in the year, or why not.

    No two of the requests take a place of one agency at one enterprise: each is judged by facts known beforehand.
    """
    verdicts = [judge(*one) for one in asked]
    places = [_place_wanted(*one) if verdict.permitted else None for one, verdict in zip(asked, verdicts, strict=True)]
    limits = {
        place: cap_rules.limit_of(request, policy)
        for place, (request, _, policy) in zip(places, asked, strict=True)
        if place is not None
    }
    had = await caps.take_all(session, limits)
    admitted: list[Task | tuple[Refusal, ...]] = []
    for (request, found, policy), verdict, place in zip(asked, verdicts, places, strict=True):
        if not verdict.permitted:
            admitted.append(verdict.refusals)
        elif place is not None and place not in had:
            admitted.append((_overtaken(request, found, policy),))
        else:
            task = _new(request, found, policy, by=by, now=now, draw_id=draw_id, counted=place is not None)
            session.add(task)
            _announce(session, task, found, policy)
            admitted.append(task)
    return admitted


def _place_wanted(request: TaskRequest, found: Facts, policy: Policy) -> caps.Place | None:
    """The yearly place that a permitted request takes; none when nobody comes a further time."""
    counter = cap_rules.counter_of(request, policy)
    if counter is None or found.shares_own_visit(request):
        return None
    return caps.Place(counter, request.agency_id, request.enterprise_id, found.year(request))


def _new(
    request: TaskRequest, found: Facts, policy: Policy, *, by: str, now: datetime, draw_id: str | None, counted: bool
) -> Task:
    assert found.enterprise is not None
    return Task(
        task_id=new_id(),
        agency_id=request.agency_id,
        enterprise_id=request.enterprise_id,
        premises_id=request.premises_id,
        area=found.enterprise.area,
        item_ids=list(request.item_ids),
        earliest=request.earliest,
        latest=request.latest,
        origin=request.origin,
        plan_id=request.plan_id,
        draw_id=draw_id,
        ground=request.claimed,
        source_record=request.source_record,
        method=request.method,
        reason=request.reason,
        unit=request.unit,
        superior_approval=request.superior_approval,
        notified_agency_id=_notified(found),
        counter=cap_rules.counter_of(request, policy),
        counter_year=found.year(request),
        counted=counted,
        state=repository.OPEN,
        created_by=by,
        created_at=now,
    )


def _announce(session: WriteSession, task: Task, found: Facts, policy: Policy) -> None:
    """Tell the local department of an inspection from outside, and supervision of one beyond a reasonable number."""
    who = {"agency_id": task.agency_id, "enterprise_id": task.enterprise_id, "area": task.area}
    if task.notified_agency_id is not None:
        session.record(
            OutOfAreaNotified(
                task_id=task.task_id,
                **who,
                notified_agency_id=task.notified_agency_id,
                superior_approval=task.superior_approval or "",
                clause=policy.area.out_of_area_approval.clause,
                version=1,
            )
        )
    reasonable = policy.cap.triggered_reasonable_per_year
    if task.counter == "triggered" and task.counted and reasonable and found.triggered_taken >= reasonable.value:
        session.record(
            TriggeredBeyondReason(
                task_id=task.task_id,
                **who,
                year=task.counter_year,
                taken=found.triggered_taken + 1,
                reasonable=reasonable.value,
                clause=reasonable.clause,
                version=1,
            )
        )


async def count_entry(session: WriteSession, event: InspectionFinished) -> None:
    """An entry on an exception is triggered: it takes each agency's place, and is told beyond reason (QZ-17)."""
    on = legal_date(event.started_at)
    reasonable = (await Policies(session, on).of(event.area)).cap.triggered_reasonable_per_year
    for agency_id in event.agencies:
        place = caps.Place("triggered", agency_id, event.enterprise_id, on.year)
        await caps.take(session, place, None)
        taken = (await caps.taken(session, [event.enterprise_id]))[place]
        if reasonable is not None and taken > reasonable.value:
            session.record(
                TriggeredBeyondReason(
                    task_id=event.entry_id,
                    entry_id=event.entry_id,
                    agency_id=agency_id,
                    enterprise_id=event.enterprise_id,
                    area=event.area,
                    year=on.year,
                    taken=taken,
                    reasonable=reasonable.value,
                    clause=reasonable.clause,
                    version=1,
                )
            )


def _overtaken(request: TaskRequest, found: Facts, policy: Policy) -> Refusal:
    """Somebody took the last place since the facts were read."""
    if cap_rules.counter_of(request, policy) == "on_site":
        return cap_rules.full(request, found, policy)
    return triggered_rules.too_often(found.triggered_taken + 1, policy)


def _notified(found: Facts) -> str | None:
    """The local agency that hears of an inspection from outside (QZ-18)."""
    return found.counterpart.agency_id if found.counterpart and area_rules.out_of_area(found) else None


async def outdated(session: ReadSession, tasks: Sequence[Task], today: date) -> list[Refusal]:
    """Why tasks that were permitted once may not be carried out now; each reason once."""
    requests = [_request_of(task) for task in tasks]
    known = await facts.load(session, requests, today)
    verdicts = [judge_again(request, *one) for request, one in zip(requests, known, strict=True)]
    return list(dict.fromkeys(refusal for verdict in verdicts for refusal in verdict.refusals))


def is_triggered(task: Task, policy: Policy) -> bool:
    """Tell whether a task rests on a lead, which takes it out of cap and pressure (QZ-17)."""
    return triggered_rules.on_a_trigger(_request_of(task), policy)


def _request_of(task: Task) -> TaskRequest:
    """What was asked for when the task was created."""
    return TaskRequest(
        agency_id=task.agency_id,
        enterprise_id=task.enterprise_id,
        item_ids=tuple(task.item_ids),
        earliest=task.earliest,
        latest=task.latest,
        origin=cast("Origin", task.origin),
        method=cast("Method", task.method),
        premises_id=task.premises_id,
        plan_id=task.plan_id,
        ground=task.ground,
        source_record=task.source_record,
        reason=task.reason,
        unit=task.unit,
        superior_approval=task.superior_approval,
        task_id=task.task_id,
    )


async def cancel(session: WriteSession, task: Task, reason: str) -> Task:
    """Cancel a task that has no visit yet. Raises Conflict otherwise."""
    if task.state == repository.SCHEDULED:
        raise Conflict("任务已并入检查，请取消该检查", code="task.scheduled")
    if task.state != repository.OPEN:
        raise Conflict("任务已经结束", code="task.over")
    await end(session, [task], repository.CANCELLED, reason)
    await session.flush()
    return task


async def end(session: WriteSession, tasks: Iterable[Task], state: str, note: str) -> None:
    """Cancel tasks or let them lapse; their places are free again."""
    for task in tasks:
        await release(session, task)
        await _over(session, task, state, note)


async def _over(session: WriteSession, task: Task, state: str, note: str) -> None:
    """A task that comes to nothing leaves its visit for acceptance to another (CX-15).

    Who ends a task twice at once fails at its version, and what he gave back is taken back.
    """
    task.state, task.note = state, note
    if task.acceptance_of is not None:
        await superiors.return_acceptance(session, task.acceptance_of)


async def done(session: WriteSession, tasks: Sequence[Task]) -> None:
    """A visit served its tasks. What was given back when it was cancelled too late is taken again (QZ-16, CX-15)."""
    late = [task for task in tasks if task.state == repository.CANCELLED]
    kept = {task.agency_id for task in tasks if task.counted}
    for task in late:
        if task.counter is not None and task.agency_id not in kept:
            kept.add(task.agency_id)
            task.counted = await caps.take(session, place_of(task), None)
        if task.acceptance_of is not None:
            await superiors.take_acceptance(session, task.acceptance_of, None)
    for task in tasks:
        task.state = repository.DONE


async def release(session: WriteSession, task: Task) -> None:
    """Give back the place that a task holds."""
    if task.counted and task.counter is not None:
        task.counted = False
        await caps.give_back(session, place_of(task))


def place_of(task: Task) -> caps.Place:
    """The yearly place of a task; only for tasks with a counter."""
    assert task.counter is not None
    return caps.Place(task.counter, task.agency_id, task.enterprise_id, task.counter_year)


async def count_once(session: WriteSession, tasks: Sequence[Task]) -> None:
    """Tasks that share a visit take one place for each agency, under the cap before outside it (QZ-16)."""
    kept: set[str] = set()
    for task in sorted(tasks, key=lambda task: (task.counter != "on_site", task.task_id)):
        if task.agency_id in kept:
            await release(session, task)
        elif task.counted:
            kept.add(task.agency_id)


async def reopen(session: WriteSession, tasks: Iterable[Task], policy: Policy, today: date, note: str) -> None:
    """Take tasks out of their visit: open again when there is time and a place, else lapsed or cancelled."""
    for task in tasks:
        task.visit_id = None
        if task.latest < today:
            await end(session, [task], repository.LAPSED, note)
        elif task.counted or task.counter is None or await _place_again(session, task, policy):
            task.state, task.note = repository.OPEN, note
        else:
            await _over(session, task, repository.CANCELLED, f"{note}；年度检查次数已满")


async def hold_places(session: WriteSession, tasks: Sequence[Task], policy: Policy) -> list[Task]:
    """Those of the tasks of one visit whose agency holds a place, taken again where it was given back (QZ-16)."""
    kept = {task.agency_id for task in tasks if task.counted or task.counter is None}
    for task in tasks:
        if task.agency_id not in kept and await _place_again(session, task, policy):
            kept.add(task.agency_id)
    return [task for task in tasks if task.agency_id in kept]


async def _place_again(session: WriteSession, task: Task, policy: Policy) -> bool:
    cap = policy.cap.on_site_per_year
    limit = cap.value if cap is not None and task.counter == "on_site" else None
    task.counted = await caps.take(session, place_of(task), limit)
    return task.counted
