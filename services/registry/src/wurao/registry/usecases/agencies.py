"""Confirm, publish and withdraw agencies."""

from collections.abc import Sequence
from datetime import date

from wurao.common.contracts.registry import AgencyPublished, AgencyWithdrawn
from wurao.common.db import WriteSession
from wurao.registry.domain import agencies as rules
from wurao.registry.repository import agencies as repository
from wurao.registry.schemas.agencies import AgencyRow
from wurao.registry.tables import Agency


async def confirm(session: WriteSession, rows: Sequence[AgencyRow]) -> list[Agency]:
    """Enter agencies as confirmed, or change known ones; changes of published ones are announced."""
    for row in rows:
        rules.require_qualified(row.kind)
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
    rules.require_authority(agency.authority)
    agency.state = rules.publish(agency.state)
    agency.published_on = today
    await session.flush()
    session.record(published(agency))
    return agency


async def withdraw(session: WriteSession, agency_id: str, reason: str, today: date) -> Agency:
    """Withdraw an agency; every door refuses it within seconds."""
    agency = await repository.get(session, agency_id)
    agency.state = rules.withdraw(agency.state)
    agency.withdrawn_on = today
    await session.flush()
    session.record(AgencyWithdrawn(agency_id=agency_id, reason=reason, withdrawn_on=today, version=agency.version))
    return agency


def published(agency: Agency) -> AgencyPublished:
    """The event that carries an agency's published particulars."""
    return AgencyPublished.model_validate(agency, from_attributes=True)
