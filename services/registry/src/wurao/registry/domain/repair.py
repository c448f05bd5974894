"""Credit repair: states of an application, who may apply when, which papers lack, who decides (LX-12)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from wurao.common.contracts.shared import Refusal
from wurao.common.errors import Conflict
from wurao.common.legalclock import Period, due_date
from wurao.common.packs import Param
from wurao.common.packs.shapes import Material
from wurao.common.workdays import WorkCalendar
from wurao.registry.domain.displays import RUNNING
from wurao.registry.domain.policy import refusal
from wurao.registry.domain.repair_policy import RepairSection

SUBMITTED = "submitted"
RETURNED = "returned"
ACCEPTED = "accepted"
GRANTED = "granted"
REFUSED = "refused"
TAKEN_BACK = "taken_back"
REVOKED = "revoked"
CLOSED = "closed"

MOST_PAPERS = 100
OPEN = frozenset({SUBMITTED, RETURNED, ACCEPTED})

# (state, act) → state; whatever is not here is no lawful step.
TRANSITIONS: Mapping[tuple[str, str], str] = {
    (SUBMITTED, "return"): RETURNED,
    (SUBMITTED, "accept"): ACCEPTED,
    (RETURNED, "supplement"): SUBMITTED,
    (ACCEPTED, "grant"): GRANTED,
    (ACCEPTED, "refuse"): REFUSED,
    (GRANTED, "revoke"): REVOKED,
    **{(state, "take_back"): TAKEN_BACK for state in OPEN},
    **{(state, "close"): CLOSED for state in OPEN},
}

LABELS = {
    SUBMITTED: "待审查材料",
    RETURNED: "材料不齐，已退回",
    ACCEPTED: "已受理",
    GRANTED: "准予修复",
    REFUSED: "不予修复",
    TAKEN_BACK: "申请人已撤回",
    REVOKED: "修复已撤销",
    CLOSED: "记录已终止，申请结案",
}


@dataclass(frozen=True, slots=True)
class Record:
    """An adverse record as an application meets it."""

    state: str
    severity: str
    violation: str | None
    apply_from: date
    owes: bool
    barred_until: date | None


def step(state: str, act: str, rests_on: Param[int]) -> str:
    """The state after an act. Raises Conflict where the act is not open in that state."""
    after = TRANSITIONS.get((state, act))
    if after is None:
        message = f"申请当前状态为“{LABELS[state]}”，不能办理此步骤"
        raise Conflict(message, code="repair.wrong_state", clause=rests_on.clause)
    return after


def obstacles(record: Record, law: RepairSection, today: date) -> list[Refusal]:
    """Why an adverse record cannot be repaired on a day, each with the clause and what would be lawful."""
    if record.state != RUNNING:
        return [refusal("repair.not_shown", law.terms, "该记录已修复、已恢复或者已撤回，无需申请修复")]
    found = []
    if record.violation in law.excluded.value:
        name = law.excluded.value[record.violation]
        found.append(refusal("repair.excluded", law.excluded, f"“{name}”依法不予修复", "最长公示期满后自动恢复"))
    if today < record.apply_from:
        message = f"{law.terms.value[record.severity].label}失信信息的最短公示期未满"
        found.append(refusal("repair.too_early", law.terms, message, f"{record.apply_from.isoformat()}起可以申请"))
    if record.owes:
        way = "缴清罚款（已批准分期的，缴清最后一期）后申请"
        found.append(refusal("repair.duty_open", law.conditions, "处罚决定规定的义务尚未履行完毕", way))
    if record.barred_until is not None and today <= record.barred_until:
        message = "曾以虚假材料取得修复，暂不得再次申请"
        way = f"{record.barred_until.isoformat()}之后可以申请"
        found.append(refusal("repair.false_materials", law.false_materials_months, message, way))
    return found


def repairable_from(record: Record, law: RepairSection) -> date | None:
    """The first day on which an application is taken, None where the law allows none; a fine is to be settled first."""
    if record.state != RUNNING or record.violation in law.excluded.value:
        return None
    if record.barred_until is None:
        return record.apply_from
    return max(record.apply_from, record.barred_until + timedelta(days=1))


def lacking(required: Iterable[Material], given: Collection[str]) -> list[Material]:
    """Every paper that is required and not given: all are told at once."""
    return [material for material in required if material.kind not in given]


def unfit_decider(
    law: RepairSection,
    *,
    roles: Collection[str],
    person: str,
    officer_id: str | None,
    entered_by: str,
    officers: Collection[str],
    agency_decides: bool,
) -> Refusal | None:
    """Why a person may not decide: another role, an officer of the case, or who entered the application."""
    if agency_decides and law.decided_by.value not in roles:
        return refusal("repair.not_decider", law.decided_by, "信用修复应由规定的负责人决定", "报请本机关负责人决定")
    if officer_id is not None and officer_id in officers:
        return refusal("repair.own_case", law.decided_by, "办理该处罚案件的人员不得决定其信用修复", "由其他负责人决定")
    if person == entered_by:
        return refusal("repair.own_application", law.decided_by, "申请由本人录入，不得再由本人决定", "由其他负责人决定")
    return None


def due(days: Param[int], start: date, calendar: WorkCalendar) -> date:
    """The last day of a clock of working days. Raises CalendarUnknown."""
    return due_date(start, Period(days.value, "working", days.cite), calendar).due


def remind_on(days: Param[int], before: int, start: date, calendar: WorkCalendar) -> date:
    """The day of the reminder: so many working days before the clock runs out, not before it starts."""
    left = days.value - before
    return due_date(start, Period(left, "working", days.cite), calendar).due if left > 0 else start
