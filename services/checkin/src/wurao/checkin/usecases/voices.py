"""What an enterprise says: it declines, it reports an unfiled entry, it evaluates a visit (YZ-09, QZ-12, QZ-13)."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from wurao.checkin.domain import declines as decline_rules
from wurao.checkin.domain import evaluation as rating_rules
from wurao.checkin.domain.policy import law_of
from wurao.checkin.repository import door as doors
from wurao.checkin.repository import entries, replicas
from wurao.checkin.repository import evaluations as repository
from wurao.checkin.repository import filings as reports
from wurao.checkin.signing import Codes
from wurao.checkin.tables import Decline, Evaluation
from wurao.checkin.usecases.codes import genuine_action
from wurao.checkin.usecases.ledger import Act, append
from wurao.common.area import COUNTRY
from wurao.common.clock import legal_date
from wurao.common.contracts.checkin import EntryDeclined, UnfiledEntryReported, VisitEvaluated
from wurao.common.db import WriteSession
from wurao.common.errors import Conflict, NotFound
from wurao.common.ids import new_id
from wurao.common.packs import Bases, Param
from wurao.common.policy import pack_for


async def decline(
    session: WriteSession,
    enterprise_id: str,
    reason: decline_rules.Reason,
    note: str,
    visit_id: str | None,
    now: datetime,
) -> tuple[Decline, Param[Any]]:
    """Record that an enterprise refused an inspection, and on which clause. Raises NotFound."""
    enterprise = await replicas.enterprise(session, enterprise_id)
    visit = await replicas.visit(session, visit_id) if visit_id else None
    if visit_id and (visit is None or visit.enterprise_id != enterprise_id):
        raise NotFound("没有这次检查")
    day = legal_date(now)
    basis = decline_rules.basis(reason, law_of(await pack_for(session, enterprise.area, day), day))
    row = Decline(
        decline_id=new_id(),
        enterprise_id=enterprise_id,
        visit_id=visit_id,
        area=enterprise.area,
        reason=reason,
        note=note,
        clause=basis.clause,
        no_fault=decline_rules.is_no_fault(reason),
        declined_at=now,
    )
    session.add(row)
    await session.flush()
    event = EntryDeclined.model_validate({**_fields(row), "version": 1})
    payload = event.model_dump(mode="json", exclude={"version"}) | {"no_fault": row.no_fault, "note": note}
    agencies = visit.agencies if visit else []
    await append(session, Act("entry_declined", row.decline_id, enterprise_id, row.area, agencies, payload, now))
    session.record(event)
    return row, basis


def _fields(row: Decline) -> dict[str, object]:
    names = ("decline_id", "visit_id", "enterprise_id", "area", "reason", "clause", "declined_at")
    return {name: getattr(row, name) for name in names}


async def report_unfiled(
    session: WriteSession,
    enterprise_id: str,
    *,
    agency_id: str | None,
    officer_ids: Sequence[str],
    description: str,
    happened_at: datetime,
    now: datetime,
) -> UnfiledEntryReported:
    """Record an enterprise's report that somebody entered without approval or filing (QZ-13, CX-07)."""
    enterprise = await replicas.enterprise(session, enterprise_id)
    officers = await doors.officers(session, officer_ids) if officer_ids else ()
    event = UnfiledEntryReported(
        report_id=new_id(),
        enterprise_id=enterprise_id,
        enterprise_name=enterprise.name,
        area=enterprise.area,
        agency_id=agency_id or next((officer.agency_id for officer in officers if officer.agency_id), None),
        officers=tuple(officer.ref() for officer in officers),
        reported_by="enterprise",
        description=description,
        happened_at=happened_at,
        reported_at=now,
        version=1,
    )
    await reports.keep_report(session, event)
    payload = event.model_dump(mode="json", exclude={"version"})
    agencies = [event.agency_id] if event.agency_id else []
    await append(
        session,
        Act("unfiled_entry_reported", event.report_id, enterprise_id, enterprise.area, agencies, payload, now),
    )
    session.record(event)
    return event


async def evaluate(
    session: WriteSession, codes: Codes, token: str, rating: rating_rules.Rating, remark: str, now: datetime
) -> Evaluation:
    """Evaluate a finished visit with its own code, once (QZ-12). Raises InvalidCode or Conflict."""
    claims = await genuine_action(session, codes, token)
    entry = await entries.of_visit(session, claims.visit_id)
    visit = await replicas.visit(session, claims.visit_id)
    day = legal_date(now)
    area = entry.area if entry else visit.area if visit else COUNTRY
    duty = (await pack_for(session, area, day)).section(Bases, on=day).evaluation
    if visit is None or entry is None or entry.finished_at is None:
        raise Conflict("检查结束后方可评价", code="evaluation.not_finished", clause=duty.clause)
    if claims.jti != (entry.code_id or visit.code_id):
        raise Conflict("该码不是本次检查所用的行政行为码", code="evaluation.other_code", clause=duty.clause)
    row = Evaluation(
        evaluation_id=new_id(),
        visit_id=claims.visit_id,
        area=entry.area,
        agencies=entry.agencies,
        remark=remark,
        evaluated_at=now,
        **asdict(rating),
    )
    if not await repository.insert(session, row):
        raise Conflict("该次检查已经评价", code="evaluation.once", clause=duty.clause)
    known = await replicas.agencies(session, entry.agencies)
    for agency_id in sorted(entry.agencies):
        area = known[agency_id].area if agency_id in known else entry.area
        await repository.add_to_tally(session, agency_id, area or entry.area, rating)
    event = VisitEvaluated(
        evaluation_id=row.evaluation_id,
        visit_id=row.visit_id,
        area=row.area,
        agencies=tuple(row.agencies),
        **asdict(rating),
        evaluated_at=now,
        version=1,
    )
    payload = event.model_dump(mode="json", exclude={"version"}) | {"remark": remark}
    await append(
        session,
        Act("visit_evaluated", row.evaluation_id, entry.enterprise_id, row.area, row.agencies, payload, now),
    )
    session.record(event)
    return row
