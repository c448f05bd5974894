"""Inspection items: draft → published → cancelled; what a publication needs (DT-01, DT-10, QZ-03, QZ-04)."""

from collections.abc import Sequence
from dataclasses import dataclass

from wurao.common.contracts.shared import Refusal
from wurao.common.errors import Conflict, Refused
from wurao.common.packs import Bases
from wurao.registry.domain.agencies import PUBLISHED as AGENCY_PUBLISHED
from wurao.registry.domain.policy import refusal

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


def require_publishable(agency_state: str, drafts: Sequence[Draft], bases: Bases) -> None:
    """All drafts of an agency are published together or none (DT-01, DT-10, QZ-04). Raises Refused with all reasons."""
    refusals = [] if agency_state == AGENCY_PUBLISHED else [_unpublished_agency(bases)]
    for draft in drafts:
        refusals += _faults(draft, bases)
    if refusals:
        raise Refused(refusals)


def cancel(state: str, bases: Bases) -> str:
    """The state after cancellation (QZ-03). Raises Conflict when cancelled already."""
    if state == CANCELLED:
        raise Conflict("该检查事项已经取消", code="item.cancelled", clause=bases.item_listed.clause)
    return CANCELLED


def _faults(draft: Draft, bases: Bases) -> list[Refusal]:
    """An item needs its legal basis (DT-10) and, unless checked off site without one, its form (QZ-04)."""
    found = []
    if not draft.law.strip() or not draft.article.strip():
        message = f"检查事项“{draft.name}”（{draft.item_id}）没有法律、法规、规章依据"
        ways = ("补充依据的名称和条款后再公示", "取消该事项")
        found.append(refusal("item.no_basis", bases.item_legal_basis, message, *ways))
    if not draft.questions and (draft.form_id or draft.method != "off_site"):
        message = f"检查事项“{draft.name}”（{draft.item_id}）没有细化检查标准的检查表单"
        found.append(refusal("item.no_form", bases.inspection_form, message, "导入该事项的检查表单后再公示"))
    return found


def _unpublished_agency(bases: Bases) -> Refusal:
    message = "执法主体未公示或者已取消，不得公布检查事项"
    return refusal("agency.unpublished", bases.agency_published, message, "先公示该执法主体")
