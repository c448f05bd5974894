"""Items and forms over HTTP."""

from typing import Annotated, Any

from fastapi import Path, Response

from wurao.common.importing import IMPORT_BODY
from wurao.common.imports import Checked, ImportReport
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.registry.access import CanImport, CanPublishItems, CanRead, Public, require_authority_over
from wurao.registry.api.sight import agency_in_sight
from wurao.registry.api.uploads import rows_of
from wurao.registry.repository import agencies as agency_repository
from wurao.registry.repository import items as repository
from wurao.registry.schemas.base import Identifier
from wurao.registry.schemas.items import (
    Cancellation,
    ItemOut,
    ItemRow,
    MergedForm,
    Merging,
    PublishedItem,
    QuestionRow,
)
from wurao.registry.tables import Agency, ItemEdition
from wurao.registry.usecases import items as usecases

router = unit_router("items")

AgencyId = Annotated[Identifier, Path()]
ItemId = Annotated[Identifier, Path()]
Items = Annotated[Checked[ItemRow], rows_of(ItemRow, lambda row: row.item_id)]
Questions = Annotated[
    Checked[QuestionRow], rows_of(QuestionRow, lambda row: f"{row.form_id} {row.version} {row.question_id}")
]


@router.post("/items/import", openapi_extra=IMPORT_BODY)
async def import_items(who: CanImport, rows: Items, session: Write) -> ImportReport:
    """Enter items as drafts from CSV or NDJSON."""
    return await usecases.enter(session, rows, who)


@router.post("/forms/import", openapi_extra=IMPORT_BODY)
async def import_forms(who: CanImport, rows: Questions, session: Write) -> ImportReport:
    """Enter forms from CSV or NDJSON, one question a row; a published or submitted version never changes (QZ-04)."""
    return await usecases.enter_forms(session, rows, who)


@router.get("/items/{item_id}")
async def get_item(item_id: ItemId, who: CanRead, session: Read, response: Response) -> ItemOut:
    """An item of an agency within the caller's area in any state, as its agency edits it."""
    item = await repository.get(session, item_id)
    await agency_in_sight(session, item.agency_id, who)
    etag(response, item.version)
    return ItemOut.model_validate(item)


@router.post("/items/{item_id}/cancel")
async def cancel_item(
    item_id: ItemId,
    body: Cancellation,
    who: CanPublishItems,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> ItemOut:
    """Cancel an item (QZ-03)."""
    item = await repository.get(session, item_id)
    agency = await agency_repository.get(session, item.agency_id)
    require_authority_over(who, agency.agency_id, agency.area)
    check_match(item.version, if_match)
    item = await usecases.cancel(session, item_id, body.reason, clock.today())
    etag(response, item.version)
    return ItemOut.model_validate(item)


@router.post("/forms/merge")
async def merge_forms(body: Merging, who: CanRead, session: Read) -> MergedForm:
    """One form for several published items: what they ask alike is asked once (一表通查, QZ-07)."""
    questions, spared = await usecases.merged_form(session, body.item_ids)
    return MergedForm(questions=list(questions), spared=spared)


@router.get("/public/agencies/{agency_id}/items")
async def published_items(
    agency_id: AgencyId,
    who: Public,
    session: Read,
    random_list: bool = False,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[PublishedItem]:
    """What an agency may inspect, on what basis, by which steps, with which remedies (YZ-03, DT-03). No login.

    With `random_list` only the items of the random-inspection list.
    """
    await agency_repository.published(session, agency_id)
    query = repository.public_list(agency_id, random_only=random_list)
    rows, following = await page(session, query, ItemEdition.item_id, cursor=cursor, limit=limit)
    return Page(items=[_published(edition, agency) for _, edition, agency in rows], next_cursor=following)


@router.get("/public/items/{item_id}/editions")
async def item_editions(
    item_id: ItemId, who: Public, session: Read, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[PublishedItem]:
    """Every edition of an item, the last first; an edition never changes (YZ-03). No login."""
    query = repository.editions(item_id)
    rows, following = await page(session, query, ItemEdition.edition, cursor=cursor, limit=limit, descending=True)
    return Page(items=[_published(edition, agency) for _, edition, agency in rows], next_cursor=following)


def _published(edition: ItemEdition, agency: Agency) -> PublishedItem:
    body: dict[str, Any] = {
        **edition.content,
        "edition": edition.edition,
        "published_on": edition.published_on,
        "agency_name": agency.name,
        "authority": agency.authority,
        "procedure": agency.procedure,
        "remedies": agency.remedies,
        "phone": agency.phone,
    }
    return PublishedItem.model_validate(body)
