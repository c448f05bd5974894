"""The hot path's two ends: one SELECT gathers what the gate may know, one INSERT guards the entry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, literal, select

from wurao.checkin.domain.door import DoorFacts, VisitFacts
from wurao.checkin.domain.officers import OfficerFacts
from wurao.checkin.tables import Agency, Enterprise, Entry, Officer, RevokedCode, Visit
from wurao.common.db import ReadSession, WriteSession
from wurao.common.upsert import insert_or_nothing

_ONE = select(literal(1).label("one")).subquery("one")


@dataclass(frozen=True, slots=True)
class Gathered:
    """The gate's facts, and what an entry copies from visit and enterprise."""

    facts: DoorFacts
    area: str
    enterprise_id: str | None
    enterprise_name: str
    agencies: tuple[str, ...] = ()
    items: tuple[Mapping[str, Any], ...] = ()
    questions: tuple[Mapping[str, Any], ...] = ()


_OFFICER = (
    Officer.officer_id,
    Officer.name.label("officer_name"),
    Officer.agency_id,
    Officer.certificate_no,
    Officer.valid_from,
    Officer.valid_to,
    Officer.suspended,
    Officer.suspended_until,
    Officer.exited,
    Agency.name.label("agency_name"),
    Agency.published,
)

# Built once: each officer is a row, the rest repeats beside it.
_GATHER = (
    select(
        Visit.visit_id,
        Visit.enterprise_id.label("visit_enterprise_id"),
        Visit.enterprise_name,
        Visit.area,
        Visit.agencies,
        Visit.officers,
        Visit.items,
        Visit.questions,
        Visit.opens,
        Visit.closes,
        Visit.code_id,
        Visit.cancelled,
        Visit.makeup_for,
        Entry.entry_id,
        Entry.finished_at,
        RevokedCode.reason.label("revoked_because"),
        Enterprise.enterprise_id.label("here"),
        Enterprise.area.label("here_area"),
        Enterprise.name.label("here_name"),
        Enterprise.code_serial,
        Enterprise.code_revoked_at,
        *_OFFICER,
    )
    .select_from(_ONE)
    .outerjoin(Visit, Visit.visit_id == bindparam("visit_id"))
    .outerjoin(Entry, Entry.visit_id == Visit.visit_id)
    .outerjoin(RevokedCode, RevokedCode.code_id == bindparam("code_id"))
    .outerjoin(Enterprise, Enterprise.enterprise_id == bindparam("enterprise_id"))
    .outerjoin(Officer, Officer.officer_id.in_(bindparam("officer_ids", expanding=True)))
    .outerjoin(Agency, Agency.agency_id == Officer.agency_id)
)


async def gather(
    session: ReadSession,
    *,
    visit_id: str | None,
    code_id: str | None,
    enterprise_id: str | None,
    officer_ids: Sequence[str],
) -> Gathered:
    """Everything about a knock in one statement."""
    asked = {
        "visit_id": visit_id,
        "code_id": code_id,
        "enterprise_id": enterprise_id,
        "officer_ids": list(officer_ids),
    }
    rows = (await session.execute(_GATHER, asked)).all()
    return _gathered(rows, officer_ids)


async def officers(session: ReadSession, officer_ids: Sequence[str]) -> tuple[OfficerFacts, ...]:
    """What is known of the officers, in the order asked; an unknown one is a fact too."""
    query = (
        select(*_OFFICER)
        .outerjoin(Agency, Agency.agency_id == Officer.agency_id)
        .where(Officer.officer_id.in_(officer_ids))
    )
    return _officers((await session.execute(query)).all(), officer_ids)


def _gathered(rows: Sequence[Row[*tuple[Any, ...]]], officer_ids: Sequence[str]) -> Gathered:
    first = rows[0]
    facts = DoorFacts(
        visit=_visit(first),
        officers=_officers(rows, officer_ids),
        current_serial=first.code_serial,
        code_withdrawn=first.code_revoked_at is not None,
        revoked_because=first.revoked_because,
    )
    if first.visit_id is None:
        return Gathered(facts, first.here_area or "", first.here, first.here_name or "")
    return Gathered(
        facts,
        first.area,
        first.visit_enterprise_id,
        first.enterprise_name,
        tuple(first.agencies),
        tuple(first.items),
        tuple(first.questions),
    )


def _visit(row: Row[*tuple[Any, ...]]) -> VisitFacts | None:
    if row.visit_id is None:
        return None
    return VisitFacts(
        visit_id=row.visit_id,
        enterprise_id=row.visit_enterprise_id,
        agencies=tuple(row.agencies),
        officer_ids=tuple(officer["officer_id"] for officer in row.officers),
        opens=row.opens,
        closes=row.closes,
        code_id=row.code_id,
        cancelled=row.cancelled,
        makeup=row.makeup_for is not None,
        entry_id=row.entry_id,
        entry_finished=row.finished_at is not None,
    )


def _officers(rows: Sequence[Row[*tuple[Any, ...]]], officer_ids: Sequence[str]) -> tuple[OfficerFacts, ...]:
    known = {row.officer_id: row for row in rows if row.officer_id is not None}
    return tuple(_officer(officer_id, known.get(officer_id)) for officer_id in officer_ids)


def _officer(officer_id: str, row: Row[*tuple[Any, ...]] | None) -> OfficerFacts:
    if row is None:
        return OfficerFacts(officer_id)
    return OfficerFacts(
        officer_id=officer_id,
        name=row.officer_name,
        agency_id=row.agency_id,
        certificate_no=row.certificate_no,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        suspended=row.suspended,
        suspended_until=row.suspended_until,
        exited=row.exited,
        agency_name=row.agency_name,
        agency_published=bool(row.published),
    )


async def insert_entry(session: WriteSession, values: Mapping[str, Any], guard: str) -> bool:
    """Insert an entry unless its visit (or filing, by `guard`) has one already; False when it has."""
    return await insert_or_nothing(session, Entry, values, guard)


async def entry_of(session: ReadSession, *, visit_id: str | None = None, filing_id: str | None = None) -> str | None:
    """The entry made for a visit, or resting on a filing."""
    wanted = Entry.visit_id == visit_id if visit_id is not None else Entry.filing_id == filing_id
    found: str | None = await session.scalar(select(Entry.entry_id).where(wanted))
    return found
