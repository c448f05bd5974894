"""What becomes due by the clock in supervision. Each row escalates once."""

from datetime import datetime

from wurao.common.clock import legal_date
from wurao.common.db import WriteSession
from wurao.common.service import Sweep
from wurao.supervision.domain.alerts import Draft, overdue
from wurao.supervision.domain.statistics import Count
from wurao.supervision.repository import matters
from wurao.supervision.repository.counters import count
from wurao.supervision.tables import Callback, Complaint, Correction
from wurao.supervision.usecases.alerts import raise_alerts
from wurao.supervision.usecases.callbacks import closed


async def escalate_complaints(session: WriteSession, now: datetime) -> int:
    """Complaints not closed in time (YZ-19)."""
    rows = await matters.overdue(session, Complaint, legal_date(now))
    drafts = []
    for row in rows:
        row.escalated_at = now
        count(session, Count(row.area, legal_date(now), "complaint.overdue"))
        drafts.append(
            overdue(
                "complaint_overdue", row.complaint_id, row.clause, row.area, row.due, row.agency_id, row.enterprise_id
            )
        )
    await raise_alerts(session, drafts, now)
    return len(rows)


async def escalate_corrections(session: WriteSession, now: datetime) -> int:
    """Orders to correct without feedback in time (LX-16)."""
    rows = await matters.overdue(session, Correction, legal_date(now))
    drafts = []
    for row in rows:
        row.escalated_at = now
        count(session, Count(row.area, legal_date(now), "correction.overdue"))
        drafts.append(overdue("correction_overdue", row.order_id, row.clause, row.area, row.due, row.agency_id, None))
    await raise_alerts(session, drafts, now)
    return len(rows)


async def escalate_callbacks(session: WriteSession, now: datetime) -> int:
    """Enterprises not called in time (CX-09)."""
    rows = await matters.overdue(session, Callback, legal_date(now))
    drafts = []
    for row in rows:
        row.state, row.escalated_at = "overdue", now
        count(session, Count(row.area, legal_date(now), "callback.overdue"))
        drafts.append(_callback_alert(row))
    await raise_alerts(session, drafts, now)
    session.record(*(closed(row, now) for row in rows))
    return len(rows)


def _callback_alert(row: Callback) -> Draft:
    assert row.due is not None
    return overdue("callback_overdue", row.callback_id, row.clause, row.area, row.due, None, row.enterprise_id)


SWEEPS: tuple[Sweep, ...] = (
    Sweep("complaints", escalate_complaints),
    Sweep("corrections", escalate_corrections),
    Sweep("callbacks", escalate_callbacks),
)
