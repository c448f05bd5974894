"""Enter officers; issue, suspend, reinstate and withdraw certificates; verify."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from wurao.common.area import COUNTRY
from wurao.common.clock import legal_date
from wurao.common.contracts.registry import OfficerCertified, OfficerExited, OfficerReinstated, OfficerSuspended
from wurao.common.contracts.shared import Refusal
from wurao.common.contracts.supervision import OfficerSanctioned
from wurao.common.db import ReadSession, WriteSession
from wurao.common.ids import new_id
from wurao.common.imports import Checked
from wurao.registry.domain import officers as rules
from wurao.registry.domain.officers import Record
from wurao.registry.repository import officers as repository
from wurao.registry.repository.bulk import chunked
from wurao.registry.schemas.officers import Certificate, OfficerImportReport, OfficerRow
from wurao.registry.tables import Agency, Officer, OfficerDecision
from wurao.registry.usecases.bases import BasesOf
from wurao.registry.usecases.rows import numbered, referring

MAX_NOTES = 1_000
UNFIT = "不再符合持证条件"


async def enter(session: WriteSession, checked: Checked[OfficerRow], today: date) -> OfficerImportReport:
    """Enter officers; those who qualify are certified, the others recorded with a note (DT-02, QZ-02)."""
    checked = await referring(session, checked, "agency_id", Agency.agency_id, "没有这个执法主体")
    certified = 0
    for rows in chunked(checked.good):
        certified += await _enter(session, rows, today)
    notes = numbered(checked, _lacking, MAX_NOTES)
    return OfficerImportReport(**checked.report.model_dump(), certified=certified, notes=notes)


def _lacking(row: OfficerRow) -> list[tuple[str, str]]:
    return [(fault.code, fault.message) for fault in rules.faults(_qualifications(row))]


def _qualifications(row: OfficerRow | Officer) -> Record:
    return Record(
        kind=row.kind,
        trained=row.trained,
        examined=row.examined,
        in_post=row.in_post,
        certificate_no=row.certificate_no,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def record_of(officer: Officer) -> Record:
    """What the rules ask about an officer."""
    return replace(_qualifications(officer), standing=officer.standing, suspended_until=officer.suspended_until)


async def _enter(session: WriteSession, rows: Sequence[OfficerRow], today: date) -> int:
    known = await repository.known(session, [row.officer_id for row in rows])
    agencies = await repository.agencies_of(session, [row.agency_id for row in rows])
    changed: list[tuple[Officer, str | None]] = []
    for row in rows:
        officer = known.get(row.officer_id)
        values = row.model_dump() | {"area": agencies[row.agency_id].area}
        if officer is not None and all(getattr(officer, name) == value for name, value in values.items()):
            continue
        before = officer.standing if officer else None
        officer = _applied(session, officer, values)
        officer.standing = rules.standing_after_import(before, _qualifications(row))
        if officer.standing != before and officer.standing in (rules.SUSPENDED, rules.EXITED):
            officer.standing_reason = UNFIT
        changed.append((officer, before))
    await session.flush()
    for officer, before in changed:
        _announce(session, officer, before, today)
    return sum(officer.standing == rules.CERTIFIED for officer, _ in changed)


def _applied(session: WriteSession, officer: Officer | None, values: dict[str, object]) -> Officer:
    if officer is None:
        officer = Officer(**values)
        session.add(officer)
        return officer
    for name, value in values.items():
        setattr(officer, name, value)
    officer.changed_unseen = officer.standing == rules.SUSPENDED
    return officer


def _announce(session: WriteSession, officer: Officer, before: str | None, today: date) -> None:
    """Certified officers and losses of a certificate are events; people without one concern nobody else."""
    if officer.standing == rules.CERTIFIED:
        session.record(certified(officer))
    elif officer.standing != before and officer.standing == rules.SUSPENDED:
        session.record(_suspended(officer, None))
    elif officer.standing != before and officer.standing == rules.EXITED:
        session.record(_exited(officer, today))


async def certify(session: WriteSession, officer_id: str, certificate: Certificate, today: date) -> Officer:
    """Issue a certificate. Raises Refused with every condition that is not met (DT-02, QZ-02)."""
    officer = await repository.get(session, officer_id)
    for name, value in certificate.model_dump().items():
        setattr(officer, name, value)
    rules.require_certifiable(record_of(officer), await BasesOf(session, today).area(officer.area))
    officer.standing = rules.CERTIFIED
    await session.flush()
    session.record(certified(officer))
    return officer


async def suspend(
    session: WriteSession, officer_id: str, reason: str, until: date | None, by: str, now: datetime
) -> Officer:
    """Suspend a certificate until the end of a day, or until further notice."""
    officer = await repository.get(session, officer_id)
    await _suspend(session, officer, reason, until, new_id(), by, now)
    return officer


async def _suspend(
    session: WriteSession,
    officer: Officer,
    reason: str,
    until: date | None,
    decision_id: str,
    by: str,
    now: datetime,
) -> None:
    bases = await BasesOf(session, legal_date(now)).area(officer.area)
    officer.standing = rules.suspend(officer.standing, bases)
    officer.suspended_until, officer.standing_reason = until, reason
    session.add(_decision(officer, decision_id, by, now))
    await session.flush()
    session.record(_suspended(officer, decision_id))


async def reinstate(session: WriteSession, officer_id: str, reason: str, by: str, now: datetime) -> Officer:
    """Lift a suspension; what changed meanwhile is told to the others afterwards."""
    officer = await repository.get(session, officer_id)
    bases = BasesOf(session, legal_date(now))
    await _reinstate(session, officer, reason, by, now, bases)
    return officer


async def _reinstate(
    session: WriteSession, officer: Officer, reason: str, by: str, now: datetime, bases: BasesOf
) -> None:
    officer.standing = rules.reinstate(record_of(officer), await bases.area(officer.area))
    officer.suspended_until, officer.standing_reason = None, reason
    session.add(_decision(officer, new_id(), by, now))
    await session.flush()
    session.record(
        OfficerReinstated(
            officer_id=officer.officer_id, agency_id=officer.agency_id, reason=reason, version=officer.version
        )
    )
    if officer.changed_unseen:
        officer.changed_unseen = False
        await session.flush()
        session.record(certified(officer))


async def leave(session: WriteSession, officer_id: str, reason: str, today: date, by: str, now: datetime) -> Officer:
    """Withdraw the certificate for good (YZ-10)."""
    officer = await repository.get(session, officer_id)
    await _leave(session, officer, reason, today, new_id(), by, now)
    return officer


async def _leave(
    session: WriteSession, officer: Officer, reason: str, today: date, decision_id: str, by: str, now: datetime
) -> None:
    officer.standing = rules.leave(officer.standing, await BasesOf(session, today).area(officer.area))
    officer.suspended_until, officer.standing_reason = None, reason
    session.add(_decision(officer, decision_id, by, now))
    await session.flush()
    session.record(_exited(officer, today))


async def carry_out(session: WriteSession, event: OfficerSanctioned, today: date, now: datetime) -> None:
    """Carry out an accountability decision, once; on an officer who has left it changes nothing (DT-18)."""
    if await repository.is_decided(session, event.decision_id):
        return
    officer = await repository.get(session, event.officer_id)
    if officer.standing == rules.EXITED:
        session.add(_decision(officer, event.decision_id, "supervision", now))
    elif event.sanction == "suspend":
        await _suspend(session, officer, event.reason, event.until, event.decision_id, "supervision", now)
    else:
        await _leave(session, officer, event.reason, today, event.decision_id, "supervision", now)


async def lift_suspensions(session: WriteSession, today: date, now: datetime, limit: int = 500) -> int:
    """Reinstate officers whose suspension has run out and who still meet the conditions; how many."""
    due = await repository.suspended_before(session, today, limit)
    over = [officer for officer in due if rules.suspension_is_over(record_of(officer), today)]
    bases = BasesOf(session, today)
    for officer in over:
        await _reinstate(session, officer, "暂扣期满", "clock", now, bases)
    return len(over)


async def verify(
    session: ReadSession, officer_ids: Sequence[str], agency_id: str | None, today: date
) -> list[tuple[str, Refusal | None]]:
    """Each officer with what speaks against enforcing today, in the order asked.

    The law is that of the officer's area; for somebody unknown that of the agency that asks.
    """
    known = await repository.known(session, list(dict.fromkeys(officer_ids)))
    asking = [agency_id] if agency_id else []
    agencies = await repository.agencies_of(session, [officer.agency_id for officer in known.values()] + asking)
    elsewhere = agencies[agency_id].area if agency_id in agencies else COUNTRY
    law, found = BasesOf(session, today), []
    for officer_id in officer_ids:
        officer = known.get(officer_id)
        state = agencies[officer.agency_id].state if officer else ""
        bases = await law.area(officer.area if officer else elsewhere)
        objection = rules.objection(record_of(officer) if officer else None, state, today, bases)
        if objection is None and agency_id is not None and officer is not None and officer.agency_id != agency_id:
            objection = rules.other_agency(bases)
        found.append((officer_id, objection))
    return found


async def doubts(session: ReadSession, officers: Sequence[Officer], today: date) -> list[list[Refusal]]:
    """Why each officer's certificate ought to be withdrawn, in order (DT-02)."""
    law = BasesOf(session, today)
    return [rules.review(record_of(officer), today, await law.area(officer.area)) for officer in officers]


def certified(officer: Officer) -> OfficerCertified:
    """The event that carries a certified officer's particulars."""
    return OfficerCertified.model_validate(officer, from_attributes=True)


def _suspended(officer: Officer, decision_id: str | None) -> OfficerSuspended:
    return OfficerSuspended(
        officer_id=officer.officer_id,
        agency_id=officer.agency_id,
        reason=officer.standing_reason,
        until=officer.suspended_until,
        decision_id=decision_id,
        version=officer.version,
    )


def _exited(officer: Officer, today: date) -> OfficerExited:
    return OfficerExited(
        officer_id=officer.officer_id,
        agency_id=officer.agency_id,
        reason=officer.standing_reason,
        exited_on=today,
        version=officer.version,
    )


def _decision(officer: Officer, decision_id: str, by: str, now: datetime) -> OfficerDecision:
    return OfficerDecision(
        decision_id=decision_id,
        officer_id=officer.officer_id,
        standing=officer.standing,
        reason=officer.standing_reason,
        until=officer.suspended_until,
        decided_by=by,
        decided_at=now,
    )
