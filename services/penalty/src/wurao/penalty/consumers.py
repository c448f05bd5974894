"""Events that penalty listens to: replicas of agencies, officers and enterprises; violations from finished visits
and off-site checks."""

from datetime import date

from wurao.common.clock import legal_date
from wurao.common.consumer import Handlers
from wurao.common.contracts.checkin import InspectionFinished
from wurao.common.contracts.registry import (
    AgencyPublished,
    AgencyWithdrawn,
    EnterpriseRegistered,
    OfficerCertified,
    OfficerExited,
    OfficerReinstated,
    OfficerSuspended,
)
from wurao.common.contracts.scheduling import OffSiteConcluded
from wurao.common.contracts.shared import Finding
from wurao.common.db import WriteSession
from wurao.common.policy import POLICY_HANDLERS
from wurao.penalty.tables import AgencyReplica, EnterpriseReplica, OfficerReplica, Violation


async def on_agency_published(session: WriteSession, event: AgencyPublished) -> None:
    """Keep the agency."""
    known = await session.get(AgencyReplica, event.agency_id)
    if known is None or known.version < event.version:
        kept = AgencyReplica(
            agency_id=event.agency_id, name=event.name, area=event.area, standing=True, version=event.version
        )
        await session.merge(kept)


async def on_agency_withdrawn(session: WriteSession, event: AgencyWithdrawn) -> None:
    """The agency may open no case any more."""
    known = await session.get(AgencyReplica, event.agency_id)
    if known is not None and known.version < event.version:
        known.standing, known.version = False, event.version


async def on_officer_certified(session: WriteSession, event: OfficerCertified) -> None:
    """Keep the officer; a suspension stands until the registry ends it."""
    known = await session.get(OfficerReplica, event.officer_id)
    if known is None:
        known = OfficerReplica(officer_id=event.officer_id, version=0, suspended=False, exited=False)
        session.add(known)
    if known.version >= event.version:
        return
    known.name, known.agency_id, known.version = event.name, event.agency_id, event.version
    known.valid_from, known.valid_to = event.valid_from, event.valid_to
    known.legal_reviewer, known.legal_qualified = event.legal_reviewer, event.legal_qualified
    known.exited = False


async def on_officer_suspended(session: WriteSession, event: OfficerSuspended) -> None:
    """The officer may not act until the day, or until reinstated."""
    known = await session.get(OfficerReplica, event.officer_id)
    if known is not None and known.version < event.version:
        known.suspended, known.suspended_until, known.version = True, event.until, event.version


async def on_officer_reinstated(session: WriteSession, event: OfficerReinstated) -> None:
    """The suspension is over."""
    known = await session.get(OfficerReplica, event.officer_id)
    if known is not None and known.version < event.version:
        known.suspended, known.suspended_until, known.version = False, None, event.version


async def on_officer_exited(session: WriteSession, event: OfficerExited) -> None:
    """The officer acts no more."""
    known = await session.get(OfficerReplica, event.officer_id)
    if known is not None and known.version < event.version:
        known.exited, known.version = True, event.version


async def on_enterprise_registered(session: WriteSession, event: EnterpriseRegistered) -> None:
    """Keep what a case says of its party."""
    known = await session.get(EnterpriseReplica, event.enterprise_id)
    if known is None or known.version < event.version:
        kept = EnterpriseReplica(
            enterprise_id=event.enterprise_id,
            name=event.name,
            kind=event.kind,
            area=event.area,
            address=event.address,
            version=event.version,
        )
        await session.merge(kept)


async def on_inspection_finished(session: WriteSession, event: InspectionFinished) -> None:
    """Every finding becomes an open violation; one that is known stays as it is."""
    found_on = legal_date(event.started_at)
    for finding in event.findings:
        own = [ref.officer_id for ref in event.officers if ref.agency_id == finding.agency_id]
        await _keep_violation(session, event, finding, event.entry_id, event.visit_id, own, found_on)


async def on_off_site_concluded(session: WriteSession, event: OffSiteConcluded) -> None:
    """What data showed off site is an open violation, too; who takes it up names the officers (CX-11)."""
    found_on = legal_date(event.concluded_at)
    for finding in event.findings:
        await _keep_violation(session, event, finding, event.task_id, None, [], found_on)


async def _keep_violation(
    session: WriteSession,
    event: InspectionFinished | OffSiteConcluded,
    finding: Finding,
    entry_id: str,
    visit_id: str | None,
    officers: list[str],
    found_on: date,
) -> None:
    if await session.get(Violation, finding.finding_id) is not None:
        return
    session.add(
        Violation(
            violation_id=finding.finding_id,
            entry_id=entry_id,
            visit_id=visit_id,
            enterprise_id=event.enterprise_id,
            enterprise_name=event.enterprise_name,
            agency_id=finding.agency_id,
            area=event.area,
            item_id=finding.item_id,
            violation=finding.violation,
            description=finding.description,
            circumstances=sorted(set(finding.circumstances)),
            officers=officers,
            found_on=found_on,
            record_digest=event.record_digest,
            state="open",
        )
    )


HANDLERS: Handlers = {
    **POLICY_HANDLERS,
    AgencyPublished: on_agency_published,
    AgencyWithdrawn: on_agency_withdrawn,
    OfficerCertified: on_officer_certified,
    OfficerSuspended: on_officer_suspended,
    OfficerReinstated: on_officer_reinstated,
    OfficerExited: on_officer_exited,
    EnterpriseRegistered: on_enterprise_registered,
    InspectionFinished: on_inspection_finished,
    OffSiteConcluded: on_off_site_concluded,
}
