"""The public directory: who may enforce, on what authority, in which area and line, and whom to ask (DT-01, DT-03)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from wurao.common.area import COUNTRY, level
from wurao.common.db import ReadSession
from wurao.common.policy import pack_for
from wurao.registry.domain.agencies import ENTRUSTED, cited
from wurao.registry.domain.policy import AgencySection
from wurao.registry.repository import agencies as repository
from wurao.registry.schemas.agencies import (
    AgencyOut,
    DelegationOut,
    Lapsing,
    LegalBasis,
    PublicAgency,
    UnitOut,
)
from wurao.registry.tables import Agency, DelegationRow
from wurao.registry.usecases.jurisdictions import names_of


async def line_names(session: ReadSession, on: date) -> dict[str, str]:
    """Chinese names of the lines of administration, by code."""
    return dict((await _section(session, COUNTRY, on)).lines.value)


async def lapse_notice(session: ReadSession, area: str, on: date) -> int:
    """How many days ahead an area wants to see whose authority ends."""
    return (await _section(session, area, on)).lapse_notice.value


async def _section(session: ReadSession, area: str, on: date) -> AgencySection:
    return (await pack_for(session, area, on)).section(AgencySection, on=on)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the directory can be narrowed to: areas down to counties and lines, each with its name."""

    areas: list[tuple[str, str]]
    lines: list[tuple[str, str]]


async def choices(session: ReadSession, on: date) -> Choices:
    """The areas and lines in which somebody is published."""
    pairs = await repository.published_lines(session)
    codes = sorted({_at_most_county(area) for area, _ in pairs})
    names, lines = await names_of(session, codes), await line_names(session, on)
    return Choices(
        areas=[(code, names[code]) for code in codes],
        lines=sorted((line, lines.get(line, line)) for line in {line for _, line in pairs}),
    )


def _at_most_county(area: str) -> str:
    return area[:6] if level(area) == "township" else area


async def shown(session: ReadSession, agencies: Sequence[Agency], today: date) -> list[PublicAgency]:
    """Agencies as the directory shows them."""
    ids = [agency.agency_id for agency in agencies]
    areas = await names_of(session, [agency.area for agency in agencies])
    lines = await line_names(session, today)
    units = await repository.units_of(session, ids)
    entrusted = [agency.agency_id for agency in agencies if agency.kind == ENTRUSTED]
    written = await repository.delegations_of(session, entrusted)
    delegations = {agency_id: _current(rows, today) for agency_id, rows in written.items()}
    delegating = await repository.known(session, [row.delegating_id for row in delegations.values()])
    return [
        PublicAgency(
            **AgencyOut.model_validate(agency).model_dump(),
            area_name=areas[agency.area],
            line_name=lines.get(agency.line, agency.line),
            bases=[LegalBasis(law=law, article=article) for law, article in cited(agency.authority)],
            delegation=_delegation(delegations.get(agency.agency_id), delegating),
            units=[UnitOut.model_validate(unit) for unit in units.get(agency.agency_id, [])],
        )
        for agency in agencies
    ]


def _current(rows: Sequence[DelegationRow], on: date) -> DelegationRow:
    """The delegation in force; else the last one."""
    return next((row for row in rows if row.begins <= on <= row.ends), rows[0])


def _delegation(row: DelegationRow | None, delegating: dict[str, Agency]) -> DelegationOut | None:
    if row is None:
        return None
    known = delegating.get(row.delegating_id)
    return DelegationOut(
        document_no=row.document_no,
        delegating_id=row.delegating_id,
        delegating_name=known.name if known else row.delegating_id,
        begins=row.begins,
        ends=row.ends,
        scope=row.scope,
        basis=row.basis,
    )


async def lapsing(session: ReadSession, agencies: Sequence[Agency], today: date) -> list[Lapsing]:
    """Bodies whose delegation ends, with the document that ends last."""
    areas = await names_of(session, [agency.area for agency in agencies])
    last = await repository.delegations_of(session, [agency.agency_id for agency in agencies])
    return [_lapsing(agency, last[agency.agency_id][0], areas[agency.area], today) for agency in agencies]


def _lapsing(agency: Agency, last: DelegationRow, area_name: str, today: date) -> Lapsing:
    return Lapsing(
        agency_id=agency.agency_id,
        name=agency.name,
        area=agency.area,
        area_name=area_name,
        state=agency.state,
        document_no=last.document_no,
        delegating_id=last.delegating_id,
        delegated_until=last.ends,
        days_left=(last.ends - today).days,
    )
