"""Open callbacks after visits, record what enterprises said."""

from datetime import datetime

from wurao.common.clock import legal_date
from wurao.common.contracts.checkin import InspectionFinished
from wurao.common.contracts.supervision import CallbackClosed
from wurao.common.db import WriteSession
from wurao.common.ids import new_id
from wurao.common.policy import calendar_for, pack_for
from wurao.common.workdays import WorkCalendar
from wurao.supervision.domain import callbacks as rules
from wurao.supervision.domain.complaints import require_known
from wurao.supervision.domain.deadlines import deadline, is_overdue
from wurao.supervision.domain.policy import CallbackSection
from wurao.supervision.domain.statistics import Count, timeliness
from wurao.supervision.repository import matters
from wurao.supervision.repository.counters import count
from wurao.supervision.schemas.callbacks import ResultIn
from wurao.supervision.tables import Callback
from wurao.supervision.usecases import alerts
from wurao.supervision.usecases.complaints import section_for


async def open_after(session: WriteSession, event: InspectionFinished) -> Callback | None:
    """Open a callback for a finished visit where the pack wants one (CX-09), once per entry."""
    finished = legal_date(event.finished_at)
    section = (await pack_for(session, event.area, finished)).section(CallbackSection, on=finished)
    if not section.required.value or await matters.callback_of_entry(session, event.entry_id) is not None:
        return None
    rule = section.days
    unit = section.unit.value
    calendar = await calendar_for(session) if unit == "working" else WorkCalendar()
    due = deadline(finished, rule.value, unit, rule.cite, calendar) if rule.value is not None else None
    row = Callback(
        callback_id=new_id(),
        entry_id=event.entry_id,
        visit_id=event.visit_id,
        enterprise_id=event.enterprise_id,
        enterprise_name=event.enterprise_name,
        area=event.area,
        agencies=list(event.agencies),
        officers=[officer.officer_id for officer in event.officers],
        finished_at=event.finished_at,
        due=due.due if due else None,
        explanation=list(due.explanation) if due else [],
        clause=rule.clause,
        cite=rule.cite,
        issues=[],
    )
    session.add(row)
    await session.flush()
    count(session, Count(event.area, finished, "callback.opened"))
    return row


async def record(session: WriteSession, row: Callback, body: ResultIn, who: str, now: datetime) -> Callback:
    """Record an enterprise's answers; a late call still counts as done, late (CX-09)."""
    today = legal_date(now)
    in_time = rules.record(row.state, overdue=is_overdue(row.due, today))
    require_known(body.issues, await section_for(session, row.area, today))
    row.state, row.satisfied, row.issues = "done", body.satisfied, list(dict.fromkeys(body.issues))
    row.clue = rules.is_clue(body.satisfied, body.issues)
    row.note, row.done_at, row.done_by = body.note, now, who
    await session.flush()
    session.record(closed(row, now))
    count(session, Count(row.area, today, "callback.done", timeliness(not in_time)))
    await alerts.clear_causes(session, row.callback_id, ["callback_overdue"], "已经回访", now)
    return row


def closed(row: Callback, now: datetime) -> CallbackClosed:
    """The event of a callback that was carried out, or whose time ran out."""
    return CallbackClosed(
        callback_id=row.callback_id,
        entry_id=row.entry_id,
        enterprise_id=row.enterprise_id,
        area=row.area,
        result="done" if row.state == "done" else "overdue",
        issues=tuple(row.issues),
        closed_at=now,
        version=row.version,
    )
