"""What supervision does when others report something wrong or prevented."""

from collections.abc import Sequence
from datetime import datetime

from wurao.common.clock import legal_date
from wurao.common.contracts.checkin import EntryDeclined, VisitEvaluated
from wurao.common.contracts.penalty import ListDeparted
from wurao.common.contracts.plans import ApprovalCame, PlanFiled
from wurao.common.contracts.registry import CreditRepairDecided, GradeObjectionDecided, RepairClockStopped
from wurao.common.contracts.scheduling import InspectionCaughtUp
from wurao.common.contracts.shared import Refusal
from wurao.common.db import WriteSession
from wurao.common.policy import pack_for
from wurao.supervision.domain import alerts as rules
from wurao.supervision.domain.policy import ListSection
from wurao.supervision.domain.wording import AGENCY, ENTERPRISE, SOMEONE, impersonal
from wurao.supervision.repository import counters, replicas
from wurao.supervision.usecases.alerts import clear_causes, raise_alerts
from wurao.supervision.usecases.complaints import section_for


async def list_departed(session: WriteSession, event: ListDeparted, now: datetime) -> None:
    """A light-penalty list was left (YZ-12, YZ-20)."""
    on = legal_date(event.departed_at)
    section = (await pack_for(session, event.area, on)).section(ListSection, on=on)
    await raise_alerts(session, [rules.list_departed(event, section.list_kinds.clause)], now)


async def entry_declined(session: WriteSession, event: EntryDeclined, now: datetime) -> None:
    """An enterprise refused officers lawfully; the visit tells whose they were."""
    visit = await replicas.visit(session, event.visit_id) if event.visit_id else None
    draft = rules.entry_declined(event, visit.lead_agency_id if visit else None, visit.officers if visit else ())
    await raise_alerts(session, [draft], now)


async def evaluated(session: WriteSession, event: VisitEvaluated, now: datetime) -> None:
    """An enterprise rated fees or a disturbance (LX-03, DT-08)."""
    if event.fees_asked or event.disturbed:
        section = await section_for(session, event.area, legal_date(event.evaluated_at))
        await raise_alerts(session, rules.evaluation(event, section.categories.clause), now)


REPAIR_ALERTS = ("repair_check_overdue", "repair_overdue")
STOPPED = {
    "accepted": (REPAIR_ALERTS[:1], "信用修复材料已经审查"),
    "returned": (REPAIR_ALERTS[:1], "信用修复材料已经审查"),
    "taken_back": (REPAIR_ALERTS, "申请人已撤回信用修复申请"),
    "closed": (REPAIR_ALERTS, "该记录已终止，信用修复申请结案"),
}


async def repair_decided(session: WriteSession, event: CreditRepairDecided, now: datetime) -> None:
    """A late application for credit repair was decided after all (LX-12)."""
    await clear_causes(session, event.application_id, REPAIR_ALERTS, "信用修复申请已经决定", now)


async def repair_clock_stopped(session: WriteSession, event: RepairClockStopped, now: datetime) -> None:
    """A late application was checked after all, or it waits no more: taken back, or closed with its record (LX-12)."""
    kinds, reason = STOPPED[event.because]
    await clear_causes(session, event.application_id, kinds, reason, now)


async def plan_came(session: WriteSession, event: PlanFiled, now: datetime) -> None:
    """What was overdue was filed after all; known also when the news of being overdue comes later (CX-02)."""
    for overdue_id in event.settles:
        await raise_alerts(session, [rules.plan_came_late(event, overdue_id)], now)
        await clear_causes(session, overdue_id, ("plan_overdue",), "计划已经报备", now)


async def approval_came(session: WriteSession, event: ApprovalCame, now: datetime) -> None:
    """What stayed out was approved or noted after all (QZ-10)."""
    await clear_causes(session, event.overdue_id, ("approval_overdue",), event.reason, now)


async def caught_up(session: WriteSession, event: InspectionCaughtUp, now: datetime) -> None:
    """An enterprise that was due was inspected after all (BE-54)."""
    for since in {None, event.since}:
        cause = rules.owed(event.enterprise_id, event.due, since)
        await clear_causes(session, cause, ("due_not_inspected",), event.reason, now)


async def objection_decided(session: WriteSession, event: GradeObjectionDecided, now: datetime) -> None:
    """A late objection was decided after all (LX-11)."""
    await clear_causes(session, event.objection_id, ("objection_overdue",), "异议已经处理", now)


async def refused(
    session: WriteSession,
    refusals: Sequence[Refusal],
    officers: Sequence[str],
    agencies: Sequence[str],
    enterprise_id: str | None,
) -> None:
    """Keep how a gate words a rule that it has not worded before, without the persons concerned."""
    fresh = await counters.unworded(session, refusals)
    if not fresh:
        return
    words = dict.fromkeys(officers, SOMEONE) | dict.fromkeys(agencies, AGENCY)
    words |= {officer.name: SOMEONE for officer in (await replicas.officers(session, officers)).values()}
    words |= {agency.name: AGENCY for agency in await replicas.agencies(session, agencies)}
    enterprise = await replicas.enterprise(session, enterprise_id) if enterprise_id else None
    words |= {enterprise.enterprise_id: ENTERPRISE, enterprise.name: ENTERPRISE} if enterprise else {}
    await counters.keep_rules(
        session, [refusal.model_copy(update={"message": impersonal(refusal.message, words)}) for refusal in fresh]
    )
