"""What supervision knows of others."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select, update

from wurao.common.contracts.registry import AgencyPublished, EnterpriseRegistered, OfficerCertified
from wurao.common.contracts.scheduling import VisitApproved, VisitRescheduled
from wurao.common.db import ReadSession, WriteSession
from wurao.common.upsert import keep_newer
from wurao.supervision.tables import Agency, Enterprise, Officer, Visit


async def agency(session: ReadSession, agency_id: str) -> Agency | None:
    """The agency, if known."""
    return await session.get(Agency, agency_id)


async def agencies(session: ReadSession, agency_ids: Iterable[str]) -> Sequence[Agency]:
    """Those of the agencies that are known."""
    return (await session.scalars(select(Agency).where(Agency.agency_id.in_(list(agency_ids))))).all()


async def enterprise(session: ReadSession, enterprise_id: str) -> Enterprise | None:
    """The enterprise, if known."""
    return await session.get(Enterprise, enterprise_id)


async def visit(session: ReadSession, visit_id: str) -> Visit | None:
    """The visit, if known."""
    return await session.get(Visit, visit_id)


async def officer(session: ReadSession, officer_id: str) -> Officer | None:
    """The officer, if known."""
    return await session.get(Officer, officer_id)


async def officers(session: ReadSession, officer_ids: Iterable[str]) -> dict[str, Officer]:
    """Those of the officers that are known, by id."""
    found = await session.scalars(select(Officer).where(Officer.officer_id.in_(list(officer_ids))))
    return {row.officer_id: row for row in found}


async def keep_agency(session: WriteSession, event: AgencyPublished) -> None:
    """An agency as published."""
    await keep_newer(
        session,
        Agency,
        {
            "agency_id": event.agency_id,
            "name": event.name,
            "area": event.area,
            "line": event.line,
            "state": "published",
            "version": event.version,
        },
    )


async def keep_officer(session: WriteSession, event: OfficerCertified) -> None:
    """An officer as certified."""
    await keep_newer(
        session,
        Officer,
        {
            "officer_id": event.officer_id,
            "name": event.name,
            "agency_id": event.agency_id,
            "area": event.area,
            "management_authority": event.management_authority,
            "state": "certified",
            "version": event.version,
        },
    )


async def keep_enterprise(session: WriteSession, event: EnterpriseRegistered) -> None:
    """An enterprise as registered."""
    await keep_newer(
        session,
        Enterprise,
        {
            "enterprise_id": event.enterprise_id,
            "name": event.name,
            "area": event.area,
            "version": event.version,
        },
    )


async def keep_visit(session: WriteSession, event: VisitApproved) -> None:
    """A visit as approved."""
    await keep_newer(
        session,
        Visit,
        {
            "visit_id": event.visit_id,
            "enterprise_id": event.enterprise_id,
            "area": event.area,
            "lead_agency_id": event.lead_agency_id,
            "officers": [officer.officer_id for officer in event.officers],
            "version": event.version,
        },
    )


async def change_visit_officers(session: WriteSession, event: VisitRescheduled) -> None:
    """The officers of a visit after a change."""
    await session.execute(
        update(Visit)
        .where(Visit.visit_id == event.visit_id, Visit.version < event.version)
        .values(officers=[officer.officer_id for officer in event.officers], version=event.version)
    )


async def set_officer_state(session: WriteSession, officer_id: str, state: str, version: int) -> None:
    """Suspended, reinstated or gone."""
    await session.execute(
        update(Officer)
        .where(Officer.officer_id == officer_id, Officer.version < version)
        .values(state=state, version=version)
    )


async def set_agency_state(session: WriteSession, agency_id: str, state: str, version: int) -> None:
    """Withdrawn."""
    await session.execute(
        update(Agency)
        .where(Agency.agency_id == agency_id, Agency.version < version)
        .values(state=state, version=version)
    )
