"""Which approvals a plan passes, in what order and by whom (LX-01, QZ-05, QZ-08, CX-01).

A plan passes the agency's inner levels and then its approver; a special campaign passes the steps that the pack
lists. Nobody takes two steps of one plan, nor one of a plan that is his own, whichever account is used.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from wurao.common.contracts.shared import Refusal
from wurao.common.errors import Conflict, Kind, Refused
from wurao.common.packs import Param
from wurao.scheduling.domain.policy import Policy, refusal

CAMPAIGN_KIND = "campaign"
DRAFT, APPROVED = "draft", "approved"

UNIT_LEADER, LEGAL_REVIEW, DISCUSSION = "unit_leader", "legal_review", "collective_discussion"
GOVERNMENT, PUBLICATION, HEAD, CONFERENCE = "government_approval", "publication", "head", "conference"

NAMES: Mapping[str, str] = {
    UNIT_LEADER: "承办机构负责人审核",
    LEGAL_REVIEW: "法制审核",
    DISCUSSION: "集体讨论",
    GOVERNMENT: "县级以上政府或者垂直管理的上一级机关批准",
    PUBLICATION: "向社会公布",
    HEAD: "本机关负责人批准",
    CONFERENCE: "联席会议审定",
}
WHO: Mapping[str, str] = {
    UNIT_LEADER: "承办机构负责人",
    LEGAL_REVIEW: "本机关法制审核人员",
    DISCUSSION: "本机关负责人",
    GOVERNMENT: "县级以上政府或者垂直管理的上一级机关",
    HEAD: "本机关负责人",
    CONFERENCE: "联席会议",
}
# A decision of several persons, or of another body, is known by its document.
DOCUMENTED = frozenset({DISCUSSION, GOVERNMENT})


@dataclass(frozen=True, slots=True)
class Act:
    """A step as somebody would take it: `may` are the steps open to the caller by role and agency."""

    step: str
    person: str
    may: frozenset[str]
    document: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a plan got: its kind and state, who wrote it, and who took which step since it last changed."""

    kind: str
    state: str
    authors: frozenset[str]
    taken: Mapping[str, str]


def is_campaign(kind: str, policy: Policy) -> bool:
    """Tell whether the steps of a special campaign hold for a plan of this kind (QZ-08)."""
    return kind == CAMPAIGN_KIND and bool(policy.campaign.steps.value)


def flow(kind: str, policy: Policy) -> tuple[str, ...]:
    """The approvals of a kind of plan in order; the last one approves it."""
    if is_campaign(kind, policy):
        return tuple(step for step in policy.campaign.steps.value if step != PUBLICATION)
    return (*policy.plan.approval_levels.value, policy.plan.approver.value)


def awaited(kind: str, state: str, taken: Sequence[str], policy: Policy) -> str | None:
    """The step that a draft waits for; none once it is approved."""
    if state != DRAFT:
        return None
    return next((step for step in flow(kind, policy) if step not in taken), None)


def rule_of(kind: str, step: str, policy: Policy) -> Param[Any]:
    """The parameter on which a step rests."""
    if is_campaign(kind, policy):
        return policy.campaign.steps
    return policy.plan.approver if step == policy.plan.approver.value else policy.plan.approval_levels


def lacking(kind: str, taken: Sequence[str], steps: Sequence[str], policy: Policy) -> Iterator[Refusal]:
    """One refusal for each of the steps that a plan has not passed, by name (LX-01, QZ-08)."""
    what = "专项检查" if is_campaign(kind, policy) else "检查计划"
    for step in steps:
        if step not in taken:
            code = f"campaign.no_{step}" if is_campaign(kind, policy) else f"plan.no_{step}"
            message = f"{what}未经{NAMES[step]}" if step != PUBLICATION else f"{what}未{NAMES[step]}"
            yield refusal(code, rule_of(kind, step, policy), message, [f"先{NAMES[step]}"])


def take(plan: Standing, act: Act, policy: Policy) -> str:
    """The state after a step; approved after the last one.

    Raises Conflict unless the plan is a draft that still waits for the step. Raises Refused for one's own plan or
    a second step by one person (LX-01), for who may not take it (QZ-05, CX-01), for each step that should have gone
    before (QZ-08), and for a decision without its document.
    """
    steps = flow(plan.kind, policy)
    if plan.state != DRAFT:
        raise Conflict("检查计划已经批准", code="plan.not_draft")
    if act.step not in steps:
        raise Conflict("该检查计划不经这一程序", code="plan.no_such_step")
    rule = rule_of(plan.kind, act.step, policy)
    _require_another_person(plan, act, rule)
    if act.step not in act.may:
        who = WHO[act.step]
        message = f"检查计划应由{who}{'审核' if act.step in (UNIT_LEADER, LEGAL_REVIEW) else '批准'}"
        raise Refused([refusal("plan.wrong_approver", rule, message, [f"报{who}办理"])], kind=Kind.FORBIDDEN)
    if act.step in plan.taken:
        raise Conflict("这一程序已经办结", code="plan.step_taken")
    if missing := list(lacking(plan.kind, list(plan.taken), steps[: steps.index(act.step)], policy)):
        raise Refused(missing)
    if not (act.document or "").strip():
        _require_document(act.step, rule)
    return APPROVED if act.step == steps[-1] else DRAFT


def _require_another_person(plan: Standing, act: Act, rule: Param[Any]) -> None:
    if act.person in plan.authors:
        message, option = "不得批准自己制定的检查计划", "由另一负责人批准"
        raise Refused([refusal("plan.self_approval", rule, message, [option])], kind=Kind.FORBIDDEN)
    earlier = next((step for step, person in plan.taken.items() if person == act.person and step != act.step), None)
    if earlier is not None:
        message = f"同一人不得既办理{NAMES[earlier]}又办理{NAMES[act.step]}"
        raise Refused([refusal("plan.same_person", rule, message, ["由另一人办理"])], kind=Kind.FORBIDDEN)


def _require_document(step: str, rule: Param[Any]) -> None:
    if step == CONFERENCE:
        raise Refused([refusal("plan.no_resolution", rule, "联席会议审定计划须有会议决议", ["填写会议决议文号"])])
    if step in DOCUMENTED:
        raise Refused([refusal("plan.no_document", rule, f"{NAMES[step]}须有文件或者记录文号", ["填写文号"])])


def give_back(plan: Standing, person: str, may: frozenset[str], policy: Policy) -> None:
    """Whether somebody may return a draft for change: who could take one of its steps, and did not write it.

    Raises Conflict unless a draft, Refused otherwise (LX-01).
    """
    if plan.state != DRAFT:
        raise Conflict("检查计划已经批准，只能制定新的版本", code="plan.not_draft")
    rule = policy.plan.approver
    if person in plan.authors:
        message = "制定人可以直接修改，不必退回"
        raise Refused([refusal("plan.self_approval", rule, message, ["直接修改计划"])], kind=Kind.FORBIDDEN)
    if not may & set(flow(plan.kind, policy)):
        raise Refused(
            [refusal("plan.wrong_approver", rule, "只有审核、批准人可以退回检查计划", ["报审核、批准人退回"])],
            kind=Kind.FORBIDDEN,
        )


def beyond_the_year(kind: str, first: date, last: date, policy: Policy) -> Iterator[Refusal]:
    """A campaign counts in one year and ends within it (QZ-08)."""
    if is_campaign(kind, policy) and first.year != last.year:
        rule = policy.campaign.max_per_year or policy.campaign.steps
        message = "专项检查按年度控制数量，不得跨年度"
        yield refusal("campaign.beyond_the_year", rule, message, [f"在{first.year}年12月31日前结束"])


def over_the_number(limit: int, year: int, policy: Policy) -> Refusal:
    """The year's number of special campaigns is used up (QZ-08)."""
    rule = policy.campaign.max_per_year or policy.campaign.steps
    return refusal(
        "campaign.number_exceeded",
        rule,
        f"本机关{year}年专项检查已达年度上限{limit}次",
        ["并入年度检查计划", f"{year + 1}年1月1日后另行组织"],
    )
