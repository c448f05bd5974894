"""Events that the registry listens to."""

from typing import Any

from wurao.common.clock import Clock
from wurao.common.consumer import Handler, Handlers
from wurao.common.contracts.checkin import InspectionFinished, InspectionStarted
from wurao.common.contracts.penalty import (
    CaseOpened,
    CoercionImposed,
    CoercionLifted,
    FinePaid,
    NoticeServed,
    PenaltyDecided,
)
from wurao.common.contracts.scheduling import OffSiteConcluded, VisitApproved, VisitCancelled, VisitRescheduled
from wurao.common.contracts.supervision import ComplaintClosed, ComplaintFiled, OfficerSanctioned
from wurao.common.db import WriteSession
from wurao.registry.repository import view
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
        FinePaid: each(on_fine_paid, view.keep_case),
        PenaltyDecided: each(on_penalty_decided, view.keep_case),
        OfficerSanctioned: on_officer_sanctioned,
        InspectionStarted: view.begin_entry,
        InspectionFinished: each(item_usage.count_use, view.finish_entry),
        OffSiteConcluded: item_usage.count_off_site_use,
        VisitApproved: view.keep_visit,
        VisitRescheduled: view.move_visit,
        VisitCancelled: view.cancel_visit,
        CaseOpened: view.keep_case,
        NoticeServed: view.keep_case,
        CoercionImposed: view.keep_measure,
        CoercionLifted: view.keep_measure,
        ComplaintFiled: view.keep_complaint,
        ComplaintClosed: view.keep_complaint,
    }


def each(*steps: Handler) -> Handler:
    """One handler of several steps, in order."""

    async def handle(session: WriteSession, event: Any) -> None:
        for step in steps:
            await step(session, event)

    return handle
