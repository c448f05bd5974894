"""Queries on the joint conference and on what is overdue."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, func, select

from wurao.common import area as areas
from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.common.platform import PackRow
from wurao.scheduling.domain.conference import CONVENED
from wurao.scheduling.tables import Agency, Item, Meeting, Resolution


async def get(session: ReadSession, meeting_id: str) -> Meeting:
    """The meeting. Raises NotFound."""
    meeting = await session.get(Meeting, meeting_id)
    if meeting is None:
        raise NotFound("没有这次会议")
    return meeting


def listed(area: str) -> Select[Meeting]:
    """The meetings of an area and of the areas within it."""
    return select(Meeting).where(Meeting.area.startswith(areas.prefix(area), autoescape=True))


async def regular(session: ReadSession, area: str, period: str, *, held: bool = False) -> Meeting | None:
    """The regular meeting of a period, if it was convened, or held."""
    query = select(Meeting).where(Meeting.area == area, Meeting.period == period, Meeting.kind == "regular")
    return await session.scalar(query.where(Meeting.state != CONVENED) if held else query)


async def number_of(session: ReadSession, area: str, year: int) -> int:
    """How many meetings of an area lie in a year."""
    query = select(func.count()).select_from(Meeting)
    query = query.where(Meeting.area == area, Meeting.day >= date(year, 1, 1), Meeting.day <= date(year, 12, 31))
    return await session.scalar(query) or 0


async def resolutions(session: ReadSession, meeting_id: str) -> Sequence[Resolution]:
    """What a meeting resolved, in order."""
    query = select(Resolution).where(Resolution.meeting_id == meeting_id).order_by(Resolution.resolution_id)
    return (await session.scalars(query)).all()


async def resolution(session: ReadSession, area: str, number: str) -> Resolution | None:
    """The resolution with a number, of the conference of an area or of one around it."""
    query = select(Resolution).where(Resolution.area.in_(areas.chain(area)), Resolution.number == number)
    return (await session.scalars(query)).first()


async def latest_list(session: ReadSession, area: str, year: int) -> Resolution | None:
    """The last resolution of a year that adjusted the list of non-random items."""
    query = (
        select(Resolution)
        .join(Meeting, Meeting.meeting_id == Resolution.meeting_id)
        .where(
            Resolution.area == area,
            Resolution.subject == "non_random_items",
            Resolution.decision == "approved",
            Meeting.day >= date(year, 1, 1),
            Meeting.day <= date(year, 12, 31),
        )
        .order_by(Resolution.resolution_id.desc())
    )
    return (await session.scalars(query)).first()


async def members(session: ReadSession, area: str) -> Sequence[Agency]:
    """The published agencies of just this area: those that sit in its conference."""
    query = select(Agency).where(Agency.published, Agency.area == area).order_by(Agency.agency_id)
    return (await session.scalars(query)).all()


async def non_random_items(session: ReadSession, area: str) -> Sequence[Item]:
    """The published items of an area's agencies that are not on the random list."""
    query = (
        select(Item)
        .join(Agency, Agency.agency_id == Item.agency_id)
        .where(Item.published, Item.random_list.is_(False), Agency.area == area)
    )
    return (await session.scalars(query.order_by(Item.agency_id, Item.item_id))).all()


async def inspecting(session: ReadSession, area: str) -> Sequence[Agency]:
    """The published agencies of an area and below that have an item to inspect on."""
    owned = select(Item.agency_id).where(Item.published)
    query = select(Agency).where(
        Agency.published, Agency.area.startswith(areas.prefix(area), autoescape=True), Agency.agency_id.in_(owned)
    )
    return (await session.scalars(query.order_by(Agency.agency_id))).all()


async def governed_areas(session: ReadSession, on: date) -> list[str]:
    """The areas with a pack of their own on a day."""
    query = select(PackRow.area).where(PackRow.effective_from <= on, PackRow.digest != "").distinct()
    return sorted(await session.scalars(query))
