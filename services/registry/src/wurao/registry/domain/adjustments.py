"""No arbitrary downgrade, no arbitrary exposure: what it takes, its states, and how long it lasts (LX-11).

proposed → approved → noticed → in_force → ended, or lifted before its end; what was never notified is dropped.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from wurao.common.contracts.shared import Refusal
from wurao.common.errors import Conflict, Refused
from wurao.common.legalclock import Period, due_date
from wurao.common.packs.shapes import GradeScheme
from wurao.common.workdays import WorkCalendar
from wurao.registry.domain.policy import AdjustmentSection, refusal

PROPOSED, APPROVED, NOTICED, IN_FORCE = "proposed", "approved", "noticed", "in_force"
ENDED, LIFTED, DROPPED = "ended", "lifted", "dropped"
OPEN = frozenset({PROPOSED, APPROVED, NOTICED, IN_FORCE})
# What the enterprise knows of: from the notice on.
TOLD = frozenset({NOTICED, IN_FORCE, ENDED, LIFTED})

TRANSITIONS: Mapping[tuple[str, str], str] = {
    (PROPOSED, "approve"): APPROVED,
    (PROPOSED, "lift"): DROPPED,
    (APPROVED, "serve"): NOTICED,
    (APPROVED, "lift"): DROPPED,
    (NOTICED, "enforce"): IN_FORCE,
    (NOTICED, "lift"): LIFTED,
    (NOTICED, "end"): ENDED,
    (IN_FORCE, "lift"): LIFTED,
    (IN_FORCE, "end"): ENDED,
}
MISSING = {
    "approve": ("adjustment.not_proposed", "只有待批准的调整可以批准", "重新提出调整"),
    "serve": ("adjustment.not_approved", "未经批准的调整不得告知和生效", "由提出人以外的负责人批准"),
    "enforce": ("adjustment.not_noticed", "未先行告知企业的调整不得生效", "先将调整告知企业并等待异议期届满"),
    "lift": ("adjustment.closed", "该调整已经终止", "无须再行解除"),
    "end": ("adjustment.closed", "该调整已经终止", "无须再行终止"),
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody wants to adjust. `facts`: ids; `counting`: those that count against the enterprise now."""

    kind: str
    level: str | None
    law: str
    article: str
    facts: Collection[str]
    counting: Collection[str]
    ends_on: date
    present: str | None


def latest_end(today: date, section: AdjustmentSection) -> date:
    """The last day that an adjustment proposed today may have."""
    period = Period(section.adjustment_months.value, "month", section.adjustment_months.cite)
    return due_date(today, period, WorkCalendar()).due


def require_proposable(proposal: Proposal, scheme: GradeScheme, section: AdjustmentSection, today: date) -> None:
    """Basis, facts, a level that the scheme has and that changes something, an end. Raises Refused with all faults."""
    found = [*_unfounded(proposal, section), *_wrong_level(proposal, scheme, section)]
    latest = latest_end(today, section)
    if not today < proposal.ends_on <= latest:
        message = f"调整须有终止日期，且不得超过{section.adjustment_months.value}个月"
        found.append(refusal("adjustment.bad_end", section.adjustment_months, message, f"终止日期最晚为{latest}"))
    if found:
        raise Refused(found)


def _unfounded(proposal: Proposal, section: AdjustmentSection) -> list[Refusal]:
    gate, found = section.adjustment_gate, []
    if not (proposal.law.strip() and proposal.article.strip()):
        message = "调整等级或者曝光须写明依据的法律、文件及其条款"
        found.append(refusal("adjustment.no_basis", gate, message, "补充依据的名称和条款", "不作调整"))
    if not proposal.facts:
        message = "调整等级或者曝光须以已经记录的事实为根据"
        found.append(refusal("adjustment.no_facts", gate, message, "列出所依据的信用记录编号", "不作调整"))
    elif unknown := sorted(set(proposal.facts) - set(proposal.counting)):
        message = f"所列信用记录不属于该企业或者已不再计入：{'、'.join(unknown)}"
        found.append(refusal("adjustment.unknown_facts", gate, message, "列出该企业现行有效的信用记录"))
    return found


def _wrong_level(proposal: Proposal, scheme: GradeScheme, section: AdjustmentSection) -> list[Refusal]:
    gate = section.adjustment_gate
    if proposal.kind == "exposure":
        return []
    if proposal.level not in scheme.levels:
        levels = "、".join(f"{level}（{scheme.labels[level]}）" for level in scheme.levels)
        return [refusal("adjustment.unknown_level", gate, "分级办法中没有这个等级", f"可选等级：{levels}")]
    if proposal.present not in scheme.levels:
        return []
    target, present = scheme.levels.index(proposal.level), scheme.levels.index(proposal.present)
    if target > present if proposal.kind == "downgrade" else target < present:
        return []
    message = f"企业现为{scheme.labels[proposal.present]}，所提调整不改变等级"
    return [refusal("adjustment.no_change", gate, message, "不作调整", "选择另一等级")]


def step(state: str, action: str, section: AdjustmentSection) -> str:
    """The state after an action. Raises Refused when the action is not the next lawful one."""
    following = TRANSITIONS.get((state, action))
    if following is None:
        code, message, way = MISSING[action]
        raise Refused([refusal(code, section.adjustment_gate, message, way)])
    return following


def require_other(proposed_by: str, approver: str, section: AdjustmentSection) -> None:
    """Who proposed an adjustment does not approve it. Raises Refused."""
    if approver == proposed_by:
        message = "提出调整的人不得自行批准"
        raise Refused([refusal("adjustment.own_proposal", section.adjustment_gate, message, "由其他负责人批准")])


def objection_until(
    served_on: date, approved_on: date, today: date, section: AdjustmentSection, days: WorkCalendar
) -> date:
    """The last day on which the enterprise objects before the adjustment takes effect. Raises Conflict."""
    if not approved_on <= served_on <= today:
        clause = section.adjustment_gate.clause
        raise Conflict("送达日期应在批准之日至今天之间", code="adjustment.bad_service", clause=clause)
    period = Period(section.objection_days.value, "working", section.objection_days.cite)
    return due_date(served_on, period, days).due


def require_ripe(until: date, objected: bool, today: date, section: AdjustmentSection) -> None:
    """It takes effect once the period is over and no objection is open. Raises Refused with the earliest day."""
    if objected:
        message, way = "企业已提出异议，处理完毕之前调整不得生效", "由未参与提出和批准的人员处理异议"
        raise Refused([refusal("adjustment.objected", section.objection_decision_days, message, way)])
    if today <= until:
        message, way = f"异议期至{until}，届满之前调整不得生效", f"{until}之后自动生效"
        raise Refused([refusal("adjustment.objection_period", section.objection_days, message, way)])
