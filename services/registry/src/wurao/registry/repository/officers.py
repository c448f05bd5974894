"""Queries on officers."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, false, or_, select, true

from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.common.scope import Scope
from wurao.registry.domain.officers import CERTIFIED, SUSPENDED
from wurao.registry.repository.bulk import chunked
from wurao.registry.tables import Agency, Officer, OfficerDecision


async def get(session: ReadSession, officer_id: str) -> Officer:
    """The officer. Raises NotFound."""
    officer = await session.get(Officer, officer_id)
    if officer is None:
        raise NotFound("没有这名执法人员")
    return officer


async def seen(session: ReadSession, officer_id: str, scope: Scope) -> Officer:
    """The officer if within the scope. Raises NotFound."""
    officer = await session.scalar(within(scope).where(Officer.officer_id == officer_id))
    if officer is None:
        raise NotFound("没有这名执法人员")
    return officer


def within(scope: Scope) -> Select[Officer]:
    """Officers that a scope sees."""
    return select(Officer).where(sees(scope))


def sees(scope: Scope) -> ColumnElement[bool]:
    """Which officers a scope sees."""
    if scope.kind == "agency":
        return Officer.agency_id == scope.agency_id
    if scope.kind == "area":
        return Officer.area.startswith(scope.area, autoescape=True)
    return true() if scope.kind == "system" else false()


def listed(scope: Scope, *, agency_id: str | None, standing: str | None, kind: str | None) -> Select[Officer]:
    """Officers that a scope sees, perhaps of one agency, standing or kind."""
    wanted = ((Officer.agency_id, agency_id), (Officer.standing, standing), (Officer.kind, kind))
    return within(scope).where(*(column == value for column, value in wanted if value is not None))


async def known(session: ReadSession, officer_ids: Sequence[str]) -> dict[str, Officer]:
    """Those of the officers that exist, by id."""
    found: dict[str, Officer] = {}
    for chunk in chunked(officer_ids):
        rows = await session.scalars(select(Officer).where(Officer.officer_id.in_(chunk)))
        found.update((officer.officer_id, officer) for officer in rows)
    return found


async def by_certificate(session: ReadSession, numbers: Sequence[str]) -> dict[str, Officer]:
    """Those who hold or held the certificates, by number."""
    found: dict[str, Officer] = {}
    for chunk in chunked(sorted(set(numbers))):
        rows = await session.scalars(select(Officer).where(Officer.certificate_no.in_(chunk)))
        found.update((str(officer.certificate_no), officer) for officer in rows)
    return found


async def agencies_of(session: ReadSession, agency_ids: Sequence[str]) -> dict[str, Agency]:
    """Those of the agencies that exist, by id."""
    found: dict[str, Agency] = {}
    for chunk in chunked(sorted(set(agency_ids))):
        rows = await session.scalars(select(Agency).where(Agency.agency_id.in_(chunk)))
        found.update((agency.agency_id, agency) for agency in rows)
    return found


def doubtful(scope: Scope, today: date) -> Select[Officer]:
    """Officers who hold a certificate and may have lost the right to it."""
    unfit = or_(
        Officer.trained.is_(False),
        Officer.examined.is_(False),
        Officer.in_post.is_(False),
        Officer.employment.is_not(None),
        Officer.retires_on <= today,
        Officer.valid_to < today,
    )
    return within(scope).where(Officer.standing.in_((CERTIFIED, SUSPENDED)), unfit)


async def suspended_before(session: ReadSession, today: date, limit: int) -> Sequence[Officer]:
    """Officers whose dated suspension has run out and who may be fit again; the unfit take nobody's turn."""
    fit = (
        Officer.kind == "officer",
        Officer.trained,
        Officer.examined,
        Officer.in_post,
        Officer.certificate_no.is_not(None),
        Officer.valid_from.is_not(None),
        Officer.valid_to.is_not(None),
        or_(Officer.retires_on.is_(None), Officer.retires_on > today),
    )
    query = (
        select(Officer)
        .where(Officer.standing == SUSPENDED, Officer.suspended_until < today, *fit)
        .order_by(Officer.officer_id)
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def retired(session: ReadSession, today: date, limit: int) -> Sequence[Officer]:
    """Officers with a certificate whose first day off work has come."""
    query = (
        select(Officer)
        .where(Officer.standing == CERTIFIED, Officer.retires_on <= today)
        .order_by(Officer.officer_id)
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def is_decided(session: ReadSession, decision_id: str) -> bool:
    """Tell whether a decision has been carried out."""
    return await session.get(OfficerDecision, decision_id) is not None
