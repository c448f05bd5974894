"""Off-site before on-site (LX-09, QZ-15)."""

from collections.abc import Iterator

from wurao.common.contracts.shared import Refusal, Way
from wurao.scheduling.domain.gate.question import Facts, TaskRequest
from wurao.scheduling.domain.policy import Policy, refusal


def comes_first(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """Where every item can be checked off site nobody comes, unless a reason is given (LX-09, QZ-15)."""
    wanted = facts.wanted(request)
    if not policy.off_site.first.value or not request.on_site or not wanted or (request.reason or "").strip():
        return
    if all(item.method != "on_site" for item in wanted):
        yield refusal(
            "off_site.first",
            policy.off_site.first,
            "这些事项可以通过非现场方式检查，原则上不实施现场检查",
            ["改为非现场检查", "说明非现场方式不能达到检查目的的理由"],
            [Way(kind="off_site")],
        )
