"""Queries on payments, deferrals, disputes and measures."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.penalty.tables import Deferral, Dispute, Measure, Payment


async def payments(session: ReadSession, case_id: str) -> Sequence[Payment]:
    """The payments of a case, oldest first."""
    query = select(Payment).where(Payment.case_id == case_id).order_by(Payment.payment_id)
    return (await session.scalars(query)).all()


async def deferrals(session: ReadSession, case_id: str) -> Sequence[Deferral]:
    """The approved plans of a case, oldest first."""
    query = select(Deferral).where(Deferral.case_id == case_id).order_by(Deferral.deferral_id)
    return (await session.scalars(query)).all()


async def disputes(session: ReadSession, case_id: str) -> Sequence[Dispute]:
    """The reviews and suits over a case."""
    query = select(Dispute).where(Dispute.case_id == case_id).order_by(Dispute.dispute_id)
    return (await session.scalars(query)).all()


async def dispute(session: ReadSession, case_id: str, dispute_id: str) -> Dispute:
    """One dispute of a case. Raises NotFound."""
    found = await session.get(Dispute, dispute_id)
    if found is None or found.case_id != case_id:
        raise NotFound("没有这条复议或者诉讼记录")
    return found


async def measure(session: ReadSession, measure_id: str) -> Measure:
    """The measure. Raises NotFound."""
    found = await session.get(Measure, measure_id)
    if found is None:
        raise NotFound("没有这项强制措施")
    return found


async def measures(session: ReadSession, case_id: str) -> Sequence[Measure]:
    """The measures of a case."""
    query = select(Measure).where(Measure.case_id == case_id).order_by(Measure.measure_id)
    return (await session.scalars(query)).all()


async def expired_measures(session: ReadSession, today: date, limit: int) -> Sequence[Measure]:
    """Measures whose last day has passed and that nobody lifted."""
    query = select(Measure).where(Measure.lifted_at.is_(None), Measure.due < today).order_by(Measure.due).limit(limit)
    return (await session.scalars(query)).all()
