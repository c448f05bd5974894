"""Enter by scan: gather, judge, write. The hot path of the platform."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wurao.checkin.domain import door as gate
from wurao.checkin.domain.policy import Law, law_of
from wurao.checkin.repository import door as repository
from wurao.checkin.repository.door import Gathered
from wurao.checkin.signing import Codes
from wurao.checkin.usecases import content
from wurao.checkin.usecases.codes import read_action, read_enterprise
from wurao.checkin.usecases.ledger import Act, append
from wurao.common.area import COUNTRY
from wurao.common.clock import legal_date
from wurao.common.contracts.checkin import EntryRefused, InspectionStarted
from wurao.common.contracts.shared import Refusal
from wurao.common.db import WriteSession
from wurao.common.errors import Refused
from wurao.common.ids import new_id
from wurao.common.policy import pack_for


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who knocks with what. `opened_by` is the caller; `caller_enterprise_id` set: the enterprise scans."""

    officer_ids: tuple[str, ...]
    enterprise_code: str | None
    action_code: str | None
    opened_by: str
    caller_enterprise_id: str | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """What officers see once they are in."""

    entry_id: str
    visit_id: str
    enterprise_id: str
    started_at: datetime
    questions: Sequence[Any]
    items: Sequence[Any]


async def enter(session: WriteSession, codes: Codes, attempt: Attempt, now: datetime) -> Entered:
    """Let officers in, or refuse with every reason. Raises Refused, whose event is the evidence."""
    knock = gate.Knock(
        now=now,
        officer_ids=attempt.officer_ids,
        enterprise_code=read_enterprise(codes, attempt.enterprise_code),
        action_code=await read_action(session, codes, attempt.action_code),
        caller_enterprise_id=attempt.caller_enterprise_id,
    )
    found = await repository.gather(
        session,
        visit_id=knock.action_code.visit_id if knock.action_code else None,
        code_id=knock.action_code.code_id if knock.action_code else None,
        enterprise_id=knock.at_enterprise,
        officer_ids=attempt.officer_ids,
    )
    today = legal_date(now)
    law = law_of(await pack_for(session, found.area or COUNTRY, today), today)
    if refusals := gate.judge(knock, found.facts, law):
        raise _refused(knock, found, refusals)
    return await _let_in(session, attempt, knock, found, law)


async def _let_in(session: WriteSession, attempt: Attempt, knock: gate.Knock, found: Gathered, law: Law) -> Entered:
    visit = found.facts.visit
    assert visit is not None
    officers = [officer.ref() for officer in found.facts.officers]
    entry: dict[str, Any] = {
        "entry_id": new_id(),
        "visit_id": visit.visit_id,
        "enterprise_id": visit.enterprise_id,
        "enterprise_name": found.enterprise_name,
        "area": found.area,
        "agencies": list(visit.agencies),
        "officers": [officer.model_dump() for officer in officers],
        "items": list(found.items),
        "questions": list(found.questions),
        "mode": "scan",
        "code_id": visit.code_id,
        "opened_by": attempt.opened_by,
        "started_at": knock.now,
        "filing_state": "none",
        "version": 1,
    }
    if not await repository.insert_entry(session, entry, "visit_id"):
        taken = await repository.entry_of(session, visit_id=visit.visit_id)
        raise _refused(knock, found, [gate.entered_already(str(taken), law)])
    await append(session, entered_act(content.SCANNED, entry))
    session.record(started(entry))
    return Entered(entry["entry_id"], visit.visit_id, visit.enterprise_id, knock.now, found.questions, found.items)


def entered_act(kind: str, entry: dict[str, Any]) -> Act:
    """The ledger's row of an entry."""
    return Act(
        kind,
        entry["entry_id"],
        entry["enterprise_id"],
        entry["area"],
        entry["agencies"],
        content.entered(entry),
        entry["started_at"],
    )


def started(entry: dict[str, Any]) -> InspectionStarted:
    """The event of an entry."""
    return InspectionStarted(
        entry_id=entry["entry_id"],
        visit_id=entry.get("visit_id"),
        enterprise_id=entry["enterprise_id"],
        area=entry["area"],
        agencies=tuple(entry["agencies"]),
        officers=tuple(entry["officers"]),
        item_ids=tuple(item["item_id"] for item in entry["items"]),
        mode=entry["mode"],
        ground=entry.get("ground"),
        filing_id=entry.get("filing_id"),
        started_at=entry["started_at"],
        version=entry["version"],
    )


def _refused(knock: gate.Knock, found: Gathered, refusals: Sequence[Refusal]) -> Refused:
    event = EntryRefused(
        attempt_id=new_id(),
        visit_id=knock.action_code.visit_id if knock.action_code else None,
        enterprise_id=knock.at_enterprise or found.enterprise_id,
        area=found.area,
        officers=knock.officer_ids,
        agencies=found.agencies,
        refusals=tuple(refusals),
        refused_at=knock.now,
        version=1,
    )
    return Refused(refusals, events=(event,))
