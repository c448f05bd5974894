"""Enter credit facts one by one or from decisions, withdraw and correct them; grades follow at once (LX-10)."""

from dataclasses import dataclass
from datetime import date, datetime

from wurao.common.contracts.penalty import PenaltyDecided
from wurao.common.contracts.registry import FactWithdrawn
from wurao.common.db import WriteSession
from wurao.common.errors import Conflict, Malformed, NotFound
from wurao.common.ids import new_id
from wurao.registry.domain.facts import CORRECTED, EXPIRED, REPAIRED, RESTORED, WITHDRAWN, counts_until, penalties_in
from wurao.registry.repository import agencies as agency_repository
from wurao.registry.repository import grading as repository
from wurao.registry.repository import lives
from wurao.registry.repository import repair as repair_repository
from wurao.registry.repository.bulk import Values
from wurao.registry.schemas.grading import FactIn
from wurao.registry.tables import FactChange, FactRow
from wurao.registry.usecases import displays
from wurao.registry.usecases.grading import grade, occasion

PENALTIES = "penalties_24m"


def kept(values: Values, origin: str, today: date, now: datetime, version: int = 1) -> Values:
    """The columns of a fact: until when it counts, and where it came from."""
    until = counts_until(values["indicator"], values["value"], values["occurred_on"], values["expires_on"])
    over = until is not None and until < today
    return values | {
        "counts_until": until,
        "lapsed": over,
        "lapsed_at": now if over else None,
        "ended": EXPIRED if over else None,
        "origin": origin,
        "origin_version": version,
        "recorded_at": now,
    }


async def post(
    session: WriteSession, enterprise_id: str, fact: FactIn, agency_id: str | None, today: date, now: datetime
) -> tuple[FactRow, bool]:
    """Enter one fact and grade its enterprise; the fact, and whether the grade is news. Raises Malformed."""
    row = await enter(session, enterprise_id, fact, agency_id, today, now)
    news = await grade(session, [enterprise_id], occasion("fact", today, now))
    return row, news > 0


async def enter(
    session: WriteSession, enterprise_id: str, fact: FactIn, agency_id: str | None, today: date, now: datetime
) -> FactRow:
    """Keep one fact, with its notice if it is adverse; grading is the caller's. Raises Malformed."""
    if fact.occurred_on > today:
        raise Malformed("发生日期不得晚于今天", code="fact.future")
    survivor = await lives.survivor(session, enterprise_id)
    if survivor != enterprise_id:
        way = f"记入 {survivor}"
        raise Conflict("该档案已并入另一经营主体", code="enterprise.merged", alternatives=[way])
    values = fact.model_dump() | {"fact_id": new_id(), "enterprise_id": enterprise_id, "agency_id": agency_id}
    row = FactRow(**kept(values, "posted", today, now))
    session.add(row)
    await session.flush()
    await displays.notice_facts(session, [row.fact_id], today, now)
    await session.refresh(row)
    return row


async def take_penalty(session: WriteSession, event: PenaltyDecided, today: date, now: datetime) -> None:
    """Count a penalty from its decision on; a later version of the case replaces the earlier one.

    A version that imposes nothing (revoked on review or in court, or corrected) withdraws the fact. What is decided
    against an enterprise whose record was merged counts for the survivor.
    """
    event = event.model_copy(update={"enterprise_id": await lives.survivor(session, event.enterprise_id)})
    fact_id, value = f"penalty-{event.case_id}", penalties_in(event.outcome, event.fine_fen, event.kinds)
    known = await repair_repository.locked_fact(session, fact_id)
    if (known is None and value == 0) or (known is not None and known.origin_version >= event.version):
        return
    if known is not None and known.ended in (REPAIRED, RESTORED) and value > 0:
        known.origin_version = event.version
        return
    if known is not None and value == 0:
        known.origin_version = event.version
        if known.ended not in (WITHDRAWN, CORRECTED):
            await end(session, known, Ending("decision_changed", f"案件{event.case_no}不再给予处罚"), "penalty", now)
    else:
        row = await _counted(session, event, known, value, today, now)
        await displays.notice_penalty(session, row, event, today, now)
    await session.flush()
    await grade(session, [event.enterprise_id], occasion("penalty", today, now))


async def _counted(
    session: WriteSession, event: PenaltyDecided, known: FactRow | None, value: int, today: date, now: datetime
) -> FactRow:
    """The fact of a case; one that was withdrawn counts again when the case imposes a penalty after all."""
    agency = (await agency_repository.known(session, [event.agency_id])).get(event.agency_id)
    values = {
        "fact_id": f"penalty-{event.case_id}",
        "enterprise_id": event.enterprise_id,
        "agency_id": event.agency_id,
        "indicator": PENALTIES,
        "value": value,
        "source": agency.name if agency else event.agency_id,
        "occurred_on": event.decided_on,
        "evidence": f"行政处罚决定 {event.case_no}",
        "expires_on": None,
    }
    row = await session.merge(FactRow(**kept(values, "penalty", today, now, event.version)))
    if known is not None:
        change = Ending("decision_changed", f"案件{event.case_no}的决定已变更")
        session.add(change_row(row.fact_id, "changed", change, "penalty", now))
    await session.flush()
    return row


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a fact stands no more; `document` names the act that says so."""

    cause: str
    reason: str
    document: str = ""


async def withdraw(
    session: WriteSession, enterprise_id: str, fact_id: str, why: Ending, by: str, today: date, now: datetime
) -> FactRow:
    """A source takes a fact back: it is kept with the reason and counts no more; regrades. Raises Conflict."""
    row = await _standing(session, enterprise_id, fact_id)
    await end(session, row, why, by, now)
    await grade(session, [enterprise_id], occasion("correction", today, now))
    return row


async def correct(
    session: WriteSession,
    enterprise_id: str,
    fact_id: str,
    fact: FactIn,
    why: Ending,
    by: str,
    today: date,
    now: datetime,
) -> FactRow:
    """A source corrects a fact: the old one is kept, the new one takes its place; regrades. Raises Conflict."""
    row = await _standing(session, enterprise_id, fact_id)
    if row.ended == REPAIRED:
        raise Conflict(
            "该记录已经修复，不得以更正重新计入", code="fact.repaired", alternatives=["记录有误的，予以撤回"]
        )
    fresh = await enter(session, enterprise_id, fact, row.agency_id, today, now)
    await end(session, row, why, by, now, replaced_by=fresh.fact_id)
    await grade(session, [enterprise_id], occasion("correction", today, now))
    return fresh


async def _standing(session: WriteSession, enterprise_id: str, fact_id: str) -> FactRow:
    """The fact, held. Raises NotFound, or Conflict when it was withdrawn or corrected before."""
    row = await repair_repository.locked_fact(session, fact_id)
    if row is None or row.enterprise_id != enterprise_id:
        raise NotFound("没有这条信用记录")
    if row.ended in (WITHDRAWN, CORRECTED):
        raise Conflict("该记录已撤回或者已更正", code="fact.ended")
    return row


async def end(
    session: WriteSession, row: FactRow, why: Ending, by: str, now: datetime, replaced_by: str | None = None
) -> None:
    """Let a fact stand no more, with its display and any application on it; the grade is the caller's."""
    row.lapsed, row.lapsed_at, row.ended = True, now, CORRECTED if replaced_by else WITHDRAWN
    session.add(change_row(row.fact_id, row.ended, why, by, now, replaced_by))
    version = await displays.withdraw(session, row.fact_id, now)
    enterprise = (await repair_repository.areas_of(session, [row.enterprise_id])).get(row.enterprise_id)
    await session.flush()
    session.record(
        FactWithdrawn(
            fact_id=row.fact_id,
            enterprise_id=row.enterprise_id,
            area=enterprise[1] if enterprise else "",
            cause=why.cause,
            reason=why.reason,
            replaced_by=replaced_by,
            withdrawn_at=now,
            version=version,
        )
    )


def change_row(
    fact_id: str, act: str, why: Ending, by: str, now: datetime, replaced_by: str | None = None
) -> FactChange:
    """A line of a fact's history."""
    return FactChange(
        change_id=new_id(),
        fact_id=fact_id,
        act=act,
        cause=why.cause,
        reason=why.reason,
        document=why.document,
        replaced_by=replaced_by,
        by=by,
        at=now,
    )


async def expire(session: WriteSession, today: date, now: datetime, limit: int = 2_000) -> int:
    """Stop counting facts whose last day is over, and grade their enterprises anew; how many facts (LX-10)."""
    over = await repository.lapsing(session, today, limit)
    await repair_repository.end_facts(session, [fact_id for fact_id, _ in over], EXPIRED, now)
    graded = await repository.already_graded(session, [enterprise_id for _, enterprise_id in over])
    await grade(session, graded, occasion("expiry", today, now))
    return len(over)
