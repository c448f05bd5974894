"""Events that scheduling listens to: replicas, substitutes, results."""

from datetime import timedelta

from wurao.common.clock import Clock, legal_date
from wurao.common.consumer import Handlers
from wurao.common.contracts.checkin import InspectionFinished, InspectionStarted
from wurao.common.contracts.registry import (
    AgencyPublished,
    AgencyWithdrawn,
    ConflictDeclared,
    ConflictEnded,
    EnterpriseGraded,
    EnterpriseRegistered,
    ItemCancelled,
    ItemPublished,
    OfficerCertified,
    OfficerExited,
    OfficerReinstated,
    OfficerSuspended,
)
from wurao.common.db import WriteSession
from wurao.common.policy import POLICY_HANDLERS
from wurao.scheduling.repository import grades, replicas, turns
from wurao.scheduling.repository import tasks as task_repository
from wurao.scheduling.repository import visits as visit_repository
from wurao.scheduling.tables import Agency, Enterprise, Item, Officer, OfficerCall, OfficerConflict, Visit
from wurao.scheduling.usecases import coverage, makeups, tasks, visits
from wurao.scheduling.usecases.codes import Signer


async def on_agency_published(session: WriteSession, event: AgencyPublished) -> None:
    """Keep the agency."""
    kept = {"name", "level", "area", "line", "parent_id"}
    await replicas.keep(
        session, Agency, event.agency_id, event.version, published=True, **event.model_dump(include=kept)
    )


async def on_officer_reinstated(session: WriteSession, event: OfficerReinstated) -> None:
    """The suspension is over."""
    await replicas.keep(session, Officer, event.officer_id, event.version, state="active", suspended_until=None)


async def on_conflict_ended(session: WriteSession, event: ConflictEnded) -> None:
    """The officer may be sent there again from the day named."""
    last = event.ended_on - timedelta(days=1)
    row = await session.get(OfficerConflict, event.conflict_id)
    values = {
        "officer_id": event.officer_id,
        "enterprise_id": event.enterprise_id,
        "since": row.since if row else last,
        "until": last,
    }
    await replicas.keep(session, OfficerConflict, event.conflict_id, event.version, **values)


async def on_item_published(session: WriteSession, event: ItemPublished) -> None:
    """Keep the item with its form."""
    kept = set(Item.__mapper__.columns.keys()) - {"item_id", "version"}
    values = event.model_dump(mode="json", include=kept)
    await replicas.keep(session, Item, event.item_id, event.version, published=True, **values)


async def on_item_cancelled(session: WriteSession, event: ItemCancelled) -> None:
    """No new task may use the item."""
    await replicas.keep(session, Item, event.item_id, event.version, published=False, agency_id=event.agency_id)


async def on_inspection_started(session: WriteSession, event: InspectionStarted) -> None:
    """The visit has begun; a filing knows its entry."""
    await makeups.entered(session, event)
    if event.visit_id and (visit := await session.get(Visit, event.visit_id)):
        await visits.start(session, visit)


async def on_inspection_finished(session: WriteSession, event: InspectionFinished) -> None:
    """Results are there for others to recognise (YZ-07); entries without a visit count as triggered (QZ-17)."""
    await turns.take_turn(session, event.enterprise_id)
    visit = await session.get(Visit, event.visit_id) if event.visit_id else None
    if visit is not None:
        await visits.finish(session, visit)
    await makeups.ended(session, event)
    if event.visit_id is None or (visit is not None and visit.makeup_for is not None):
        await tasks.count_entry(session, event)
    for officer in event.officers:
        call = OfficerCall(
            enterprise_id=event.enterprise_id,
            officer_id=officer.officer_id,
            entry_id=event.entry_id,
            finished_on=legal_date(event.finished_at),
            clean=not event.findings,
        )
        await session.merge(call)
    await coverage.inspected(session, event.enterprise_id, legal_date(event.finished_at))
    await replicas.keep_results(session, event.enterprise_id, event.entry_id, event.results, event.finished_at)


def handlers(clock: Clock, signer: Signer) -> Handlers:
    """One table: event → what scheduling does."""

    async def on_enterprise_registered(session: WriteSession, event: EnterpriseRegistered) -> None:
        """Keep the enterprise; one that left the special fields is watched no more (BE-54)."""
        kept = event.model_dump(include={"name", "industry", "area", "status"})
        places = [place.premises_id for place in event.premises]
        row = await replicas.keep(
            session, Enterprise, event.enterprise_id, event.version, tags=list(event.tags), premises=places, **kept
        )
        if row is not None:
            await coverage.changed(session, row, clock.today())

    async def on_enterprise_graded(session: WriteSession, event: EnterpriseGraded) -> None:
        """Keep the grade; one for a later day waits for it (CX-13)."""
        await grades.keep(session, event, clock.today())

    async def on_agency_withdrawn(session: WriteSession, event: AgencyWithdrawn) -> None:
        """The agency's tasks are cancelled, visits with it dissolved (DT-01)."""
        if not await replicas.keep(session, Agency, event.agency_id, event.version, published=False):
            return
        reason = f"执法主体已取消：{event.reason}"
        for visit in await visit_repository.coming_of_agency(session, event.agency_id):
            await visits.dissolve(session, visit, event.agency_id, reason, clock.now())
        left = await task_repository.open_of_agency(session, event.agency_id)
        await tasks.end(session, left, task_repository.CANCELLED, reason)

    async def on_officer_certified(session: WriteSession, event: OfficerCertified) -> None:
        """Keep the officer; a new certificate lifts no suspension. Visits that it does not cover get a substitute."""
        known = await session.get(Officer, event.officer_id)
        before = (known.agency_id, known.valid_from, known.valid_to) if known else None
        values = event.model_dump(include={"name", "agency_id", "valid_from", "valid_to"})
        row = await replicas.keep(session, Officer, event.officer_id, event.version, **values)
        if row is not None and before not in (None, (event.agency_id, event.valid_from, event.valid_to)):
            await session.flush()
            reason = "执法人员调整所属机关或者证件有效期"
            await visits.substitute(session, event.officer_id, reason, signer, clock.now(), clock.today())

    async def on_conflict_declared(session: WriteSession, event: ConflictDeclared) -> None:
        """The officer stays away from the enterprise; visits to come there get a substitute (PL-43)."""
        values = event.model_dump(include={"officer_id", "enterprise_id", "since", "until"})
        if await replicas.keep(session, OfficerConflict, event.conflict_id, event.version, **values):
            await session.flush()
            reason = "执法人员与企业有利害关系，应当回避"
            await visits.substitute(session, event.officer_id, reason, signer, clock.now(), clock.today())

    async def on_officer_suspended(session: WriteSession, event: OfficerSuspended) -> None:
        """Visits to come get a substitute (YZ-10)."""
        await _stand_down(session, event, "suspended", f"执法人员被暂扣证件：{event.reason}")

    async def on_officer_exited(session: WriteSession, event: OfficerExited) -> None:
        """Visits to come get a substitute (YZ-10)."""
        await _stand_down(session, event, "exited", f"执法人员退出执法岗位：{event.reason}")

    async def _stand_down(
        session: WriteSession, event: OfficerSuspended | OfficerExited, state: str, reason: str
    ) -> None:
        until = event.until if isinstance(event, OfficerSuspended) else None
        values = {"agency_id": event.agency_id, "state": state, "suspended_until": until}
        if await replicas.keep(session, Officer, event.officer_id, event.version, **values):
            await session.flush()
            await visits.substitute(session, event.officer_id, reason, signer, clock.now(), clock.today())

    return {
        **POLICY_HANDLERS,
        AgencyPublished: on_agency_published,
        AgencyWithdrawn: on_agency_withdrawn,
        OfficerCertified: on_officer_certified,
        OfficerSuspended: on_officer_suspended,
        OfficerReinstated: on_officer_reinstated,
        OfficerExited: on_officer_exited,
        ConflictDeclared: on_conflict_declared,
        ConflictEnded: on_conflict_ended,
        EnterpriseRegistered: on_enterprise_registered,
        EnterpriseGraded: on_enterprise_graded,
        ItemPublished: on_item_published,
        ItemCancelled: on_item_cancelled,
        InspectionStarted: on_inspection_started,
        InspectionFinished: on_inspection_finished,
    }
