"""Enter, publish and cancel items with their forms; count and judge their use."""

from collections.abc import Sequence
from datetime import date

from wurao.common.clock import legal_date
from wurao.common.contracts.checkin import InspectionFinished
from wurao.common.contracts.registry import ItemCancelled, ItemPublished
from wurao.common.contracts.shared import Question
from wurao.common.db import ReadSession, WriteSession
from wurao.common.imports import Checked, ImportReport, RowError
from wurao.registry.domain import items as rules
from wurao.registry.domain.usage import Usage, judge
from wurao.registry.repository import agencies as agency_repository
from wurao.registry.repository import items as repository
from wurao.registry.schemas.items import ItemRow, QuestionRow, UsageOut
from wurao.registry.tables import Agency, FormQuestion, Item, ItemEdition
from wurao.registry.usecases.bases import BasesOf
from wurao.registry.usecases.rows import referring


async def enter(session: WriteSession, checked: Checked[ItemRow]) -> ImportReport:
    """Enter items as drafts; a changed published item becomes the draft of its next edition."""
    checked = await referring(session, checked, "agency_id", Agency.agency_id, "没有这个执法主体")
    known = await repository.known(session, [row.item_id for row in checked.good])
    checked = checked.rejecting(lambda number, row: _fixed(number, row, known.get(row.item_id)))
    for row in checked.good:
        item, values = known.get(row.item_id), row.model_dump() | {"industries": list(row.industries)}
        if item is None:
            session.add(Item(**values))
        elif _differs(item, row):
            for name, value in values.items():
                setattr(item, name, value)
            item.state = rules.DRAFT
    return checked.report


def _differs(item: Item, row: ItemRow) -> bool:
    values = row.model_dump() | {"industries": list(row.industries)}
    return any(getattr(item, name) != value for name, value in values.items())


def _fixed(number: int, row: ItemRow, item: Item | None) -> RowError | None:
    """What keeps a known item from being changed by the row."""
    if item is None or not _differs(item, row):
        return None
    if item.state == rules.CANCELLED:
        return RowError(row=number, field="item_id", code="item.cancelled", message="已取消的检查事项不得更改")
    if item.agency_id != row.agency_id:
        return RowError(row=number, field="agency_id", code="item.other_agency", message="检查事项属于另一执法主体")
    return None


async def enter_forms(session: WriteSession, checked: Checked[QuestionRow]) -> ImportReport:
    """Enter versions of forms; one that a published item asks never changes, a new one makes new drafts (QZ-04)."""
    form_ids = [row.form_id for row in checked.good]
    known = await repository.questions_of(session, form_ids)
    frozen = await repository.published_forms(session, form_ids)
    checked = checked.rejecting(lambda number, row: _frozen(number, row, known, frozen))
    changed = set()
    for row in checked.good:
        question = known.get((row.form_id, row.version, row.question_id))
        if question is None:
            session.add(FormQuestion(**row.model_dump()))
        elif not _same(question, row):
            for name, value in row.model_dump().items():
                setattr(question, name, value)
        else:
            continue
        changed.add(row.form_id)
    for item in await repository.using_forms(session, changed):
        item.state = rules.DRAFT
    return checked.report


def _same(question: FormQuestion, row: QuestionRow) -> bool:
    return all(getattr(question, name) == value for name, value in row.model_dump().items())


def _frozen(
    number: int,
    row: QuestionRow,
    known: dict[tuple[str, int, str], FormQuestion],
    frozen: set[repository.FormKey],
) -> RowError | None:
    question = known.get((row.form_id, row.version, row.question_id))
    if (row.form_id, row.version) not in frozen or (question is not None and _same(question, row)):
        return None
    return RowError(
        row=number, field="version", code="form.published", message="已公示的表单版本不得更改，请使用新版本号"
    )


async def publish(session: WriteSession, agency_id: str, today: date) -> Sequence[Item]:
    """Publish all drafts of an agency with their forms, or none (DT-10, QZ-03, QZ-04). Raises Refused."""
    agency = await agency_repository.get(session, agency_id)
    drafts = await repository.drafts(session, agency_id)
    forms = await repository.newest_forms(session, [item.form_id for item in drafts if item.form_id])
    asked = {item.item_id: forms.get(item.form_id or "", []) for item in drafts}
    bases = await BasesOf(session, today).area(agency.area)
    rules.require_publishable(agency.state, [_draft(item, len(asked[item.item_id])) for item in drafts], bases)
    for item in drafts:
        item.state, item.edition, item.published_on = rules.PUBLISHED, item.edition + 1, today
    await session.flush()
    for item in drafts:
        event = _published(item, asked[item.item_id])
        session.add(_edition(item, event, today))
        session.record(event)
    return drafts


def _draft(item: Item, questions: int) -> rules.Draft:
    return rules.Draft(
        item_id=item.item_id,
        name=item.name,
        law=item.law,
        article=item.article,
        method=item.method,
        form_id=item.form_id,
        questions=questions,
    )


def _published(item: Item, questions: Sequence[FormQuestion]) -> ItemPublished:
    values = {name: getattr(item, name) for name in ItemPublished.model_fields if hasattr(item, name)}
    asked = tuple(_question(question, item.item_id) for question in questions)
    version = questions[0].version if questions else None
    return ItemPublished.model_validate(values | {"questions": asked, "form_version": version})


def _question(row: FormQuestion, item_id: str) -> Question:
    return Question(
        question_id=row.question_id,
        text=row.text,
        kind=row.type,
        mandatory=row.mandatory,
        standard=row.standard,
        law=row.law,
        article=row.article,
        shared_key=row.shared_key,
        item_ids=(item_id,),
    )


def _edition(item: Item, event: ItemPublished, today: date) -> ItemEdition:
    return ItemEdition(
        item_id=item.item_id,
        edition=item.edition,
        agency_id=item.agency_id,
        form_id=item.form_id,
        form_version=event.form_version,
        content=event.model_dump(mode="json", exclude={"version"}),
        published_on=today,
        random_list=item.random_list,
    )


async def cancel(session: WriteSession, item_id: str, reason: str, today: date) -> Item:
    """Cancel an item; no new task may use it (QZ-03)."""
    item = await repository.get(session, item_id)
    agency = await agency_repository.get(session, item.agency_id)
    item.state = rules.cancel(item.state, await BasesOf(session, today).area(agency.area))
    item.cancelled_on, item.cancel_reason = today, reason
    await session.flush()
    session.record(
        ItemCancelled(
            item_id=item_id, agency_id=item.agency_id, reason=reason, cancelled_on=today, version=item.version
        )
    )
    return item


async def count_use(session: WriteSession, event: InspectionFinished) -> None:
    """Count each item that a finished visit inspected, once per visit (QZ-03)."""
    if not await repository.count_entry(session, event.entry_id):
        return
    day = legal_date(event.finished_at)
    inspected = {result.item_id: result for result in event.results if result.result != "not_applicable"}
    for item_id, result in sorted(inspected.items()):
        await repository.add_use(session, item_id, day, violation=result.result == "violation")


async def usage(session: ReadSession, agency_id: str, since: date, frequent_from: int) -> list[UsageOut]:
    """Use of an agency's published items since a day: which are very frequent, which long unused (QZ-03)."""
    await agency_repository.get(session, agency_id)
    found = []
    for item_id, name, published_on, inspections, violations, last in await repository.usage(session, agency_id, since):
        finding = judge(Usage(inspections, last, published_on), since, frequent_from)
        found.append(
            UsageOut(
                item_id=item_id,
                name=name,
                inspections=inspections,
                violations=violations,
                last_used_on=last,
                finding=finding,
            )
        )
    return found
