"""Order corrections, take the agency's feedback, close."""

from datetime import datetime

from wurao.common.clock import legal_date
from wurao.common.contracts.supervision import CorrectionOrdered
from wurao.common.db import WriteSession
from wurao.common.ids import new_id
from wurao.common.policy import calendar_for, pack_for
from wurao.supervision.domain import corrections as rules
from wurao.supervision.domain.deadlines import deadline, is_overdue
from wurao.supervision.domain.policy import CorrectionSection
from wurao.supervision.domain.statistics import Count, timeliness
from wurao.supervision.repository import matters
from wurao.supervision.repository.counters import count
from wurao.supervision.tables import Correction
from wurao.supervision.usecases import alerts


async def order(
    session: WriteSession, *, agency_id: str, area: str, cause: str, cause_id: str, demand: str, now: datetime
) -> Correction:
    """Order an agency to correct, with the deadline that the pack gives (LX-16); once per cause."""
    known = await matters.correction_of(session, cause, cause_id)
    if known is not None:
        return known
    today = legal_date(now)
    section = (await pack_for(session, area, today)).section(CorrectionSection, on=today)
    rule = section.days
    due = deadline(today, rule.value, section.unit.value, rule.cite, await calendar_for(session))
    row = Correction(
        order_id=new_id(),
        agency_id=agency_id,
        area=area,
        cause=cause,
        cause_id=cause_id,
        demand=demand,
        due=due.due,
        explanation=list(due.explanation),
        clause=rule.clause,
        cite=rule.cite,
        ordered_at=now,
    )
    session.add(row)
    await session.flush()
    session.record(CorrectionOrdered.model_validate(row, from_attributes=True))
    count(session, Count(area, today, "correction.ordered"))
    return row


async def feed_back(session: WriteSession, row: Correction, text: str, now: datetime) -> Correction:
    """Keep what the agency did; the first feedback stops the clock (LX-16, LX-18)."""
    first = row.feedback_at is None
    row.state = rules.answer(row.state)
    row.feedback = text
    row.feedback_at = row.feedback_at or now
    await session.flush()
    if first:
        late = is_overdue(row.due, legal_date(now))
        count(session, Count(row.area, legal_date(now), "correction.answered", timeliness(late)))
        await alerts.clear_causes(session, row.order_id, ["correction_overdue"], "责任机关已反馈整改情况", now)
    return row


async def close(session: WriteSession, row: Correction, now: datetime) -> Correction:
    """Accept a correction; never without feedback (LX-18)."""
    today = legal_date(now)
    section = (await pack_for(session, row.area, today)).section(CorrectionSection, on=today)
    row.state = rules.close(row.state, section.days)
    row.closed_at = now
    await session.flush()
    return row
