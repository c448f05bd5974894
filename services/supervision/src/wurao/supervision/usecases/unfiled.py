"""Take up entries without approval: a matter with a deadline, an alert, and a lead where the pack says so."""

from datetime import datetime

from wurao.common.clock import legal_date
from wurao.common.contracts.checkin import UnfiledEntryReported
from wurao.common.contracts.shared import OfficerRef
from wurao.common.db import WriteSession
from wurao.common.policy import pack_for
from wurao.supervision.domain.complaints import labels_of, unfiled_category
from wurao.supervision.domain.policy import ComplaintSection, LeadSection
from wurao.supervision.repository import matters
from wurao.supervision.tables import Complaint
from wurao.supervision.usecases import complaints, leads


async def take_up(session: WriteSession, event: UnfiledEntryReported, now: datetime) -> Complaint | None:
    """The matter that a report becomes, at once and without human help (QZ-13, CX-07); None when taken up before."""
    channel, key = "enterprise" if event.reported_by == "enterprise" else "platform", f"unfiled:{event.report_id}"
    if await matters.complaint_by_external(session, channel, key) is not None:
        return None
    pack, today = await pack_for(session, event.area, legal_date(now)), legal_date(now)
    section, lead = pack.section(ComplaintSection, on=today), pack.section(LeadSection, on=today)
    matter = Complaint(
        channel=channel,
        external_id=event.report_id,
        external_key=key,
        category=unfiled_category(section),
        enterprise_id=event.enterprise_id,
        enterprise_name=event.enterprise_name,
        agency_id=event.agency_id or _one_agency(event.officers),
        officers=[officer.officer_id for officer in event.officers],
        area=event.area,
        description=event.description,
        filed_by="checkin",
    )
    row = await complaints.save_new(session, section, matter, now)
    if row is None:
        return None
    clause = lead.unfiled_entry.clause if lead.unfiled_entry.value else section.categories.clause
    await complaints.raise_report(session, row, section, "unfiled_entry", clause, _evidence(event), now)
    if lead.unfiled_entry.value:
        await _refer(session, row, section, event, clause, now)
    return row


async def _refer(
    session: WriteSession,
    row: Complaint,
    section: ComplaintSection,
    event: UnfiledEntryReported,
    clause: str,
    now: datetime,
) -> None:
    [label] = labels_of([row.category], section)
    matter = leads.Matter(
        cause="unfiled_entry",
        cause_id=row.complaint_id,
        category=row.category,
        clause=clause,
        area=row.area,
        summary=f"{label}：{event.description}"[:500],
        evidence=(*_evidence(event), f"complaint:{row.complaint_id}"),
        agency_id=row.agency_id,
        officers=event.officers,
        enterprise_id=row.enterprise_id,
    )
    await leads.refer(session, matter, now)


def _evidence(event: UnfiledEntryReported) -> tuple[str, ...]:
    entry = (f"entry:{event.entry_id}",) if event.entry_id else ()
    return (f"report:{event.report_id}", *entry)


def _one_agency(officers: tuple[OfficerRef, ...]) -> str | None:
    found = {officer.agency_id for officer in officers}
    return found.pop() if len(found) == 1 else None
