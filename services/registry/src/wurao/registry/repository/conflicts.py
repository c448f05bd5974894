"""Queries on relations that require recusal."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, false, or_, select, true, update

from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import NotFound
from wurao.common.scope import Scope
from wurao.registry.domain.conflicts import ENTERPRISE, IN_FORCE, REPORTED
from wurao.registry.repository.bulk import chunked
from wurao.registry.tables import Officer, OfficerConflict


async def get(session: ReadSession, conflict_id: str) -> OfficerConflict:
    """The conflict. Raises NotFound."""
    conflict = await session.get(OfficerConflict, conflict_id)
    if conflict is None:
        raise NotFound("没有这条回避记录")
    return conflict


async def seen(session: ReadSession, conflict_id: str, scope: Scope, *, own_officer: str | None) -> OfficerConflict:
    """The conflict if within the scope. Raises NotFound."""
    query = listed(scope, own_officer=own_officer, state=None, officer_id=None, enterprise_id=None)
    conflict = await session.scalar(query.where(OfficerConflict.conflict_id == conflict_id))
    if conflict is None:
        raise NotFound("没有这条回避记录")
    return conflict


def listed(
    scope: Scope,
    *,
    own_officer: str | None,
    state: str | None,
    officer_id: str | None,
    enterprise_id: str | None,
) -> Select[OfficerConflict]:
    """Conflicts that a scope sees; with `own_officer` only that officer's."""
    wanted = (
        (OfficerConflict.officer_id, own_officer),
        (OfficerConflict.state, state),
        (OfficerConflict.officer_id, officer_id),
        (OfficerConflict.enterprise_id, enterprise_id),
    )
    query = select(OfficerConflict).where(_sees(scope))
    return query.where(*(column == value for column, value in wanted if value is not None))


def _sees(scope: Scope) -> ColumnElement[bool]:
    """An enterprise sees what it reported itself, not what officers declared of their families."""
    match scope.kind:
        case "system":
            return true()
        case "area":
            return OfficerConflict.area.startswith(scope.area, autoescape=True)
        case "agency":
            return OfficerConflict.agency_id == scope.agency_id
        case "enterprise":
            return (OfficerConflict.enterprise_id == scope.enterprise_id) & (OfficerConflict.source == ENTERPRISE)
        case _:
            return false()


async def officers_of(session: WriteSession, related: Sequence[OfficerConflict]) -> dict[str, Officer]:
    """The officers who have these relations, by id; held in the order of their ids."""
    wanted = {conflict.officer_id for conflict in related}
    query = select(Officer).where(Officer.officer_id.in_(wanted)).order_by(Officer.officer_id).with_for_update()
    found = await session.scalars(query.execution_options(populate_existing=True))
    return {officer.officer_id: officer for officer in found}


async def follow(session: WriteSession, officer_ids: Sequence[str]) -> None:
    """Give officers' conflicts the agency and area that the officers have now."""
    for chunk in chunked(officer_ids):
        own = select(Officer.agency_id, Officer.area).where(Officer.officer_id == OfficerConflict.officer_id)
        values = {
            "agency_id": own.with_only_columns(Officer.agency_id).scalar_subquery(),
            "area": own.with_only_columns(Officer.area).scalar_subquery(),
        }
        statement = update(OfficerConflict).where(OfficerConflict.officer_id.in_(chunk)).values(values)
        await session.execute(statement, execution_options={"synchronize_session": False})


async def is_known(
    session: ReadSession, officer_id: str, enterprise_id: str, kind: str, source: str, today: date
) -> bool:
    """Tell whether stating a relation again would be idle.

    An enterprise that reports learns of its own reports only, not of what an officer declared; and its report keeps
    nobody from a declaration that counts at once.
    """
    open_report = (OfficerConflict.source == ENTERPRISE) & OfficerConflict.state.in_((IN_FORCE, REPORTED))
    query = select(OfficerConflict.conflict_id).where(
        OfficerConflict.officer_id == officer_id,
        OfficerConflict.enterprise_id == enterprise_id,
        OfficerConflict.kind == kind,
        open_report if source == ENTERPRISE else OfficerConflict.state == IN_FORCE,
        or_(OfficerConflict.until.is_(None), OfficerConflict.until >= today),
    )
    return await session.scalar(query.limit(1)) is not None
