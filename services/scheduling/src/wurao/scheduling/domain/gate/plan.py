"""In the plan, or on a ground outside it."""

from collections.abc import Iterator

from wurao.common.contracts.shared import Refusal, Way
from wurao.common.packs import Param
from wurao.scheduling.domain.approval import CAMPAIGN_KIND, PUBLICATION, is_campaign, lacking
from wurao.scheduling.domain.gate.question import CAMPAIGN, Facts, PlanFact, TaskRequest, chinese
from wurao.scheduling.domain.policy import Policy, refusal

PLANNED = frozenset({"plan", "draw"})


def window_lies_ahead(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """An inspection is approved before it takes place (QZ-09)."""
    if request.latest < facts.today:
        yield refusal(
            "task.window_past", policy.basis.approved_beforehand, "检查时间已过，不能事后立项", ["另选检查时间"]
        )


def is_usable(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """Planned tasks need a plan that is approved and published (QZ-05)."""
    if request.origin not in PLANNED:
        return
    if facts.plan is None:
        yield refusal(
            "plan.missing",
            policy.grounds.off_plan,
            "没有对应的检查计划",
            ["列入检查计划并经批准、公布", *policy.grounds.options(policy.grounds.off_plan.value)],
            policy.grounds.ways(policy.grounds.off_plan.value),
        )
        return
    yield from unusable(facts.plan, policy)


def unusable(plan: PlanFact, policy: Policy) -> Iterator[Refusal]:
    """Why no task may come of a plan yet, or any more (QZ-05); of a campaign each step that it lacks (QZ-08)."""
    published: Param[bool] = policy.plan.must_be_published
    if plan.state == "superseded":
        message = "该版本检查计划已被新版本替代"
        yield refusal("plan.superseded", policy.basis.plan_followed, message, ["按现行版本的检查计划安排"])
    elif is_campaign(plan.kind, policy):
        passed = {*plan.steps, *([PUBLICATION] if plan.state == "published" else [])}
        yield from lacking(plan.kind, sorted(passed), policy.campaign.steps.value, policy)
    elif plan.state == "draft":
        yield refusal("plan.not_approved", policy.plan.approver, "检查计划未经批准", [approval_option(policy)])
    elif plan.state == "approved" and published.value:
        yield refusal("plan.not_published", published, "检查计划未向社会公布", ["先公布检查计划"])


def campaign_is_approved(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """An inspection on the ground of a special campaign needs a campaign that passed every step (QZ-08)."""
    if request.claimed != CAMPAIGN or not policy.campaign.steps.value:
        return
    if facts.plan is None or facts.plan.kind != CAMPAIGN_KIND:
        yield refusal(
            "campaign.no_plan",
            policy.campaign.steps,
            "没有经批准并公布的专项检查计划",
            ["先制定专项检查计划，依次报批并公布", "列入年度检查计划"],
        )
    elif request.origin not in PLANNED:
        yield from unusable(facts.plan, policy)


def approval_option(policy: Policy) -> str:
    """Whose approval would do."""
    who = "联席会议审定" if policy.plan.approver.value == "conference" else "本机关负责人批准"
    return f"先报{who}"


def covers_the_request(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """A plan carries its own agency's tasks on its items in its period; a joint plan each participant's on its own.

    What rests on a campaign keeps within it, whatever its origin (QZ-08).
    """
    plan = facts.plan
    rests_on_it = request.origin in PLANNED or request.claimed == CAMPAIGN or request.origin == "campaign"
    if not rests_on_it or plan is None:
        return
    part = plan.part_of(request.agency_id)
    if part is None:
        yield refusal("plan.other_agency", policy.basis.plan_followed, "检查计划不属于本机关", ["使用本机关的检查计划"])
        return
    outside = [item_id for item_id in request.item_ids if item_id not in part.item_ids]
    if outside:
        message = f"检查计划未列入事项：{'、'.join(outside)}"
        yield refusal("plan.item_not_included", policy.basis.plan_followed, message, ["调整检查计划并重新批准、公布"])
    if request.earliest < part.period_from or request.latest > part.period_to:
        period = f"{chinese(part.period_from)}至{chinese(part.period_to)}"
        yield refusal(
            "plan.out_of_period",
            policy.basis.plan_followed,
            f"检查时间不在计划期内（{period}）",
            [f"安排在{period}之内"],
            [Way(kind="reschedule", day=part.period_from, until=part.period_to)],
        )


def has_a_ground_outside(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """Outside the plan no inspection but on the grounds that the pack lists (DT-11, LX-02)."""
    grounds = policy.grounds
    if request.origin in PLANNED or request.claimed in grounds.off_plan.value:
        return
    said = f"“{grounds.label(request.claimed)}”不是" if request.claimed else "未说明"
    yield refusal(
        "plan.no_ground",
        grounds.off_plan,
        f"计划外检查{said}可以适用的理由",
        ["列入检查计划并经批准、公布", *grounds.options(grounds.off_plan.value)],
        grounds.ways(grounds.off_plan.value),
    )
