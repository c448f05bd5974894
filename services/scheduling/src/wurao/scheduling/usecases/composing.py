"""What a visit is made of: who leads, its items, its one form, and how many officers an agency sends."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from wurao.common.contracts.shared import JsonObject, Question, VisitItem
from wurao.common.forms import one_form
from wurao.scheduling.domain import people
from wurao.scheduling.domain import visits as rules
from wurao.scheduling.domain.gate.joining import needed
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.tables import Item, Task, Visit


def officers_needed(items: Sequence[Item], policy: Policy) -> int:
    """How many officers an agency sends for its items: what they need, and never less than the law says."""
    return needed((item.officers for item in items), policy)


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


def form_of(listed: Sequence[VisitItem], items: Mapping[str, Item], policy: Policy) -> list[JsonObject]:
    """The one form for all items of a visit; where the pack wants no such form, each item asks for itself (QZ-07)."""
    forms = [
        (part.item_id, [Question.model_validate(question) for question in items[part.item_id].questions])
        for part in listed
    ]
    if policy.merge.one_form.value:
        merged = one_form(forms)
    else:
        keys = {question.question_id: question.shared_key for _, questions in forms for question in questions}
        plain = [(item_id, [_unshared(question) for question in questions]) for item_id, questions in forms]
        merged = tuple(q.model_copy(update={"shared_key": keys[q.question_id]}) for q in one_form(plain))
    return [question.model_dump(mode="json") for question in merged]


def _unshared(question: Question) -> Question:
    return question.model_copy(update={"shared_key": None})


def minutes_of(tasks: Sequence[Task], items: Mapping[str, Item]) -> int:
    """How long a visit takes: the plain sum over its tasks."""
    return sum(items[item_id].minutes for task in tasks for item_id in task.item_ids if item_id in items)


def leading(
    tasks: Sequence[Task], items: Mapping[str, Item], present: Mapping[str, int], policy: Policy
) -> tuple[str | None, list[Task]]:
    """The leading agency, and the tasks that a visit can serve under it; `present` are officers by agency.

    The agency with most items leads that sends enough officers. An agency that sends nobody has its simple items
    checked by the leading agency where the pack allows (QZ-07).
    """
    able = [task for task in tasks if present.get(task.agency_id)]
    weights = rules.by_weight(items_of(able, items))
    lead = next((agency_id for agency_id in weights if people.enough(present, agency_id, policy)), None)
    if lead is None:
        return None, []
    return lead, [*able, *(task for task in tasks if not present.get(task.agency_id) and simple(task, items, policy))]


def days_of(task: Task) -> tuple[date, date]:
    """The days between which a task may be carried out: its own, within the year whose cap it falls under (QZ-16)."""
    year = task.counter_year
    return max(task.earliest, date(year, 1, 1)), min(task.latest, date(year, 12, 31))


def simple(task: Task, items: Mapping[str, Item], policy: Policy) -> bool:
    """Tell whether another agency's officers may check the task's items for its own agency (QZ-07)."""
    return policy.merge.delegated_checks.value and all(
        item_id in items and items[item_id].delegable for item_id in task.item_ids
    )


def fill(visit: Visit, tasks: Sequence[Task], items: Mapping[str, Item], sent: Collection[str], policy: Policy) -> None:
    """Put into a visit what its tasks bring; items of agencies that are not `sent` are delegated."""
    delegated = {task.agency_id for task in tasks} - set(sent)
    listed = items_of(tasks, items, delegated=delegated)
    visit.items = [item.model_dump(mode="json") for item in listed]
    visit.questions = form_of(listed, items, policy)
    visit.kind = rules.kind_of([share(task) for task in tasks])
    visit.minutes = minutes_of(tasks, items)
    visit.premises_id = next((task.premises_id for task in tasks if task.premises_id), None)
    visit.ground = next((task.ground for task in tasks if task.ground), None)
    visit.source_record = next((task.source_record for task in tasks if task.source_record), None)


def share(task: Task) -> rules.TaskShare:
    """What a task brings into a visit."""
    return rules.TaskShare(
        task.task_id, task.agency_id, task.origin, tuple(task.item_ids), task.ground, task.source_record
    )
