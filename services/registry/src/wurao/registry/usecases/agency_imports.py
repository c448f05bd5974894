"""Register agencies, one by one or in bulk, and their units. Rows that change nothing write and announce nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from wurao.common.auth import Principal
from wurao.common.clock import legal_date
from wurao.common.contracts.shared import Refusal
from wurao.common.db import WriteSession
from wurao.common.errors import Conflict, Refused
from wurao.common.imports import Checked, ImportReport, RowError
from wurao.registry.domain import agencies as rules
from wurao.registry.domain.agencies import Body, Delegation, Law
from wurao.registry.repository import agencies as repository
from wurao.registry.schemas.agencies import PARTICULARS, AgencyIn, AgencyRow, UnitRow
from wurao.registry.tables import Agency, AgencyUnit, DelegationRow
from wurao.registry.usecases.agencies import LawOf, body_named, body_of, delegation_of, keep, note, published
from wurao.registry.usecases.rows import referring, within_area

BY_IMPORT = "名录导入"


async def register(session: WriteSession, given: AgencyIn, who: Principal, now: datetime) -> Agency:
    """Confirm one agency. Raises Refused with every reason, Conflict when it is registered already."""
    law = await LawOf(session, legal_date(now)).area(given.area)
    delegation = given.delegation.as_rule() if given.delegation else None
    refusals = rules.unfit(given.kind, law)
    if delegation is not None and not refusals:
        delegating = await body_named(session, delegation.delegating_id)
        body = Body(given.agency_id, given.kind, given.area)
        refusals = rules.misdelegated(delegation, body, delegating, legal_date(now), law)
    if refusals:
        raise Refused(refusals)
    if await repository.known(session, [given.agency_id]):
        raise Conflict("该执法主体已经登记", code="agency.known")
    agency = _fresh(session, given.agency_id, given.particulars(), who.subject, now)
    if delegation is not None:
        keep(session, agency, [], delegation, who.subject, now)
    await session.flush()
    return agency


def _fresh(session: WriteSession, agency_id: str, values: Mapping[str, Any], by: str, now: datetime) -> Agency:
    agency = Agency(agency_id=agency_id, **values, state=rules.CONFIRMED, delegated_until=None)
    session.add(agency)
    note(session, agency_id, "registered", by, now)
    return agency


@dataclass(frozen=True, slots=True)
class _Known:
    """What the register holds about the agencies that an upload names, and the law of their areas."""

    today: date
    agencies: dict[str, Agency]
    delegations: dict[str, list[DelegationRow]]
    laws: dict[str, Law]
    bodies: dict[str, Body] = field(default_factory=dict)

    def changes(self, row: AgencyRow) -> dict[str, list[Any]]:
        """Before and after of each particular of a known agency that the row changes."""
        agency, values = self.agencies[row.agency_id], row.particulars()
        befores = {name: getattr(agency, name) for name in PARTICULARS}
        return {name: [befores[name], values[name]] for name in PARTICULARS if befores[name] != values[name]}

    def new_delegation(self, row: AgencyRow) -> Delegation | None:
        """The row's delegation where it is new or other than the one kept under its number."""
        wanted = row.delegated()
        kept = [delegation_of(one) for one in self.delegations.get(row.agency_id, [])]
        return None if wanted in kept else wanted

    def idle(self, row: AgencyRow) -> bool:
        """Whether the row changes nothing."""
        agency = self.agencies.get(row.agency_id)
        if agency is None or (agency.state == rules.WITHDRAWN and row.reason is not None):
            return False
        return not self.changes(row) and self.new_delegation(row) is None


async def enter(session: WriteSession, checked: Checked[AgencyRow], who: Principal, now: datetime) -> ImportReport:
    """Confirm agencies of the caller's area, or change known ones; changes of published ones are announced (DT-01).

    A withdrawn agency is confirmed anew by a row that gives the reason.
    """
    checked = within_area(checked, who, lambda row: row.area)
    known = await _known(session, checked.good, legal_date(now))
    at = {agency_id: agency.area for agency_id, agency in known.agencies.items()}
    checked = within_area(checked, who, lambda row: at.get(row.agency_id), "agency_id")
    checked = checked.rejecting(lambda number, row: _unregistrable(number, row, known))
    known.bodies.update({row.agency_id: _body(row, known) for row in checked.good})
    checked = checked.rejecting(lambda number, row: _misdelegated(number, row, known))
    changed = [agency for row in checked.good if (agency := _apply(session, row, known, who.subject, now)) is not None]
    await session.flush()
    session.record(*map(published, changed))
    return checked.report


async def _known(session: WriteSession, rows: Sequence[AgencyRow], today: date) -> _Known:
    named = [row.agency_id for row in rows] + [row.delegating_id for row in rows if row.delegating_id]
    agencies = await repository.known(session, named)
    law = LawOf(session, today)
    return _Known(
        today=today,
        agencies=agencies,
        delegations=await repository.delegations_of(session, [row.agency_id for row in rows]),
        laws={area: await law.area(area) for area in {row.area for row in rows}},
        bodies={agency_id: body_of(agency) for agency_id, agency in agencies.items()},
    )


def _body(row: AgencyRow, known: _Known) -> Body:
    agency = known.agencies.get(row.agency_id)
    if agency is None or (agency.state == rules.WITHDRAWN and row.reason is not None):
        return Body(row.agency_id, row.kind, row.area, rules.CONFIRMED)
    return Body(row.agency_id, row.kind, row.area, agency.state)


def _unregistrable(number: int, row: AgencyRow, known: _Known) -> RowError | None:
    """What keeps a row's agency out, or a known one from being changed so."""
    if refusals := rules.unfit(row.kind, known.laws[row.area]):
        return _row_error(number, "kind", refusals[0])
    agency = known.agencies.get(row.agency_id)
    if agency is None or known.idle(row):
        return None
    if agency.area != row.area:
        message = "执法主体的行政区划不得更改，请取消后以新的编号登记"
        return RowError(row=number, field="area", code="agency.area_fixed", message=message)
    if agency.state == rules.WITHDRAWN and row.reason is None:
        message = "该执法主体已经取消，重新确认须填写 reason"
        return RowError(row=number, field="reason", code="agency.withdrawn", message=message)
    if agency.state == rules.PUBLISHED:
        return _unpublishable(number, row, known)
    return None


def _unpublishable(number: int, row: AgencyRow, known: _Known) -> RowError | None:
    """A published agency keeps an authority for as long as it is published."""
    kept = [delegation_of(one) for one in known.delegations.get(row.agency_id, [])]
    wanted = row.delegated()
    delegations = [one for one in kept if wanted is None or one.document_no != wanted.document_no]
    delegations += [wanted] if wanted else []
    body = Body(row.agency_id, row.kind, row.area)
    refusals = rules.without_authority(body, row.authority, delegations, known.today, known.laws[row.area])
    return _row_error(number, "authority", refusals[0]) if refusals else None


def _misdelegated(number: int, row: AgencyRow, known: _Known) -> RowError | None:
    delegation = known.new_delegation(row)
    if delegation is None:
        return None
    law, delegating = known.laws[row.area], known.bodies.get(delegation.delegating_id)
    refusals = rules.misdelegated(delegation, known.bodies[row.agency_id], delegating, known.today, law)
    if row.agency_id in known.agencies:
        until = known.agencies[row.agency_id].delegated_until
        refusals += rules.interrupted(delegation, until, known.today, law)
    return _row_error(number, "delegating_id", refusals[0]) if refusals else None


def _row_error(number: int, name: str, why: Refusal) -> RowError:
    ways = f"。可以：{'；'.join(why.alternatives)}" if why.alternatives else ""
    message = f"{why.message}（依据 {why.clause}，{why.cite}）{ways}"
    return RowError(row=number, field=name, code=why.code, message=message)


def _apply(session: WriteSession, row: AgencyRow, known: _Known, by: str, now: datetime) -> Agency | None:
    """Write a row; the agency where the others have to hear of its change."""
    if known.idle(row):
        return None
    agency, delegation, told = known.agencies.get(row.agency_id), known.new_delegation(row), False
    if agency is None:
        agency = _fresh(session, row.agency_id, row.particulars(), by, now)
    elif changes := known.changes(row):
        for name, (_, value) in changes.items():
            setattr(agency, name, value)
        note(session, row.agency_id, "changed", by, now, reason=row.reason or BY_IMPORT, changed=changes)
        told = agency.state == rules.PUBLISHED
    if delegation is not None:
        keep(session, agency, known.delegations.get(row.agency_id, []), delegation, by, now)
    if agency.state == rules.WITHDRAWN:
        agency.state = rules.CONFIRMED
        note(session, row.agency_id, "confirmed", by, now, reason=row.reason or BY_IMPORT)
    return agency if told else None


async def enter_units(session: WriteSession, checked: Checked[UnitRow], who: Principal, now: datetime) -> ImportReport:
    """Enter internal units of agencies of the caller's area, or change known ones."""
    checked = await referring(session, checked, "agency_id", Agency.agency_id, "没有这个执法主体")
    agencies = await repository.known(session, [row.agency_id for row in checked.good])
    checked = within_area(checked, who, lambda row: agencies[row.agency_id].area, "agency_id")
    known = await repository.known_units(session, [row.unit_id for row in checked.good])

    def elsewhere(number: int, row: UnitRow) -> RowError | None:
        unit = known.get(row.unit_id)
        if unit is None or unit.agency_id == row.agency_id:
            return None
        return RowError(row=number, field="agency_id", code="unit.other_agency", message="该机构属于另一执法主体")

    checked = checked.rejecting(elsewhere)
    for row in checked.good:
        _apply_unit(session, known.get(row.unit_id), row, who.subject, now)
    return checked.report


def _apply_unit(session: WriteSession, unit: AgencyUnit | None, row: UnitRow, by: str, now: datetime) -> None:
    values = row.model_dump()
    if unit is None:
        session.add(AgencyUnit(**values))
        note(session, row.agency_id, "unit_added", by, now, changed={"unit": [None, row.name]})
    elif changes := {name: [getattr(unit, name), new] for name, new in values.items() if getattr(unit, name) != new}:
        for name, value in values.items():
            setattr(unit, name, value)
        note(session, row.agency_id, "unit_changed", by, now, changed={"unit_id": row.unit_id, **changes})
