"""File complaints from every channel, and close them with what follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError

from wurao.common import area as areas
from wurao.common.auth import Principal, Role
from wurao.common.clock import legal_date
from wurao.common.contracts.supervision import ComplaintClosed, ComplaintFiled
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import Conflict, Forbidden, NotFound
from wurao.common.ids import new_id
from wurao.common.policy import calendar_for, pack_for
from wurao.supervision.access import require_area
from wurao.supervision.domain import alerts as alert_rules
from wurao.supervision.domain import complaints as rules
from wurao.supervision.domain.deadlines import deadline, is_overdue
from wurao.supervision.domain.policy import ComplaintSection, LeadSection
from wurao.supervision.domain.statistics import Count, timeliness
from wurao.supervision.repository import matters, replicas
from wurao.supervision.repository.counters import count
from wurao.supervision.schemas.complaints import ClosingIn, ComplaintIn
from wurao.supervision.tables import Complaint, Correction, Lead
from wurao.supervision.usecases import alerts, corrections, leads

ALERTS = ("complaint_overdue", "urgent_report", "unfiled_entry")


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed complaint, and what followed."""

    complaint: Complaint
    correction: Correction | None
    leads: Sequence[Lead]


async def section_for(session: ReadSession, area: str, on: date) -> ComplaintSection:
    """What can be complained about in an area on a day."""
    return (await pack_for(session, area, on)).section(ComplaintSection, on=on)


async def file(session: WriteSession, who: Principal, body: ComplaintIn, now: datetime) -> tuple[Complaint, bool]:
    """File a complaint; a repeated outside id answers the same one (QZ-29). Returns it, and whether it is new."""
    own = await _require_standing(who, body)
    enterprise = await replicas.enterprise(session, body.enterprise_id)
    area = enterprise.area if enterprise else _canonical(who.area) if own else None
    if area is None:
        raise NotFound("没有这个企业")
    if not own:
        require_area(who, area)
    section = await section_for(session, area, legal_date(now))
    rules.require_category(body.category, section)
    key = rules.external_key(body.external_id, body.enterprise_id if own else None)
    known = await _repeated(session, who, body, key, own=own)
    if known is not None:
        return known, False
    agency_id, officers = await _whom(session, body)
    row = await save_new(
        session,
        section,
        Complaint(
            channel=body.channel,
            external_id=body.external_id,
            external_key=key,
            category=body.category,
            enterprise_id=body.enterprise_id,
            enterprise_name=enterprise.name if enterprise else "",
            agency_id=agency_id,
            visit_id=body.visit_id,
            officers=officers,
            area=area,
            description=body.description,
            filed_by=who.subject,
        ),
        now,
    )
    if row is None:
        return await _lost_race(session, who, body, key, own=own), False
    if rules.is_urgent(row.category):
        await raise_report(session, row, section, "urgent_report", section.categories.clause, (), now)
    return row, True


async def close(session: WriteSession, complaint: Complaint, body: ClosingIn, who: str, now: datetime) -> Closed:
    """Close with outcome and reply (YZ-19); proven: an order to correct; suspected: a lead (LX-16)."""
    section = await section_for(session, complaint.area, legal_date(now))
    rules.require_open(complaint.state, section)
    officers = body.officer_ids or complaint.officers
    agency_id = body.agency_id or complaint.agency_id or await _agency_of(session, officers)
    await _require_agency(session, body.agency_id)
    rules.require_closable(rules.Closing(body.outcome, body.reply, body.suspected_breach, agency_id), section)
    assert body.outcome is not None
    late = is_overdue(complaint.due, legal_date(now))
    complaint.state, complaint.outcome, complaint.reply = "closed", body.outcome, body.reply
    complaint.agency_id, complaint.officers = agency_id, list(officers)
    complaint.suspected_breach, complaint.closed_at, complaint.closed_by = body.suspected_breach, now, who
    await session.flush()
    _announce_closing(session, complaint, late=late, now=now)
    await alerts.clear_causes(session, complaint.complaint_id, ALERTS, "投诉已经办结并答复", now)
    correction = await _correct(session, complaint, section, now) if body.outcome == "proven" else None
    referred = await _refer(session, complaint, section, now) if body.suspected_breach else []
    return Closed(complaint, correction, referred)


async def raise_report(
    session: WriteSession,
    row: Complaint,
    section: ComplaintSection,
    kind: str,
    clause: str,
    evidence: tuple[str, ...],
    now: datetime,
) -> None:
    """Let the supervision body hear of a report at once, with its deadline (QZ-13)."""
    [label] = rules.labels_of([row.category], section)
    draft = alert_rules.report(
        row.complaint_id,
        kind=kind,
        clause=clause,
        area=row.area,
        label=label,
        due=row.due,
        evidence=(*evidence, *((f"visit:{row.visit_id}",) if row.visit_id else ())),
        agency_id=row.agency_id,
        officers=row.officers,
        enterprise_id=row.enterprise_id,
    )
    await alerts.raise_alerts(session, [draft], now)


async def save_new(session: WriteSession, section: ComplaintSection, row: Complaint, now: datetime) -> Complaint | None:
    """Save with id and deadline, and announce; None when another request has just taken the outside id."""
    rule, today = section.close_working_days, legal_date(now)
    due = deadline(today, rule.value, "working", rule.cite, await calendar_for(session))
    row.complaint_id, row.filed_at = new_id(), now
    row.due, row.explanation, row.clause, row.cite = due.due, list(due.explanation), rule.clause, rule.cite
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return None
    session.record(ComplaintFiled.model_validate(row, from_attributes=True))
    count(session, Count(row.area, today, "complaint.filed", row.category))
    count(session, Count(row.area, today, "complaint.channel", row.channel))
    return row


async def _require_standing(who: Principal, body: ComplaintIn) -> bool:
    """Whether an enterprise speaks for itself. Raises Forbidden where it does not or uses others' channels."""
    if who.roles & {Role.PLATFORM, Role.SUPERVISOR, Role.CONFERENCE}:
        return False
    who.require_enterprise(body.enterprise_id)
    if body.channel not in rules.OWN_CHANNELS:
        raise Forbidden("企业通过企业端或者门户网站投诉", code="complaint.other_channel", clause="YZ-19")
    return True


def _canonical(area: str | None) -> str | None:
    return areas.canonical(area) if area else None


async def _repeated(
    session: WriteSession, who: Principal, body: ComplaintIn, key: str | None, *, own: bool
) -> Complaint | None:
    known = await matters.complaint_by_external(session, body.channel, key) if key else None
    if known is not None:
        rules.require_same(known.enterprise_id, body.enterprise_id)
        if not own:
            require_area(who, known.area)
    return known


async def _lost_race(
    session: WriteSession, who: Principal, body: ComplaintIn, key: str | None, *, own: bool
) -> Complaint:
    known = await _repeated(session, who, body, key, own=own)
    if known is None:
        raise Conflict("已存在相同记录，或与现有记录冲突", code="already_exists")
    return known


async def _whom(session: WriteSession, body: ComplaintIn) -> tuple[str | None, list[str]]:
    """Agency and officers complained about: as named, else those of the visit, else the officers' agency (YZ-18)."""
    visit = await replicas.visit(session, body.visit_id) if body.visit_id else None
    if visit is not None and visit.enterprise_id != body.enterprise_id:
        raise Conflict("该次检查不是对这家企业的检查", code="complaint.other_visit", clause="YZ-18")
    await _require_agency(session, body.agency_id)
    officers = body.officer_ids or (list(visit.officers) if visit else [])
    agency_id = body.agency_id or (visit.lead_agency_id if visit else await _agency_of(session, officers))
    return agency_id, officers


async def _require_agency(session: WriteSession, agency_id: str | None) -> None:
    if agency_id is not None and await replicas.agency(session, agency_id) is None:
        raise NotFound("没有这个执法主体")


async def _agency_of(session: WriteSession, officer_ids: Sequence[str]) -> str | None:
    """The agency that all known ones of the officers belong to, if it is one."""
    known = await replicas.officers(session, officer_ids)
    found = {officer.agency_id for officer in known.values()}
    return found.pop() if len(found) == 1 else None


def _announce_closing(session: WriteSession, complaint: Complaint, *, late: bool, now: datetime) -> None:
    today = legal_date(now)
    session.record(ComplaintClosed.model_validate(complaint, from_attributes=True))
    count(session, Count(complaint.area, today, "complaint.closed", timeliness(late)))
    count(session, Count(complaint.area, today, "complaint.outcome", str(complaint.outcome)))


async def _correct(session: WriteSession, complaint: Complaint, section: ComplaintSection, now: datetime) -> Correction:
    assert complaint.agency_id is not None
    return await corrections.order(
        session,
        agency_id=complaint.agency_id,
        area=complaint.area,
        cause="complaint",
        cause_id=complaint.complaint_id,
        demand=rules.demand(complaint.category, section),
        now=now,
    )


async def _refer(session: WriteSession, complaint: Complaint, section: ComplaintSection, now: datetime) -> list[Lead]:
    lead = (await pack_for(session, complaint.area, legal_date(now))).section(LeadSection, on=legal_date(now))
    [label] = rules.labels_of([complaint.category], section)
    matter = leads.Matter(
        cause="complaint",
        cause_id=complaint.complaint_id,
        category=complaint.category,
        clause=lead.recipients.clause,
        area=complaint.area,
        summary=f"投诉反映“{label}”，经办理涉嫌违纪违法，移送处理",
        evidence=(f"complaint:{complaint.complaint_id}",),
        agency_id=complaint.agency_id,
        officers=await leads.refs(session, complaint.officers, complaint.agency_id),
        enterprise_id=complaint.enterprise_id,
    )
    return await leads.refer(session, matter, now)
