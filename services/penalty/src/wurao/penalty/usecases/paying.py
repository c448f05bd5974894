"""Payments, balance, deferral and disputes (LX-06, PL-72, YZ-16)."""

from dataclasses import dataclass
from datetime import date

from wurao.common.auth import Principal
from wurao.common.clock import Clock
from wurao.common.contracts.penalty import FinePaid
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import Conflict, Malformed
from wurao.common.ids import new_id
from wurao.common.policy import pack_for
from wurao.penalty.access import actor, require_agency_or_area, require_area
from wurao.penalty.domain import money
from wurao.penalty.domain import procedure as steps
from wurao.penalty.domain.policy import SurchargeSection
from wurao.penalty.repository import cases as repository
from wurao.penalty.repository import money as rows
from wurao.penalty.schemas.money import DeferralIn, DisputeIn, PaymentIn
from wurao.penalty.tables import Case, Deferral, Dispute, Payment
from wurao.penalty.usecases import facts

_REASONS = {"review": "行政复议", "suit": "行政诉讼"}


@dataclass(frozen=True)
class Balance:
    """What is owed at the end of a day, in fen."""

    on: date
    fine_fen: int
    paid_fen: int
    outstanding_fen: int
    surcharge_fen: int
    surcharge_paid_fen: int
    surcharge_days: int
    capped: bool
    owed_fen: int
    pay_by: date | None
    parts: tuple[money.Part, ...]
    settled: bool
    steps: tuple[str, ...]


async def balance(session: ReadSession, case: Case, on: date) -> Balance:
    """What is owed on a decided case at the end of a day. Raises Conflict before the decision (QZ-23)."""
    if case.decided_on is None:
        order = (await facts.bases(session, case.area, case.opened_on)).procedure_order
        raise Conflict("案件尚未作出决定", code="case.not_decided", clause=order.clause)
    debt, booked = await _debt(session, case)
    rates = (await pack_for(session, case.area, case.decided_on)).section(SurchargeSection, on=case.decided_on)
    late = money.surcharge(debt, on, rates)
    outstanding = debt.outstanding(on)
    surcharge_paid = sum(payment.surcharge_fen for payment in booked if payment.paid_on <= on)
    owed = outstanding + max(0, late.fen - surcharge_paid)
    return Balance(
        on=on,
        fine_fen=case.fine_fen,
        paid_fen=case.fine_fen - outstanding,
        outstanding_fen=outstanding,
        surcharge_fen=late.fen,
        surcharge_paid_fen=surcharge_paid,
        surcharge_days=late.days,
        capped=late.capped,
        owed_fen=owed,
        pay_by=case.pay_by,
        parts=debt.schedules[-1].parts if debt.schedules else (),
        settled=owed == 0,
        steps=late.steps,
    )


async def _debt(session: ReadSession, case: Case) -> tuple[money.Debt, list[Payment]]:
    """A case's debt; before delivery nothing is due."""
    booked = list(await rows.payments(session, case.case_id))
    schedules = []
    if case.first_pay_by and case.decided_on and case.fine_fen:
        schedules = list(money.plain_debt(case.fine_fen, case.decided_on, case.first_pay_by).schedules)
        schedules += [_schedule(plan) for plan in await rows.deferrals(session, case.case_id)]
    pauses = [
        money.Span(dispute.first, dispute.last, _REASONS[dispute.kind])
        for dispute in await rows.disputes(session, case.case_id)
    ]
    paid = tuple(money.Paid(payment.paid_on, payment.principal_fen) for payment in booked)
    return money.Debt(case.fine_fen, tuple(schedules), paid, tuple(pauses)), booked


def _schedule(row: Deferral) -> money.Schedule:
    parts = tuple(money.Part(date.fromisoformat(part["due"]), part["fen"]) for part in row.parts)
    return money.Schedule(row.granted_on, parts, row.paid_before)


async def pay(
    session: WriteSession, case_id: str, body: PaymentIn, who: Principal, clock: Clock
) -> tuple[Payment, Balance]:
    """Book money that reached the treasury. Raises Refused: another channel, more than owed."""
    case = await repository.get(session, case_id)
    require_area(who, case.area)
    bases = await facts.bases(session, case.area, clock.today())
    money.require_treasury(body.channel, bases)
    steps.require_state(case.state, (steps.DECIDED,), "缴款", bases)
    assert case.decided_on is not None
    if not case.decided_on <= body.paid_on <= clock.today():
        raise Malformed("缴款日期应在决定之日至今日之间", code="payment.dates")
    before = await balance(session, case, body.paid_on)
    latest = await balance(session, case, clock.today())
    # A payment may be reported after a later one: nothing that is paid already is owed again.
    outstanding = min(before.outstanding_fen, latest.outstanding_fen)
    late = max(0, before.surcharge_fen - latest.surcharge_paid_fen)
    split = money.split_payment(body.fen, outstanding, late, bases)
    payment = Payment(
        payment_id=new_id(),
        case_id=case_id,
        **facts.scope_of(case),
        paid_on=body.paid_on,
        channel=body.channel,
        principal_fen=split.principal_fen,
        surcharge_fen=split.surcharge_fen,
        recorded_at=clock.now(),
    )
    session.add(payment)
    await session.flush()
    if split.settled:
        case.settled, case.state = True, steps.CLOSED
    facts.touch(case)
    await session.flush()
    session.record(_paid(case, payment.principal_fen, payment.surcharge_fen, payment.paid_on))
    return payment, await balance(session, case, body.paid_on)


def _paid(case: Case, principal_fen: int, surcharge_fen: int, on: date) -> FinePaid:
    return FinePaid(
        case_id=case.case_id,
        **facts.scope_of(case),
        paid_fen=principal_fen,
        surcharge_fen=surcharge_fen,
        settled=case.settled,
        paid_on=on,
        version=case.version,
    )


async def defer(session: WriteSession, case_id: str, body: DeferralIn, who: Principal, clock: Clock) -> Deferral:
    """Approve a deferral or instalments on the party's application (YZ-16). Raises Refused."""
    case = await repository.get(session, case_id)
    who.require_agency(case.agency_id)
    bases = await facts.require_state(session, case, (steps.DECIDED,), "延期、分期缴纳", clock.today())
    if case.pay_by is None:
        raise Conflict(
            "决定书尚未送达，缴款期限尚未开始", code="deferral.not_delivered", clause=bases.procedure_order.clause
        )
    today = clock.today()
    now = await balance(session, case, today)
    wanted = (
        [money.Part(body.until, now.outstanding_fen)]
        if body.until
        else [money.Part(part.due, part.fen) for part in body.instalments or ()]
    )
    parts = money.plan(wanted, now.outstanding_fen, today, bases)
    deferral = Deferral(
        deferral_id=new_id(),
        case_id=case_id,
        **facts.scope_of(case),
        granted_on=today,
        reason=body.reason,
        parts=[{"due": part.due.isoformat(), "fen": part.fen} for part in parts],
        paid_before=now.paid_fen,
        granted_by=actor(who),
    )
    session.add(deferral)
    case.pay_by = parts[-1].due
    facts.touch(case)
    await session.flush()
    return deferral


async def dispute(session: WriteSession, case_id: str, body: DisputeIn, who: Principal, clock: Clock) -> Dispute:
    """Record a review or suit; no surcharge runs while it lasts (PL-72)."""
    case = await repository.get(session, case_id)
    require_agency_or_area(who, case.agency_id, case.area)
    await facts.require_state(session, case, (steps.DECIDED, steps.CLOSED), "复议、诉讼", clock.today())
    assert case.decided_on is not None
    if not case.decided_on <= body.first <= min(body.last or body.first, clock.today()):
        raise Malformed("起始日期应在决定之日至今日之间，且不晚于终止日期", code="dispute.dates")
    found = Dispute(
        dispute_id=new_id(),
        case_id=case_id,
        **facts.scope_of(case),
        kind=body.kind,
        first=body.first,
        last=body.last,
    )
    session.add(found)
    facts.touch(case)
    await session.flush()
    await _settle_if_clear(session, case, clock.today())
    return found


async def _settle_if_clear(session: WriteSession, case: Case, today: date) -> None:
    """Days that no longer count may leave nothing owed on a fine whose principal is paid."""
    if case.state != steps.DECIDED or (await balance(session, case, today)).owed_fen:
        return
    case.settled, case.state = True, steps.CLOSED
    await session.flush()
    session.record(_paid(case, 0, 0, today))


async def end_dispute(
    session: WriteSession, case_id: str, dispute_id: str, last: date, who: Principal, clock: Clock
) -> Dispute:
    """Record a dispute's last day. Raises NotFound, Conflict."""
    case = await repository.get(session, case_id)
    require_agency_or_area(who, case.agency_id, case.area)
    found = await rows.dispute(session, case_id, dispute_id)
    if found.last is not None:
        raise Conflict("该复议或者诉讼已经终结", code="dispute.ended", clause="PL-72")
    if last < found.first:
        raise Malformed("终止日期早于起始日期", code="dispute.dates")
    found.last = last
    facts.touch(case)
    await session.flush()
    await _settle_if_clear(session, case, clock.today())
    return found
