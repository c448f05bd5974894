"""Enter on an exception ground, without an approved visit (YZ-01, QZ-10, CX-06)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wurao.checkin.domain import exceptions as gate
from wurao.checkin.domain import filings
from wurao.checkin.domain.door import EnterpriseCode
from wurao.checkin.domain.policy import Law, law_of
from wurao.checkin.repository import door as doors
from wurao.checkin.repository import entries, replicas
from wurao.checkin.signing import Codes
from wurao.checkin.tables import Enterprise
from wurao.checkin.usecases import content
from wurao.checkin.usecases.codes import read_enterprise
from wurao.checkin.usecases.door import entered_act, started
from wurao.checkin.usecases.ledger import append
from wurao.common.clock import legal_date
from wurao.common.contracts.checkin import EntryRefused
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import Conflict, Malformed, Refused
from wurao.common.forms import one_form
from wurao.common.ids import new_id
from wurao.common.policy import pack_for


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who enters without an approved visit, why, and for which items."""

    enterprise_id: str | None
    enterprise_code: str | None
    officer_ids: tuple[str, ...]
    ground: str
    source_record: str
    item_ids: tuple[str, ...]
    filing_id: str | None
    opened_by: str


async def enter(session: WriteSession, codes: Codes, attempt: Attempt, now: datetime) -> dict[str, Any]:
    """Let officers in on an exception ground; the entry's values. Raises Refused, NotFound or Malformed."""
    code = read_enterprise(codes, attempt.enterprise_code)
    enterprise = await _enterprise(session, attempt, code)
    today = legal_date(now)
    law = law_of(await pack_for(session, enterprise.area, today), today)
    facts = gate.ExceptionFacts(
        today=today,
        enterprise_id=enterprise.enterprise_id,
        ground=attempt.ground,
        source_record=attempt.source_record,
        scanned=code is not None,
        scan_flaw=_scan_flaw(code, enterprise),
        officers=await doors.officers(session, attempt.officer_ids),
        item_ids=attempt.item_ids,
        items=await replicas.items(session, attempt.item_ids),
        filing_id=attempt.filing_id,
        filing=await _filing(session, attempt.filing_id),
    )
    if refusals := gate.judge(facts, law):
        agencies = tuple(dict.fromkeys(o.agency_id for o in facts.officers if o.agency_id))
        event = EntryRefused(
            attempt_id=new_id(),
            enterprise_id=enterprise.enterprise_id,
            area=enterprise.area,
            officers=attempt.officer_ids,
            agencies=agencies,
            refusals=tuple(refusals),
            refused_at=now,
            version=1,
        )
        raise Refused(refusals, events=(event,))
    return await _let_in(session, attempt, enterprise, facts, law, now)


async def _enterprise(session: ReadSession, attempt: Attempt, code: EnterpriseCode | None) -> Enterprise:
    enterprise_id = attempt.enterprise_id or (code.enterprise_id if code else None)
    if enterprise_id is None:
        message = code.flaw if code and code.flaw else "须提供企业标识或营商码"
        raise Malformed(f"不能确定企业：{message}", code="exception.no_enterprise")
    return await replicas.enterprise(session, enterprise_id)


def _scan_flaw(code: EnterpriseCode | None, enterprise: Enterprise) -> str | None:
    if code is None:
        return None
    if code.flaw:
        return code.flaw
    if code.enterprise_id != enterprise.enterprise_id:
        return "所扫为另一企业的码"
    if enterprise.code_revoked_at is not None:
        return "所扫为已停用的码"
    return None if code.serial == enterprise.code_serial else "所扫为已换发的旧码"


async def _filing(session: ReadSession, filing_id: str | None) -> gate.FilingFacts | None:
    filing = await replicas.filing(session, filing_id) if filing_id else None
    if filing is None:
        return None
    user = await entries.resting_on(session, filing.filing_id)
    return gate.FilingFacts(
        filing_id=filing.filing_id,
        enterprise_id=filing.enterprise_id,
        agency_id=filing.agency_id,
        after_the_fact=filing.after_the_fact,
        used_by=user.entry_id if user else filing.entry_id,
    )


async def _let_in(
    session: WriteSession, attempt: Attempt, enterprise: Enterprise, facts: gate.ExceptionFacts, law: Law, now: datetime
) -> dict[str, Any]:
    items = [facts.items[item_id] for item_id in attempt.item_ids]
    asked = [(item.item_id, item.questions) for item in items]
    entry = {
        "entry_id": new_id(),
        "visit_id": None,
        "enterprise_id": enterprise.enterprise_id,
        "enterprise_name": enterprise.name,
        "area": enterprise.area,
        "agencies": list(dict.fromkeys(officer.agency_id for officer in facts.officers)),
        "officers": [officer.ref().model_dump() for officer in facts.officers],
        "items": [{"item_id": i.item_id, "agency_id": i.agency_id, "name": i.name} for i in items],
        "questions": [question.model_dump(mode="json") for question in one_form(asked)],
        "mode": "exception",
        "ground": attempt.ground,
        "source_record": attempt.source_record,
        "filing_id": attempt.filing_id,
        "opened_by": attempt.opened_by,
        "started_at": now,
        "filing_state": filings.opening_state(attempt.filing_id, law),
        "version": 1,
    }
    if not await doors.insert_entry(session, entry, "filing_id"):
        raise Conflict("该报备已用于另一次入企", code="exception.filing_used")
    await append(session, entered_act(content.EXCEPTED, entry))
    session.record(started(entry))
    return entry
