"""Queries on adjustments of grades and on exposures."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, select

from wurao.common.db import ReadSession
from wurao.registry.domain.grading import Hold
from wurao.registry.repository.bulk import chunked
from wurao.registry.tables import Adjustment

IN_FORCE = "in_force"


async def holds(session: ReadSession, enterprise_ids: Sequence[str], on: date) -> dict[str, Hold]:
    """The adjustments that bind the enterprises' grades on a day; at most one each (LX-11)."""
    found: dict[str, Hold] = {}
    for chunk in chunked(enterprise_ids):
        query = select(Adjustment).where(Adjustment.enterprise_id.in_(chunk), _binding(on))
        for row in await session.scalars(query):
            assert row.level is not None
            found[row.enterprise_id] = Hold(
                adjustment_id=row.adjustment_id,
                way="up" if row.kind == "upgrade" else "down",
                level=row.level,
                basis=f"{row.law}{row.article}",
                agency=row.agency_name,
                until=row.ends_on,
                clause=row.clause,
            )
    return found


async def held_between(session: ReadSession, first: str, last: str, on: date) -> Sequence[str]:
    """Those of the enterprises from one id to another whose grades an adjustment binds on a day."""
    query = select(Adjustment.enterprise_id).where(Adjustment.enterprise_id.between(first, last), _binding(on))
    return (await session.scalars(query.order_by(Adjustment.enterprise_id))).all()


def _binding(on: date) -> ColumnElement[bool]:
    return and_(
        Adjustment.kind != "exposure",
        Adjustment.state == IN_FORCE,
        Adjustment.in_force_from <= on,
        Adjustment.ends_on >= on,
    )
