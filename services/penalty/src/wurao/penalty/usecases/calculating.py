"""Calculations without a case: due days and surcharges, for anybody with a login (PL-85, PL-72)."""

from datetime import date, timedelta

from wurao.common.db import ReadSession
from wurao.common.legalclock import (
    COERCION_LAW_WORKING,
    PENALTY_LAW_WORKING,
    REVIEW_LAW_WORKING,
    DueDate,
    Pause,
    Period,
    due_date,
    statutory_period,
)
from wurao.common.packs import load_pack
from wurao.common.policy import calendar_for
from wurao.penalty.domain import money
from wurao.penalty.domain.policy import SurchargeSection
from wurao.penalty.schemas.money import DeadlineIn, SurchargeIn

DAY = timedelta(days=1)


def _working_days_of(article: str) -> frozenset[int]:
    """Which numbers of days the article's own law counts in working days."""
    if "行政强制法" in article:
        return COERCION_LAW_WORKING
    return REVIEW_LAW_WORKING if "行政复议法" in article else PENALTY_LAW_WORKING


async def deadline(session: ReadSession, body: DeadlineIn) -> tuple[DueDate, Period]:
    """The due day with its explanation. Raises CalendarUnknown."""
    period = statutory_period(
        body.days, body.article, working=_working_days_of(body.article), roll_to_workday=body.roll_to_workday
    )
    pauses = [Pause(pause.first, pause.last + DAY, pause.reason) for pause in body.pauses]
    return due_date(body.start, period, await calendar_for(session), pauses), period


def late(body: SurchargeIn, today: date) -> money.Surcharge:
    """The surcharge by the national law in force today."""
    due = max(body.due_on, body.deferred_to) if body.deferred_to else body.due_on
    debt = money.Debt(
        body.fine_fen,
        (money.Schedule(due, (money.Part(due, body.fine_fen),)),),
        pauses=tuple(money.Span(pause.first, pause.last, pause.reason) for pause in body.pauses),
    )
    pack = load_pack("national")
    found = money.surcharge(debt, body.paid_on, pack.section(SurchargeSection, on=today))
    if not body.deferred_to or due == body.due_on:
        return found
    granted = f"经批准延期至{due.isoformat()}，此前不计算加处罚款"
    return money.Surcharge(found.fen, found.days, found.capped, (granted, *found.steps))
