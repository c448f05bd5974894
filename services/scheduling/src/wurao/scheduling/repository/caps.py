"""Yearly places: taken and given back by single statements, so that requests at once cannot both take the last."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select, text, true, update

from wurao.common.db import ReadSession, WriteSession
from wurao.scheduling.repository.replicas import chunks
from wurao.scheduling.tables import CapCounter


@dataclass(frozen=True, slots=True)
class Place:
    """A place of an agency at an enterprise in a year, under one of the counters."""

    counter: str
    agency_id: str
    enterprise_id: str
    year: int


_OPEN = text(
    "insert into cap_counters (kind, agency_id, enterprise_id, year, n)"
    " values (:kind, :agency_id, :enterprise_id, :year, 0) on conflict do nothing"
)


def _row(place: Place) -> dict[str, str | int]:
    return {
        "kind": place.counter,
        "agency_id": place.agency_id,
        "enterprise_id": place.enterprise_id,
        "year": place.year,
    }


async def take(session: WriteSession, place: Place, limit: int | None) -> bool:
    """Take a place unless `limit` are taken; tells whether it was had."""
    return place in await take_all(session, {place: limit})


async def take_all(session: WriteSession, wanted: Mapping[Place, int | None]) -> set[Place]:
    """Take one of each of the places unless its limit is taken; those that were had.

    Two statements for every 500 enterprises with the same counter, agency, year and limit.
    """
    alike: dict[tuple[str, str, int, int | None], list[str]] = {}
    for place, limit in wanted.items():
        alike.setdefault((place.counter, place.agency_id, place.year, limit), []).append(place.enterprise_id)
    had: set[Place] = set()
    for (counter, agency_id, year, limit), enterprise_ids in alike.items():
        for part in chunks(sorted(enterprise_ids)):
            await session.execute(_OPEN, [_row(Place(counter, agency_id, one, year)) for one in part])
            taking = (
                update(CapCounter)
                .where(
                    CapCounter.kind == counter,
                    CapCounter.agency_id == agency_id,
                    CapCounter.year == year,
                    CapCounter.enterprise_id.in_(part),
                    CapCounter.n < limit if limit is not None else true(),
                )
                .values(n=CapCounter.n + 1)
                .returning(CapCounter.enterprise_id)
                .execution_options(synchronize_session=False)
            )
            had |= {Place(counter, agency_id, one, year) for one in await session.scalars(taking)}
    return had


async def give_back(session: WriteSession, place: Place) -> None:
    """Free a place that was taken."""
    await session.execute(update(CapCounter).where(_is(place), CapCounter.n > 0).values(n=CapCounter.n - 1))


def _is(place: Place) -> ColumnElement[bool]:
    return and_(
        CapCounter.kind == place.counter,
        CapCounter.agency_id == place.agency_id,
        CapCounter.enterprise_id == place.enterprise_id,
        CapCounter.year == place.year,
    )


async def taken(session: ReadSession, enterprise_ids: Iterable[str]) -> dict[Place, int]:
    """The places taken at enterprises."""
    found: dict[Place, int] = {}
    for part in chunks(enterprise_ids):
        rows = await session.execute(
            select(
                CapCounter.kind, CapCounter.agency_id, CapCounter.enterprise_id, CapCounter.year, CapCounter.n
            ).where(CapCounter.enterprise_id.in_(part))
        )
        found |= {Place(kind, agency, enterprise, year): n for kind, agency, enterprise, year, n in rows}
    return found


def campaign_place(agency_id: str, year: int) -> Place:
    """The place of a special campaign in an agency's year; no enterprise is meant (QZ-08)."""
    return Place("campaign", agency_id, "", year)


async def campaigns(session: ReadSession, agency_id: str, year: int) -> int:
    """How many special campaigns an agency was granted in a year (QZ-08)."""
    query = select(CapCounter.n).where(_is(campaign_place(agency_id, year)))
    return await session.scalar(query) or 0
