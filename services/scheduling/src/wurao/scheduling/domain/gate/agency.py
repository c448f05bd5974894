"""Who may inspect at all."""

from collections.abc import Iterator

from wurao.common.contracts.shared import Refusal
from wurao.scheduling.domain.gate.question import Facts, TaskRequest
from wurao.scheduling.domain.policy import Policy, refusal


def is_published(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """Only a confirmed and published agency inspects (DT-01)."""
    if facts.agency is None or not facts.agency.published:
        yield refusal(
            "agency.not_published",
            policy.basis.agency_published,
            "该机关未经确认公示为行政执法主体，不得实施检查",
            ["由已公示的行政执法主体实施检查"],
        )
