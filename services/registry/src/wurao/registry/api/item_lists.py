"""Item lists over HTTP."""

from typing import Annotated

from fastapi import Path, Request, Response

from wurao.common.auth import Principal
from wurao.common.db import WriteSession
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.registry.access import CanPublishItems, CanRead, CanReviewItems, Public, require_authority_over
from wurao.registry.api.locate import locate
from wurao.registry.api.sight import agency_in_sight
from wurao.registry.repository import agencies as agency_repository
from wurao.registry.repository import item_lists as repository
from wurao.registry.schemas.base import Identifier
from wurao.registry.schemas.item_lists import (
    ItemListOut,
    ListedItemOut,
    ListEntries,
    PublicEntries,
    PublicList,
    Review,
    Submission,
)
from wurao.registry.tables import ItemList
from wurao.registry.usecases import item_lists as usecases

router = unit_router("items")

AgencyId = Annotated[Identifier, Path()]
ListId = Annotated[Identifier, Path()]


@router.post("/agencies/{agency_id}/item-lists", status_code=201)
async def submit_list(
    agency_id: AgencyId,
    body: Submission,
    who: CanPublishItems,
    session: Write,
    clock: Now,
    request: Request,
    response: Response,
) -> ItemListOut:
    """Submit an agency's items for legal review; refused as a whole for one without basis or form (DT-10, QZ-04)."""
    agency = await agency_repository.get(session, agency_id)
    require_authority_over(who, agency_id, agency.area)
    found = await usecases.submit(session, agency_id, body.year, body.item_ids, who.person, clock.now())
    locate(request, response, f"/v1/item-lists/{found.list_id}")
    return _shown(found, response)


@router.post("/item-lists/{list_id}/review")
async def review_list(
    list_id: ListId,
    body: Review,
    who: CanReviewItems,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> ItemListOut:
    """Pass a list or return it, as a qualified legal reviewer who did not submit it."""
    found = await _open(session, list_id, who, if_match)
    found = await usecases.review(session, found, who, passed=body.passed, opinion=body.opinion, now=clock.now())
    return _shown(found, response)


@router.post("/item-lists/{list_id}/publish")
async def publish_list(
    list_id: ListId, who: CanPublishItems, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> ItemListOut:
    """Publish a reviewed list: what is new or changed is announced, what it leaves out is cancelled (QZ-03)."""
    found = await _open(session, list_id, who, if_match)
    return _shown(await usecases.publish(session, found, who.person, clock.today()), response)


@router.post("/item-lists/{list_id}/withdraw")
async def withdraw_list(
    list_id: ListId, who: CanPublishItems, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> ItemListOut:
    """Take back a list before its publication."""
    found = await _open(session, list_id, who, if_match)
    return _shown(await usecases.withdraw(session, found, clock.today()), response)


@router.get("/agencies/{agency_id}/item-lists")
async def list_lists(
    agency_id: AgencyId, who: CanRead, session: Read, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[ItemListOut]:
    """The lists of an agency within the caller's area in every state, the last first."""
    await agency_in_sight(session, agency_id, who)
    query = repository.of_agency(agency_id, public_only=False)
    rows, following = await page(session, query, ItemList.list_id, cursor=cursor, limit=limit, descending=True)
    return Page(items=[ItemListOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/item-lists/{list_id}")
async def get_list(list_id: ListId, who: CanRead, session: Read, response: Response) -> ListEntries:
    """A list of an agency within the caller's area in any state with its items, and what it does to each."""
    found = await repository.get(session, list_id)
    await agency_in_sight(session, found.agency_id, who)
    etag(response, found.version)
    entries = [ListedItemOut.model_validate(row) for row in await repository.listed(session, list_id)]
    return ListEntries(**ItemListOut.model_validate(found).model_dump(), entries=entries)


@router.get("/public/agencies/{agency_id}/item-lists")
async def public_lists(
    agency_id: AgencyId, who: Public, session: Read, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[PublicList]:
    """An agency's published lists by year and number, the last first (YZ-03, QZ-03). No login."""
    query = repository.of_agency(agency_id, public_only=True)
    rows, following = await page(session, query, ItemList.list_id, cursor=cursor, limit=limit, descending=True)
    return Page(items=[PublicList.model_validate(row) for row in rows], next_cursor=following)


@router.get("/public/item-lists/{list_id}")
async def public_list(list_id: ListId, who: Public, session: Read) -> PublicEntries:
    """A published list with its items as frozen; the digest can be computed anew from them (YZ-03). No login."""
    found = await repository.public(session, list_id)
    entries = [ListedItemOut.model_validate(row) for row in await repository.listed(session, list_id)]
    return PublicEntries(**PublicList.model_validate(found).model_dump(), entries=entries)


async def _open(session: WriteSession, list_id: str, who: Principal, if_match: int | None) -> ItemList:
    found = await repository.get(session, list_id)
    agency = await agency_repository.get(session, found.agency_id)
    require_authority_over(who, agency.agency_id, agency.area)
    check_match(found.version, if_match)
    return found


def _shown(found: ItemList, response: Response) -> ItemListOut:
    etag(response, found.version)
    return ItemListOut.model_validate(found)
