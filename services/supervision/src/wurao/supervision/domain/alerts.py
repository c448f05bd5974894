"""Alerts: what is raised, for which cause, naming what evidence (QZ-10, QZ-13, QZ-30, YZ-12, YZ-20)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from wurao.common.clock import legal_date
from wurao.common.contracts.checkin import EntryDeclined, LateFilingRecorded, VisitEvaluated
from wurao.common.contracts.penalty import ListDeparted
from wurao.common.contracts.plans import ApprovalOverdue, ConferenceOverdue, PlanFiled, PlanOverdue
from wurao.common.contracts.registry import GradeObjectionOverdue, RepairOverdue
from wurao.common.contracts.scheduling import InspectionOverdue, TriggeredBeyondReason
from wurao.common.errors import Conflict

KINDS: dict[str, str] = {
    "unfiled_entry": "未报备入企",
    "urgent_report": "未亮码检查、处罚未出决定书等举报",
    "complaint_overdue": "投诉逾期未办结",
    "correction_overdue": "责令改正逾期未反馈",
    "callback_overdue": "回访逾期",
    "plan_filed_late": "计划逾期报备",
    "plan_overdue": "计划逾期未报",
    "conference_overdue": "联席会议逾期未召开",
    "approval_overdue": "报备后逾期未批准、备案",
    "due_not_inspected": "该查不查",
    "triggered_beyond_reason": "触发式检查超过合理频次",
    "repair_check_overdue": "信用修复材料逾期未审查",
    "repair_overdue": "信用修复申请逾期未决定",
    "objection_overdue": "信用等级异议逾期未处理",
    "late_filing": "入企检查逾期补办",
    "list_departed": "未适用免罚轻罚清单",
    "entry_declined": "企业依法拒绝检查",
    "fees_asked": "企业评价反映收费",
    "disturbed": "企业评价反映干扰经营",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """An alert to raise; `cause` makes it the only one of its kind."""

    kind: str
    cause: str
    clause: str
    area: str
    message: str
    evidence: tuple[str, ...]
    agency_id: str | None = None
    officers: tuple[str, ...] = ()
    enterprise_id: str | None = None

    @property
    def cause_key(self) -> str:
        """Once per kind and cause (QZ-30)."""
        return cause_key(self.kind, self.cause)


def cause_key(kind: str, cause: str) -> str:
    """What finds an alert again when its cause is gone."""
    return f"{kind}:{cause}"


def clear(state: str) -> str:
    """The state after what raised the alert no longer holds (QZ-30). Raises Conflict when cleared before."""
    if state != "open":
        raise Conflict("该预警已经解除", code="alert.cleared", clause="QZ-30")
    return "cleared"


def plan_filed_late(event: PlanFiled) -> Draft | None:
    """A plan that reached its filing office after the due day (DT-11, CX-05)."""
    if not event.late:
        return None
    due = f"，期限为{event.due}" if event.due else ""
    return Draft(
        kind="plan_filed_late",
        cause=event.plan_id,
        clause=event.clause,
        area=event.area,
        message=f"检查计划逾期报备{due}",
        evidence=(f"plan:{event.plan_id}",),
        agency_id=event.agency_id,
    )


def plan_overdue(event: PlanOverdue) -> Draft:
    """A plan that did not come by its day (CX-02, LX-02)."""
    return Draft(
        kind="plan_overdue",
        cause=event.overdue_id,
        clause=event.clause,
        area=event.area,
        message=event.message,
        evidence=(f"plan:{event.kind}:{event.period}",),
        agency_id=event.agency_id,
    )


def plan_came_late(event: PlanFiled, overdue_id: str) -> Draft:
    """The alert on an overdue plan, as its filing tells of it (CX-02)."""
    return Draft(
        kind="plan_overdue",
        cause=overdue_id,
        clause=event.clause,
        area=event.area,
        message=f"检查计划逾期，{legal_date(event.filed_at)}报备",
        evidence=(f"plan:{event.plan_id}",),
        agency_id=event.agency_id,
    )


def approval_overdue(event: ApprovalOverdue) -> Draft:
    """A filing in time that nobody approved or noted within the period (QZ-10)."""
    return Draft(
        kind="approval_overdue",
        cause=event.overdue_id,
        clause=event.clause,
        area=event.area,
        message=event.message,
        evidence=(f"{event.subject}:{event.subject_id}",),
        agency_id=event.agency_id,
        enterprise_id=event.enterprise_id,
    )


def conference_overdue(event: ConferenceOverdue) -> Draft:
    """A period without the joint conference (CX-01)."""
    return Draft(
        kind="conference_overdue",
        cause=event.overdue_id,
        clause=event.clause,
        area=event.area,
        message=f"联席会议未在{event.due}前召开本期例会（{event.period}）",
        evidence=(f"conference:{event.period}",),
    )


def triggered_beyond_reason(event: TriggeredBeyondReason) -> Draft:
    """A triggered inspection beyond the reasonable number of the year, by the head or unasked (QZ-17)."""
    entry = event.entry_id
    how = "特殊情形直接入企" if entry else "经负责人批准"
    return Draft(
        kind="triggered_beyond_reason",
        cause=f"{entry}:{event.agency_id}" if entry else event.task_id,
        clause=event.clause,
        area=event.area,
        message=f"{event.year}年对同一企业的触发式检查第{event.taken}次，超过合理频次（{event.reasonable}次），{how}",
        evidence=(f"entry:{entry}" if entry else f"task:{event.task_id}",),
        agency_id=event.agency_id,
        enterprise_id=event.enterprise_id,
    )


def owed(enterprise_id: str, due: date, since: date | None) -> str:
    """The cause of an alert on an inspection that is owed: each watch over an enterprise has its own."""
    return f"{enterprise_id}:{due}" if since is None else f"{enterprise_id}:{due}:{since}"


def due_not_inspected(event: InspectionOverdue) -> Draft:
    """An enterprise of a special field that nobody inspected within its period (BE-54)."""
    last = f"上次检查{event.last_inspected}" if event.last_inspected else "期间没有检查记录"
    return Draft(
        kind="due_not_inspected",
        cause=owed(event.enterprise_id, event.due, event.since),
        clause=event.clause,
        area=event.area,
        message=f"{event.enterprise_name}属于应当全覆盖检查的领域，应于{event.due}前检查而未检查（{last}）",
        evidence=(f"enterprise:{event.enterprise_id}",),
        enterprise_id=event.enterprise_id,
    )


def late_filing(event: LateFilingRecorded) -> Draft:
    """An exception entry filed after its deadline (QZ-10)."""
    return Draft(
        kind="late_filing",
        cause=event.entry_id,
        clause=event.clause,
        area=event.area,
        message="特殊情形检查未在期限内补办审批，已记为违规",
        evidence=(f"entry:{event.entry_id}",),
        agency_id=event.agency_id,
        officers=tuple(officer.officer_id for officer in event.officers),
        enterprise_id=event.enterprise_id,
    )


def list_departed(event: ListDeparted, clause: str) -> Draft:
    """A decision that departed from a light-penalty list (YZ-12, YZ-20)."""
    return Draft(
        kind="list_departed",
        cause=event.case_id,
        clause=clause,
        area=event.area,
        message=f"案件符合清单“{event.list_entry}”而未适用，理由：{event.reason[:200]}",
        evidence=(f"case:{event.case_id}", f"list:{event.list_entry}"),
        agency_id=event.agency_id,
        enterprise_id=event.enterprise_id,
    )


def entry_declined(event: EntryDeclined, agency_id: str | None, officers: Sequence[str]) -> Draft:
    """An enterprise lawfully refused to be inspected; what officers did at the door is looked into (YZ-09, LX-03)."""
    visit = (f"visit:{event.visit_id}",) if event.visit_id else ()
    return Draft(
        kind="entry_declined",
        cause=event.decline_id,
        clause=event.clause,
        area=event.area,
        message="企业依法拒绝检查，请核查现场执法情况",
        evidence=(f"decline:{event.decline_id}", *visit),
        agency_id=agency_id,
        officers=tuple(officers),
        enterprise_id=event.enterprise_id,
    )


def evaluation(event: VisitEvaluated, clause: str) -> list[Draft]:
    """Fees or a disturbance that an enterprise rated; who rated stays unknown, so no visit is named (QZ-12)."""
    found = {
        "fees_asked": (event.fees_asked, "有企业评价反映检查中被要求交费"),
        "disturbed": (event.disturbed, "有企业评价反映检查干扰了正常经营"),
    }
    return [
        Draft(
            kind=kind,
            cause=event.evaluation_id,
            clause=clause,
            area=event.area,
            message=message,
            evidence=(f"evaluation:{event.evaluation_id}",),
            agency_id=event.agencies[0] if len(event.agencies) == 1 else None,
        )
        for kind, (holds, message) in found.items()
        if holds
    ]


def overdue(
    kind: str, cause: str, clause: str, area: str, due: date, agency_id: str | None, enterprise_id: str | None
) -> Draft:
    """A deadline that passed: of a complaint, a correction, a callback or a repair (YZ-19, LX-16, CX-09, LX-12)."""
    return Draft(
        kind=kind,
        cause=cause,
        clause=clause,
        area=area,
        message=f"{KINDS[kind]}，期限为{due}",
        evidence=(f"{kind.removesuffix('_overdue')}:{cause}",),
        agency_id=agency_id,
        enterprise_id=enterprise_id,
    )


def repair_overdue(event: RepairOverdue) -> Draft:
    """An application for credit repair that was not checked or decided in time (LX-12)."""
    kind = "repair_check_overdue" if event.step == "check" else "repair_overdue"
    cause, clause = event.application_id, event.clause
    return overdue(kind, cause, clause, event.area, event.due, event.agency_id, event.enterprise_id)


def objection_overdue(event: GradeObjectionOverdue) -> Draft:
    """An objection to a grade, an adjustment or a record that was not decided in time (LX-11)."""
    cause, clause = event.objection_id, event.clause
    return overdue("objection_overdue", cause, clause, event.area, event.due_on, None, event.enterprise_id)


def report(
    complaint_id: str,
    *,
    kind: str,
    clause: str,
    area: str,
    label: str,
    due: date,
    evidence: Sequence[str],
    agency_id: str | None,
    officers: Sequence[str],
    enterprise_id: str,
) -> Draft:
    """A report that reaches the supervision body at once, and by when it must be handled (QZ-13, CX-07)."""
    return Draft(
        kind=kind,
        cause=complaint_id,
        clause=clause,
        area=area,
        message=f"接到“{label}”情况，应在{due}前办结",
        evidence=(f"complaint:{complaint_id}", *evidence),
        agency_id=agency_id,
        officers=tuple(officers),
        enterprise_id=enterprise_id,
    )
