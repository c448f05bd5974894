"""Whether a coercive measure may be imposed (CL-18, YZ-17, CX-10)."""

from wurao.common.contracts.shared import Refusal
from wurao.common.packs import Bases, Param
from wurao.common.packs.shapes import ListEntry
from wurao.penalty.domain.policy import refusal

Lists = Param[tuple[ListEntry, ...]]


def may_impose(softer_means_fail: str, listed: ListEntry | None, lists: Lists | None, bases: Bases) -> list[Refusal]:
    """No measure where softer means serve: by the agency's own reason (YZ-17), or by the list (CX-10)."""
    refusals = []
    if not softer_means_fail.strip():
        message = "未写明非强制手段为何不能达到管理目的，不得实施强制措施"
        ways = ("采用责令改正、指导等非强制手段", "写明非强制手段不足的理由")
        refusals.append(refusal("measure.no_reason_against_softer_means", bases.soft_means_first, message, *ways))
    if listed is not None and lists is not None:
        message = f"符合不予强制清单条目{listed.code}：{listed.condition}"
        refusals.append(refusal("measure.on_no_coercion_list", lists, message, "采用非强制手段"))
    return refusals
