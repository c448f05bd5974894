"""Queries on superiors' visits."""

from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Select, false, select, true, update

from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import NotFound
from wurao.common.scope import Scope
from wurao.scheduling.tables import SuperiorVisit


async def get(session: ReadSession, superior_visit_id: str) -> SuperiorVisit:
    """The visit. Raises NotFound."""
    visit = await session.get(SuperiorVisit, superior_visit_id)
    if visit is None:
        raise NotFound("没有这次上级检查备案")
    return visit


def listed(scope: Scope) -> Select[SuperiorVisit]:
    """Visits within a scope."""
    return select(SuperiorVisit).where(_within(scope))


def _within(scope: Scope) -> ColumnElement[bool]:
    match scope.kind:
        case "system":
            return true()
        case "area":
            return SuperiorVisit.area.startswith(scope.area, autoescape=True)
        case "agency":
            return SuperiorVisit.agency_id == scope.agency_id
        case _:
            return false()


async def take_acceptance(session: WriteSession, superior_visit_id: str, limit: int | None) -> bool:
    """Take a visit for acceptance unless `limit` are taken; tells whether it was had. One statement, so no race."""
    free = SuperiorVisit.accepted < limit if limit is not None else true()
    return await _count(session, superior_visit_id, 1, free)


async def return_acceptance(session: WriteSession, superior_visit_id: str) -> None:
    """Free a visit for acceptance that was taken; never more than were taken."""
    await _count(session, superior_visit_id, -1, SuperiorVisit.accepted > 0)


async def _count(session: WriteSession, superior_visit_id: str, change: int, provided: ColumnElement[bool]) -> bool:
    statement = update(SuperiorVisit).where(SuperiorVisit.superior_visit_id == superior_visit_id, provided)
    values = {"accepted": SuperiorVisit.accepted + change, "version": SuperiorVisit.version + 1}
    result = await session.execute(statement.values(**values).execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount == 1
