"""Queries on rounds of consents and on copies of joint visits."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true, update

from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import NotFound
from wurao.common.scope import Scope
from wurao.scheduling.domain.checkonce.consent import OBJECTED, OPEN, VOID
from wurao.scheduling.repository.replicas import chunks
from wurao.scheduling.tables import Consent, JointCopy, Visit


async def get(session: ReadSession, consent_id: str) -> Consent:
    """The consent. Raises NotFound."""
    consent = await session.get(Consent, consent_id)
    if consent is None:
        raise NotFound("没有这份征求意见")
    return consent


def listed(scope: Scope, *, state: str | None = None, agency_id: str | None = None) -> Select[Consent]:
    """Consents within a scope: those asked of an agency, and those that it asked for."""
    query = select(Consent).where(_within(scope))
    if agency_id is not None:
        query = query.where(Consent.agency_id == agency_id)
    return query.where(Consent.state == state) if state is not None else query


def _within(scope: Scope) -> ColumnElement[bool]:
    match scope.kind:
        case "system":
            return true()
        case "area":
            return Consent.area.startswith(scope.area, autoescape=True)
        case "agency":
            return or_(Consent.agency_id == scope.agency_id, Consent.initiator_id == scope.agency_id)
        case _:
            return false()


async def of_visit(session: ReadSession, visit_id: str) -> Sequence[Consent]:
    """All consents ever asked for a visit itself, oldest first."""
    query = select(Consent).where(Consent.visit_id == visit_id, Consent.change_id.is_(None))
    return (await session.scalars(query.order_by(Consent.consent_id))).all()


async def waiting(session: ReadSession, visit_id: str, change_id: str | None = None) -> Sequence[Consent]:
    """The consents to a visit, or to a change of it, that are still open."""
    query = select(Consent).where(
        Consent.visit_id == visit_id, Consent.state == OPEN, Consent.change_id.is_not_distinct_from(change_id)
    )
    return (await session.scalars(query.order_by(Consent.agency_id))).all()


async def close(session: WriteSession, visit_id: str) -> None:
    """Nobody need answer for a visit that was altered or is no more."""
    await _void(session, Consent.visit_id == visit_id)


async def close_changes(session: WriteSession, visit_id: str, change_id: str | None = None) -> None:
    """Nobody need answer for a change of a visit, or for any, that was decided or overtaken."""
    which = Consent.change_id == change_id if change_id is not None else Consent.change_id.is_not(None)
    await _void(session, and_(Consent.visit_id == visit_id, which))


async def _void(session: WriteSession, which: ColumnElement[bool]) -> None:
    statement = update(Consent).where(which, Consent.state == OPEN)
    await session.execute(
        statement.values(state=VOID, version=Consent.version + 1).execution_options(synchronize_session="fetch")
    )


async def overdue(session: ReadSession, now: datetime) -> Sequence[Consent]:
    """Open consents whose period has run out."""
    query = select(Consent).where(Consent.state == OPEN, Consent.due_at < now)
    return (await session.scalars(query.order_by(Consent.consent_id))).all()


async def objected_tasks(session: ReadSession, enterprise_ids: Iterable[str]) -> set[str]:
    """Tasks whose agency objected to a joint visit; they are served apart."""
    found: set[str] = set()
    for part in chunks(enterprise_ids):
        query = select(Consent.task_ids).where(
            Consent.state == OBJECTED, Consent.change_id.is_(None), Consent.enterprise_id.in_(part)
        )
        for task_ids in await session.scalars(query):
            found |= set(task_ids)
    return found


def copies(recipient_id: str) -> Select[Visit]:
    """The joint visits that were sent to an agency."""
    return (
        select(Visit)
        .join(JointCopy, JointCopy.visit_id == Visit.visit_id)
        .where(JointCopy.recipient_id == recipient_id)
    )
