"""Sanction officers, trace lost cases back."""

from datetime import datetime

from wurao.common.auth import Principal
from wurao.common.clock import legal_date
from wurao.common.contracts.penalty import HeavyCaseFiled
from wurao.common.contracts.supervision import OfficerSanctioned
from wurao.common.db import WriteSession
from wurao.common.errors import NotFound
from wurao.common.ids import new_id
from wurao.common.policy import pack_for
from wurao.common.upsert import keep_newer
from wurao.supervision.access import require_area
from wurao.supervision.domain import sanctions as rules
from wurao.supervision.domain.policy import SanctionSection
from wurao.supervision.domain.statistics import Count
from wurao.supervision.repository import matters, replicas
from wurao.supervision.repository.counters import count
from wurao.supervision.schemas.accountability import ConclusionIn, LostCaseIn, SanctionIn
from wurao.supervision.tables import HeavyCase, Lead, Sanction, TraceBack


async def sanction(session: WriteSession, who: Principal, body: SanctionIn, now: datetime) -> Sanction:
    """Suspend or revoke an officer's certificate; registry, draw and door learn it by event (DT-18)."""
    officer = await replicas.officer(session, body.officer_id)
    if officer is None:
        raise NotFound("没有这名执法人员")
    require_area(who, officer.area)
    rules.require_in_post(officer.state)
    if body.lead_id is not None:
        lead = await matters.get(session, Lead, body.lead_id, "没有这条线索")
        require_area(who, lead.area)
    today = legal_date(now)
    section = (await pack_for(session, officer.area, today)).section(SanctionSection, on=today)
    rule = section.officer_suspension_days
    row = Sanction(
        decision_id=new_id(),
        officer_id=officer.officer_id,
        number=await matters.next_sanction_number(session, officer.officer_id),
        agency_id=officer.agency_id,
        area=officer.area,
        sanction=body.sanction,
        until=rules.until(body.sanction, body.until, today, section),
        reason=body.reason,
        lead_id=body.lead_id,
        clause=rule.clause,
        cite=rule.cite,
        decided_by=who.subject,
        decided_at=now,
    )
    session.add(row)
    await session.flush()
    session.record(
        OfficerSanctioned(
            officer_id=row.officer_id,
            agency_id=row.agency_id,
            sanction=body.sanction,
            until=row.until,
            decision_id=row.decision_id,
            reason=row.reason,
            decided_at=now,
            version=row.number,
        )
    )
    count(session, Count(row.area, today, "sanction", row.sanction))
    return row


async def trace_back(session: WriteSession, who: Principal, body: LostCaseIn, now: datetime) -> tuple[TraceBack, bool]:
    """Trace a lost case back to those liable (DT-18); once per case and kind. Returns it, and whether it is new."""
    agency = await replicas.agency(session, body.agency_id)
    if agency is None:
        raise NotFound("没有这个执法主体")
    require_area(who, agency.area)
    known = await matters.trace_back_of(session, body.case_id, body.kind)
    if known is not None:
        require_area(who, known.area)
        return known, False
    row = TraceBack(
        trace_back_id=new_id(),
        case_id=body.case_id,
        kind=body.kind,
        agency_id=body.agency_id,
        area=agency.area,
        officers=body.officer_ids,
        summary=body.summary,
        opened_at=now,
        liable=[],
    )
    session.add(row)
    await session.flush()
    count(session, Count(row.area, legal_date(now), "trace_back", row.kind))
    return row, True


async def conclude(session: WriteSession, row: TraceBack, body: ConclusionIn, now: datetime) -> TraceBack:
    """Say who is liable for a lost case (DT-18)."""
    rules.require_concluded(row.state)
    rules.require_named(body.liable, row.officers)
    row.state, row.conclusion, row.liable, row.concluded_at = "concluded", body.conclusion, body.liable, now
    await session.flush()
    return row


async def keep_heavy_case(session: WriteSession, event: HeavyCaseFiled) -> None:
    """Keep a heavy case that the penalty service filed (QZ-31)."""
    await keep_newer(
        session,
        HeavyCase,
        {
            "case_id": event.case_id,
            "case_no": event.case_no,
            "enterprise_id": event.enterprise_id,
            "agency_id": event.agency_id,
            "area": event.area,
            "grounds": list(event.grounds),
            "fine_fen": event.fine_fen,
            "filed_at": event.filed_at,
            "version": event.version,
        },
    )
