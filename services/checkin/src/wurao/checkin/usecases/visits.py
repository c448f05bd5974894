"""Follow what scheduling announces about visits."""

from wurao.checkin.repository import replicas
from wurao.checkin.tables import Visit
from wurao.checkin.usecases.filings import on_made_up
from wurao.common.contracts.scheduling import VisitApproved, VisitCancelled, VisitRescheduled
from wurao.common.db import WriteSession


class UnknownVisit(LookupError):
    """A change of a visit whose approval never arrived: the event waits as a dead letter for its replay."""


async def on_approved(session: WriteSession, event: VisitApproved) -> None:
    """Keep an approved visit; one that makes up for an entry settles that entry."""
    await replicas.keep_visit(session, event)
    if event.makeup_for:
        await on_made_up(session, event)


async def on_rescheduled(session: WriteSession, event: VisitRescheduled) -> None:
    """New window, officers and code; the old code is revoked. Raises UnknownVisit."""
    visit = await _known(session, event.visit_id)
    await replicas.revoke_code(session, event.revoked_code_id, event.visit_id, event.reason)
    if event.version <= visit.version:
        return
    visit.opens, visit.closes = event.window.opens, event.window.closes
    visit.officers = [officer.model_dump() for officer in event.officers]
    visit.code_id, visit.version = event.code_id, event.version
    await session.flush()


async def on_cancelled(session: WriteSession, event: VisitCancelled) -> None:
    """The visit is off, and with it its code. Raises UnknownVisit."""
    visit = await _known(session, event.visit_id)
    if event.version > visit.version:
        visit.cancelled, visit.version = True, event.version
        await session.flush()


async def _known(session: WriteSession, visit_id: str) -> Visit:
    visit = await replicas.visit(session, visit_id)
    if visit is None:
        raise UnknownVisit(visit_id)
    return visit
