"""Queries on item lists."""

from collections.abc import Sequence

from sqlalchemy import Select, func, select

from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.registry.domain.item_lists import OPEN, PUBLISHED, REPLACED
from wurao.registry.tables import ItemList, ListedItem


async def get(session: ReadSession, list_id: str) -> ItemList:
    """The list. Raises NotFound."""
    found = await session.get(ItemList, list_id)
    if found is None:
        raise NotFound("没有这份事项清单")
    return found


async def public(session: ReadSession, list_id: str) -> ItemList:
    """The list if it is or was published. Raises NotFound."""
    found = await get(session, list_id)
    if found.state not in (PUBLISHED, REPLACED):
        raise NotFound("没有这份事项清单")
    return found


async def open_list(session: ReadSession, agency_id: str) -> ItemList | None:
    """The agency's list that is under review or waits for publication."""
    return await session.scalar(select(ItemList).where(ItemList.agency_id == agency_id, ItemList.state.in_(OPEN)))


async def in_force(session: ReadSession, agency_id: str) -> ItemList | None:
    """The agency's published list."""
    return await session.scalar(select(ItemList).where(ItemList.agency_id == agency_id, ItemList.state == PUBLISHED))


async def next_number(session: ReadSession, agency_id: str, year: int) -> int:
    """The number of the agency's next list of a year."""
    query = select(func.max(ItemList.number)).where(ItemList.agency_id == agency_id, ItemList.year == year)
    return (await session.scalar(query) or 0) + 1


async def listed(session: ReadSession, list_id: str) -> Sequence[ListedItem]:
    """The items of a list, in the order of their ids."""
    query = select(ListedItem).where(ListedItem.list_id == list_id).order_by(ListedItem.item_id)
    return (await session.scalars(query)).all()


def of_agency(agency_id: str, *, public_only: bool) -> Select[ItemList]:
    """An agency's lists, in any state or only those that the public may see."""
    query = select(ItemList).where(ItemList.agency_id == agency_id)
    return query.where(ItemList.state.in_((PUBLISHED, REPLACED))) if public_only else query
