"""Queries on replicas, and the facts that rules take."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import select

from wurao.common import area as areas
from wurao.common.clock import legal_date
from wurao.common.contracts.shared import ItemResult
from wurao.common.db import ReadSession, WriteSession
from wurao.scheduling.domain.gate import AgencyFact, EnterpriseFact, ItemFact, ResultFact
from wurao.scheduling.domain.people import OfficerFact
from wurao.scheduling.repository import grades
from wurao.scheduling.tables import Agency, Enterprise, EnterpriseGrade, Item, Officer, OfficerConflict, Result

Replica = TypeVar("Replica", Agency, Officer, OfficerConflict, Enterprise, Item)

CHUNK = 500
NOT_APPLICABLE = "not_applicable"


def chunks(ids: Iterable[str]) -> list[list[str]]:
    """Distinct ids in lists that a statement can take."""
    distinct = list(dict.fromkeys(ids))
    return [distinct[at : at + CHUNK] for at in range(0, len(distinct), CHUNK)]


async def keep(session: WriteSession, entity: type[Replica], key: str, version: int, **values: Any) -> Replica | None:
    """Insert or change a replica unless it is at least as new; returns the row when it was changed."""
    row = await session.get(entity, key)
    if row is None:
        row = entity(**{entity.__mapper__.primary_key[0].name: key}, version=version, **values)
        session.add(row)
        return row
    if row.version >= version:
        return None
    row.version = version
    for name, value in values.items():
        setattr(row, name, value)
    return row


def agency_fact(row: Agency) -> AgencyFact:
    """The fact in a row."""
    return AgencyFact(row.agency_id, row.name, row.level, row.area, row.line, row.published)


def officer_fact(row: Officer) -> OfficerFact:
    """The fact in a row."""
    return OfficerFact(
        row.officer_id, row.name, row.agency_id, row.valid_from, row.valid_to, row.state, row.suspended_until
    )


def item_fact(row: Item) -> ItemFact:
    """The fact in a row."""
    return ItemFact(
        row.item_id,
        row.agency_id,
        row.name,
        row.law,
        row.article,
        row.method,
        row.random_list,
        row.special_industry,
        row.key_area,
        row.recognition_days,
        row.published,
        row.minutes,
        row.officers,
    )


async def agencies(session: ReadSession, ids: Iterable[str]) -> dict[str, AgencyFact]:
    """Those of the agencies that are known."""
    found: dict[str, AgencyFact] = {}
    for part in chunks(ids):
        rows = await session.scalars(select(Agency).where(Agency.agency_id.in_(part)))
        found |= {row.agency_id: agency_fact(row) for row in rows}
    return found


async def parent_of(session: ReadSession, agency_id: str) -> str | None:
    """The agency above an agency in its own line, if one is known."""
    return await session.scalar(select(Agency.parent_id).where(Agency.agency_id == agency_id))


async def enterprises(session: ReadSession, ids: Iterable[str], on: date) -> dict[str, EnterpriseFact]:
    """Those of the enterprises that are known, with their grades in force on a day."""
    found: dict[str, EnterpriseFact] = {}
    for part in chunks(ids):
        query = (
            select(Enterprise, EnterpriseGrade.grade)
            .outerjoin(EnterpriseGrade, grades.in_force(on))
            .where(Enterprise.enterprise_id.in_(part))
        )
        for row, grade in (await session.execute(query)).all():
            found[row.enterprise_id] = EnterpriseFact(
                row.enterprise_id,
                row.name,
                row.area,
                row.status,
                frozenset(row.tags),
                frozenset(row.premises),
                grade,
            )
    return found


async def item_rows(session: ReadSession, ids: Iterable[str]) -> dict[str, Item]:
    """Those of the items that are known, with their forms."""
    found: dict[str, Item] = {}
    for part in chunks(ids):
        rows = await session.scalars(select(Item).where(Item.item_id.in_(part)))
        found |= {row.item_id: row for row in rows}
    return found


async def items(session: ReadSession, ids: Iterable[str]) -> dict[str, ItemFact]:
    """Those of the items that are known."""
    return {item_id: item_fact(row) for item_id, row in (await item_rows(session, ids)).items()}


async def officers(session: ReadSession, ids: Iterable[str]) -> dict[str, OfficerFact]:
    """Those of the officers that are known."""
    found: dict[str, OfficerFact] = {}
    for part in chunks(ids):
        rows = await session.scalars(select(Officer).where(Officer.officer_id.in_(part)))
        found |= {row.officer_id: officer_fact(row) for row in rows}
    return found


async def officers_of(session: ReadSession, agency_ids: Iterable[str]) -> dict[str, list[OfficerFact]]:
    """The officers of agencies who have not left for good."""
    found: dict[str, list[OfficerFact]] = {agency_id: [] for agency_id in agency_ids}
    for part in chunks(found):
        rows = await session.scalars(select(Officer).where(Officer.agency_id.in_(part), Officer.state != "exited"))
        for row in rows:
            found[row.agency_id].append(officer_fact(row))
    return found


async def counterparts(session: ReadSession, pairs: Collection[tuple[str, str]]) -> dict[tuple[str, str], AgencyFact]:
    """The published county agency of each (line, enterprise's area); of several the one with the first id."""
    lines = {line for line, _ in pairs}
    rows: list[Agency] = []
    for part in chunks(_county(place) for _, place in pairs):
        query = select(Agency).where(
            Agency.published, Agency.level == "county", Agency.line.in_(lines), Agency.area.in_(part)
        )
        rows += await session.scalars(query.order_by(Agency.agency_id.desc()))
    local = {(row.line, row.area): agency_fact(row) for row in rows}
    return {(line, place): local[line, _county(place)] for line, place in pairs if (line, _county(place)) in local}


async def of_line(session: ReadSession, line: str, area: str) -> AgencyFact | None:
    """The published agency of a line nearest to an area, from its county upwards; of several the first id."""
    chain = areas.chain(_county(area))
    query = select(Agency).where(Agency.published, Agency.line == line, Agency.area.in_(chain))
    rows = (await session.scalars(query.order_by(Agency.agency_id))).all()
    nearest = min(rows, key=lambda row: (chain.index(row.area), row.agency_id), default=None)
    return agency_fact(nearest) if nearest is not None else None


def _county(place: str) -> str:
    return areas.canonical(place[:6])


async def keep_results(
    session: WriteSession, enterprise_id: str, entry_id: str, found: Sequence[ItemResult], at: datetime
) -> None:
    """Keep results of known items unless a later one of a matter is known; not to apply is no result (YZ-07)."""
    known_items = await items(session, (one.item_id for one in found))
    for one in found:
        if one.item_id not in known_items or one.result == NOT_APPLICABLE:
            continue
        matter = known_items[one.item_id].matter
        known = await session.get(Result, (enterprise_id, matter))
        if known is None or known.result == NOT_APPLICABLE or known.finished_at < at:
            await session.merge(
                Result(
                    enterprise_id=enterprise_id,
                    matter=matter,
                    item_id=one.item_id,
                    agency_id=one.agency_id,
                    entry_id=entry_id,
                    result=one.result,
                    finished_at=at,
                )
            )


async def results(session: ReadSession, enterprise_ids: Iterable[str]) -> dict[str, list[ResultFact]]:
    """The latest results at enterprises, by enterprise."""
    rows: list[Result] = []
    for part in chunks(enterprise_ids):
        rows += await session.scalars(
            select(Result).where(Result.enterprise_id.in_(part), Result.result != NOT_APPLICABLE)
        )
    names = await agencies(session, (row.agency_id for row in rows))
    found: dict[str, list[ResultFact]] = {}
    for row in rows:
        name = names[row.agency_id].name if row.agency_id in names else row.agency_id
        fact = ResultFact(row.matter, name, row.entry_id, legal_date(row.finished_at))
        found.setdefault(row.enterprise_id, []).append(fact)
    return found


async def pool(session: ReadSession, area: str, on: date) -> Sequence[tuple[str, str, str | None, int | None]]:
    """(enterprise, industry, grade, permille) of every registered enterprise of an area; grades in force on a day."""
    query = (
        select(Enterprise.enterprise_id, Enterprise.industry, EnterpriseGrade.grade, EnterpriseGrade.sampling_permille)
        .outerjoin(EnterpriseGrade, grades.in_force(on))
        .where(Enterprise.status == "registered", Enterprise.area.startswith(areas.prefix(area), autoescape=True))
    )
    rows = (await session.execute(query)).all()
    return [(enterprise_id, industry, grade, permille) for enterprise_id, industry, grade, permille in rows]


async def industries(session: ReadSession, ids: Iterable[str]) -> dict[str, str]:
    """The industry of each enterprise."""
    found: dict[str, str] = {}
    for part in chunks(ids):
        query = select(Enterprise.enterprise_id, Enterprise.industry).where(Enterprise.enterprise_id.in_(part))
        found |= dict((await session.execute(query)).all())
    return found
