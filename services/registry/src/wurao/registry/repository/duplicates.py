"""Queries on duplicates: groups that share something, proposals, and the moving of records."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Row, Select, Update, func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import NotFound
from wurao.common.upsert import insertion
from wurao.registry.domain.duplicates import CROWD, Ground, Group, Member, Pair
from wurao.registry.repository.bulk import Values, chunked
from wurao.registry.tables import (
    Display,
    DuplicateProposal,
    Enterprise,
    EnterpriseSearch,
    FactRow,
    FormerCode,
    FormerName,
    PremisesRow,
    Repair,
)

_COUNTY = func.substr(Enterprise.area, 1, 6)


def _living(query: Select[Any], area: str) -> Select[Any]:
    query = query.where(Enterprise.merged_into.is_(None))
    return query.where(Enterprise.area.startswith(area, autoescape=True)) if area else query


def _members(shared: Any, *within: Any) -> Select[Any]:
    """Members of the groups that share a value, with the size of their group; crowds are left out by the caller."""
    size = func.count().over(partition_by=(shared, *within)).label("size")
    columns = (shared.label("shared"), Enterprise.enterprise_id, Enterprise.name, Enterprise.kind, size)
    return select(*columns, *(column.label(f"within{at}") for at, column in enumerate(within)))


def _queries(area: str) -> dict[Ground, Select[Any]]:
    by_code = _members(func.substr(Enterprise.enterprise_id, 9, 9))
    by_old = _members(FormerCode.code).join(FormerCode, FormerCode.enterprise_id == Enterprise.enterprise_id)
    by_name = _members(EnterpriseSearch.name_key, _COUNTY).join(
        EnterpriseSearch, EnterpriseSearch.enterprise_id == Enterprise.enterprise_id
    )
    by_address = _members(Enterprise.address, _COUNTY).where(func.length(Enterprise.address) >= 6)
    return {
        "same_organisation_code": _living(by_code, area),
        "same_former_code": _living(by_old, area),
        "same_name": _living(by_name, area),
        "same_address": _living(by_address, area),
    }


GROUNDS: tuple[Ground, ...] = ("same_organisation_code", "same_former_code", "same_name", "same_address")


async def groups(session: ReadSession, ground: Ground, area: str) -> list[Group]:
    """Enterprises of an area that share what the ground names, by what they share."""
    counted = _queries(area)[ground].subquery()
    order = [column for column in counted.c if column.name.startswith("within")]
    query = select(counted).where(counted.c.size.between(2, CROWD))
    rows = (await session.execute(query.order_by(counted.c.shared, *order, counted.c.enterprise_id))).all()
    return list(_grouped(ground, rows))


def _grouped(ground: Ground, rows: Sequence[Row[Any]]) -> Iterator[Group]:
    at = 0
    while at < len(rows):
        first = rows[at]
        members = [Member(row.enterprise_id, row.name, row.kind) for row in rows[at : at + first.size]]
        yield ground, first.shared, members
        at += first.size


async def proposed(session: ReadSession, pairs: Iterable[Pair]) -> set[Pair]:
    """Those of the pairs that were proposed before, whatever was decided."""
    wanted = set(pairs)
    found: set[Pair] = set()
    for ids in chunked(sorted({first for first, _ in wanted})):
        query = select(DuplicateProposal.first_id, DuplicateProposal.second_id)
        rows = (await session.execute(query.where(DuplicateProposal.first_id.in_(ids)))).all()
        found.update((first, second) for first, second in rows if (first, second) in wanted)
    return found


async def propose(session: WriteSession, rows: Sequence[Values]) -> int:
    """Enter proposals of pairs that nobody proposed meanwhile; how many."""
    if not rows:
        return 0
    unless_known = insertion(session, DuplicateProposal).on_conflict_do_nothing(
        index_elements=["first_id", "second_id"]
    )
    entered = unless_known.returning(DuplicateProposal.proposal_id)
    return len((await session.scalars(entered, list(rows))).all())


async def areas_of(session: ReadSession, enterprise_ids: Iterable[str]) -> dict[str, str]:
    """The areas of enterprises."""
    found: dict[str, str] = {}
    for ids in chunked(sorted(set(enterprise_ids))):
        query = select(Enterprise.enterprise_id, Enterprise.area).where(Enterprise.enterprise_id.in_(ids))
        found.update((row.enterprise_id, row.area) for row in (await session.execute(query)).all())
    return found


async def one_proposal(session: ReadSession, proposal_id: str) -> DuplicateProposal:
    """The proposal. Raises NotFound."""
    found = await session.get(DuplicateProposal, proposal_id)
    if found is None:
        raise NotFound("没有这条疑似重复")
    return found


async def proposal(session: ReadSession, proposal_id: str) -> DuplicateProposal:
    """The proposal, locked until the end of the transaction. Raises NotFound."""
    found = await session.get(DuplicateProposal, proposal_id, populate_existing=True, with_for_update=True)
    if found is None:
        raise NotFound("没有这条疑似重复")
    return found


async def proposal_of(session: ReadSession, pair: Pair) -> DuplicateProposal | None:
    """The proposal of a pair, if there is one."""
    query = select(DuplicateProposal).where(
        DuplicateProposal.first_id == pair[0], DuplicateProposal.second_id == pair[1]
    )
    return await session.scalar(query.with_for_update())


def proposals(area: str | None, state: str) -> Select[DuplicateProposal]:
    """Proposals of an area, by state."""
    query = select(DuplicateProposal).where(DuplicateProposal.state == state)
    if area is None:
        return query.where(DuplicateProposal.area == "-")
    return query.where(DuplicateProposal.area.startswith(area, autoescape=True)) if area else query


async def move_facts(session: WriteSession, source: str, target: str, only: Sequence[str] | None = None) -> list[str]:
    """Give facts of one enterprise to another, all or only some, with their displays and repairs; which were moved."""
    moved = await _held(session, FactRow.fact_id, FactRow.enterprise_id, source, only)
    for ids in chunked(moved):
        for table in (FactRow, Display, Repair):
            await _hand_over(session, update(table).where(table.fact_id.in_(ids)), target)
    return moved


async def move_premises(
    session: WriteSession, source: str, target: str, only: Sequence[str] | None = None
) -> list[str]:
    """Give premises of one enterprise to another, all or only some; which were moved."""
    moved = await _held(session, PremisesRow.premises_id, PremisesRow.enterprise_id, source, only)
    for ids in chunked(moved):
        await _hand_over(session, update(PremisesRow).where(PremisesRow.premises_id.in_(ids)), target)
    return moved


async def _held(
    session: ReadSession,
    key: InstrumentedAttribute[str],
    owner: InstrumentedAttribute[str],
    source: str,
    only: Sequence[str] | None,
) -> list[str]:
    held = [*(await session.scalars(select(key).where(owner == source).order_by(key)))]
    return held if only is None else [each for each in held if each in set(only)]


async def _hand_over(session: WriteSession, rows: Update, target: str) -> None:
    await session.execute(rows.values(enterprise_id=target).execution_options(synchronize_session=False))


async def names_of(session: ReadSession, enterprise_id: str) -> Sequence[FormerName]:
    """Former names of an enterprise."""
    query = select(FormerName).where(FormerName.enterprise_id == enterprise_id).order_by(FormerName.former_id)
    return (await session.scalars(query)).all()


async def codes_of(session: ReadSession, enterprise_id: str) -> Sequence[str]:
    """Old codes of an enterprise."""
    query = select(FormerCode.code).where(FormerCode.enterprise_id == enterprise_id).order_by(FormerCode.code)
    return (await session.scalars(query)).all()
