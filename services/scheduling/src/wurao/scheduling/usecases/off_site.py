"""Carry out off-site checks: conclude, remind, answer, follow up on site (LX-09, QZ-15, CX-11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from wurao.common.clock import legal_date
from wurao.common.contracts.scheduling import OffSiteConcluded, OffSiteReminded
from wurao.common.contracts.shared import Finding, ItemResult, JsonObject
from wurao.common.db import WriteSession
from wurao.common.errors import Conflict
from wurao.common.policy import calendar_for
from wurao.scheduling.domain import off_site as rules
from wurao.scheduling.domain.gate import TaskRequest
from wurao.scheduling.repository import replicas
from wurao.scheduling.repository import tasks as task_repository
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.tables import Enterprise, OffSiteCheck, Task
from wurao.scheduling.usecases import tasks
from wurao.scheduling.usecases.evidence import About


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What an off-site check came to: a result for each item, and a finding for each violation."""

    source: str
    results: Sequence[ItemResult]
    findings: Sequence[Finding]
    remark: str


async def begun(session: WriteSession, task: Task, source: str) -> OffSiteCheck:
    """The check of an off-site task, begun with the first step. Raises Conflict for a task that is over."""
    check = await session.get(OffSiteCheck, task.task_id)
    if check is not None:
        return check
    if task.state != task_repository.OPEN:
        raise Conflict("任务已经结束", code="task.over")
    check = OffSiteCheck(
        task_id=task.task_id,
        agency_id=task.agency_id,
        enterprise_id=task.enterprise_id,
        area=task.area,
        state=rules.OPEN,
        source=source,
        reckoning=[],
        attachments=[],
        results=[],
        findings=[],
    )
    session.add(check)
    return check


async def remind(session: WriteSession, task: Task, source: str, risk: str, by: str, now: datetime) -> OffSiteCheck:
    """Tell the enterprise of a risk; it may answer until a day that explains itself (CX-11)."""
    check = await begun(session, task, source)
    rules.require_state(check.state, rules.OPEN)
    policy = await Policies(session, legal_date(now)).of(task.area)
    due = rules.due(now, policy, await calendar_for(session))
    check.state, check.source, check.risk, check.reminded_by, check.reminded_at = rules.REMINDED, source, risk, by, now
    check.due_at, check.reckoning = due.at, due.explain()
    await session.flush()
    session.record(
        OffSiteReminded(
            task_id=check.task_id,
            agency_id=check.agency_id,
            enterprise_id=check.enterprise_id,
            area=check.area,
            source=source,
            risk=risk,
            reminded_at=now,
            due=due.at,
            clause=policy.off_site.reminder_first.clause,
            version=check.version,
        )
    )
    return check


async def answer(
    session: WriteSession, check: OffSiteCheck, text: str, attachments: Sequence[JsonObject], now: datetime
) -> OffSiteCheck:
    """The enterprise answers a reminder; late answers count while nobody has followed up."""
    rules.require_state(check.state, rules.REMINDED)
    check.state, check.answer, check.attachments, check.answered_at = rules.ANSWERED, text, list(attachments), now
    await session.flush()
    return check


async def conclude(session: WriteSession, task: Task, done: Conclusion, by: str, now: datetime) -> OffSiteCheck:
    """Close an off-site task with its results, which others recognise (LX-09, YZ-07). Raises Refused, Conflict."""
    check = await begun(session, task, done.source)
    rules.require_under_way(check.state)
    rules.result_objections(task.item_ids, [one.item_id for one in done.results])
    policy = await Policies(session, legal_date(now)).of(task.area)
    found = [one.result for one in done.results]
    about = About("task", by, now, task.agency_id, task.area, task.enterprise_id, tuple(task.item_ids))
    about.require(list(rules.conclusion_objections(check.state, check.due_at, found, now, policy)))
    violated = [one.item_id for one in done.results if one.result == rules.VIOLATION]
    rules.finding_objections(violated, [one.item_id for one in done.findings])
    check.state, check.source = rules.CONCLUDED, done.source
    check.results, check.findings = (
        [one.model_dump(mode="json") for one in each] for each in (done.results, done.findings)
    )
    check.record_digest = rules.digest(task.task_id, done.source, check.results, check.findings)
    await _close(session, task, check, done.remark, by, now)
    await replicas.keep_results(session, task.enterprise_id, task.task_id, done.results, now)
    enterprise = await session.get_one(Enterprise, task.enterprise_id)
    session.record(_concluded(check, now, done, enterprise.name))
    return check


async def _close(session: WriteSession, task: Task, check: OffSiteCheck, remark: str, by: str, now: datetime) -> None:
    check.closed_by, check.closed_at, check.remark = by, now, remark
    task.state = task_repository.DONE
    await session.flush()


def _concluded(check: OffSiteCheck, now: datetime, done: Conclusion | None = None, name: str = "") -> OffSiteConcluded:
    return OffSiteConcluded(
        task_id=check.task_id,
        agency_id=check.agency_id,
        enterprise_id=check.enterprise_id,
        enterprise_name=name,
        area=check.area,
        source=check.source,
        results=tuple(done.results) if done else (),
        findings=tuple(done.findings) if done else (),
        record_digest=check.record_digest or "",
        reminded=check.reminded_at is not None,
        follow_up_task_id=check.follow_up_task_id,
        concluded_at=now,
        version=check.version,
    )


async def follow_up(
    session: WriteSession, task: Task, check: OffSiteCheck, request: TaskRequest, by: str, now: datetime, today: date
) -> OffSiteCheck:
    """Let an on-site task follow, when the reminder stayed unanswered or the answer does not do. Raises Refused."""
    rules.require_under_way(check.state)
    policy = await Policies(session, today).of(task.area)
    about = About("task", by, now, task.agency_id, task.area, task.enterprise_id, request.item_ids)
    about.require(list(rules.follow_up_objections(check.state, check.due_at, request.reason, now, policy)))
    made = await tasks.create(session, request, by, now, today)
    check.state, check.follow_up_task_id = rules.FOLLOWED_UP, made.task_id
    await _close(session, task, check, request.reason or "", by, now)
    session.record(_concluded(check, now))
    return check
