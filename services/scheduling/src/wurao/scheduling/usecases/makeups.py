"""Approval and code that follow an inspection which could not wait (QZ-10)."""

from datetime import datetime

from wurao.common.auth import Principal
from wurao.common.clock import legal_date
from wurao.common.contracts.checkin import InspectionFinished, InspectionStarted
from wurao.common.contracts.shared import VisitItem
from wurao.common.db import WriteSession
from wurao.common.errors import Kind
from wurao.common.ids import new_id
from wurao.common.legalclock import DueDate
from wurao.common.policy import calendar_for
from wurao.scheduling.domain import filings as rules
from wurao.scheduling.domain import visits as visit_rules
from wurao.scheduling.repository import filings as repository
from wurao.scheduling.repository import replicas
from wurao.scheduling.repository.facts import Policies
from wurao.scheduling.tables import Filing, Visit, VisitAgency, VisitOfficer
from wurao.scheduling.usecases import codes, histories, outstanding, visits
from wurao.scheduling.usecases.evidence import About


async def approve(session: WriteSession, filing: Filing, who: Principal, signer: codes.Signer, now: datetime) -> Visit:
    """Approve what was filed and issue its code, linked to entry and filing; too late is said (QZ-10, LX-01).

    Raises Refused where the pack allows nothing afterwards, Conflict when it was approved or has no entry.
    """
    policy = await Policies(session, legal_date(filing.began_at)).of(filing.area)
    items = tuple(filing.item_ids)
    about = About("filing", who.subject, now, filing.agency_id, filing.area, filing.enterprise_id, items)
    officer_ids = [str(officer["officer_id"]) for officer in filing.officers]
    found = list(rules.approval_objections(filing.filed_by, officer_ids, who.accounts, policy))
    if found:
        forbidden = {refusal.code for refusal in found} == {"filing.self_approval"}
        raise about.refused(found, kind=Kind.FORBIDDEN if forbidden else Kind.CONFLICT)
    rules.require_approvable(filing.visit_id, filing.entry_id)
    ended = filing.ended_at
    due = rules.makeup_due(ended, policy, await calendar_for(session)) if ended else None
    visit = await _made(session, filing, who.person, now)
    filing.visit_id, filing.approved_late = visit.visit_id, due is not None and due.is_over(now)
    await codes.issue(session, signer, visit, now)
    await histories.keep(session, visit, "approve", {}, filing.source_record, who.person, now)
    await _tell(session, filing, visit, due)
    await outstanding.settle(session, outstanding.visit_notice(filing), "已经补办批准和行政行为码")
    return visit


async def _tell(session: WriteSession, filing: Filing, visit: Visit, due: DueDate | None) -> None:
    event = await visits.approved_event(session, visit)
    more = {
        "makeup_for": filing.entry_id,
        "filing_id": filing.filing_id,
        "makeup_due": due.at if due else None,
        "makeup_late": bool(filing.approved_late),
    }
    session.record(event.model_copy(update=more))


async def _made(session: WriteSession, filing: Filing, by: str, now: datetime) -> Visit:
    """The visit that took place, over unless the inspection still goes on."""
    enterprise = (await replicas.enterprises(session, [filing.enterprise_id], legal_date(now)))[filing.enterprise_id]
    items = await replicas.item_rows(session, filing.item_ids)
    listed = [
        VisitItem(item_id=item_id, agency_id=filing.agency_id, name=items[item_id].name) for item_id in filing.item_ids
    ]
    visit = Visit(
        visit_id=new_id(),
        merge_id=filing.filing_id,
        enterprise_id=filing.enterprise_id,
        enterprise_name=enterprise.name,
        premises_id=None,
        area=filing.area,
        lead_agency_id=filing.agency_id,
        items=[item.model_dump(mode="json") for item in listed],
        questions=[],
        kind="triggered",
        ground=filing.ground,
        source_record=filing.source_record,
        day=legal_date(filing.began_at),
        minutes=sum(items[item_id].minutes for item_id in filing.item_ids),
        officer_seed="",
        state=visit_rules.FINISHED if filing.ended_at else visit_rules.STARTED,
        code_id=None,
        code=None,
        proposed_by=filing.filed_by,
        approved_by=by,
        approved_at=now,
        opens_at=filing.began_at,
        closes_at=filing.ended_at,
        makeup_for=filing.entry_id,
        note="事后补办批准",
    )
    session.add(visit)
    session.add(VisitAgency(visit_id=visit.visit_id, agency_id=filing.agency_id))
    session.add_all(
        VisitOfficer(
            visit_id=visit.visit_id, officer_id=one["officer_id"], agency_id=one["agency_id"], name=one["name"]
        )
        for one in filing.officers
    )
    await session.flush()
    return visit


async def entered(session: WriteSession, event: InspectionStarted) -> None:
    """Keep which entry a filing was for."""
    if event.filing_id is not None:
        await repository.entered(session, event.filing_id, event.entry_id)


async def ended(session: WriteSession, event: InspectionFinished) -> None:
    """The inspection is over: the period begins, and what was approved meanwhile is over, too."""
    await repository.ended(session, event.entry_id, event.finished_at)
    if event.visit_id is None and (visit := await repository.begun_makeup(session, event.entry_id)):
        await visits.finish(session, visit)
