"""Entries, their evidence and signatures."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, or_, select

from wurao.checkin.repository.sight import seen_by
from wurao.checkin.tables import Entry, Evidence, Signature
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import NotFound
from wurao.common.scope import SYSTEM, Scope


async def get(session: ReadSession, entry_id: str, scope: Scope = SYSTEM) -> Entry:
    """The entry within the scope's sight. Raises NotFound."""
    condition = seen_by(scope, area=Entry.area, agencies=Entry.agencies, enterprise=Entry.enterprise_id)
    found = (await session.scalars(select(Entry).where(Entry.entry_id == entry_id, condition))).first()
    if found is None:
        raise NotFound("没有这次入企记录")
    return found


async def find(session: ReadSession, entry_id: str) -> Entry | None:
    """The entry, if there is one."""
    return await session.get(Entry, entry_id)


async def evidence_of(session: ReadSession, entry_id: str) -> Sequence[Evidence]:
    """All evidence of an entry, oldest first."""
    query = select(Evidence).where(Evidence.entry_id == entry_id).order_by(Evidence.evidence_id)
    return (await session.scalars(query)).all()


async def piece(session: ReadSession, entry_id: str, evidence_id: str) -> Evidence:
    """One piece of evidence of an entry. Raises NotFound."""
    found = await session.get(Evidence, evidence_id)
    if found is None or found.entry_id != entry_id:
        raise NotFound("没有这份证据")
    return found


async def signatures_of(session: ReadSession, entry_id: str) -> Sequence[Signature]:
    """All signatures under an entry, those that a later change has voided too."""
    query = select(Signature).where(Signature.entry_id == entry_id).order_by(Signature.signed_at, Signature.officer_id)
    return (await session.scalars(query)).all()


async def drop_signature(session: WriteSession, entry_id: str, officer_id: str) -> None:
    """Remove an officer's earlier signature before a new one."""
    await session.execute(delete(Signature).where(Signature.entry_id == entry_id, Signature.officer_id == officer_id))


async def of_visit(session: ReadSession, visit_id: str) -> Entry | None:
    """The entry made for a visit, or made up for by it."""
    query = select(Entry).where(or_(Entry.visit_id == visit_id, Entry.makeup_visit_id == visit_id))
    return (await session.scalars(query.limit(1))).first()


async def resting_on(session: ReadSession, filing_id: str) -> Entry | None:
    """The entry that was made on a filing."""
    return (await session.scalars(select(Entry).where(Entry.filing_id == filing_id))).first()


async def overdue(session: ReadSession, now: datetime, limit: int) -> Sequence[Entry]:
    """Entries whose filing did not come in time."""
    query = (
        select(Entry)
        .where(Entry.filing_state == "awaiting", Entry.filing_due < now)
        .order_by(Entry.filing_due, Entry.entry_id)
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def without_due(session: ReadSession, limit: int) -> Sequence[Entry]:
    """Finished entries that await a filing but have no due date yet: the calendar was not known."""
    query = (
        select(Entry)
        .where(Entry.filing_state == "awaiting", Entry.filing_due.is_(None), Entry.finished_at.is_not(None))
        .order_by(Entry.entry_id)
        .limit(limit)
    )
    return (await session.scalars(query)).all()
