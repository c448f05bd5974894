"""Queries on violations, cases and their steps."""

from collections.abc import Collection, Sequence

from sqlalchemy import Date, Select, bindparam, select, text

from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import NotFound
from wurao.common.scope import SYSTEM, Scope
from wurao.penalty.domain.circumstances import ProvenAct as Proven
from wurao.penalty.repository.scopes import visible
from wurao.penalty.tables import (
    AgencyReplica,
    Case,
    EnterpriseReplica,
    FinedAct,
    Notice,
    OfficerReplica,
    ProvenAct,
    Review,
    Statement,
    Violation,
)

_NEXT_NUMBER = text(
    "insert into case_numbers (agency_id, year, series, last) values (:agency_id, :year, :series, 1)"
    " on conflict (agency_id, year, series) do update set last = case_numbers.last + 1 returning last"
)
_GUARD = text(
    "insert into fined_acts (enterprise_id, act_key, case_id, case_no, agency_id, decided_on)"
    " values (:enterprise_id, :act_key, :case_id, :case_no, :agency_id, :decided_on)"
    " on conflict (enterprise_id, act_key) do nothing returning case_id"
).bindparams(bindparam("decided_on", type_=Date()))


async def get(session: ReadSession, case_id: str, scope: Scope = SYSTEM) -> Case:
    """The case within a scope. Raises NotFound."""
    case = (await session.scalars(visible(select(Case).where(Case.case_id == case_id), Case, scope))).one_or_none()
    if case is None:
        raise NotFound("没有这个案件")
    return case


async def get_violation(session: ReadSession, violation_id: str) -> Violation:
    """The violation. Raises NotFound."""
    found = await session.get(Violation, violation_id)
    if found is None:
        raise NotFound("没有这条违法线索")
    return found


def violations(scope: Scope, state: str | None) -> Select[Violation]:
    """Violations within a scope."""
    query = visible(select(Violation), Violation, scope)
    return query.where(Violation.state == state) if state else query


def cases(scope: Scope, state: str | None, procedure: str | None) -> Select[Case]:
    """Cases within a scope; by state or procedure, never by amount."""
    query = visible(select(Case), Case, scope)
    query = query.where(Case.state == state) if state else query
    return query.where(Case.procedure == procedure) if procedure else query


def not_punished(scope: Scope) -> Select[Case]:
    """The ledger of cases in which the law exempted from penalty (DT-07)."""
    return visible(select(Case).where(Case.outcome.in_(["exempt", "waived", "no_fault"])), Case, scope)


async def next_number(session: WriteSession, agency_id: str, year: int, series: str) -> int:
    """The next number of a series; rolled back with the transaction, so that no number is lost."""
    values = {"agency_id": agency_id, "year": year, "series": series}
    return int((await session.execute(_NEXT_NUMBER, values)).scalar_one())


async def claim_fine(session: WriteSession, guard: FinedAct) -> FinedAct | None:
    """Take an act for a fine; the earlier fine where one is already taken (PL-29)."""
    values = {
        "enterprise_id": guard.enterprise_id,
        "act_key": guard.act_key,
        "case_id": guard.case_id,
        "case_no": guard.case_no,
        "agency_id": guard.agency_id,
        "decided_on": guard.decided_on,
    }
    if (await session.execute(_GUARD, values)).scalar_one_or_none() is not None:
        return None
    return await session.get_one(FinedAct, (guard.enterprise_id, guard.act_key))


async def history(session: ReadSession, enterprise_id: str, violation: str, case_id: str) -> list[Proven]:
    """Acts of the same kind that other cases established, by whatever agency."""
    query = select(ProvenAct).where(
        ProvenAct.enterprise_id == enterprise_id, ProvenAct.violation == violation, ProvenAct.case_id != case_id
    )
    return [Proven(row.case_id, row.case_no, row.act_on, row.decided_on) for row in await session.scalars(query)]


async def agency(session: ReadSession, agency_id: str) -> AgencyReplica | None:
    """The agency, if the registry announced it."""
    return await session.get(AgencyReplica, agency_id)


async def enterprise(session: ReadSession, enterprise_id: str) -> EnterpriseReplica | None:
    """The enterprise, if the registry announced it."""
    return await session.get(EnterpriseReplica, enterprise_id)


async def officers(session: ReadSession, officer_ids: Collection[str]) -> Sequence[OfficerReplica]:
    """Those of the officers that the registry announced."""
    query = select(OfficerReplica).where(OfficerReplica.officer_id.in_(list(officer_ids)))
    return (await session.scalars(query)).all()


async def notices(session: ReadSession, case_id: str) -> Sequence[Notice]:
    """The notices of a case, oldest first; the last one is in force."""
    return (await session.scalars(select(Notice).where(Notice.case_id == case_id).order_by(Notice.notice_id))).all()


async def statements(session: ReadSession, case_id: str) -> Sequence[Statement]:
    """The party's statements, oldest first."""
    query = select(Statement).where(Statement.case_id == case_id).order_by(Statement.statement_id)
    return (await session.scalars(query)).all()


async def reviews(session: ReadSession, case_id: str) -> Sequence[Review]:
    """The reviews of a case, oldest first."""
    return (await session.scalars(select(Review).where(Review.case_id == case_id).order_by(Review.review_id))).all()


async def has_reviewed(session: ReadSession, reviewer_id: str) -> bool:
    """Whether the reviewer reviewed any case before."""
    query = select(Review.review_id).where(Review.reviewer_id == reviewer_id).limit(1)
    return (await session.scalars(query)).first() is not None
