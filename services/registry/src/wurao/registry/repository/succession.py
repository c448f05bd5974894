"""Queries on what names an enterprise, held for a merge in the order of the ids."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from wurao.common.db import WriteSession
from wurao.registry.tables import Adjustment, Objection, OfficerConflict

Row = TypeVar("Row", Adjustment, Objection, OfficerConflict)


async def adjustments_of(session: WriteSession, enterprise_id: str) -> Sequence[Adjustment]:
    """Adjustments of an enterprise, closed ones too."""
    return await _held(session, Adjustment, Adjustment.adjustment_id, enterprise_id)


async def objections_of(session: WriteSession, enterprise_id: str) -> Sequence[Objection]:
    """Objections of an enterprise, decided ones too."""
    return await _held(session, Objection, Objection.objection_id, enterprise_id)


async def conflicts_of(session: WriteSession, enterprise_id: str) -> Sequence[OfficerConflict]:
    """Officers' relations to an enterprise, ended ones too."""
    return await _held(session, OfficerConflict, OfficerConflict.conflict_id, enterprise_id)


async def _held(
    session: WriteSession, kind: type[Row], key: InstrumentedAttribute[str], enterprise_id: str
) -> Sequence[Row]:
    query = select(kind).where(kind.enterprise_id == enterprise_id).order_by(key)
    return (await session.scalars(query.with_for_update().execution_options(populate_existing=True))).all()
