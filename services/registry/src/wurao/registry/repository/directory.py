"""Queries of the public pages."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.registry.domain.agencies import PUBLISHED
from wurao.registry.tables import Agency, Item, ItemEdition


@dataclass(frozen=True, slots=True)
class PublicItem:
    """An item's last edition with its agency, and when it was cancelled."""

    edition: ItemEdition
    agency: Agency
    cancelled_on: date | None


async def item(session: ReadSession, item_id: str) -> PublicItem:
    """An item that was published, of a published agency. Raises NotFound."""
    query = (
        select(ItemEdition, Agency, Item.cancelled_on)
        .join(Item, (Item.item_id == ItemEdition.item_id) & (Item.edition == ItemEdition.edition))
        .join(Agency, Agency.agency_id == ItemEdition.agency_id)
        .where(ItemEdition.item_id == item_id, Agency.state == PUBLISHED)
    )
    found = (await session.execute(query)).one_or_none()
    if found is None:
        raise NotFound("没有公布这个检查事项")
    return PublicItem(*found)


async def editions_of(session: ReadSession, item_id: str) -> list[tuple[int, date]]:
    """Number and day of each publication of an item, the last first."""
    query = select(ItemEdition.edition, ItemEdition.published_on).where(ItemEdition.item_id == item_id)
    rows = (await session.execute(query.order_by(ItemEdition.edition.desc()))).all()
    return [(edition, published_on) for edition, published_on in rows]
