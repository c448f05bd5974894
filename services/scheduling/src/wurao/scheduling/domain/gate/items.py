"""What may be inspected."""

from collections.abc import Iterator

from wurao.common.contracts.shared import Refusal, Way
from wurao.scheduling.domain.gate.question import Facts, TaskRequest
from wurao.scheduling.domain.policy import Policy, refusal


def are_listed(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """Only published items, and no cancelled one (QZ-03)."""
    for item_id in request.item_ids:
        item = facts.items.get(item_id)
        if item is None:
            message = f"检查事项{item_id}未公布，不得实施"
            yield refusal("item.not_published", policy.basis.item_listed, message, ["先公布检查事项清单"])
        elif not item.published:
            yield refusal(
                "item.cancelled", policy.basis.item_listed, f"检查事项“{item.name}”已取消", ["从任务中去掉该事项"]
            )


def have_a_basis(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """No inspection without a basis in law, regulation or rule (DT-10)."""
    for item in facts.wanted(request):
        if not (item.law.strip() and item.article.strip()):
            message = f"检查事项“{item.name}”没有法律、法规、规章依据"
            yield refusal("item.no_basis", policy.basis.item_legal_basis, message, ["补充法律依据并重新公布该事项"])


def belong_to_the_agency(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """An agency inspects only its own items (DT-10)."""
    for item in facts.wanted(request):
        if item.agency_id != request.agency_id:
            message = f"检查事项“{item.name}”不属于本机关职责"
            yield refusal(
                "item.other_agency",
                policy.basis.item_legal_basis,
                message,
                [f"由该事项的主管机关（{item.agency_id}）检查"],
                [Way(kind="hand_over", agency_id=item.agency_id)],
            )


def suit_the_method(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """An item is inspected the way in which it was published."""
    ways = {"on_site": "现场", "off_site": "非现场"}
    for item in facts.wanted(request):
        if item.method in ways and item.method != request.method:
            message = f"检查事项“{item.name}”公布的方式是{ways[item.method]}检查"
            other = [Way(kind="off_site")] if item.method == "off_site" else []
            yield refusal("item.method", policy.basis.item_listed, message, [f"改为{ways[item.method]}检查"], other)
