"""What a visit is made of: its items, its one form, and how many officers an agency sends."""

from collections.abc import Collection, Mapping, Sequence

from wurao.common.contracts.shared import JsonObject, Question, VisitItem
from wurao.common.forms import one_form
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.tables import Item, Task


def officers_needed(items: Sequence[Item], policy: Policy) -> int:
    """How many officers an agency sends for its items: what they need, and never less than the law says."""
    return max([policy.entry.min_officers.value, *(item.officers for item in items)])


def items_of(tasks: Sequence[Task], items: Mapping[str, Item], *, delegated: Collection[str] = ()) -> list[VisitItem]:
    """Each item once, under the task that brought it; `delegated` are agencies that send nobody (QZ-07)."""
    listed: dict[str, VisitItem] = {}
    for task in tasks:
        for item_id in task.item_ids:
            part = VisitItem(
                item_id=item_id,
                agency_id=task.agency_id,
                name=items[item_id].name,
                task_id=task.task_id,
                delegated=task.agency_id in delegated,
            )
            listed.setdefault(item_id, part)
    return list(listed.values())


def form_of(listed: Sequence[VisitItem], items: Mapping[str, Item]) -> list[JsonObject]:
    """The one form for all items of a visit (QZ-07)."""
    forms = [
        (part.item_id, [Question.model_validate(question) for question in items[part.item_id].questions])
        for part in listed
    ]
    return [question.model_dump(mode="json") for question in one_form(forms)]
