"""Payments, balance, deferral and disputes over HTTP."""

from typing import Annotated

from fastapi import Path, Query, Response

from wurao.common.unit import Read, Write
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.penalty.access import CanCollect, CanHead, CanRead, CanRecordDispute
from wurao.penalty.api.cases import CaseId
from wurao.penalty.schemas.money import (
    BalanceOut,
    DeferralIn,
    DeferralOut,
    DisputeEnd,
    DisputeIn,
    DisputeOut,
    PaymentIn,
    PaymentOut,
)
from wurao.penalty.schemas.parts import Day
from wurao.penalty.usecases import paying, viewing

router = unit_router("money")


@router.post("/cases/{case_id}/payments", status_code=201)
async def pay(
    case_id: CaseId, body: PaymentIn, who: CanCollect, session: Write, clock: Now, response: Response
) -> PaymentOut:
    """Book money that reached the treasury; any other channel is refused (LX-06)."""
    payment, balance = await paying.pay(session, case_id, body, who, clock)
    response.headers["Location"] = f"/v1/cases/{case_id}/balance"
    return PaymentOut(
        payment_id=payment.payment_id,
        principal_fen=payment.principal_fen,
        surcharge_fen=payment.surcharge_fen,
        settled=balance.settled,
        balance=BalanceOut.model_validate(balance),
    )


@router.get("/cases/{case_id}/balance")
async def get_balance(
    case_id: CaseId, who: CanRead, session: Read, clock: Now, on: Annotated[Day | None, Query()] = None
) -> BalanceOut:
    """What is owed at the end of a day, today unless another is named (PL-72)."""
    case = await viewing.readable(session, case_id, who)
    return BalanceOut.model_validate(await paying.balance(session, case, on or clock.today()))


@router.post("/cases/{case_id}/deferral", status_code=201)
async def defer(
    case_id: CaseId, body: DeferralIn, who: CanHead, session: Write, clock: Now, response: Response
) -> DeferralOut:
    """Approve a deferral or an instalment plan (YZ-16)."""
    deferral = await paying.defer(session, case_id, body, who, clock)
    response.headers["Location"] = f"/v1/cases/{case_id}/balance"
    return DeferralOut.model_validate(deferral)


@router.post("/cases/{case_id}/disputes", status_code=201)
async def record_dispute(
    case_id: CaseId, body: DisputeIn, who: CanRecordDispute, session: Write, clock: Now, response: Response
) -> DisputeOut:
    """Record a review or suit over the decision (PL-72)."""
    dispute = await paying.dispute(session, case_id, body, who, clock)
    response.headers["Location"] = f"/v1/cases/{case_id}/balance"
    return DisputeOut.model_validate(dispute)


@router.post("/cases/{case_id}/disputes/{dispute_id}/end")
async def end_dispute(
    case_id: CaseId,
    dispute_id: Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,64}$")],
    body: DisputeEnd,
    who: CanRecordDispute,
    session: Write,
    clock: Now,
) -> DisputeOut:
    """Record the last day of a review or suit."""
    return DisputeOut.model_validate(await paying.end_dispute(session, case_id, dispute_id, body.last, who, clock))
