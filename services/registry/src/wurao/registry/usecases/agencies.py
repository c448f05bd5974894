"""Publish, withdraw and confirm agencies anew; delegate and renew; withdraw where a delegation has ended."""

from collections.abc import Sequence
from datetime import date, datetime

from wurao.common.clock import legal_date
from wurao.common.contracts.registry import AgencyPublished, AgencyWithdrawn
from wurao.common.contracts.shared import JsonObject, Refusal
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import Conflict, Refused
from wurao.common.ids import new_id
from wurao.common.policy import pack_for
from wurao.registry.domain import agencies as rules
from wurao.registry.domain.agencies import Body, Delegation, Law
from wurao.registry.domain.policy import AgencySection
from wurao.registry.repository import agencies as repository
from wurao.registry.tables import Agency, AgencyChange, DelegationRow
from wurao.registry.usecases.bases import BasesOf

CLOCK = "clock"
DELEGATION_OVER = "委托期限届满"
NOT_DELEGATED = "委托机关未经公示或者已经取消"


class LawOf:
    """What the rules on agencies rest on in each area on a day, asked for once."""

    def __init__(self, session: ReadSession, on: date) -> None:
        self._session, self._on = session, on
        self._bases = BasesOf(session, on)
        self._known: dict[str, Law] = {}

    async def area(self, area: str) -> Law:
        """The law in force in an area."""
        if area not in self._known:
            pack = await pack_for(self._session, area, self._on)
            self._known[area] = Law(await self._bases.area(area), pack.section(AgencySection, on=self._on))
        return self._known[area]


def body_of(agency: Agency) -> Body:
    """What the rules ask about an agency."""
    return Body(agency.agency_id, agency.kind, agency.area, agency.state)


async def body_named(session: ReadSession, agency_id: str) -> Body | None:
    """What the rules ask about the agency of an id; None when there is no such agency."""
    agency = (await repository.known(session, [agency_id])).get(agency_id)
    return None if agency is None else body_of(agency)


def delegation_of(row: DelegationRow) -> Delegation:
    """A kept delegation as the rules know it."""
    return Delegation(row.document_no, row.delegating_id, row.begins, row.ends, row.scope, row.basis)


def note(
    session: WriteSession,
    agency_id: str,
    action: str,
    by: str,
    now: datetime,
    *,
    reason: str = "",
    changed: JsonObject | None = None,
) -> None:
    """Keep who did what to an agency, when and why."""
    session.add(
        AgencyChange(
            change_id=new_id(),
            agency_id=agency_id,
            action=action,
            changed=changed or {},
            reason=reason,
            by=by,
            at=now,
        )
    )


async def publish(session: WriteSession, agency_id: str, by: str, now: datetime) -> Agency:
    """Publish a confirmed agency; from now on it may plan, draw and check in. Raises Refused without authority."""
    agency, today = await repository.get(session, agency_id), legal_date(now)
    law = await LawOf(session, today).area(agency.area)
    state = rules.publish(agency.state, law.bases)
    kept = (await repository.delegations_of(session, [agency_id])).get(agency_id, [])
    refusals = rules.without_authority(body_of(agency), agency.authority, map(delegation_of, kept), today, law)
    if agency.kind == rules.ENTRUSTED and not refusals:
        refusals = await _by_unpublished(session, kept, today, law)
    if refusals:
        raise Refused(refusals)
    agency.state, agency.published_on, agency.withdrawn_on = state, today, None
    note(session, agency_id, "published", by, now)
    await session.flush()
    session.record(published(agency))
    return agency


async def _by_unpublished(session: ReadSession, kept: list[DelegationRow], today: date, law: Law) -> list[Refusal]:
    """Why the delegations in force carry no publication: every one comes from a body that is not published."""
    given = [row.delegating_id for row in kept if row.begins <= today <= row.ends]
    known = await repository.known(session, given)
    found = [rules.unpublished_delegating(body_of(known[one]), law) for one in given]
    return [] if not all(found) else found[0]


async def withdraw(session: WriteSession, agency_id: str, reason: str, by: str, now: datetime) -> Agency:
    """Withdraw an agency and those that act on its delegation alone; every door refuses them within seconds."""
    agency = await repository.get(session, agency_id)
    await _withdraw(session, agency, reason, by, now)
    for dependent in await repository.depending_on(session, agency_id, legal_date(now)):
        await _withdraw(session, dependent, f"委托机关{agency.name}已经取消", by, now)
    return agency


async def _withdraw(session: WriteSession, agency: Agency, reason: str, by: str, now: datetime) -> None:
    today = legal_date(now)
    agency.state = rules.withdraw(agency.state, await BasesOf(session, today).area(agency.area))
    agency.withdrawn_on = today
    note(session, agency.agency_id, "withdrawn", by, now, reason=reason)
    await session.flush()
    session.record(
        AgencyWithdrawn(agency_id=agency.agency_id, reason=reason, withdrawn_on=today, version=agency.version)
    )


async def confirm_anew(session: WriteSession, agency_id: str, reason: str, by: str, now: datetime) -> Agency:
    """Confirm a withdrawn agency once more; it stands again when it is published."""
    agency = await repository.get(session, agency_id)
    agency.state = rules.confirm_anew(agency.state, await BasesOf(session, legal_date(now)).area(agency.area))
    note(session, agency_id, "confirmed", by, now, reason=reason)
    await session.flush()
    return agency


async def delegate(session: WriteSession, agency_id: str, delegation: Delegation, by: str, now: datetime) -> Agency:
    """Register a delegation, or its renewal before it ends. Raises Refused with every reason, Conflict for a repeat."""
    agency, today = await repository.get(session, agency_id), legal_date(now)
    law = await LawOf(session, today).area(agency.area)
    delegating = await body_named(session, delegation.delegating_id)
    refusals = rules.misdelegated(delegation, body_of(agency), delegating, today, law)
    refusals += rules.interrupted(delegation, agency.delegated_until, today, law)
    if refusals:
        raise Refused(refusals)
    kept = (await repository.delegations_of(session, [agency_id])).get(agency_id, [])
    if any(row.document_no == delegation.document_no for row in kept):
        raise Conflict("该文号的委托已经登记", code="delegation.known")
    keep(session, agency, kept, delegation, by, now)
    await session.flush()
    return agency


def keep(
    session: WriteSession,
    agency: Agency,
    kept: Sequence[DelegationRow],
    delegation: Delegation,
    by: str,
    now: datetime,
) -> None:
    """Write a delegation, new or corrected, and until when the agency is entrusted; `kept` are those it had before."""
    known = next((row for row in kept if row.document_no == delegation.document_no), None)
    values = columns(delegation)
    changed = {name: [before, after] for name, before, after in _differences(known, values)}
    agency.delegated_until = max([delegation.ends, *(row.ends for row in kept if row is not known)])
    if known is None:
        session.add(DelegationRow(agency_id=agency.agency_id, **values))
    else:
        for name, value in values.items():
            setattr(known, name, value)
    action = "delegated" if known is None else "delegation_changed"
    note(session, agency.agency_id, action, by, now, changed=changed)


def columns(delegation: Delegation) -> dict[str, str | date]:
    """A delegation's columns by name."""
    return {name: getattr(delegation, name) for name in Delegation.__dataclass_fields__}


def _differences(known: DelegationRow | None, values: dict[str, str | date]) -> list[tuple[str, str | None, str]]:
    befores = {name: None if known is None else str(getattr(known, name)) for name in values}
    return [(name, befores[name], str(value)) for name, value in values.items() if befores[name] != str(value)]


async def lapse(session: WriteSession, now: datetime, limit: int = 500) -> int:
    """Withdraw published bodies on the day after their delegation's last, or left by who delegates; how many."""
    today = legal_date(now)
    over = await repository.without_delegation(session, today, limit)
    for agency in over:
        lasting = agency.delegated_until is not None and agency.delegated_until >= today
        await _withdraw(session, agency, NOT_DELEGATED if lasting else DELEGATION_OVER, CLOCK, now)
    return len(over)


def published(agency: Agency) -> AgencyPublished:
    """The event that carries an agency's published particulars."""
    return AgencyPublished.model_validate(agency, from_attributes=True)
