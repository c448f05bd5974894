"""Applications for credit repair: entered, checked, decided, undone; reminded and escalated by the clock (LX-12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from wurao.common.auth import Principal, Role
from wurao.common.clock import legal_date
from wurao.common.contracts.registry import CreditRepairDecided, CreditRepairRevoked, RepairOverdue, RepairReminded
from wurao.common.db import WriteSession
from wurao.common.errors import Conflict, Forbidden, NotFound, Refused, TooLarge
from wurao.common.ids import new_id
from wurao.common.packs import Param
from wurao.common.policy import calendar_for
from wurao.registry.access import require_area
from wurao.registry.domain import displays as display_rules
from wurao.registry.domain import repair as rules
from wurao.registry.domain.facts import REPAIRED
from wurao.registry.domain.policy import refusal
from wurao.registry.domain.repair_policy import RepairSection
from wurao.registry.repository import repair as repository
from wurao.registry.tables import Display, Repair
from wurao.registry.usecases.displays import as_met, law_for, notice_facts, step_row, stop_clock
from wurao.registry.usecases.facts import Ending, change_row
from wurao.registry.usecases.grading import grade, occasion

Paper = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Deed:
    """Who acts, and when."""

    who: Principal
    now: datetime

    @property
    def today(self) -> date:
        """The legal day."""
        return legal_date(self.now)


async def apply(session: WriteSession, enterprise_id: str, fact_id: str, papers: Sequence[Paper], deed: Deed) -> Repair:
    """Enter an application. Lacking papers return it at once, each named; otherwise its check begins.

    Raises Refused when the record cannot be repaired on the day, or an application is open.
    """
    record = await _record(session, enterprise_id, fact_id, deed)
    require_applicant(deed.who, record)
    law = await law_for(session, record.area, deed.today)
    if await repository.open_for(session, fact_id) is not None:
        raise Refused([refusal("repair.pending", law.procedure, "该记录已有修复申请正在办理", "等待该申请的决定")])
    if why := rules.obstacles(as_met(record), law, deed.today):
        raise Refused(why)
    row = Repair(
        application_id=new_id(),
        fact_id=fact_id,
        enterprise_id=enterprise_id,
        area=record.area,
        agency_id=record.agency_id,
        state=rules.RETURNED,
        entered_by=deed.who.person,
        materials=list(papers),
        lacking=[],
        returned_by_agency=False,
        submitted_at=deed.now,
        reminded=False,
        overdue=False,
        reason="",
        remedies="",
    )
    session.add(row)
    await _submit(session, row, law, deed, "apply")
    return row


async def supplement(session: WriteSession, row: Repair, papers: Sequence[Paper], deed: Deed) -> Repair:
    """Add papers to an application that was returned. Raises Conflict in another state."""
    record, law = await _held(session, row, deed)
    require_applicant(deed.who, record)
    rules.step(row.state, "supplement", law.check_days)
    if len(row.materials) + len(papers) > rules.MOST_PAPERS:
        raise TooLarge(f"一件申请最多提交 {rules.MOST_PAPERS} 份材料")
    row.materials = [*row.materials, *papers]
    row.submitted_at = deed.now
    await _submit(session, row, law, deed, "supplement")
    return row


async def _submit(session: WriteSession, row: Repair, law: RepairSection, deed: Deed, act: str) -> None:
    """Name what lacks, or start the clock of the check."""
    missing = rules.lacking(law.materials.value, {paper["kind"] for paper in row.materials})
    row.lacking = [{"kind": m.kind, "name": m.name, "reason": f"未提交{m.name}（{m.note}）"} for m in missing]
    if missing:
        row.state = rules.RETURNED
        _stop_clock(row)
        note = "缺少：" + "、".join(material.name for material in missing)
    else:
        row.state, note = rules.SUBMITTED, ""
        await _start_clock(session, row, law.check_days, law.remind_days.value, deed.today)
    session.add(step_row(row, act, deed.who.subject, deed.now, note))
    await session.flush()


async def check(session: WriteSession, row: Repair, faults: Sequence[Paper], deed: Deed) -> Repair:
    """The agency's look at the papers: complete ones are accepted with a receipt, faulty ones returned, once.

    Raises Forbidden for others, Conflict in another state, Refused for a second return.
    """
    record, law = await _held(session, row, deed)
    require_handler(deed.who, row)
    act = "return" if faults else "accept"
    after = rules.step(row.state, act, law.check_days)
    if faults and row.returned_by_agency:
        message = "材料已退回过一次，应当一次告知全部缺少的材料，不得再次退回"
        raise Refused([refusal("repair.returned_once", law.procedure, message, "受理后依法决定")])
    row.state = after
    if faults:
        names = {material.kind: material.name for material in law.materials.value}
        row.lacking = [fault | {"name": names.get(fault["kind"], fault["kind"])} for fault in faults]
        row.returned_by_agency = True
        _stop_clock(row)
        note = "；".join(f"{fault['name']}：{fault['reason']}" for fault in row.lacking)
    else:
        row.accepted_at, row.lacking = deed.now, []
        row.receipt_no = f"{deed.today:%Y%m%d}-{row.application_id[-12:]}"
        await _start_clock(session, row, law.decision_days, law.remind_days.value, deed.today)
        note = f"回执 {row.receipt_no}"
    session.add(step_row(row, act, deed.who.subject, deed.now, note))
    stop_clock(session, record, row, "returned" if faults else "accepted")
    await session.flush()
    return row


async def decide(session: WriteSession, row: Repair, *, granted: bool, reason: str, deed: Deed) -> Repair:
    """Decide on an accepted application. Granted, the fact counts and shows no more and its enterprise is regraded.

    Raises Forbidden or Refused for a person who may not decide, Conflict in another state.
    """
    record, law = await _held(session, row, deed)
    require_decider(deed.who, row, record, law)
    act = "grant" if granted else "refuse"
    after = rules.step(row.state, act, law.decision_days)
    if granted and record.owes:
        way = "缴清罚款后再予修复"
        raise Refused([refusal("repair.duty_open", law.conditions, "处罚决定规定的义务尚未履行完毕", way)])
    row.state, row.decided_by, row.decided_at = after, deed.who.subject, deed.now
    row.reason, row.remedies = reason, "" if granted else law.remedies.value
    _stop_clock(row)
    session.add(step_row(row, act, deed.who.subject, deed.now, reason))
    record.version += 1
    if granted:
        record.state = display_rules.REPAIRED
        await repository.end_facts(session, [row.fact_id], REPAIRED, deed.now)
        session.add(change_row(row.fact_id, REPAIRED, Ending("repair", reason), deed.who.subject, deed.now))
    await session.flush()
    session.record(
        CreditRepairDecided(
            fact_id=row.fact_id,
            application_id=row.application_id,
            enterprise_id=row.enterprise_id,
            agency_id=row.agency_id,
            area=row.area,
            granted=granted,
            reason=reason,
            clause=law.conditions.clause,
            decided_at=deed.now,
            version=record.version,
        )
    )
    if granted:
        await grade(session, [row.enterprise_id], occasion("repair", deed.today, deed.now))
    return row


async def take_back(session: WriteSession, row: Repair, reason: str, deed: Deed) -> Repair:
    """The applicant takes an open application back. Raises Conflict once it is decided."""
    record, law = await _held(session, row, deed)
    require_applicant(deed.who, record)
    row.state = rules.step(row.state, "take_back", law.decision_days)
    row.reason = reason
    _stop_clock(row)
    session.add(step_row(row, "take_back", deed.who.subject, deed.now, reason))
    stop_clock(session, record, row, "taken_back")
    await session.flush()
    return row


async def revoke(session: WriteSession, row: Repair, reason: str, deed: Deed) -> Repair:
    """Undo a repair got by false papers: the fact counts and shows again, and is not repaired for a time.

    Raises Forbidden or Refused for a person who may not decide, Conflict in another state.
    """
    record, law = await _held(session, row, deed)
    require_decider(deed.who, row, record, law)
    row.state = rules.step(row.state, "revoke", law.decision_days)
    fact = await repository.locked_fact(session, row.fact_id)
    assert fact is not None
    if fact.ended != REPAIRED:
        raise Conflict(
            "该记录已由来源单位撤回或者更正，修复无须撤销", code="repair.fact_ended", clause=law.terms.clause
        )
    row.reason, row.remedies = reason, law.remedies.value
    session.add(step_row(row, "revoke", deed.who.subject, deed.now, reason))
    record.barred_until = display_rules.months_on(deed.today, law.false_materials_months.value)
    record.version += 1
    record.state = display_rules.RUNNING
    over = fact.counts_until is not None and fact.counts_until < deed.today
    fact.lapsed, fact.lapsed_at, fact.ended = over, deed.now if over else None, "expired" if over else None
    session.add(
        change_row(row.fact_id, "repair_revoked", Ending("false_materials", reason), deed.who.subject, deed.now)
    )
    await session.flush()
    session.record(
        CreditRepairRevoked(
            fact_id=row.fact_id,
            application_id=row.application_id,
            enterprise_id=row.enterprise_id,
            agency_id=row.agency_id,
            area=row.area,
            reason=reason,
            revoked_at=deed.now,
            version=record.version,
        )
    )
    await grade(session, [row.enterprise_id], occasion("repair", deed.today, deed.now))
    return row


async def remind(session: WriteSession, today: date, limit: int = 500) -> int:
    """Remind agencies of applications whose clock runs out soon; how many."""
    due = await repository.nearing(session, today, limit)
    for row in due:
        row.reminded = True
        session.record(RepairReminded(**await _escalated(session, row)))
    return len(due)


async def escalate(session: WriteSession, today: date, limit: int = 500) -> int:
    """Tell supervision of applications that were not dealt with in time; how many."""
    late = await repository.overdue(session, today, limit)
    for row in late:
        row.overdue = True
        law = await law_for(session, row.area, today)
        clock = law.check_days if row.state == rules.SUBMITTED else law.decision_days
        session.record(RepairOverdue(**await _escalated(session, row), clause=clock.clause))
    return len(late)


async def _escalated(session: WriteSession, row: Repair) -> dict[str, Any]:
    record = await repository.locked_display(session, row.fact_id)
    assert record is not None
    record.version += 1
    step: Literal["check", "decision"] = "check" if row.state == rules.SUBMITTED else "decision"
    return {
        "fact_id": row.fact_id,
        "application_id": row.application_id,
        "enterprise_id": row.enterprise_id,
        "agency_id": row.agency_id,
        "area": row.area,
        "step": step,
        "due": row.due,
        "version": record.version,
    }


async def _record(session: WriteSession, enterprise_id: str, fact_id: str, deed: Deed) -> Display:
    """The display of the fact, held; one is made for an adverse fact that was entered before there were any."""
    await repository.locked_fact(session, fact_id)
    row = await repository.locked_display(session, fact_id)
    if row is None:
        await notice_facts(session, [fact_id], deed.today, deed.now)
        row = await repository.locked_display(session, fact_id)
    if row is None or row.enterprise_id != enterprise_id:
        raise NotFound("没有这条失信信息")
    return row


async def _held(session: WriteSession, row: Repair, deed: Deed) -> tuple[Display, RepairSection]:
    """The record of an application, held, and the law of the day."""
    record = await repository.locked_display(session, row.fact_id)
    assert record is not None
    return record, await law_for(session, row.area, deed.today)


async def _start_clock(session: WriteSession, row: Repair, days: Param[int], before: int, today: date) -> None:
    calendar = await calendar_for(session)
    row.due = rules.due(days, today, calendar)
    row.remind_on = rules.remind_on(days, before, today, calendar)
    row.reminded = row.overdue = False


def _stop_clock(row: Repair) -> None:
    row.due = row.remind_on = None


def require_applicant(who: Principal, record: Display) -> None:
    """The enterprise itself, or the agency that established the record on its behalf. Raises Forbidden."""
    if who.enterprise_id is not None and Role.ENTERPRISE in who.roles:
        who.require_enterprise(record.enterprise_id)
    elif record.agency_id is not None:
        who.require_agency(record.agency_id)
    else:
        require_area(who, record.area)


def require_handler(who: Principal, row: Repair) -> None:
    """The agency that established the record; those above only where it is none of the platform's. Raises Forbidden."""
    if row.agency_id is not None:
        who.require_agency(row.agency_id)
    elif who.roles & {Role.SUPERVISOR, Role.PLATFORM}:
        require_area(who, row.area)
    else:
        raise Forbidden("该记录由其他机关认定", code="other_agency")


def require_decider(who: Principal, row: Repair, record: Display, law: RepairSection) -> None:
    """Who handles the record and may decide on it: the pack's role, and nobody who handled the case or entered it.

    Raises Forbidden for others than the agency, Refused for the wrong person in it.
    """
    require_handler(who, row)
    unfit = rules.unfit_decider(
        law,
        roles=who.roles,
        person=who.person,
        officer_id=who.officer_id,
        entered_by=row.entered_by,
        officers=record.officers,
        agency_decides=row.agency_id is not None,
    )
    if unfit is not None:
        raise Refused([unfit])
