"""Calculations without a case, for anybody with a login."""

from wurao.common.unit import Read
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.penalty.access import CanCalculate
from wurao.penalty.schemas.money import DeadlineIn, DeadlineOut, SurchargeIn, SurchargeOut
from wurao.penalty.usecases import calculating

router = unit_router("calculations")


@router.post("/calculations/deadline")
async def deadline(body: DeadlineIn, who: CanCalculate, session: Read) -> DeadlineOut:
    """When a period ends, with every day that did not count (PL-85)."""
    found, period = await calculating.deadline(session, body)
    unit = "working" if period.unit == "working" else "calendar"
    return DeadlineOut(due=found.due, at=found.at, unit=unit, steps=found.explain())


@router.post("/calculations/surcharge")
async def surcharge(body: SurchargeIn, who: CanCalculate, clock: Now) -> SurchargeOut:
    """What late payment of a fine costs (PL-72)."""
    found = calculating.late(body, clock.today())
    return SurchargeOut(surcharge_fen=found.fen, days=found.days, capped=found.capped, steps=list(found.steps))
