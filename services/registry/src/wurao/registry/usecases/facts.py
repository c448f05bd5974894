"""Enter credit facts one by one, or from decisions; grades follow in the same transaction."""

from datetime import date, datetime

from wurao.common.contracts.penalty import PenaltyDecided
from wurao.common.db import WriteSession
from wurao.common.errors import Malformed
from wurao.common.ids import new_id
from wurao.registry.domain.facts import counts_until, penalties_in
from wurao.registry.repository import agencies as agency_repository
from wurao.registry.repository import grading as repository
from wurao.registry.repository.bulk import Values
from wurao.registry.schemas.grading import FactIn
from wurao.registry.tables import FactRow
from wurao.registry.usecases.grading import grade, occasion

PENALTIES = "penalties_24m"


def kept(values: Values, origin: str, today: date, now: datetime, version: int = 1) -> Values:
    """The columns of a fact: until when it counts, and where it came from."""
    until = counts_until(values["indicator"], values["value"], values["occurred_on"], values["expires_on"])
    return values | {
        "counts_until": until,
        "lapsed": until is not None and until < today,
        "origin": origin,
        "origin_version": version,
        "recorded_at": now,
    }


async def post(
    session: WriteSession, enterprise_id: str, fact: FactIn, today: date, now: datetime
) -> tuple[FactRow, bool]:
    """Enter one fact and grade its enterprise; the fact, and whether the grade is news. Raises Malformed."""
    if fact.occurred_on > today:
        raise Malformed("发生日期不得晚于今天", code="fact.future")
    values = fact.model_dump() | {"fact_id": new_id(), "enterprise_id": enterprise_id}
    row = FactRow(**kept(values, "posted", today, now))
    session.add(row)
    await session.flush()
    news = await grade(session, [enterprise_id], occasion("fact", today, now))
    return row, news > 0


async def take_penalty(session: WriteSession, event: PenaltyDecided, today: date, now: datetime) -> None:
    """Count a penalty for 24 months from its decision; a later version of the case replaces the earlier one."""
    fact_id, value = f"penalty-{event.case_id}", penalties_in(event.outcome, event.fine_fen, event.kinds)
    known = (await repository.facts_by_id(session, [fact_id])).get(fact_id)
    if (known is None and value == 0) or (known is not None and known.origin_version >= event.version):
        return
    agency = (await agency_repository.known(session, [event.agency_id])).get(event.agency_id)
    values = {
        "fact_id": fact_id,
        "enterprise_id": event.enterprise_id,
        "indicator": PENALTIES,
        "value": value,
        "source": agency.name if agency else event.agency_id,
        "occurred_on": event.decided_on,
        "evidence": f"行政处罚决定 {event.case_no}",
        "expires_on": counts_until(PENALTIES, 1, event.decided_on, None),
    }
    await session.merge(FactRow(**kept(values, "penalty", today, now, event.version)))
    await session.flush()
    await grade(session, [event.enterprise_id], occasion("penalty", today, now))


async def expire(session: WriteSession, today: date, now: datetime, limit: int = 2_000) -> int:
    """Stop counting facts whose last day is over, and grade their enterprises anew; how many facts (LX-10)."""
    over = await repository.lapsing(session, today, limit)
    await repository.lapse(session, [fact_id for fact_id, _ in over])
    graded = await repository.already_graded(session, [enterprise_id for _, enterprise_id in over])
    await grade(session, graded, occasion("expiry", today, now))
    return len(over)
