"""Submit, review and publish an agency's item list (YZ-03, QZ-03, QZ-04)."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from wurao.common.auth import Principal, Role
from wurao.common.clock import legal_date
from wurao.common.contracts.registry import ItemPublished
from wurao.common.db import WriteSession
from wurao.common.errors import Conflict, Malformed
from wurao.common.ids import new_id
from wurao.common.packs import Bases
from wurao.registry.domain import item_lists as rules
from wurao.registry.domain import items as item_rules
from wurao.registry.repository import agencies as agency_repository
from wurao.registry.repository import item_lists as repository
from wurao.registry.repository import items as item_repository
from wurao.registry.repository import officers as officer_repository
from wurao.registry.tables import Item, ItemEdition, ItemList, ListedItem
from wurao.registry.usecases.bases import BasesOf
from wurao.registry.usecases.items import contents, drop


async def submit(
    session: WriteSession, agency_id: str, year: int, item_ids: Collection[str] | None, by: str, now: datetime
) -> ItemList:
    """Freeze an agency's items as a list for legal review; all that are not cancelled unless some are named.

    Raises Refused with every item that lacks its basis or form (DT-10, QZ-04), Conflict while another list is open.
    """
    today = legal_date(now)
    agency = await agency_repository.get(session, agency_id)
    bases = await BasesOf(session, today).area(agency.area)
    rules.require_year(year, today, bases)
    if await repository.open_list(session, agency_id):
        message = "本机关另有事项清单正在审核或者等待公布"
        raise Conflict(message, code="item_list.open", clause=bases.item_listed.clause)
    items = _chosen(await item_repository.living(session, agency_id), item_ids)
    said = await contents(session, items)
    drafts = [_draft(item, len(said[item.item_id]["questions"])) for item in items]
    item_rules.require_publishable(agency.state, drafts, bases)
    in_force = await repository.in_force(session, agency_id)
    digest = rules.digest(said.values())
    rules.require_news(digest, in_force.digest if in_force else None, bases)
    found = ItemList(
        list_id=new_id(),
        agency_id=agency_id,
        year=year,
        number=await repository.next_number(session, agency_id, year),
        state=rules.REVIEWING,
        items=len(items),
        digest=digest,
        submitted_by=by,
        submitted_at=now,
    )
    session.add(found)
    last = await item_repository.last_editions(session, [item.item_id for item in items])
    for item in items:
        content, edition = said[item.item_id], last.get(item.item_id)
        change = rules.change_of(content, edition.content if edition else None)
        session.add(ListedItem(list_id=found.list_id, item_id=item.item_id, change=change, content=content))
    await session.flush()
    return found


def _chosen(living: Sequence[Item], item_ids: Collection[str] | None) -> Sequence[Item]:
    if item_ids is not None:
        unknown = set(item_ids) - {item.item_id for item in living}
        if unknown:
            raise Malformed(f"不是本机关的有效事项：{'、'.join(sorted(unknown))}", code="item_list.unknown_item")
        living = [item for item in living if item.item_id in set(item_ids)]
    if not living:
        raise Malformed("没有可以列入清单的事项", code="item_list.empty")
    return living


def _draft(item: Item, questions: int) -> item_rules.Draft:
    return item_rules.Draft(
        item_id=item.item_id,
        name=item.name,
        law=item.law,
        article=item.article,
        method=item.method,
        form_id=item.form_id,
        questions=questions,
    )


async def review(
    session: WriteSession, found: ItemList, who: Principal, *, passed: bool, opinion: str, now: datetime
) -> ItemList:
    """The legal review of a list, by somebody else than who submitted it. Raises Refused, and Conflict when done."""
    bases = await _bases(session, found, legal_date(now))
    rules.require_another(found.submitted_by, who.person, bases)
    if Role.SUPERVISOR not in who.roles:
        own = who.officer_id or ""
        officer = (await officer_repository.known(session, [own])).get(own)
        rules.require_reviewer(
            officer.standing if officer and officer.agency_id == found.agency_id else "",
            reviews=officer is not None and officer.legal_reviewer,
            qualified=officer is not None and officer.legal_qualified,
            bases=bases,
        )
    found.state = rules.step(found.state, rules.PASSED if passed else rules.RETURNED, bases)
    found.reviewed_by, found.reviewed_at, found.opinion = who.person, now, opinion
    await session.flush()
    return found


async def withdraw(session: WriteSession, found: ItemList, today: date) -> ItemList:
    """Take a list back that is not published yet. Raises Conflict otherwise."""
    found.state = rules.step(found.state, rules.WITHDRAWN, await _bases(session, found, today))
    await session.flush()
    return found


async def publish(session: WriteSession, found: ItemList, by: str, today: date) -> ItemList:
    """Publish a list that passed its review; what it drops from the agency's items is cancelled (QZ-03).

    What is published is what was reviewed, whatever the agency has edited since. Raises Refused for an agency
    that is not published any more, Conflict before the review or when a listed item was cancelled meanwhile.
    """
    agency = await agency_repository.get(session, found.agency_id)
    bases = await _bases(session, found, today)
    state = rules.step(found.state, rules.PUBLISHED, bases)
    item_rules.require_publishable(agency.state, [], bases)
    listed = await repository.listed(session, found.list_id)
    living = {item.item_id: item for item in await item_repository.living(session, found.agency_id)}
    if gone := [entry.item_id for entry in listed if entry.item_id not in living]:
        message = f"清单中的事项已被取消：{'、'.join(gone)}，请重新提交清单"
        raise Conflict(message, code="item_list.cancelled_item", clause=bases.item_listed.clause)
    if former := await repository.in_force(session, found.agency_id):
        former.state = rules.step(former.state, rules.REPLACED, bases)
        await session.flush()
    found.state, found.published_by, found.published_on = state, by, today
    await _publish_items(session, listed, living, today)
    reason = f"未列入{found.year}年第{found.number}版检查事项清单"
    for item_id in sorted(set(living) - {entry.item_id for entry in listed}):
        if living[item_id].edition:
            await drop(session, living[item_id], reason, today, bases)
    return found


async def _publish_items(
    session: WriteSession, listed: Sequence[ListedItem], living: dict[str, Item], today: date
) -> None:
    """New and changed items get their next edition; one that was edited since the submission stays a draft too."""
    said = await contents(session, list(living.values()))
    fresh = []
    for entry in listed:
        item = living[entry.item_id]
        if entry.change != "unchanged":
            item.edition, item.published_on = item.edition + 1, today
            fresh.append(entry)
        item.state = item_rules.PUBLISHED if said[item.item_id] == entry.content else item_rules.DRAFT
        entry.edition = item.edition
    await session.flush()
    for entry in fresh:
        item = living[entry.item_id]
        session.add(_edition(entry, item.edition, today))
        session.record(ItemPublished.model_validate({**entry.content, "version": item.version}))
    await session.flush()


def _edition(entry: ListedItem, edition: int, today: date) -> ItemEdition:
    content = entry.content
    return ItemEdition(
        item_id=entry.item_id,
        edition=edition,
        agency_id=content["agency_id"],
        form_id=content["form_id"],
        form_version=content["form_version"],
        content=content,
        published_on=today,
        random_list=content["random_list"],
    )


async def _bases(session: WriteSession, found: ItemList, on: date) -> Bases:
    agency = await agency_repository.get(session, found.agency_id)
    return await BasesOf(session, on).area(agency.area)
