"""Queries on agencies, their units, delegations and changes."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased

from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.registry.domain.agencies import ENTRUSTED, PUBLISHED, WITHDRAWN
from wurao.registry.repository.bulk import chunked
from wurao.registry.tables import Agency, AgencyChange, AgencyUnit, DelegationRow

PUBLIC_LIST = (Agency.area, Agency.line, Agency.agency_id)
"""The order of the public directory: by area and line."""


async def get(session: ReadSession, agency_id: str) -> Agency:
    """The agency. Raises NotFound."""
    agency = await session.get(Agency, agency_id)
    if agency is None:
        raise NotFound("没有这个执法主体")
    return agency


async def published(session: ReadSession, agency_id: str) -> Agency:
    """The agency if it is published. Raises NotFound."""
    agency = await get(session, agency_id)
    if agency.state != PUBLISHED:
        raise NotFound("没有公示这个执法主体")
    return agency


async def known(session: ReadSession, agency_ids: Iterable[str]) -> dict[str, Agency]:
    """Those of the agencies that exist, by id."""
    found: dict[str, Agency] = {}
    for chunk in chunked(sorted(set(agency_ids))):
        rows = await session.scalars(select(Agency).where(Agency.agency_id.in_(chunk)))
        found.update((agency.agency_id, agency) for agency in rows)
    return found


def register(
    area_prefix: str = "", line: str | None = None, state: str | None = None, name: str = ""
) -> Select[Agency]:
    """Agencies of an area, narrowed by line, state and a text in their name."""
    query = select(Agency).where(Agency.area.startswith(area_prefix, autoescape=True))
    if line is not None:
        query = query.where(Agency.line == line)
    if state is not None:
        query = query.where(Agency.state == state)
    return query.where(Agency.name.contains(name, autoescape=True)) if name else query


def directory(area_prefix: str = "", line: str | None = None, name: str = "") -> Select[Agency]:
    """Published agencies of an area."""
    return register(area_prefix, line, PUBLISHED, name)


async def published_lines(session: ReadSession) -> list[tuple[str, str]]:
    """Area and line of whatever is published, each pair once."""
    query = select(Agency.area, Agency.line).where(Agency.state == PUBLISHED).distinct().order_by(*PUBLIC_LIST[:2])
    return [(area, line) for area, line in (await session.execute(query)).all()]


async def delegations_of(session: ReadSession, agency_ids: Iterable[str]) -> dict[str, list[DelegationRow]]:
    """Every delegation of the agencies, the last to end first, by agency."""
    found: dict[str, list[DelegationRow]] = {}
    for chunk in chunked(sorted(set(agency_ids))):
        query = select(DelegationRow).where(DelegationRow.agency_id.in_(chunk))
        latest = query.order_by(DelegationRow.ends.desc(), DelegationRow.begins.desc(), DelegationRow.document_no)
        for row in await session.scalars(latest):
            found.setdefault(row.agency_id, []).append(row)
    return found


def _delegated(on: date, *conditions: Any) -> Any:
    """Whether an agency has a delegation in force on a day."""
    own = (DelegationRow.agency_id == Agency.agency_id, DelegationRow.begins <= on, DelegationRow.ends >= on)
    return exists().where(*own, *conditions)


def _by_published() -> Any:
    """Whether the body that delegates is itself published."""
    delegating = aliased(Agency)
    return exists().where(delegating.agency_id == DelegationRow.delegating_id, delegating.state == PUBLISHED)


async def without_delegation(session: ReadSession, on: date, limit: int) -> Sequence[Agency]:
    """Published entrusted bodies whose delegations are all over, or come from bodies that are not published."""
    entrusted = (Agency.kind == ENTRUSTED, Agency.state == PUBLISHED)
    query = select(Agency).where(*entrusted, ~_delegated(on, _by_published()))
    return (await session.scalars(query.order_by(Agency.agency_id).limit(limit))).all()


async def depending_on(session: ReadSession, agency_id: str, on: date) -> Sequence[Agency]:
    """Published bodies that act on this agency's delegation, and on no other published body's."""
    this = DelegationRow.delegating_id == agency_id
    others = _delegated(on, ~this, _by_published())
    query = select(Agency).where(Agency.state == PUBLISHED, _delegated(on, this), ~others)
    return (await session.scalars(query.order_by(Agency.agency_id))).all()


def lapsing(area_prefix: str, until: date) -> Select[Agency]:
    """Entrusted bodies in standing whose last delegation ends by a day."""
    query = register(area_prefix).where(Agency.kind == ENTRUSTED, Agency.state != WITHDRAWN)
    return query.where(Agency.delegated_until.is_not(None), Agency.delegated_until <= until)


async def units_of(session: ReadSession, agency_ids: Iterable[str]) -> dict[str, list[AgencyUnit]]:
    """The open units of the agencies, by agency."""
    found: dict[str, list[AgencyUnit]] = {}
    for chunk in chunked(sorted(set(agency_ids))):
        query = select(AgencyUnit).where(AgencyUnit.agency_id.in_(chunk), AgencyUnit.closed.is_(False))
        for unit in await session.scalars(query.order_by(AgencyUnit.unit_id)):
            found.setdefault(unit.agency_id, []).append(unit)
    return found


async def known_units(session: ReadSession, unit_ids: Iterable[str]) -> dict[str, AgencyUnit]:
    """Those of the units that exist, by id."""
    found: dict[str, AgencyUnit] = {}
    for chunk in chunked(sorted(set(unit_ids))):
        rows = await session.scalars(select(AgencyUnit).where(AgencyUnit.unit_id.in_(chunk)))
        found.update((unit.unit_id, unit) for unit in rows)
    return found


def changes(agency_id: str) -> Select[AgencyChange]:
    """What happened to an agency."""
    return select(AgencyChange).where(AgencyChange.agency_id == agency_id)
