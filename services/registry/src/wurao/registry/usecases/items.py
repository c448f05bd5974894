"""Enter and cancel items with their forms."""

from collections.abc import Collection, Sequence
from datetime import date

from wurao.common.area import covers
from wurao.common.auth import Principal
from wurao.common.contracts.registry import ItemCancelled, ItemPublished
from wurao.common.contracts.shared import JsonObject, Question
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import Malformed
from wurao.common.forms import one_form
from wurao.common.imports import Checked, ImportReport, RowError
from wurao.common.packs import Bases
from wurao.registry.domain import items as rules
from wurao.registry.repository import agencies as agency_repository
from wurao.registry.repository import items as repository
from wurao.registry.schemas.items import ItemRow, QuestionRow
from wurao.registry.tables import Agency, FormQuestion, Item
from wurao.registry.usecases.bases import BasesOf
from wurao.registry.usecases.rows import referring, within_area


async def enter(session: WriteSession, checked: Checked[ItemRow], who: Principal) -> ImportReport:
    """Enter items of agencies in the caller's area as drafts; a changed item becomes the draft of its next edition."""
    checked = await referring(session, checked, "agency_id", Agency.agency_id, "没有这个执法主体")
    agencies = await agency_repository.known(session, {row.agency_id for row in checked.good})
    checked = within_area(checked, who, lambda row: agencies[row.agency_id].area, "agency_id")
    known = await repository.known(session, [row.item_id for row in checked.good])
    checked = checked.rejecting(lambda number, row: _fixed(number, row, known.get(row.item_id)))
    for row in checked.good:
        item, values = known.get(row.item_id), _values(row)
        if item is None:
            session.add(Item(**values))
        elif _differs(item, row):
            for name, value in values.items():
                setattr(item, name, value)
            item.state = rules.DRAFT
    return checked.report


def _differs(item: Item, row: ItemRow) -> bool:
    return any(getattr(item, name) != value for name, value in _values(row).items())


def _values(row: ItemRow) -> dict[str, object]:
    return row.model_dump() | {"industries": list(row.industries)}


def _fixed(number: int, row: ItemRow, item: Item | None) -> RowError | None:
    """What keeps a known item from being changed by the row."""
    if item is None or not _differs(item, row):
        return None
    if item.state == rules.CANCELLED:
        return RowError(row=number, field="item_id", code="item.cancelled", message="已取消的检查事项不得更改")
    if item.agency_id != row.agency_id:
        return RowError(row=number, field="agency_id", code="item.other_agency", message="检查事项属于另一执法主体")
    return None


async def enter_forms(session: WriteSession, checked: Checked[QuestionRow], who: Principal) -> ImportReport:
    """Enter versions of forms that no agency beyond the caller's area asks.

    A version that a published or submitted item asks never changes, a new one makes new drafts (QZ-04).
    """
    form_ids = [row.form_id for row in checked.good]
    known = await repository.questions_of(session, form_ids)
    frozen = await repository.frozen_forms(session, form_ids)
    asked_in = await repository.areas_of_forms(session, form_ids)
    checked = checked.rejecting(
        lambda number, row: (
            None
            if _unchanged(row, known)
            else _foreign(number, row, asked_in.get(row.form_id, set()), who) or _frozen(number, row, frozen)
        )
    )
    changed = set()
    for row in checked.good:
        question = known.get((row.form_id, row.version, row.question_id))
        if question is None:
            session.add(FormQuestion(**_asked(row)))
        elif not _same(question, row):
            for name, value in _asked(row).items():
                setattr(question, name, value)
        else:
            continue
        changed.add(row.form_id)
    for item in await repository.using_forms(session, changed):
        item.state = rules.DRAFT
    return checked.report


def _same(question: FormQuestion, row: QuestionRow) -> bool:
    return all(getattr(question, name) == value for name, value in _asked(row).items())


def _asked(row: QuestionRow) -> dict[str, object]:
    return row.model_dump() | {"evidence": list(row.evidence)}


def _unchanged(row: QuestionRow, known: dict[tuple[str, int, str], FormQuestion]) -> bool:
    question = known.get((row.form_id, row.version, row.question_id))
    return question is not None and _same(question, row)


def _foreign(number: int, row: QuestionRow, areas: Collection[str], who: Principal) -> RowError | None:
    if all(who.area is not None and covers(who.area, area) for area in areas):
        return None
    message = "该表单由本人管辖区域以外的执法主体使用，请另用表单编号"
    return RowError(row=number, field="form_id", code="other_area", message=message)


def _frozen(number: int, row: QuestionRow, frozen: set[repository.FormKey]) -> RowError | None:
    if (row.form_id, row.version) not in frozen:
        return None
    message = "已公示或者正在审核的表单版本不得更改，请使用新版本号"
    return RowError(row=number, field="version", code="form.published", message=message)


async def contents(session: ReadSession, items: Sequence[Item]) -> dict[str, JsonObject]:
    """What each item says today, with the newest version of its form; what a list freezes."""
    forms = await repository.newest_forms(session, [item.form_id for item in items if item.form_id])
    return {item.item_id: _content(item, forms.get(item.form_id or "", [])) for item in items}


def _content(item: Item, questions: Sequence[FormQuestion]) -> JsonObject:
    values = {name: getattr(item, name) for name in ItemPublished.model_fields if hasattr(item, name)}
    asked = tuple(_question(question, item.item_id) for question in questions)
    version = questions[0].version if questions else None
    said = ItemPublished.model_validate(values | {"questions": asked, "form_version": version})
    return said.model_dump(mode="json", exclude={"version"})


def _question(row: FormQuestion, item_id: str) -> Question:
    return Question(
        question_id=row.question_id,
        text=row.text,
        kind=row.type,
        mandatory=row.mandatory,
        standard=row.standard,
        law=row.law,
        article=row.article,
        evidence=tuple(row.evidence),
        shared_key=row.shared_key,
        item_ids=(item_id,),
    )


async def merged_form(session: ReadSession, item_ids: Sequence[str]) -> tuple[tuple[Question, ...], int]:
    """One form for published items, and how many questions it spares. Raises Malformed for others (QZ-07)."""
    editions = await repository.last_editions(session, item_ids)
    if unknown := [item_id for item_id in item_ids if item_id not in editions]:
        raise Malformed(f"没有公布这些检查事项：{'、'.join(unknown)}", code="form.unknown_item")
    forms = [
        (item_id, [Question.model_validate(question) for question in editions[item_id].content["questions"]])
        for item_id in dict.fromkeys(item_ids)
    ]
    merged = one_form(forms)
    return merged, sum(len(asked) for _, asked in forms) - len(merged)


async def cancel(session: WriteSession, item_id: str, reason: str, today: date) -> Item:
    """Cancel an item; no new task may use it (QZ-03)."""
    item = await repository.get(session, item_id)
    agency = await agency_repository.get(session, item.agency_id)
    await drop(session, item, reason, today, await BasesOf(session, today).area(agency.area))
    return item


async def drop(session: WriteSession, item: Item, reason: str, today: date, bases: Bases) -> None:
    """Cancel an item and announce it. Raises Conflict when it was cancelled before."""
    item.state = rules.cancel(item.state, bases)
    item.cancelled_on, item.cancel_reason = today, reason
    await session.flush()
    session.record(
        ItemCancelled(
            item_id=item.item_id, agency_id=item.agency_id, reason=reason, cancelled_on=today, version=item.version
        )
    )
