"""Tasks leave a proposed visit: an agency objects, or a task is cancelled; the others go on without them (YZ-04)."""

from collections.abc import Sequence
from datetime import datetime

from wurao.common.clock import legal_date
from wurao.common.db import WriteSession
from wurao.common.errors import Conflict
from wurao.scheduling.domain import visits as rules
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.repository import consents, merges, replicas
from wurao.scheduling.repository import tasks as task_repository
from wurao.scheduling.repository import visits as repository
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.tables import Task, Visit
from wurao.scheduling.usecases import composing, tasks, visits


async def withdraw(session: WriteSession, visit: Visit, agency_id: str, reason: str, now: datetime) -> None:
    """An agency's tasks leave a proposed visit and are open again."""
    today = legal_date(now)
    held = await task_repository.of_visits(session, [visit.visit_id])
    policy = await Policies(session, today).of(visit.area)
    own = [task for task in held if task.agency_id == agency_id]
    await tasks.reopen(session, own, policy, today, reason)
    await _go_on(session, visit, [task for task in held if task.agency_id != agency_id], policy, now, reason)


async def cancel(session: WriteSession, task: Task, reason: str, now: datetime) -> Task:
    """Cancel a task; a merged one leaves its visit while that is only proposed. Raises Conflict otherwise."""
    if task.state != task_repository.SCHEDULED or task.visit_id is None:
        return await tasks.cancel(session, task, reason)
    visit = (await merges.locked_visits(session, [task.visit_id]))[task.visit_id]
    if visit.state != rules.PROPOSED:
        return await tasks.cancel(session, task, reason)
    held = await task_repository.of_visits(session, [visit.visit_id])
    others = [one for one in held if one.task_id != task.task_id]
    policy = await Policies(session, legal_date(now)).of(visit.area)
    if task.task_id not in {one.task_id for one in held}:
        raise Conflict("任务已经变更，请重新读取", code="task.changed")
    await tasks.end(session, [task], task_repository.CANCELLED, reason)
    task.visit_id = None
    await tasks.hold_places(session, others, policy)
    await _go_on(session, visit, others, policy, now, f"取消任务：{reason}")
    return task


async def _go_on(
    session: WriteSession, visit: Visit, left: Sequence[Task], policy: Policy, now: datetime, reason: str
) -> None:
    """The visit without what left it; it is called off when nobody is left who can lead it."""
    agencies = {task.agency_id for task in left}
    gone = set(await visits.agencies_of(session, visit)) - agencies
    await session.flush()
    await repository.leave(session, visit.visit_id, gone)
    items = await replicas.item_rows(session, (item for task in left for item in task.item_ids))
    present: dict[str, int] = {}
    for officer in await visits.officers_of(session, visit):
        present[officer.agency_id] = present.get(officer.agency_id, 0) + 1
    lead, served = composing.leading(left, items, present, policy)
    if lead is None or len(served) < len(left):
        await tasks.reopen(session, left, policy, legal_date(now), reason)
        await visits.call_off(session, visit, rules.CANCELLED, reason, now)
        return
    visit.lead_agency_id, visit.note = lead, reason
    composing.fill(visit, served, items, present, policy)
    if len(agencies) == 1:
        await consents.close(session, visit.visit_id)
    await session.flush()
