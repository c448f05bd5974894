"""Whether a coercive measure may be imposed (CL-18, YZ-17, CX-10)."""

from wurao.common.contracts.shared import Refusal
from wurao.common.packs.shapes import ListEntry


def may_impose(softer_means_fail: str, listed: ListEntry | None, list_clause: str, list_cite: str) -> list[Refusal]:
    """No measure where softer means serve: by the agency's own reason, or by the no-coercion list."""
    refusals = []
    if not softer_means_fail.strip():
        refusals.append(
            Refusal(
                code="measure.no_reason_against_softer_means",
                clause="YZ-17",
                cite="永优组办发〔2023〕5号 第5条；行政强制法 第五条",
                message="未写明非强制手段为何不能达到管理目的，不得实施强制措施",
                alternatives=("采用责令改正、指导等非强制手段", "写明非强制手段不足的理由"),
            )
        )
    if listed is not None:
        refusals.append(
            Refusal(
                code="measure.on_no_coercion_list",
                clause=list_clause,
                cite=list_cite,
                message=f"符合不予强制清单条目{listed.code}：{listed.condition}",
                alternatives=("采用非强制手段",),
            )
        )
    return refusals
