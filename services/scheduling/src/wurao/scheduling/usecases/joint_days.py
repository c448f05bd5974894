"""Find the day on which local work at an enterprise could be done together with a superior's visit (CX-14, CX-15)."""

from collections import Counter
from datetime import date

from wurao.common.db import ReadSession
from wurao.common.policy import calendar_for
from wurao.common.workdays import CalendarUnknown
from wurao.scheduling.domain import joint_day as rules
from wurao.scheduling.domain.checkonce import capacity
from wurao.scheduling.domain.joint_day import JointDay, Part
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.repository import merges, officer_days, replicas
from wurao.scheduling.repository import tasks as task_repository
from wurao.scheduling.repository import visits as visit_repository
from wurao.scheduling.tables import Task
from wurao.scheduling.usecases import composing
from wurao.scheduling.usecases.merge_facts import workdays


async def find(session: ReadSession, enterprise_id: str, occasion: date, policy: Policy, today: date) -> JointDay:
    """The day for all tasks at the enterprise that have not begun, in a visit or not; or why there is none."""
    tasks = await task_repository.to_come(session, enterprise_id, today)
    parts = await _parts(session, tasks, policy)
    reason, days = rules.apart(parts, today, policy), rules.common(parts, today)
    if reason is not None or days is None:
        return JointDay(None, reason or "")
    try:
        worked = workdays(await calendar_for(session), *days)
    except CalendarUnknown as unknown:
        return JointDay(None, str(unknown))
    own = {task.visit_id for task in tasks}
    elsewhere = await visit_repository.days_of(session, enterprise_id, *days)
    taken = {day for visit_id, day in elsewhere.items() if visit_id not in own}
    agency_ids = sorted({part.agency_id for part in parts})
    free = await _free(session, agency_ids, worked, {visit_id for visit_id in own if visit_id}, policy)
    names = {one.agency_id: one.name for one in (await replicas.agencies(session, agency_ids)).values()}
    return rules.proposed(parts, occasion, worked, taken, free, names, today=today)


async def _parts(session: ReadSession, tasks: list[Task], policy: Policy) -> list[Part]:
    items = await replicas.item_rows(session, (item for task in tasks for item in task.item_ids))
    return [
        Part(
            agency_id=task.agency_id,
            first=task.earliest,
            last=min(task.latest, date(task.counter_year, 12, 31)),
            place=task.premises_id or "",
            minutes=composing.minutes_of([task], items),
            officers=composing.officers_needed([items[one] for one in task.item_ids if one in items], policy),
        )
        for task in tasks
    ]


async def _free(
    session: ReadSession, agency_ids: list[str], worked: list[date], own: set[str], policy: Policy
) -> capacity.Capacity:
    """What agencies can send beside their other visits: as they said of the day, else by valid certificates.

    One officer may go to several visits of a day, but is one person in each.
    """
    if not worked:
        return {}
    officers = await replicas.officers_of(session, agency_ids)
    said = await officer_days.said(session, agency_ids, worked[0], worked[-1])
    laid: Counter[tuple[str, date]] = Counter()
    for visit_id, agency_id, day, number in await merges.officers_laid(session, agency_ids, worked[0], worked[-1]):
        laid[agency_id, day] += 0 if visit_id in own else number
    present = capacity.capacity(officers, said, worked, 1)
    left = capacity.less(capacity.capacity(officers, said, worked, capacity.turns(policy)), laid)
    return {key: min(number, left[key]) for key, number in present.items()}
