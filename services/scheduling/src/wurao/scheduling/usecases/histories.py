"""The history of a visit: every change with who, when, why, old and new values (LX-01)."""

from datetime import datetime

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import ReadSession, WriteSession
from wurao.common.ids import new_id
from wurao.scheduling.domain import changes as rules
from wurao.scheduling.domain import visits as visit_rules
from wurao.scheduling.repository import visits as repository
from wurao.scheduling.tables import Visit, VisitChange

# Who changes a visit because of what happened, such as an officer's exit.
SYSTEM = "system"
VERBS = {visit_rules.PROPOSED: "take_back", visit_rules.CANCELLED: "cancel", visit_rules.LAPSED: "lapse"}


async def snapshot(session: ReadSession, visit: Visit) -> JsonObject:
    """What a history tells of a visit."""
    officers = (await repository.officers(session, [visit.visit_id])).get(visit.visit_id, [])
    window = visit_rules.window(visit.day, visit.opens_at, visit.closes_at)
    return {
        "state": visit.state,
        "opens": window.opens.isoformat(),
        "closes": window.closes.isoformat(),
        "minutes": visit.minutes,
        "officers": [officer.officer_id for officer in officers],
        "code_id": visit.code_id,
    }


async def keep(
    session: WriteSession, visit: Visit, kind: str, before: JsonObject, reason: str, by: str, now: datetime
) -> None:
    """Add to the history what somebody did to a visit with nobody's further approval."""
    await session.flush()
    old, new = rules.differences(before, await snapshot(session, visit))
    change = VisitChange(
        change_id=new_id(),
        visit_id=visit.visit_id,
        kind=kind,
        state=rules.APPLIED,
        reason=reason,
        wanted={},
        old=old,
        new=new,
        proposed_by=by,
        proposed_at=now,
        decided_by=by,
        decided_at=now,
    )
    session.add(change)
    await session.flush()
