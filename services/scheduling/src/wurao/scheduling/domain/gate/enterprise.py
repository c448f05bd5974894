"""Whom an inspection may be aimed at."""

from collections.abc import Iterator

from wurao.common.contracts.shared import Refusal
from wurao.scheduling.domain.gate.question import Facts, TaskRequest
from wurao.scheduling.domain.policy import Policy, refusal


def is_registered(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """An enterprise that does not exist, or exists no more, is not inspected."""
    if facts.enterprise is None:
        yield refusal(
            "enterprise.unknown", policy.basis.registered_enterprise, "没有这家企业的登记信息", ["核对统一社会信用代码"]
        )
    elif facts.enterprise.status == "deregistered":
        yield refusal("enterprise.deregistered", policy.basis.registered_enterprise, "该企业已经注销", ["核对检查对象"])


def premises_are_its_own(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """Named premises are the enterprise's."""
    enterprise, place = facts.enterprise, request.premises_id
    if enterprise is not None and place is not None and place not in enterprise.premises:
        yield refusal(
            "premises.unknown", policy.basis.registered_enterprise, "该经营场所不属于这家企业", ["核对经营场所"]
        )
