"""Queries on approvals of inspections outside an agency's own area."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, Select, false, or_, select, true

from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.common.scope import Scope
from wurao.scheduling.repository.replicas import chunks
from wurao.scheduling.tables import AreaApproval

Key = tuple[str, str, str]
"""Enterprise, agency, number of the document."""


async def get(session: ReadSession, approval_id: str) -> AreaApproval:
    """The approval. Raises NotFound."""
    approval = await session.get(AreaApproval, approval_id)
    if approval is None:
        raise NotFound("没有这件异地检查批准")
    return approval


async def find(session: ReadSession, key: Key) -> AreaApproval | None:
    """The approval with a number for an agency and an enterprise."""
    enterprise_id, agency_id, number = key
    query = select(AreaApproval).where(
        AreaApproval.enterprise_id == enterprise_id,
        AreaApproval.agency_id == agency_id,
        AreaApproval.number == number,
    )
    return (await session.scalars(query)).one_or_none()


async def until(session: ReadSession, enterprise_ids: Iterable[str]) -> dict[Key, date]:
    """The last day of each approval that stands."""
    found: dict[Key, date] = {}
    for part in chunks(enterprise_ids):
        query = select(
            AreaApproval.enterprise_id, AreaApproval.agency_id, AreaApproval.number, AreaApproval.until
        ).where(AreaApproval.enterprise_id.in_(part), AreaApproval.withdrawn_at.is_(None))
        for enterprise_id, agency_id, number, last in (await session.execute(query)).all():
            found[enterprise_id, agency_id, number] = last
    return found


def listed(scope: Scope) -> Select[AreaApproval]:
    """Approvals within a scope: of the area's enterprises, of the agency's own, and those that it gave."""
    return select(AreaApproval).where(_within(scope))


def _within(scope: Scope) -> ColumnElement[bool]:
    match scope.kind:
        case "system":
            return true()
        case "area":
            return AreaApproval.area.startswith(scope.area, autoescape=True)
        case "agency":
            return or_(AreaApproval.agency_id == scope.agency_id, AreaApproval.approver_agency_id == scope.agency_id)
        case _:
            return false()
