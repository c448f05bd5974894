"""Create a task, within a coming visit where the request names one (YZ-06, LX-14)."""

from datetime import date, datetime

from wurao.common.contracts.shared import VisitItem
from wurao.common.db import WriteSession
from wurao.common.errors import Conflict
from wurao.common.policy import calendar_for
from wurao.scheduling.domain import officer_draw
from wurao.scheduling.domain import visits as rules
from wurao.scheduling.domain.gate import TaskRequest, VisitFact
from wurao.scheduling.repository import joins, replicas
from wurao.scheduling.repository import tasks as task_repository
from wurao.scheduling.repository import visits as repository
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.tables import Item, Task, Visit, VisitAgency
from wurao.scheduling.usecases import composing, consents, tasks, visits


async def create(session: WriteSession, request: TaskRequest, by: str, now: datetime, today: date) -> Task:
    """Create a task when the gate permits it. Raises Refused with every reason."""
    task = await tasks.create(session, request, by, now, today)
    await session.flush()
    if request.join_visit_id is not None and task.method == "on_site":
        visit = await repository.get(session, request.join_visit_id)
        newcomer = task.agency_id not in await visits.agencies_of(session, visit)
        await _join(session, task, visit, now, today)
        if newcomer:
            await _ask(session, task, visit, now)
    return task


async def _ask(session: WriteSession, task: Task, visit: Visit, now: datetime) -> None:
    """A department that joins asks those who are there (YZ-04)."""
    policy, calendar = await Policies(session, visit.day).of(visit.area), await calendar_for(session)
    held = await task_repository.of_visits(session, [visit.visit_id])
    await consents.propose(session, visit, held, task.agency_id, policy, calendar, now)


async def _join(session: WriteSession, task: Task, visit: Visit, now: datetime, today: date) -> None:
    """Add a task's items to a visit; an approved visit needs approval again, for what was approved has changed."""
    rules.require_coming(visit.state)
    policy = await Policies(session, visit.day).of(visit.area)
    listed = [VisitItem.model_validate(part) for part in visit.items]
    items = await replicas.item_rows(session, [*task.item_ids, *(part.item_id for part in listed)])
    if task.agency_id not in await visits.agencies_of(session, visit):
        await _take_part(session, task, visit, [items[item_id] for item_id in task.item_ids], today)
    new = composing.items_of([task], items)
    known = {part.item_id for part in listed}
    listed += [part for part in new if part.item_id not in known]
    visit.items = [part.model_dump(mode="json") for part in listed]
    visit.questions = composing.form_of(listed, items, policy)
    visit.minutes += composing.minutes_of([task], items)
    visit.premises_id = visit.premises_id or task.premises_id
    task.state, task.visit_id = task_repository.SCHEDULED, visit.visit_id
    await session.flush()
    await tasks.count_once(session, await task_repository.of_visits(session, [visit.visit_id]))
    if visit.state == rules.APPROVED:
        await visits.call_off(session, visit, rules.PROPOSED, "增加检查事项，重新报批", now)


async def _take_part(session: WriteSession, task: Task, visit: Visit, items: list[Item], today: date) -> None:
    """Draw officers of an agency that was not in the visit. Raises Conflict when the last one was sent elsewhere."""
    policy = await Policies(session, today).of(task.area)
    known = VisitFact(visit.visit_id, visit.day, (), visit.minutes)
    [able] = await joins.able(session, [joins.Wish(task.agency_id, visit.enterprise_id, known, policy)])
    count = composing.officers_needed(items, policy)
    drawn = officer_draw.hold(able, count, visit.officer_seed, visit.visit_id, visit.day)
    if not drawn.officers:
        raise Conflict("本机关当日没有可以参加检查的执法人员", code="join.no_officers", alternatives=["另行立项"])
    session.add(VisitAgency(visit_id=visit.visit_id, agency_id=task.agency_id))
    await visits.send(session, visit, drawn)
