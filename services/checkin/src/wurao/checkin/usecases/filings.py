"""Filings that follow an entry: in time, late, or never (QZ-10, CX-07)."""

from datetime import datetime

from wurao.checkin.domain import filings as rules
from wurao.checkin.domain.policy import law_of
from wurao.checkin.repository import entries, replicas
from wurao.checkin.repository import filings as repository
from wurao.checkin.tables import Entry
from wurao.checkin.usecases.entries import set_filing_due
from wurao.checkin.usecases.ledger import Act, append
from wurao.common.clock import legal_date
from wurao.common.contracts.checkin import LateFilingRecorded, UnfiledEntryReported
from wurao.common.contracts.scheduling import EmergencyFiled, VisitApproved
from wurao.common.contracts.shared import OfficerRef
from wurao.common.db import WriteSession
from wurao.common.ids import new_id
from wurao.common.policy import pack_for

BATCH = 200


async def on_filed(session: WriteSession, event: EmergencyFiled) -> None:
    """Keep a filing; if one of an entry's own agencies filed it for that entry, settle the entry."""
    await replicas.keep_filing(session, event)
    entry = await entries.find(session, event.entry_id) if event.entry_id else None
    if entry is not None and entry.enterprise_id == event.enterprise_id and event.agency_id in entry.agencies:
        await _settle(session, entry, event.filing_id, event.filed_at, event.late, event.due, event.agency_id)


async def on_made_up(session: WriteSession, event: VisitApproved) -> None:
    """Approval and code that follow an entry settle it as a filing does; the code then serves to evaluate it."""
    entry = await entries.find(session, event.makeup_for) if event.makeup_for else None
    if entry is not None and entry.visit_id is None and entry.enterprise_id == event.enterprise_id:
        entry.makeup_visit_id = event.visit_id
        if event.makeup_late and entry.filing_state in rules.IN_TIME:
            # The filing came in time, approval and code did not.
            entry.filing_state = "late"
            await session.flush()
            due = event.makeup_due or event.approved_at
            await _record_late(session, entry, event.approved_at, due, event.lead_agency_id)
            return
        due_at = event.makeup_due
        late = event.makeup_late
        await _settle(session, entry, event.visit_id, event.approved_at, late, due_at, event.lead_agency_id)


async def _settle(
    session: WriteSession,
    entry: Entry,
    filed_as: str,
    filed_at: datetime,
    declared_late: bool,
    declared_due: datetime | None,
    agency_id: str,
) -> None:
    if entry.filing_state not in rules.OPEN:
        return
    late = rules.is_late(filed_at, entry.filing_due, declared_late)
    entry.filing_state, entry.filed_as = ("late" if late else "made_up"), filed_as
    await session.flush()
    if late:
        await _record_late(session, entry, filed_at, entry.filing_due or declared_due or filed_at, agency_id)


async def _record_late(session: WriteSession, entry: Entry, filed_at: datetime, due: datetime, agency_id: str) -> None:
    """A late filing is a recorded violation, once, with the clause of the pack (QZ-10)."""
    day = legal_date(entry.finished_at or entry.started_at)
    law = law_of(await pack_for(session, entry.area, day), day)
    event = LateFilingRecorded(
        entry_id=entry.entry_id,
        enterprise_id=entry.enterprise_id,
        area=entry.area,
        agency_id=agency_id,
        officers=_officers(entry),
        due=due,
        filed_at=filed_at,
        clause=(law.filing.makeup_working_days or law.filing.after_the_fact).clause,
        version=entry.version,
    )
    payload = event.model_dump(mode="json", exclude={"version"})
    await append(session, _act("late_filing_recorded", entry.entry_id, entry, payload, filed_at))
    session.record(event)


async def report_overdue(session: WriteSession, now: datetime) -> int:
    """Report entries whose filing did not come in time, each once; how many."""
    for entry in await entries.without_due(session, BATCH):
        await set_filing_due(session, entry)
    await session.flush()
    overdue = await entries.overdue(session, now, BATCH)
    for entry in overdue:
        await _report(session, entry, now)
    return len(overdue)


async def _report(session: WriteSession, entry: Entry, now: datetime) -> None:
    entry.filing_state = "overdue"
    event = UnfiledEntryReported(
        report_id=new_id(),
        entry_id=entry.entry_id,
        enterprise_id=entry.enterprise_id,
        enterprise_name=entry.enterprise_name,
        area=entry.area,
        agency_id=entry.agencies[0] if entry.agencies else None,
        officers=_officers(entry),
        reported_by="clock",
        description=f"未在期限内补办报备：{'；'.join(entry.filing_explained)}",
        happened_at=entry.started_at,
        reported_at=now,
        version=1,
    )
    await repository.keep_report(session, event)
    payload = event.model_dump(mode="json", exclude={"version"})
    await append(session, _act("unfiled_entry_reported", event.report_id, entry, payload, now))
    session.record(event)


def _act(kind: str, subject_id: str, entry: Entry, payload: dict[str, object], at: datetime) -> Act:
    return Act(kind, subject_id, entry.enterprise_id, entry.area, entry.agencies, payload, at)


def _officers(entry: Entry) -> tuple[OfficerRef, ...]:
    return tuple(OfficerRef.model_validate(officer) for officer in entry.officers)
