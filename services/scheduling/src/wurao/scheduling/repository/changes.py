"""Queries on changes of visits, revoked codes and private calendars."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Select, select, update

from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import NotFound
from wurao.scheduling.domain.changes import APPLIED, AWAITING, OVERTAKEN
from wurao.scheduling.repository import consents
from wurao.scheduling.repository.replicas import chunks
from wurao.scheduling.tables import CalendarLink, RevokedCode, VisitChange

_EDITS = ("reschedule", "officers", "prolong")


async def get(session: ReadSession, visit_id: str, change_id: str) -> VisitChange:
    """A change of this visit. Raises NotFound."""
    change = await session.get(VisitChange, change_id)
    if change is None or change.visit_id != visit_id:
        raise NotFound("没有这项变更")
    return change


async def awaiting(session: ReadSession, visit_ids: Iterable[str]) -> dict[str, VisitChange]:
    """The changes that wait for a decision, by visit."""
    found: dict[str, VisitChange] = {}
    for part in chunks(visit_ids):
        query = select(VisitChange).where(VisitChange.visit_id.in_(part), VisitChange.state == AWAITING)
        found |= {change.visit_id: change for change in await session.scalars(query)}
    return found


def history(visit_id: str) -> Select[VisitChange]:
    """All changes of a visit."""
    return select(VisitChange).where(VisitChange.visit_id == visit_id)


async def changed_by(session: ReadSession, visit_id: str) -> Sequence[str]:
    """Who changed a visit by himself, with nobody's approval."""
    query = select(VisitChange.proposed_by).where(
        VisitChange.visit_id == visit_id,
        VisitChange.kind.in_(_EDITS),
        VisitChange.state == APPLIED,
        VisitChange.decided_by == VisitChange.proposed_by,
    )
    return (await session.scalars(query)).all()


async def overtake(session: WriteSession, visit_id: str) -> None:
    """What waits for a decision on a visit needs none any more, and nobody's consent."""
    await consents.close_changes(session, visit_id)
    await session.execute(
        update(VisitChange)
        .where(VisitChange.visit_id == visit_id, VisitChange.state == AWAITING)
        .values(state=OVERTAKEN, version=VisitChange.version + 1)
    )


def revoked(now: datetime) -> Select[RevokedCode]:
    """The revoked codes whose window is not over: an offline verifier need know no others."""
    return select(RevokedCode).where(RevokedCode.expires_at > now)


async def once_approved(session: ReadSession, visit_ids: Iterable[str]) -> set[str]:
    """Those of the visits of which a code was revoked."""
    found: set[str] = set()
    for part in chunks(visit_ids):
        found |= set(await session.scalars(select(RevokedCode.visit_id).where(RevokedCode.visit_id.in_(part))))
    return found


async def link_of(session: ReadSession, secret_digest: str) -> CalendarLink:
    """The private calendar behind a secret, as long as it is not revoked. Raises NotFound."""
    query = select(CalendarLink).where(CalendarLink.secret_digest == secret_digest, CalendarLink.revoked_at.is_(None))
    link: CalendarLink | None = await session.scalar(query)
    if link is None:
        raise NotFound("没有这个日历")
    return link
