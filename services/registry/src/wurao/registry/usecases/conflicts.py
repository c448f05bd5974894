"""Declare, report, decide and end relations that require recusal (行政处罚法 第四十三条)."""

from collections.abc import Sequence
from datetime import date, datetime

from wurao.common.clock import legal_date
from wurao.common.contracts.registry import ConflictDeclared, ConflictEnded
from wurao.common.db import WriteSession
from wurao.common.errors import Conflict, Malformed, NotFound
from wurao.common.ids import new_id
from wurao.registry.domain import conflicts as rules
from wurao.registry.repository import bulk, lives
from wurao.registry.repository import conflicts as repository
from wurao.registry.schemas.conflicts import ConflictIn
from wurao.registry.tables import Enterprise, Officer, OfficerConflict
from wurao.registry.usecases.officer_law import OfficerLaw


async def enter(
    session: WriteSession, officer: Officer, body: ConflictIn, source: str, by: str, now: datetime
) -> OfficerConflict:
    """Enter a relation; an enterprise's report waits for the agency's head, anything else counts at once.

    Raises Malformed for an employer who is still to be left, NotFound for an enterprise that nobody registered,
    Conflict for one whose record was merged, or for a relation that is known or over.
    """
    if not await bulk.existing(session, Enterprise.enterprise_id, [body.enterprise_id]):
        raise NotFound("没有这家企业")
    await lives.require_own_record(session, body.enterprise_id)
    today = legal_date(now)
    if body.left_on is not None and body.left_on > today:
        raise Malformed("离职日期不能晚于今日", code="future_date")
    law = OfficerLaw(session, today)
    if await repository.is_known(session, officer.officer_id, body.enterprise_id, body.kind, source, today):
        clause = (await law.bases(officer.area)).recusal.clause
        raise Conflict("该回避关系已经登记", code="conflict.known", clause=clause)
    section = await law.rules(officer.area)
    term = rules.term(body.kind, body.since, body.until, body.left_on, today, section)
    conflict = OfficerConflict(
        conflict_id=new_id(),
        officer_id=officer.officer_id,
        enterprise_id=body.enterprise_id,
        agency_id=officer.agency_id,
        area=officer.area,
        kind=body.kind,
        detail=body.detail,
        source=source,
        since=term.since,
        until=term.until,
        state=rules.first_state(source),
        entered_by=by,
        entered_at=now,
    )
    session.add(conflict)
    await _tell(session, officer, conflict)
    return conflict


async def decide(
    session: WriteSession,
    officer: Officer,
    conflict: OfficerConflict,
    reason: str,
    by: str,
    now: datetime,
    *,
    upheld: bool,
) -> OfficerConflict:
    """Uphold or dismiss what an enterprise reported."""
    bases = await OfficerLaw(session, legal_date(now)).bases(officer.area)
    conflict.state = rules.decide(conflict.state, bases, upheld=upheld)
    conflict.reason, conflict.decided_by, conflict.decided_at = reason, by, now
    await _tell(session, officer, conflict)
    return conflict


async def end(
    session: WriteSession, officer: Officer, conflict: OfficerConflict, reason: str, by: str, now: datetime
) -> OfficerConflict:
    """End a relation as of today: from now on the officer may be sent there again."""
    today = legal_date(now)
    bases = await OfficerLaw(session, today).bases(officer.area)
    conflict.state, conflict.until = rules.end(conflict.state, conflict.until, today, bases)
    conflict.reason, conflict.decided_by, conflict.decided_at = reason, by, now
    await _count(session, officer)
    session.record(_ended(officer, conflict, today))
    return conflict


async def follow(session: WriteSession, related: Sequence[OfficerConflict], enterprise_id: str) -> None:
    """Relations to an enterprise hold for the one that has its record now; those in force are declared anew."""
    officers = await repository.officers_of(session, related)
    for conflict in related:
        conflict.enterprise_id = enterprise_id
        if conflict.state == rules.IN_FORCE:
            await _tell(session, officers[conflict.officer_id], conflict)
    await session.flush()


async def _tell(session: WriteSession, officer: Officer, conflict: OfficerConflict) -> None:
    await _count(session, officer)
    if conflict.state == rules.IN_FORCE:
        session.record(_declared(officer, conflict))


async def _count(session: WriteSession, officer: Officer) -> None:
    """Raise the officer's version: events of one officer are in order, and two writers do not pass each other."""
    officer.recusals += 1
    await session.flush()


def _declared(officer: Officer, conflict: OfficerConflict) -> ConflictDeclared:
    return ConflictDeclared(
        conflict_id=conflict.conflict_id,
        officer_id=officer.officer_id,
        agency_id=officer.agency_id,
        enterprise_id=conflict.enterprise_id,
        kind=conflict.kind,
        since=conflict.since,
        until=conflict.until,
        version=officer.version,
    )


def _ended(officer: Officer, conflict: OfficerConflict, today: date) -> ConflictEnded:
    return ConflictEnded(
        conflict_id=conflict.conflict_id,
        officer_id=officer.officer_id,
        agency_id=officer.agency_id,
        enterprise_id=conflict.enterprise_id,
        reason=conflict.reason,
        ended_on=today,
        version=officer.version,
    )
