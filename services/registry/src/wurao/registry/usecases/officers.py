"""Enter officers; issue, suspend, reinstate and withdraw certificates."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from wurao.common.auth import Principal
from wurao.common.clock import legal_date
from wurao.common.contracts.registry import OfficerCertified, OfficerExited, OfficerReinstated, OfficerSuspended
from wurao.common.contracts.shared import Refusal
from wurao.common.contracts.supervision import OfficerSanctioned
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import Conflict, Malformed
from wurao.common.ids import new_id
from wurao.common.imports import Checked, RowError
from wurao.registry.domain import officers as rules
from wurao.registry.domain.policy import OfficerSection
from wurao.registry.repository import conflicts
from wurao.registry.repository import officers as repository
from wurao.registry.repository.bulk import chunked
from wurao.registry.schemas.officers import Certificate, OfficerImportReport, OfficerRow
from wurao.registry.tables import Agency, Officer, OfficerDecision
from wurao.registry.usecases.bases import BasesOf
from wurao.registry.usecases.officer_law import OfficerLaw, qualifications
from wurao.registry.usecases.rows import numbered, referring, within_area

MAX_NOTES = 1_000
UNFIT = "不再符合持证条件"
# Columns that an older file does not have: what is known otherwise stays.
MAY_BE_SILENT = {"post", "employment", "retires_on"}


async def enter(
    session: WriteSession, checked: Checked[OfficerRow], who: Principal, today: date
) -> OfficerImportReport:
    """Enter officers of the caller's area; those who qualify are certified, the others noted (DT-02, QZ-02)."""
    checked = await referring(session, checked, "agency_id", Agency.agency_id, "没有这个执法主体")
    agencies = await repository.agencies_of(session, [row.agency_id for row in checked.good])
    checked = within_area(checked, who, lambda row: agencies[row.agency_id].area, "agency_id")
    known = await repository.known(session, [row.officer_id for row in checked.good])
    checked = within_area(checked, who, lambda row: _area_of(known.get(row.officer_id)), "officer_id")
    checked = await _numbered_once(session, checked)
    law = OfficerLaw(session, today)
    found = {row.agency_id: await law.rules(agencies[row.agency_id].area) for row in checked.good}
    certified = 0
    for rows in chunked(checked.good):
        certified += await _enter(session, rows, known, agencies, found, today)
    notes = numbered(checked, lambda row: _lacking(row, found[row.agency_id]), MAX_NOTES)
    return OfficerImportReport(**checked.report.model_dump(), certified=certified, notes=notes)


def _area_of(officer: Officer | None) -> str | None:
    return officer.area if officer else None


async def _numbered_once(session: WriteSession, checked: Checked[OfficerRow]) -> Checked[OfficerRow]:
    """The upload without the rows whose certificate another person holds."""
    numbers = [row.certificate_no for row in checked.good if row.certificate_no]
    holders = {no: held.officer_id for no, held in (await repository.by_certificate(session, numbers)).items()}

    def fault(number: int, row: OfficerRow) -> RowError | None:
        if row.certificate_no is None or holders.setdefault(row.certificate_no, row.officer_id) == row.officer_id:
            return None
        return RowError(row=number, field="certificate_no", code="taken", message="执法证件编号属于其他人员")

    return checked.rejecting(fault)


def _lacking(row: OfficerRow, law: OfficerSection) -> list[tuple[str, str]]:
    return [(fault.code, fault.message) for fault in rules.faults(qualifications(row, law))]


async def _enter(
    session: WriteSession,
    rows: Sequence[OfficerRow],
    known: Mapping[str, Officer],
    agencies: Mapping[str, Agency],
    law: Mapping[str, OfficerSection],
    today: date,
) -> int:
    changed: list[tuple[Officer, str | None]] = []
    moved: list[str] = []
    for row in rows:
        officer = known.get(row.officer_id)
        silent = MAY_BE_SILENT - row.model_fields_set
        values = row.model_dump(exclude=silent) | {"area": agencies[row.agency_id].area}
        if officer is not None and all(getattr(officer, name) == value for name, value in values.items()):
            continue
        before = officer.standing if officer else None
        if officer is not None and officer.agency_id != row.agency_id:
            moved.append(row.officer_id)
        officer = _applied(session, officer, values)
        officer.standing = rules.standing_after_import(before, qualifications(officer, law[row.agency_id]))
        if officer.standing != before and officer.standing in (rules.SUSPENDED, rules.EXITED):
            officer.standing_reason = UNFIT
        changed.append((officer, before))
    await session.flush()
    await conflicts.follow(session, moved)
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


async def certify(session: WriteSession, officer_id: str, certificate: Certificate, by: str, now: datetime) -> Officer:
    """Issue a certificate. Raises Refused with every condition that is not met (DT-02, QZ-02)."""
    officer = await repository.get(session, officer_id)
    law = OfficerLaw(session, legal_date(now))
    bases = await law.bases(officer.area)
    held = (await repository.by_certificate(session, [certificate.certificate_no])).get(certificate.certificate_no)
    if held is not None and held.officer_id != officer_id:
        clause = bases.officer_certification.clause
        raise Conflict("执法证件编号属于其他人员", code="officer.certificate_taken", clause=clause)
    record = replace(await law.record(officer), **certificate.model_dump())
    rules.require_certifiable(record, legal_date(now), bases)
    for name, value in certificate.model_dump().items():
        setattr(officer, name, value)
    officer.standing = rules.CERTIFIED
    officer.standing_reason = f"发放执法证件{certificate.certificate_no}，有效期至{certificate.valid_to}"
    session.add(_decision(officer, new_id(), by, now))
    await session.flush()
    session.record(certified(officer))
    return officer


async def suspend(
    session: WriteSession, officer_id: str, reason: str, until: date | None, by: str, now: datetime, *, above: bool
) -> Officer:
    """Suspend a certificate until the end of a day, or until further notice; `above`: not by the own agency."""
    officer = await repository.get(session, officer_id)
    bases = await BasesOf(session, legal_date(now)).area(officer.area)
    rules.require_lifter(bases, suspended_above=officer.suspended_above, above=above)
    if until is not None and until < legal_date(now):
        raise Malformed("暂扣的截止日期不能早于今日", code="officer.suspension_over")
    await _suspend(session, officer, reason, until, new_id(), by, now, above=above)
    return officer


async def suspend_unfit(session: WriteSession, officer: Officer, law: OfficerLaw, by: str, now: datetime) -> None:
    """Suspend a certificate whose holder has just lost a condition of it (DT-02)."""
    if officer.standing == rules.CERTIFIED and (found := rules.faults(await law.record(officer))):
        reason = f"{UNFIT}：{found[0].message}"
        await _suspend(session, officer, reason, None, new_id(), by, now, above=False)


async def _suspend(
    session: WriteSession,
    officer: Officer,
    reason: str,
    until: date | None,
    decision_id: str,
    by: str,
    now: datetime,
    *,
    above: bool,
) -> None:
    bases = await BasesOf(session, legal_date(now)).area(officer.area)
    officer.standing = rules.suspend(officer.standing, bases)
    officer.suspended_until, officer.standing_reason, officer.suspended_above = until, reason, above
    session.add(_decision(officer, decision_id, by, now))
    await session.flush()
    session.record(_suspended(officer, decision_id))


async def reinstate(
    session: WriteSession, officer_id: str, reason: str, by: str, now: datetime, *, above: bool
) -> Officer:
    """Lift a suspension; what changed meanwhile is told to the others afterwards."""
    officer = await repository.get(session, officer_id)
    law = OfficerLaw(session, legal_date(now))
    bases = await law.bases(officer.area)
    rules.require_lifter(bases, suspended_above=officer.suspended_above, above=above)
    await _reinstate(session, officer, reason, by, now, law)
    return officer


async def _reinstate(
    session: WriteSession, officer: Officer, reason: str, by: str, now: datetime, law: OfficerLaw
) -> None:
    officer.standing = rules.reinstate(await law.record(officer), legal_date(now), await law.bases(officer.area))
    officer.suspended_until, officer.standing_reason, officer.suspended_above = None, reason, False
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
    await withdraw(session, officer, reason, today, new_id(), by, now)
    return officer


async def withdraw(
    session: WriteSession, officer: Officer, reason: str, today: date, decision_id: str, by: str, now: datetime
) -> None:
    """Withdraw an officer's certificate for good, and tell everybody (YZ-10)."""
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
        await _suspend(session, officer, event.reason, event.until, event.decision_id, "supervision", now, above=True)
    else:
        await withdraw(session, officer, event.reason, today, event.decision_id, "supervision", now)


async def lift_suspensions(session: WriteSession, today: date, now: datetime, limit: int = 500) -> int:
    """Reinstate officers whose suspension has run out and who still meet the conditions; how many."""
    law = OfficerLaw(session, today)
    due = await repository.suspended_before(session, today, limit)
    over = [officer for officer in due if rules.suspension_is_over(await law.record(officer), today)]
    for officer in over:
        await _reinstate(session, officer, "暂扣期满", "clock", now, law)
    return len(over)


async def suspend_retired(session: WriteSession, today: date, now: datetime, limit: int = 500) -> int:
    """Suspend certificates from the day on which their holders retire; how many. The review withdraws them."""
    due = await repository.retired(session, today, limit)
    for officer in due:
        await _suspend(
            session, officer, f"已于{officer.retires_on}退休或者离职", None, new_id(), "clock", now, above=False
        )
    return len(due)


async def doubts(session: ReadSession, officers: Sequence[Officer], today: date) -> list[list[Refusal]]:
    """Why each officer's certificate ought to be withdrawn, in order (DT-02)."""
    law = OfficerLaw(session, today)
    return [rules.review(await law.record(officer), today, await law.bases(officer.area)) for officer in officers]


def tell_particulars(session: WriteSession, officer: Officer) -> None:
    """Announce changed particulars of a certified officer; of a suspended one once the suspension is over."""
    if officer.standing == rules.CERTIFIED:
        session.record(certified(officer))


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
