"""Events that supervision listens to: everything that may go wrong, and the facts to judge it by."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from wurao.common.clock import Clock
from wurao.common.consumer import Handlers
from wurao.common.contracts import Event
from wurao.common.contracts.checkin import (
    EntryDeclined,
    EntryRefused,
    InspectionFinished,
    LateFilingRecorded,
    UnfiledEntryReported,
    VisitEvaluated,
)
from wurao.common.contracts.penalty import HeavyCaseFiled, ListDeparted
from wurao.common.contracts.plans import ApprovalCame, ApprovalOverdue, ConferenceOverdue, PlanFiled, PlanOverdue
from wurao.common.contracts.registry import (
    AgencyPublished,
    AgencyWithdrawn,
    CreditRepairDecided,
    EnterpriseRegistered,
    GradeObjectionDecided,
    GradeObjectionOverdue,
    OfficerCertified,
    OfficerExited,
    OfficerReinstated,
    OfficerSuspended,
    RepairClockStopped,
    RepairOverdue,
)
from wurao.common.contracts.scheduling import (
    InspectionCaughtUp,
    InspectionOverdue,
    InspectionRefused,
    TriggeredBeyondReason,
    VisitApproved,
    VisitRescheduled,
)
from wurao.common.db import WriteSession
from wurao.common.policy import POLICY_HANDLERS
from wurao.supervision.domain import alerts as alert_rules
from wurao.supervision.domain.statistics import COUNTED, counts
from wurao.supervision.repository import replicas
from wurao.supervision.repository.counters import count
from wurao.supervision.usecases import accountability, callbacks, reactions, unfiled
from wurao.supervision.usecases.alerts import raise_alerts

E = TypeVar("E", bound=Event)
On = Callable[[WriteSession, E], Awaitable[None]]


async def _ignore(session: WriteSession, event: Event) -> None:
    """Counted only."""


def _counted(handler: On[E]) -> On[E]:
    """The handler, after the event was counted in the same transaction: once, as the inbox lets it in once."""

    async def count_and_handle(session: WriteSession, event: E) -> None:
        count(session, *counts(event))
        await handler(session, event)

    return count_and_handle


def handlers(clock: Clock) -> Handlers:
    """One table: event → what supervision does."""

    async def on_agency_withdrawn(session: WriteSession, event: AgencyWithdrawn) -> None:
        await replicas.set_agency_state(session, event.agency_id, "withdrawn", event.version)

    async def on_suspended(session: WriteSession, event: OfficerSuspended) -> None:
        await replicas.set_officer_state(session, event.officer_id, "suspended", event.version)

    async def on_reinstated(session: WriteSession, event: OfficerReinstated) -> None:
        await replicas.set_officer_state(session, event.officer_id, "certified", event.version)

    async def on_exited(session: WriteSession, event: OfficerExited) -> None:
        await replicas.set_officer_state(session, event.officer_id, "exited", event.version)

    async def on_entry_refused(session: WriteSession, event: EntryRefused) -> None:
        await reactions.refused(session, event.refusals, event.officers, event.agencies, event.enterprise_id)

    async def on_inspection_refused(session: WriteSession, event: InspectionRefused) -> None:
        await reactions.refused(session, event.refusals, (), (event.agency_id,), event.enterprise_id)

    async def on_plan_filed(session: WriteSession, event: PlanFiled) -> None:
        draft = alert_rules.plan_filed_late(event)
        await raise_alerts(session, [draft] if draft else [], clock.now())
        await reactions.plan_came(session, event, clock.now())

    async def on_plan_overdue(session: WriteSession, event: PlanOverdue) -> None:
        await raise_alerts(session, [alert_rules.plan_overdue(event)], clock.now())

    async def on_approval_overdue(session: WriteSession, event: ApprovalOverdue) -> None:
        await raise_alerts(session, [alert_rules.approval_overdue(event)], clock.now())

    async def on_approval_came(session: WriteSession, event: ApprovalCame) -> None:
        await reactions.approval_came(session, event, clock.now())

    async def on_triggered_beyond_reason(session: WriteSession, event: TriggeredBeyondReason) -> None:
        await raise_alerts(session, [alert_rules.triggered_beyond_reason(event)], clock.now())

    async def on_inspection_overdue(session: WriteSession, event: InspectionOverdue) -> None:
        await raise_alerts(session, [alert_rules.due_not_inspected(event)], clock.now())

    async def on_inspection_caught_up(session: WriteSession, event: InspectionCaughtUp) -> None:
        await reactions.caught_up(session, event, clock.now())

    async def on_conference_overdue(session: WriteSession, event: ConferenceOverdue) -> None:
        await raise_alerts(session, [alert_rules.conference_overdue(event)], clock.now())

    async def on_finished(session: WriteSession, event: InspectionFinished) -> None:
        await callbacks.open_after(session, event)

    async def on_unfiled(session: WriteSession, event: UnfiledEntryReported) -> None:
        await unfiled.take_up(session, event, clock.now())

    async def on_late_filing(session: WriteSession, event: LateFilingRecorded) -> None:
        await raise_alerts(session, [alert_rules.late_filing(event)], clock.now())

    async def on_declined(session: WriteSession, event: EntryDeclined) -> None:
        await reactions.entry_declined(session, event, clock.now())

    async def on_evaluated(session: WriteSession, event: VisitEvaluated) -> None:
        await reactions.evaluated(session, event, clock.now())

    async def on_departed(session: WriteSession, event: ListDeparted) -> None:
        await reactions.list_departed(session, event, clock.now())

    async def on_repair_overdue(session: WriteSession, event: RepairOverdue) -> None:
        await raise_alerts(session, [alert_rules.repair_overdue(event)], clock.now())

    async def on_repair_decided(session: WriteSession, event: CreditRepairDecided) -> None:
        await reactions.repair_decided(session, event, clock.now())

    async def on_repair_clock_stopped(session: WriteSession, event: RepairClockStopped) -> None:
        await reactions.repair_clock_stopped(session, event, clock.now())

    async def on_objection_overdue(session: WriteSession, event: GradeObjectionOverdue) -> None:
        await raise_alerts(session, [alert_rules.objection_overdue(event)], clock.now())

    async def on_objection_decided(session: WriteSession, event: GradeObjectionDecided) -> None:
        await reactions.objection_decided(session, event, clock.now())

    counted: Handlers = {
        **dict.fromkeys(COUNTED, _ignore),
        EntryDeclined: on_declined,
        EntryRefused: on_entry_refused,
        HeavyCaseFiled: accountability.keep_heavy_case,
        InspectionFinished: on_finished,
        InspectionRefused: on_inspection_refused,
        LateFilingRecorded: on_late_filing,
        ListDeparted: on_departed,
        PlanFiled: on_plan_filed,
        UnfiledEntryReported: on_unfiled,
        VisitApproved: replicas.keep_visit,
        VisitEvaluated: on_evaluated,
    }
    return {
        **POLICY_HANDLERS,
        AgencyPublished: replicas.keep_agency,
        AgencyWithdrawn: on_agency_withdrawn,
        ApprovalCame: on_approval_came,
        ApprovalOverdue: on_approval_overdue,
        ConferenceOverdue: on_conference_overdue,
        InspectionCaughtUp: on_inspection_caught_up,
        InspectionOverdue: on_inspection_overdue,
        TriggeredBeyondReason: on_triggered_beyond_reason,
        CreditRepairDecided: on_repair_decided,
        EnterpriseRegistered: replicas.keep_enterprise,
        GradeObjectionDecided: on_objection_decided,
        GradeObjectionOverdue: on_objection_overdue,
        OfficerCertified: replicas.keep_officer,
        OfficerExited: on_exited,
        OfficerReinstated: on_reinstated,
        OfficerSuspended: on_suspended,
        PlanOverdue: on_plan_overdue,
        RepairClockStopped: on_repair_clock_stopped,
        RepairOverdue: on_repair_overdue,
        VisitRescheduled: replicas.change_visit_officers,
        **{event: _counted(handler) for event, handler in counted.items()},
    }
