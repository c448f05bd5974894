"""Queries on items, forms and their use."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, case, func, insert, select, update

from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import NotFound
from wurao.registry.domain.item_lists import OPEN
from wurao.registry.domain.items import CANCELLED, PUBLISHED
from wurao.registry.repository.bulk import chunked
from wurao.registry.tables import (
    Agency,
    CountedEntry,
    FormQuestion,
    Item,
    ItemEdition,
    ItemList,
    ItemUsage,
    ListedItem,
)

FormKey = tuple[str, int]


async def get(session: ReadSession, item_id: str) -> Item:
    """The item. Raises NotFound."""
    item = await session.get(Item, item_id)
    if item is None:
        raise NotFound("没有这个检查事项")
    return item


async def known(session: ReadSession, item_ids: Sequence[str]) -> dict[str, Item]:
    """Those of the items that exist, by id."""
    found: dict[str, Item] = {}
    for chunk in chunked(item_ids):
        rows = await session.scalars(select(Item).where(Item.item_id.in_(chunk)))
        found.update((item.item_id, item) for item in rows)
    return found


async def living(session: ReadSession, agency_id: str) -> Sequence[Item]:
    """An agency's items that are not cancelled."""
    query = select(Item).where(Item.agency_id == agency_id, Item.state != CANCELLED).order_by(Item.item_id)
    return (await session.scalars(query)).all()


async def last_editions(session: ReadSession, item_ids: Sequence[str]) -> dict[str, ItemEdition]:
    """The last edition of each of the items that were ever published, by id."""
    found: dict[str, ItemEdition] = {}
    for chunk in chunked(item_ids):
        last = (Item.item_id == ItemEdition.item_id) & (Item.edition == ItemEdition.edition)
        rows = await session.scalars(select(ItemEdition).join(Item, last).where(ItemEdition.item_id.in_(chunk)))
        found.update((row.item_id, row) for row in rows)
    return found


async def using_forms(session: ReadSession, form_ids: Iterable[str]) -> Sequence[Item]:
    """Published items that ask these forms."""
    found: list[Item] = []
    for chunk in chunked(sorted(set(form_ids))):
        query = select(Item).where(Item.form_id.in_(chunk), Item.state == PUBLISHED)
        found += await session.scalars(query)
    return found


async def newest_forms(session: ReadSession, form_ids: Iterable[str]) -> dict[str, list[FormQuestion]]:
    """The questions of each form's highest version, in order, by form."""
    found: dict[str, list[FormQuestion]] = {}
    for chunk in chunked(sorted(set(form_ids))):
        newest = (
            select(FormQuestion.form_id, func.max(FormQuestion.version).label("version"))
            .where(FormQuestion.form_id.in_(chunk))
            .group_by(FormQuestion.form_id)
            .subquery()
        )
        query = (
            select(FormQuestion)
            .join(newest, (FormQuestion.form_id == newest.c.form_id) & (FormQuestion.version == newest.c.version))
            .order_by(FormQuestion.form_id, FormQuestion.position, FormQuestion.question_id)
        )
        for question in await session.scalars(query):
            found.setdefault(question.form_id, []).append(question)
    return found


async def questions_of(session: ReadSession, form_ids: Iterable[str]) -> dict[tuple[str, int, str], FormQuestion]:
    """Every question of every version of the forms, by its key."""
    found = {}
    for chunk in chunked(sorted(set(form_ids))):
        for row in await session.scalars(select(FormQuestion).where(FormQuestion.form_id.in_(chunk))):
            found[row.form_id, row.version, row.question_id] = row
    return found


async def frozen_forms(session: ReadSession, form_ids: Iterable[str]) -> set[FormKey]:
    """Versions of the forms that a published item asks, or asked once, or one of a list under review will ask."""
    found: set[FormKey] = set()
    said = ListedItem.content
    for chunk in chunked(sorted(set(form_ids))):
        published = select(ItemEdition.form_id, ItemEdition.form_version).where(ItemEdition.form_id.in_(chunk))
        submitted = (
            select(said["form_id"].as_string(), said["form_version"].as_integer())
            .join(ItemList, ItemList.list_id == ListedItem.list_id)
            .where(ItemList.state.in_(OPEN), said["form_id"].as_string().in_(chunk))
        )
        for query in (published, submitted):
            rows = (await session.execute(query.distinct())).all()
            found |= {(form_id, version) for form_id, version in rows if form_id is not None and version is not None}
    return found


async def areas_of_forms(session: ReadSession, form_ids: Iterable[str]) -> dict[str, set[str]]:
    """Areas of the agencies whose items ask each of the forms."""
    found: dict[str, set[str]] = {}
    for chunk in chunked(sorted(set(form_ids))):
        query = select(Item.form_id, Agency.area).join(Agency, Agency.agency_id == Item.agency_id)
        for form_id, area in (await session.execute(query.where(Item.form_id.in_(chunk)).distinct())).all():
            found.setdefault(str(form_id), set()).add(area)
    return found


def public_list(agency_id: str, *, random_only: bool) -> Select[*tuple[Any, ...]]:
    """What an agency publishes today: the last edition of each item that is not cancelled, with the agency."""
    current = (Item.item_id == ItemEdition.item_id) & (Item.edition == ItemEdition.edition)
    query = (
        select(ItemEdition.item_id, ItemEdition, Agency)
        .join(Item, current)
        .join(Agency, Agency.agency_id == ItemEdition.agency_id)
        .where(ItemEdition.agency_id == agency_id, Item.state != CANCELLED, Agency.state == "published")
    )
    return query.where(ItemEdition.random_list.is_(True)) if random_only else query


def editions(item_id: str) -> Select[*tuple[Any, ...]]:
    """Every edition of an item, with the agency."""
    return (
        select(ItemEdition.edition, ItemEdition, Agency)
        .join(Agency, Agency.agency_id == ItemEdition.agency_id)
        .where(ItemEdition.item_id == item_id)
    )


async def count_entry(session: WriteSession, entry_id: str) -> bool:
    """Mark a visit as counted; False when it was before."""
    if await session.get(CountedEntry, entry_id) is not None:
        return False
    session.add(CountedEntry(entry_id=entry_id))
    await session.flush()
    return True


async def add_use(session: WriteSession, item_id: str, day: date, *, violation: bool) -> None:
    """Count one use of an item. The increment is the database's, so that concurrent ones add up."""
    month = f"{day:%Y-%m}"
    counted = (
        update(ItemUsage)
        .where(ItemUsage.item_id == item_id, ItemUsage.month == month)
        .values(
            inspections=ItemUsage.inspections + 1,
            violations=ItemUsage.violations + int(violation),
            last_used_on=case((ItemUsage.last_used_on < day, day), else_=ItemUsage.last_used_on),
        )
        .execution_options(synchronize_session=False)
    )
    if not (await session.execute(counted)).rowcount:  # type: ignore[attr-defined]
        values = {"inspections": 1, "violations": int(violation), "last_used_on": day}
        await session.execute(insert(ItemUsage), [{"item_id": item_id, "month": month, **values}])


async def usage(session: ReadSession, agency_id: str, since: date) -> Sequence[Any]:
    """Each item of an agency that was ever published and is not cancelled: id, name, published on, uses and
    violations from a month on, last use ever."""
    month = f"{since:%Y-%m}"
    recent = case((ItemUsage.month >= month, ItemUsage.inspections), else_=0)
    broken = case((ItemUsage.month >= month, ItemUsage.violations), else_=0)
    query = (
        select(
            Item.item_id,
            Item.name,
            first_publication(),
            func.coalesce(func.sum(recent), 0),
            func.coalesce(func.sum(broken), 0),
            func.max(ItemUsage.last_used_on),
        )
        .outerjoin(ItemUsage, ItemUsage.item_id == Item.item_id)
        .where(Item.agency_id == agency_id, Item.edition > 0, Item.state != CANCELLED)
        .group_by(Item.item_id, Item.name)
        .order_by(Item.item_id)
    )
    return (await session.execute(query)).all()


def first_publication() -> Any:
    """The day on which an item was first published."""
    return select(func.min(ItemEdition.published_on)).where(ItemEdition.item_id == Item.item_id).scalar_subquery()
