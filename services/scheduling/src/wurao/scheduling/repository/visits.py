"""Queries on visits, merges and filings."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, delete, exists, false, func, select, true

from wurao.common import area as areas
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import NotFound
from wurao.common.scope import Scope
from wurao.common.upsert import insertion
from wurao.scheduling.domain.visits import CANCELLED, COMING, LAPSED, PROPOSED
from wurao.scheduling.repository.replicas import chunks
from wurao.scheduling.tables import ActionKey, OfficerList, Visit, VisitAgency, VisitOfficer


async def get(session: ReadSession, visit_id: str) -> Visit:
    """The visit. Raises NotFound."""
    visit = await session.get(Visit, visit_id)
    if visit is None:
        raise NotFound("没有这次检查")
    return visit


def listed(
    scope: Scope,
    *,
    state: str | None = None,
    agency_id: str | None = None,
    enterprise_id: str | None = None,
    day: date | None = None,
) -> Select[Visit]:
    """Visits within a scope."""
    query = select(Visit).where(within(scope))
    if agency_id is not None:
        query = query.where(_takes_part(agency_id))
    if state is not None:
        query = query.where(Visit.state == state)
    if enterprise_id is not None:
        query = query.where(Visit.enterprise_id == enterprise_id)
    return query.where(Visit.day == day) if day is not None else query


def within(scope: Scope) -> ColumnElement[bool]:
    """Which visits a scope may see."""
    match scope.kind:
        case "system":
            return true()
        case "area":
            return Visit.area.startswith(scope.area, autoescape=True)
        case "agency":
            return _takes_part(scope.agency_id)
        case _:
            return false()


def _takes_part(agency_id: str) -> ColumnElement[bool]:
    return exists().where(VisitAgency.visit_id == Visit.visit_id, VisitAgency.agency_id == agency_id)


async def agencies(session: ReadSession, visit_ids: Iterable[str]) -> dict[str, list[str]]:
    """The agencies of visits, by visit."""
    found: dict[str, list[str]] = {}
    for part in chunks(visit_ids):
        query = select(VisitAgency).where(VisitAgency.visit_id.in_(part)).order_by(VisitAgency.agency_id)
        for row in await session.scalars(query):
            found.setdefault(row.visit_id, []).append(row.agency_id)
    return found


async def officers(session: ReadSession, visit_ids: Iterable[str]) -> dict[str, list[VisitOfficer]]:
    """The officers of visits, by visit."""
    found: dict[str, list[VisitOfficer]] = {}
    for part in chunks(visit_ids):
        query = select(VisitOfficer).where(VisitOfficer.visit_id.in_(part))
        for row in await session.scalars(query.order_by(VisitOfficer.agency_id, VisitOfficer.officer_id)):
            found.setdefault(row.visit_id, []).append(row)
    return found


async def dismiss(session: WriteSession, visit_id: str, officer_ids: Sequence[str]) -> None:
    """Take officers out of a visit."""
    await session.execute(
        delete(VisitOfficer).where(VisitOfficer.visit_id == visit_id, VisitOfficer.officer_id.in_(officer_ids))
    )


async def keep_list(session: WriteSession, visit_id: str, digest: str, document: str) -> None:
    """Keep a list of officers who could be drawn for a visit; the same list once."""
    kept = insertion(session, OfficerList).values(visit_id=visit_id, sha256=digest, document=document)
    await session.execute(kept.on_conflict_do_nothing(index_elements=["visit_id", "sha256"]))


async def officer_list(session: ReadSession, visit_id: str, digest: str) -> str:
    """The list with a digest. Raises NotFound."""
    found = await session.get(OfficerList, (visit_id, digest))
    if found is None:
        raise NotFound("没有这份可抽取人员名单")
    return found.document


async def empty(session: WriteSession, visit_id: str) -> None:
    """Take all agencies and officers out of a visit, and the lists that they were drawn from."""
    await session.execute(delete(OfficerList).where(OfficerList.visit_id == visit_id))
    await session.execute(delete(VisitOfficer).where(VisitOfficer.visit_id == visit_id))
    await session.execute(delete(VisitAgency).where(VisitAgency.visit_id == visit_id))


async def leave(session: WriteSession, visit_id: str, agency_ids: Collection[str]) -> None:
    """Take agencies and their officers out of a visit."""
    for entity in (VisitOfficer, VisitAgency):
        await session.execute(delete(entity).where(entity.visit_id == visit_id, entity.agency_id.in_(agency_ids)))


async def coming_of_officer(session: ReadSession, officer_id: str, today: date) -> Sequence[Visit]:
    """Visits to come that list an officer."""
    query = (
        select(Visit)
        .join(VisitOfficer, VisitOfficer.visit_id == Visit.visit_id)
        .where(VisitOfficer.officer_id == officer_id, Visit.state.in_(COMING), Visit.day >= today)
    )
    return (await session.scalars(query.order_by(Visit.visit_id))).all()


async def coming_of_agency(session: ReadSession, agency_id: str) -> Sequence[Visit]:
    """Visits to come in which an agency takes part."""
    query = select(Visit).where(_takes_part(agency_id), Visit.state.in_(COMING)).order_by(Visit.visit_id)
    return (await session.scalars(query)).all()


async def past(session: ReadSession, today: date) -> Sequence[Visit]:
    """Visits whose day went by without anybody entering."""
    query = select(Visit).where(Visit.state.in_(COMING), Visit.day < today).order_by(Visit.visit_id)
    return (await session.scalars(query)).all()


async def taken_days(session: ReadSession, area: str, first: date, last: date) -> set[tuple[str, date]]:
    """(enterprise, day) with a visit."""
    query = select(Visit.enterprise_id, Visit.day).where(
        Visit.area.startswith(areas.prefix(area), autoescape=True),
        Visit.day.between(first, last),
        Visit.state.not_in((CANCELLED, LAPSED)),
        Visit.makeup_for.is_(None),
    )
    return {(enterprise_id, day) for enterprise_id, day in (await session.execute(query)).all()}


async def days_of(session: ReadSession, enterprise_id: str, first: date, last: date) -> dict[str, date]:
    """The visits at an enterprise between two days, each with its day."""
    query = select(Visit.visit_id, Visit.day).where(
        Visit.enterprise_id == enterprise_id,
        Visit.day.between(first, last),
        Visit.state.not_in((CANCELLED, LAPSED)),
        Visit.makeup_for.is_(None),
    )
    return dict((await session.execute(query)).all())


async def taken_on(session: ReadSession, enterprise_id: str, day: date) -> str | None:
    """The visit at an enterprise on a day."""
    query = select(Visit.visit_id).where(
        Visit.enterprise_id == enterprise_id,
        Visit.day == day,
        Visit.state.not_in((CANCELLED, LAPSED)),
        Visit.makeup_for.is_(None),
    )
    found: str | None = await session.scalar(query)
    return found


async def settled_days(session: ReadSession, enterprise_id: str, since: date, *, but_for: str) -> list[date]:
    """The days from a day on of visits at an enterprise that are approved or took place, but for one of them."""
    query = select(Visit.day).where(
        Visit.enterprise_id == enterprise_id,
        Visit.day >= since,
        Visit.state.not_in((PROPOSED, CANCELLED, LAPSED)),
        Visit.visit_id != but_for,
    )
    return list(await session.scalars(query.order_by(Visit.day)))


async def booked(
    session: ReadSession, first: date, last: date, officer_ids: Collection[str]
) -> dict[tuple[str, date], int]:
    """Minutes of visits laid on officers, by officer and day."""
    found: dict[tuple[str, date], int] = {}
    for part in chunks(officer_ids):
        rows = await session.execute(_booked(first, last).where(VisitOfficer.officer_id.in_(part)))
        found |= {(officer_id, day): int(minutes) for officer_id, day, minutes in rows.all()}
    return found


async def booked_visits(session: ReadSession, first: date, last: date, officer_ids: Collection[str]) -> dict[str, int]:
    """Visits laid on officers from a day to a day, by officer."""
    found: dict[str, int] = {}
    for part in chunks(officer_ids):
        query = (
            select(VisitOfficer.officer_id, func.count())
            .join(Visit, Visit.visit_id == VisitOfficer.visit_id)
            .where(
                VisitOfficer.officer_id.in_(part),
                Visit.day.between(first, last),
                Visit.state.not_in((CANCELLED, LAPSED)),
            )
            .group_by(VisitOfficer.officer_id)
        )
        found |= dict((await session.execute(query)).all())
    return found


def _booked(first: date, last: date) -> Select[str, date, int]:
    return (
        select(VisitOfficer.officer_id, Visit.day, func.sum(Visit.minutes))
        .join(Visit, Visit.visit_id == VisitOfficer.visit_id)
        .where(Visit.day.between(first, last), Visit.state.not_in((CANCELLED, LAPSED)))
        .group_by(VisitOfficer.officer_id, Visit.day)
    )


async def announced_keys(session: ReadSession) -> set[str]:
    """The kids whose publication was announced."""
    return set(await session.scalars(select(ActionKey.kid)))


async def on_calendar(
    session: ReadSession, first: date, last: date, *, agency_id: str | None = None, enterprise_id: str | None = None
) -> Sequence[Visit]:
    """The visits of an agency or at an enterprise between two days, in any state."""
    query = select(Visit).where(Visit.day.between(first, last))
    if agency_id is not None:
        query = query.where(_takes_part(agency_id))
    if enterprise_id is not None:
        query = query.where(Visit.enterprise_id == enterprise_id)
    return (await session.scalars(query.order_by(Visit.day, Visit.visit_id))).all()
