"""Grades that random inspections leave in peace (CX-12)."""

from collections.abc import Iterator

from wurao.common.contracts.shared import Refusal, Way
from wurao.scheduling.domain.gate.question import Facts, TaskRequest
from wurao.scheduling.domain.policy import Policy, refusal


def exempts(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """Enterprises of the best grade are not inspected on site but on the pack's grounds (CX-12)."""
    exempt, grounds = policy.cap.random_exempt_grades, policy.grounds
    if not request.on_site or facts.enterprise is None or facts.enterprise.grade not in exempt.value:
        return
    if request.claimed in grounds.exempt_grade.value:
        return
    label = policy.grade.scheme.value.labels.get(facts.enterprise.grade, facts.enterprise.grade)
    yield refusal(
        "grade.exempt",
        exempt,
        f"该企业信用等级为{label}，一般不实施现场随机检查",
        ["采用非现场方式检查", *grounds.options(grounds.exempt_grade.value)],
        [Way(kind="off_site"), *grounds.ways(grounds.exempt_grade.value)],
    )
