"""Events that the registry listens to."""

from wurao.common.clock import Clock
from wurao.common.consumer import Handlers
from wurao.common.contracts.checkin import InspectionFinished
from wurao.common.contracts.penalty import FinePaid, PenaltyDecided
from wurao.common.contracts.supervision import OfficerSanctioned
from wurao.common.db import WriteSession
from wurao.registry.usecases import displays, facts, item_usage, officers


def handlers(clock: Clock) -> Handlers:
    """One table: event → what the registry does."""

    async def on_penalty_decided(session: WriteSession, event: PenaltyDecided) -> None:
        await facts.take_penalty(session, event, clock.today(), clock.now())

    async def on_fine_paid(session: WriteSession, event: FinePaid) -> None:
        await displays.settle(session, event)

    async def on_officer_sanctioned(session: WriteSession, event: OfficerSanctioned) -> None:
        await officers.carry_out(session, event, clock.today(), clock.now())

    return {
        FinePaid: on_fine_paid,
        PenaltyDecided: on_penalty_decided,
        OfficerSanctioned: on_officer_sanctioned,
        InspectionFinished: item_usage.count_use,
    }
