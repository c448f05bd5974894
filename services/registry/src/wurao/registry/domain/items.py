"""Inspection items: draft → published → cancelled; what a publication needs (DT-01, DT-10, QZ-03, QZ-04)."""

from collections.abc import Sequence
from dataclasses import dataclass

from wurao.common.contracts.shared import Refusal
from wurao.common.errors import Conflict, Refused
from wurao.registry.domain.agencies import PUBLISHED as AGENCY_PUBLISHED

DRAFT, PUBLISHED, CANCELLED = "draft", "published", "cancelled"


@dataclass(frozen=True, slots=True)
class Draft:
    """What counts about an item that is to be published; `questions` is how many its form asks."""

    item_id: str
    name: str
    law: str
    article: str
    method: str
    form_id: str | None
    questions: int


def require_publishable(agency_state: str, drafts: Sequence[Draft]) -> None:
    """All drafts of an agency are published together or none. Raises Refused with every reason."""
    refusals = [] if agency_state == AGENCY_PUBLISHED else [_unpublished_agency()]
    for draft in drafts:
        refusals += _faults(draft)
    if refusals:
        raise Refused(refusals)


def cancel(state: str) -> str:
    """The state after cancellation (QZ-03). Raises Conflict when cancelled already."""
    if state == CANCELLED:
        raise Conflict("该检查事项已经取消", code="item.cancelled", clause="QZ-03")
    return CANCELLED


def _faults(draft: Draft) -> list[Refusal]:
    found = []
    if not draft.law.strip() or not draft.article.strip():
        found.append(
            Refusal(
                code="item.no_basis",
                clause="DT-10",
                cite="菏定政办字〔2023〕6号 二(三)7",
                message=f"检查事项“{draft.name}”（{draft.item_id}）没有法律、法规、规章依据",
                alternatives=("补充依据的名称和条款后再公示", "取消该事项"),
            )
        )
    if not draft.questions and (draft.form_id or draft.method != "off_site"):
        found.append(
            Refusal(
                code="item.no_form",
                clause="QZ-04",
                cite="衢政办发〔2025〕16号 二(一)3",
                message=f"检查事项“{draft.name}”（{draft.item_id}）没有细化检查标准的检查表单",
                alternatives=("导入该事项的检查表单后再公示",),
            )
        )
    return found


def _unpublished_agency() -> Refusal:
    return Refusal(
        code="agency.unpublished",
        clause="DT-01",
        cite="菏定政办字〔2023〕6号 二(一)1",
        message="执法主体未公示或者已取消，不得公布检查事项",
        alternatives=("先公示该执法主体",),
    )
