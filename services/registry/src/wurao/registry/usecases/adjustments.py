"""Adjust grades by hand and expose enterprises: propose, approve, serve, enforce, lift, end (LX-11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, cast

from wurao.common.area import covers
from wurao.common.auth import Principal
from wurao.common.clock import legal_date
from wurao.common.contracts.registry import GradeAdjusted
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import Conflict, Forbidden
from wurao.common.ids import new_id
from wurao.common.policy import calendar_for, pack_for
from wurao.registry.domain import adjustments as rules
from wurao.registry.domain.objections import OPEN
from wurao.registry.domain.policy import AdjustmentSection, GradeSection
from wurao.registry.repository import adjustments as repository
from wurao.registry.repository import agencies as agency_repository
from wurao.registry.repository import grading as grading_repository
from wurao.registry.repository import lives, objections
from wurao.registry.tables import Adjustment, Agency, Enterprise
from wurao.registry.usecases.classing import regrade

SWEPT = 200
CLOCK = "clock"

Told = Literal["noticed", "in_force", "ended", "lifted"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody proposes."""

    kind: str
    level: str | None
    law: str
    article: str
    facts: tuple[str, ...]
    reason: str
    ends_on: date


async def section_of(session: ReadSession, area: str, on: date) -> AdjustmentSection:
    """What an area's pack says of adjustments on a day."""
    return (await pack_for(session, area, on)).section(AdjustmentSection, on=on)


async def propose(
    session: WriteSession, enterprise: Enterprise, wanted: Wanted, who: Principal, today: date, now: datetime
) -> Adjustment:
    """Propose an adjustment. Raises Refused with all that it lacks, Conflict while another of the kind is open."""
    await lives.require_own_record(session, enterprise.enterprise_id)
    agency = await _agency(session, who)
    pack = await pack_for(session, enterprise.area, today)
    section = pack.section(AdjustmentSection, on=today)
    scheme = pack.section(GradeSection, on=today).scheme.value
    live = await grading_repository.live_facts(session, [enterprise.enterprise_id], today)
    announced = await grading_repository.in_force(session, enterprise.enterprise_id, today)
    proposal = rules.Proposal(
        kind=wanted.kind,
        level=wanted.level,
        law=wanted.law,
        article=wanted.article,
        facts=wanted.facts,
        counting=[fact.fact_id for fact in live.get(enterprise.enterprise_id, ()) if fact.counts(today)],
        ends_on=wanted.ends_on,
        present=announced.grade if announced else None,
    )
    rules.require_proposable(proposal, scheme, section, today)
    taken = slot(enterprise.enterprise_id, wanted.kind)
    if await repository.is_taken(session, taken):
        clause = section.adjustment_gate.clause
        raise Conflict("该企业已有一项同类调整尚未终止", code="adjustment.open", clause=clause)
    row = Adjustment(
        adjustment_id=new_id(),
        enterprise_id=enterprise.enterprise_id,
        area=enterprise.area,
        kind=wanted.kind,
        level=wanted.level,
        law=wanted.law,
        article=wanted.article,
        clause=section.adjustment_gate.clause,
        facts=list(dict.fromkeys(wanted.facts)),
        reason=wanted.reason,
        agency_id=agency.agency_id,
        agency_name=agency.name,
        ends_on=wanted.ends_on,
        slot=taken,
        proposed_by=who.person,
        proposed_at=now,
    )
    session.add(row)
    await session.flush()
    return row


def slot(enterprise_id: str, kind: str) -> str:
    """What an adjustment takes while it is open: an enterprise has one exposure, and one adjustment of its grade."""
    return f"{enterprise_id}:{'exposure' if kind == 'exposure' else 'grade'}"


async def _agency(session: ReadSession, who: Principal) -> Agency:
    found = await agency_repository.known(session, [who.agency_id or ""])
    if who.agency_id not in found:
        raise Forbidden("调整等级或者曝光须由登记在册的机关提出", code="other_agency")
    return found[who.agency_id]


async def approve(session: WriteSession, row: Adjustment, by: str, today: date, now: datetime) -> Adjustment:
    """Approve what somebody else proposed. Raises Refused."""
    section = await section_of(session, row.area, today)
    state = rules.step(row.state, "approve", section)
    rules.require_other(row.proposed_by, by, section)
    row.state, row.approved_by, row.approved_at = state, by, now
    await session.flush()
    return row


async def serve(session: WriteSession, row: Adjustment, served_on: date, how: str, today: date) -> Adjustment:
    """Record that the enterprise was notified; its time to object begins. Raises Refused, Conflict."""
    section = await section_of(session, row.area, today)
    row.state = rules.step(row.state, "serve", section)
    assert row.approved_at is not None
    approved_on, days = legal_date(row.approved_at), await calendar_for(session)
    row.objection_until = rules.objection_until(served_on, approved_on, today, section, days)
    row.served_on, row.served_how = served_on, how
    await session.flush()
    session.record(_event(row))
    return row


async def enforce(session: WriteSession, row: Adjustment, today: date, now: datetime) -> Adjustment:
    """Let an adjustment take effect; the grade follows at once. Raises Refused before its time."""
    section = await section_of(session, row.area, today)
    state = rules.step(row.state, "enforce", section)
    assert row.objection_until is not None
    objected = await objections.stands(session, row.adjustment_id, (OPEN,))
    rules.require_ripe(row.objection_until, objected, today, section)
    row.state, row.in_force_from = state, today
    await _changed(session, row, today, now)
    return row


async def lift(
    session: WriteSession, row: Adjustment, reason: str, by: str, today: date, now: datetime, action: str = "lift"
) -> Adjustment:
    """End an adjustment before its day, or drop one that was never notified; the grade follows. Raises Refused."""
    section = await section_of(session, row.area, today)
    state = rules.step(row.state, action, section)
    row.state, row.slot = state, None
    row.closed_by, row.closed_at, row.closed_reason = by, now, reason
    await _changed(session, row, today, now)
    return row


async def _changed(session: WriteSession, row: Adjustment, today: date, now: datetime) -> None:
    await session.flush()
    tell(session, row)
    if row.kind != "exposure" and row.in_force_from is not None:
        await regrade(session, row.enterprise_id, "adjustment", today, now)


def tell(session: WriteSession, row: Adjustment) -> None:
    """Announce an adjustment as it is now, if its enterprise was notified of it."""
    if row.state in rules.TOLD:
        session.record(_event(row))


async def run(session: WriteSession, today: date, now: datetime) -> int:
    """Adjustments take effect when the time to object is over, and end with their day or their facts; how many.

    Those of enterprises that moved go along, or fall where the agency has no authority in the new place.
    """
    followed = await _follow(session, today, now)
    stale = await repository.stale(session, today, SWEPT)
    for row in stale:
        await lift(session, row, "期限届满，未告知企业", CLOCK, today, now)
    rows = await repository.due(session, today, SWEPT)
    for row in rows:
        if row.ends_on < today:
            await lift(session, row, "期限届满", CLOCK, today, now, action="end")
        else:
            await enforce(session, row, today, now)
    unfounded = await repository.groundless(session)
    for adjustment_id in unfounded:
        row = await repository.locked(session, adjustment_id)
        # Somebody may have ended it while it was waited for.
        if row.state in (rules.NOTICED, rules.IN_FORCE):
            await lift(session, row, "所依据的信用记录均已不再计入", CLOCK, today, now)
    return followed + len(stale) + len(rows) + len(unfounded)


async def _follow(session: WriteSession, today: date, now: datetime) -> int:
    """Let adjustments follow enterprises to another area of their agency, and end the others there; how many."""
    found = await repository.moved(session, SWEPT)
    agencies = await agency_repository.known(session, [row.agency_id for row, _ in found])
    for row, area in found:
        row.area = area
        agency = agencies.get(row.agency_id)
        if agency is None or not covers(agency.area, area):
            await lift(session, row, "企业已迁出，提出机关在迁入地没有管辖权", CLOCK, today, now)
    await session.flush()
    return len(found)


def involved(row: Adjustment) -> Sequence[str]:
    """Who proposed or approved an adjustment."""
    return [person for person in (row.proposed_by, row.approved_by) if person]


def _event(row: Adjustment) -> GradeAdjusted:
    return GradeAdjusted(
        adjustment_id=row.adjustment_id,
        enterprise_id=row.enterprise_id,
        area=row.area,
        kind=cast("Literal['downgrade', 'upgrade', 'exposure']", row.kind),
        level=row.level,
        state=cast("Told", row.state),
        law=row.law,
        article=row.article,
        reason=row.reason,
        agency_id=row.agency_id,
        objection_until=row.objection_until,
        in_force_from=row.in_force_from,
        ends_on=row.ends_on,
        clause=row.clause,
        version=row.version,
    )
