"""Replicas of visits, cases and complaints: kept from events, read for an enterprise and those merged into it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from wurao.common.contracts.checkin import InspectionFinished, InspectionStarted
from wurao.common.contracts.penalty import (
    CaseOpened,
    CoercionImposed,
    CoercionLifted,
    FinePaid,
    NoticeServed,
    PenaltyDecided,
)
from wurao.common.contracts.scheduling import VisitApproved, VisitCancelled, VisitRescheduled
from wurao.common.contracts.supervision import ComplaintClosed, ComplaintFiled
from wurao.common.db import ReadSession, WriteSession
from wurao.common.upsert import keep_newer
from wurao.registry.tables import SeenCase, SeenComplaint, SeenEntry, SeenMeasure, SeenVisit


async def keep_visit(session: WriteSession, event: VisitApproved) -> None:
    """A visit as approved."""
    values = {
        "visit_id": event.visit_id,
        "enterprise_id": event.enterprise_id,
        "agencies": list(event.agencies),
        "officers": [officer.model_dump() for officer in event.officers],
        "items": [item.name for item in event.items],
        "kind": event.kind,
        "opens": event.window.opens,
        "closes": event.window.closes,
        "papers": sum("document" in question.evidence for question in event.questions),
        "cancelled": None,
        "version": event.version,
    }
    await keep_newer(session, SeenVisit, values)


async def move_visit(session: WriteSession, event: VisitRescheduled) -> None:
    """A visit on another day or with other officers."""
    await session.execute(
        update(SeenVisit)
        .where(SeenVisit.visit_id == event.visit_id, SeenVisit.version < event.version)
        .values(
            opens=event.window.opens,
            closes=event.window.closes,
            officers=[officer.model_dump() for officer in event.officers],
            version=event.version,
        )
    )


async def cancel_visit(session: WriteSession, event: VisitCancelled) -> None:
    """A visit that will not take place."""
    await session.execute(
        update(SeenVisit)
        .where(SeenVisit.visit_id == event.visit_id, SeenVisit.version < event.version)
        .values(cancelled=event.reason, version=event.version)
    )


async def begin_entry(session: WriteSession, event: InspectionStarted) -> None:
    """An inspection that began."""
    values = {
        "entry_id": event.entry_id,
        "visit_id": event.visit_id,
        "enterprise_id": event.enterprise_id,
        "agencies": list(event.agencies),
        "item_ids": list(event.item_ids),
        "started_at": event.started_at,
        "finished_at": None,
        "minutes": 0,
        "findings": [],
        "version": event.version,
    }
    await keep_newer(session, SeenEntry, values)


async def finish_entry(session: WriteSession, event: InspectionFinished) -> None:
    """An inspection that is over, with what it found."""
    values = {
        "entry_id": event.entry_id,
        "visit_id": event.visit_id,
        "enterprise_id": event.enterprise_id,
        "agencies": list(event.agencies),
        "item_ids": [result.item_id for result in event.results],
        "started_at": event.started_at,
        "finished_at": event.finished_at,
        "minutes": event.minutes,
        "findings": [finding.model_dump(mode="json") for finding in event.findings],
        "version": event.version,
    }
    await keep_newer(session, SeenEntry, values)


CaseStep = CaseOpened | NoticeServed | PenaltyDecided | FinePaid


async def keep_case(session: WriteSession, event: CaseStep) -> None:
    """A step of a case; each event says its own part, and a later step is never undone by an earlier one."""
    values: dict[str, object] = {
        "case_id": event.case_id,
        "enterprise_id": event.enterprise_id,
        "agency_id": event.agency_id,
        "version": event.version,
    }
    if isinstance(event, CaseOpened):
        values |= {"state": "open", "case_no": event.case_no, "violation": event.violation}
        values |= {"opened_on": event.opened_on}
    elif isinstance(event, NoticeServed):
        values |= {"state": "noticed", "statement_due": event.statement_due, "hearing_due": event.hearing_due}
    elif isinstance(event, PenaltyDecided):
        values |= {"state": "decided", "case_no": event.case_no, "violation": event.violation}
        values |= {"decided_on": event.decided_on, "outcome": event.outcome}
        values |= {"fine_fen": event.fine_fen, "pay_by": event.pay_by}
    else:
        values |= {"state": "settled" if event.settled else "decided", "paid_fen": event.paid_fen}
    # A case that is first heard of in its midst has no number yet; the columns that may be missing are set once.
    unknown = {"case_no": "", "violation": ""} if "case_no" not in values else {}
    await keep_newer(session, SeenCase, unknown | values, only_new=frozenset(unknown))


async def keep_measure(session: WriteSession, event: CoercionImposed | CoercionLifted) -> None:
    """A coercive measure, imposed or lifted."""
    values: dict[str, object] = {
        "measure_id": event.measure_id,
        "enterprise_id": event.enterprise_id,
        "agency_id": event.agency_id,
        "version": event.version,
    }
    if isinstance(event, CoercionImposed):
        values |= {"kind": event.kind, "imposed_at": event.imposed_at, "due": event.due}
        await keep_newer(session, SeenMeasure, values)
    else:
        values |= {"kind": "", "lifted_at": event.lifted_at}
        await keep_newer(session, SeenMeasure, values, only_new=frozenset({"kind"}))


async def keep_complaint(session: WriteSession, event: ComplaintFiled | ComplaintClosed) -> None:
    """A complaint, filed or closed."""
    values: dict[str, object] = {
        "complaint_id": event.complaint_id,
        "enterprise_id": event.enterprise_id,
        "category": event.category,
        "version": event.version,
    }
    if isinstance(event, ComplaintFiled):
        values |= {"filed_at": event.filed_at, "due": event.due}
    else:
        values |= {"outcome": event.outcome, "closed_at": event.closed_at}
    await keep_newer(session, SeenComplaint, values)


@dataclass(frozen=True, slots=True)
class Held:
    """What the replicas hold about an enterprise, the newest first."""

    visits: Sequence[SeenVisit]
    entries: Sequence[SeenEntry]
    cases: Sequence[SeenCase]
    measures: Sequence[SeenMeasure]
    complaints: Sequence[SeenComplaint]


async def held(session: ReadSession, enterprise_ids: Sequence[str], limit: int) -> Held:
    """What is held about enterprises, at most `limit` rows of each kind."""
    visits = select(SeenVisit).where(SeenVisit.enterprise_id.in_(enterprise_ids)).order_by(SeenVisit.opens.desc())
    entries = select(SeenEntry).where(SeenEntry.enterprise_id.in_(enterprise_ids))
    cases = select(SeenCase).where(SeenCase.enterprise_id.in_(enterprise_ids))
    measures = select(SeenMeasure).where(SeenMeasure.enterprise_id.in_(enterprise_ids))
    complaints = select(SeenComplaint).where(SeenComplaint.enterprise_id.in_(enterprise_ids))
    return Held(
        visits=(await session.scalars(visits.limit(limit))).all(),
        entries=(await session.scalars(entries.order_by(SeenEntry.started_at.desc()).limit(limit))).all(),
        cases=(await session.scalars(cases.order_by(SeenCase.case_id.desc()).limit(limit))).all(),
        measures=(await session.scalars(measures.order_by(SeenMeasure.measure_id.desc()).limit(limit))).all(),
        complaints=(await session.scalars(complaints.order_by(SeenComplaint.complaint_id.desc()).limit(limit))).all(),
    )


async def entries_since(
    session: ReadSession, enterprise_ids: Sequence[str], since: datetime
) -> Sequence[tuple[SeenEntry, int]]:
    """Every inspection that began since an instant, with the papers that its visit's form wants."""
    query = (
        select(SeenEntry, func.coalesce(SeenVisit.papers, 0))
        .outerjoin(SeenVisit, SeenVisit.visit_id == SeenEntry.visit_id)
        .where(SeenEntry.enterprise_id.in_(enterprise_ids), SeenEntry.started_at >= since)
        .order_by(SeenEntry.started_at.desc())
    )
    return [(entry, papers) for entry, papers in (await session.execute(query)).all()]
