"""Confirm, publish and withdraw agencies."""

from collections.abc import Sequence
from datetime import date

from wurao.common.contracts.registry import AgencyPublished, AgencyWithdrawn
from wurao.common.db import WriteSession
from wurao.registry.domain import agencies as rules
from wurao.registry.repository import agencies as repository
from wurao.registry.schemas.agencies import AgencyRow
from wurao.registry.tables import Agency
from wurao.registry.usecases.bases import BasesOf


async def confirm(session: WriteSession, rows: Sequence[AgencyRow], today: date) -> list[Agency]:
    """Enter agencies as confirmed, or change known ones; changes of published ones are announced."""
    bases = BasesOf(session, today)
    for row in rows:
        rules.require_qualified(row.kind, await bases.area(row.area))
    known = await repository.known(session, [row.agency_id for row in rows])
    agencies = [_apply(session, known.get(row.agency_id), row) for row in rows]
    await session.flush()
    session.record(*(published(agency) for agency in agencies if agency.state == rules.PUBLISHED))
    return agencies


def _apply(session: WriteSession, agency: Agency | None, row: AgencyRow) -> Agency:
    if agency is None:
        agency = Agency(**row.model_dump(), state=rules.CONFIRMED)
        session.add(agency)
    else:
        for name, value in row.model_dump().items():
            setattr(agency, name, value)
    return agency


async def publish(session: WriteSession, agency_id: str, today: date) -> Agency:
    """Publish a confirmed agency; from now on it may plan, draw and check in."""
    agency = await repository.get(session, agency_id)
    bases = await BasesOf(session, today).area(agency.area)
    rules.require_authority(agency.authority, bases)
    agency.state = rules.publish(agency.state, bases)
    agency.published_on = today
    await session.flush()
    session.record(published(agency))
    return agency


async def withdraw(session: WriteSession, agency_id: str, reason: str, today: date) -> Agency:
    """Withdraw an agency; every door refuses it within seconds."""
    agency = await repository.get(session, agency_id)
    agency.state = rules.withdraw(agency.state, await BasesOf(session, today).area(agency.area))
    agency.withdrawn_on = today
    await session.flush()
    session.record(AgencyWithdrawn(agency_id=agency_id, reason=reason, withdrawn_on=today, version=agency.version))
    return agency


def published(agency: Agency) -> AgencyPublished:
    """The event that carries an agency's published particulars."""
    return AgencyPublished.model_validate(agency, from_attributes=True)
