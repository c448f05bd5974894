"""Objections to grades, adjustments, facts and proposed classes: once each, decided in time, by an outsider (LX-11)."""

from collections.abc import Collection
from datetime import date

from wurao.common.errors import Conflict, Refused
from wurao.common.legalclock import Period, due_date
from wurao.common.workdays import WorkCalendar
from wurao.registry.domain.adjustments import IN_FORCE, NOTICED
from wurao.registry.domain.policy import AdjustmentSection, refusal

OPEN, UPHELD, REJECTED = "open", "upheld", "rejected"


def due_on(filed_on: date, section: AdjustmentSection, days: WorkCalendar) -> date:
    """The last day on which an objection is to be decided."""
    period = Period(section.objection_decision_days.value, "working", section.objection_decision_days.cite)
    return due_date(filed_on, period, days).due


def require_open_to_objection(state: str, section: AdjustmentSection) -> None:
    """An adjustment is objected to from its notice to its end. Raises Conflict."""
    if state not in (NOTICED, IN_FORCE):
        clause = section.objection_days.clause
        raise Conflict("该调整未在告知或者执行之中", code="objection.nothing_to_object_to", clause=clause)


def decide(
    state: str,
    by: str,
    involved: Collection[str],
    *,
    upheld: bool,
    remedies: str,
    section: AdjustmentSection,
) -> str:
    """The state after the decision. Raises Conflict when decided already, Refused for the involved, or no remedies."""
    gate = section.objection_decision_days
    if state != OPEN:
        raise Conflict("该异议已经处理", code="objection.decided", clause=gate.clause)
    if by in involved:
        message = "提出或者批准该措施的人员不得处理对它的异议"
        raise Refused([refusal("objection.own_act", gate, message, "由未参与的人员处理")])
    if not upheld and not remedies.strip():
        message = "驳回异议须告知企业救济途径"
        raise Refused([refusal("objection.no_remedies", gate, message, "写明复议、诉讼的途径和期限")])
    return UPHELD if upheld else REJECTED
