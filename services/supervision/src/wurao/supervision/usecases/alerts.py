"""Raise alerts once per cause, and clear them."""

from collections.abc import Sequence
from datetime import datetime

from wurao.common.clock import legal_date
from wurao.common.contracts.supervision import AlertCleared, AlertRaised
from wurao.common.db import WriteSession
from wurao.common.ids import new_id
from wurao.supervision.domain import alerts as rules
from wurao.supervision.domain.statistics import Count
from wurao.supervision.repository import matters
from wurao.supervision.repository.counters import count
from wurao.supervision.tables import Alert


async def raise_alerts(session: WriteSession, drafts: Sequence[rules.Draft], now: datetime) -> list[Alert]:
    """Raise those alerts whose cause has not raised one before (QZ-30); returns the new ones."""
    by_key = {draft.cause_key: draft for draft in drafts}
    known = await matters.known_causes(session, by_key) if by_key else set()
    rows = [_row(draft, now) for key, draft in by_key.items() if key not in known]
    session.add_all(rows)
    await session.flush()
    for row in rows:
        session.record(AlertRaised.model_validate(row, from_attributes=True))
        count(session, Count(row.area, legal_date(now), "alert.raised", row.kind))
    return rows


def _row(draft: rules.Draft, now: datetime) -> Alert:
    return Alert(
        alert_id=new_id(),
        cause_key=draft.cause_key,
        kind=draft.kind,
        clause=draft.clause,
        area=draft.area,
        agency_id=draft.agency_id,
        officers=list(draft.officers),
        enterprise_id=draft.enterprise_id,
        evidence=list(draft.evidence),
        message=draft.message,
        raised_at=now,
    )


async def clear(session: WriteSession, alert: Alert, reason: str, now: datetime) -> Alert:
    """End an alert whose cause is gone (QZ-30). Raises Conflict when it has ended."""
    alert.state = rules.clear(alert.state)
    alert.cleared_at, alert.cleared_because = now, reason
    await session.flush()
    session.record(AlertCleared(alert_id=alert.alert_id, reason=reason, cleared_at=now, version=alert.version))
    count(session, Count(alert.area, legal_date(now), "alert.cleared", alert.kind))
    return alert


async def clear_causes(session: WriteSession, cause: str, kinds: Sequence[str], reason: str, now: datetime) -> None:
    """End the open alerts of these kinds that one cause raised."""
    for alert in await matters.open_alerts(session, [rules.cause_key(kind, cause) for kind in kinds]):
        await clear(session, alert, reason, now)
