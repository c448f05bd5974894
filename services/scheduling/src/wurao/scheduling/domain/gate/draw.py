"""By draw, or on a ground outside it (YZ-02)."""

from collections.abc import Iterator

from wurao.common.contracts.shared import Refusal
from wurao.scheduling.domain.gate.question import Facts, TaskRequest
from wurao.scheduling.domain.policy import Policy, refusal


def or_a_ground(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """An on-site inspection is born of a draw unless a listed ground holds; one draw, one inspection (YZ-02)."""
    grounds = policy.grounds
    if not request.on_site or (request.origin == "draw" and facts.drawn):
        return
    if request.claimed in grounds.off_draw.value:
        return
    said = f"，“{grounds.label(request.claimed)}”不是可以适用的理由" if request.claimed else ""
    used = request.origin == "draw" and facts.drawn_before
    message = (
        "本次双随机抽查的这些事项已经安排检查，不得凭同一次抽查再次检查" if used else "该企业不是双随机抽取的检查对象"
    )
    yield refusal(
        "draw.no_ground",
        grounds.off_draw,
        f"{message}{said}",
        ["通过双随机抽查确定检查对象", *grounds.options(grounds.off_draw.value)],
        grounds.ways(grounds.off_draw.value),
    )


def ground_holds(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """A ground that the published facts can contradict must agree with them (YZ-02)."""
    ground = request.claimed
    wanted = facts.wanted(request)
    if not request.on_site or not wanted or facts.enterprise is None or ground not in policy.grounds.off_draw.value:
        return
    tags = facts.enterprise.tags
    holds = {
        "special_industry": "special_industry" in tags or any(item.special_industry for item in wanted),
        "key_area": "key_area" in tags or any(item.key_area for item in wanted),
        "not_on_random_list": all(not item.random_list for item in wanted),
    }
    if not holds.get(ground, True):
        yield refusal(
            "draw.ground_untrue",
            policy.grounds.off_draw,
            f"公布的事项和企业信息与所述理由“{policy.grounds.label(ground)}”不符",
            ["通过双随机抽查确定检查对象", "核对检查理由"],
        )
