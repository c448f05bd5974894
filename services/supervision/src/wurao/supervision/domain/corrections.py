"""Orders to correct: answered by the agency, closed by the supervisor, never without feedback (LX-16, LX-18)."""

from typing import Any

from wurao.common.contracts.shared import Refusal
from wurao.common.errors import Conflict, Refused
from wurao.common.packs import Param


def answer(state: str) -> str:
    """The state after the agency's feedback; it may improve its feedback until the order is closed. Raises Conflict."""
    if state == "closed":
        raise Conflict("该责令改正已经销号", code="correction.closed", clause="LX-18")
    return "answered"


def close(state: str, rule: Param[Any]) -> str:
    """The state after the supervisor accepted the correction (LX-18). Raises Refused without feedback."""
    if state == "closed":
        raise Conflict("该责令改正已经销号", code="correction.closed", clause="LX-18")
    if state != "answered":
        raise Refused(
            [
                Refusal(
                    code="correction.no_feedback",
                    clause=rule.clause,
                    cite=rule.cite,
                    message="责任机关尚未反馈整改情况，不得销号",
                    alternatives=("督促责任机关先行反馈",),
                )
            ]
        )
    return "closed"
