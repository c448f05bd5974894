"""Grades in time: each acts from its day on, and of those whose day has come the one announced last (CX-13)."""

from datetime import date

from sqlalchemy import Select, and_, delete, exists, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql import ColumnElement

from wurao.common.contracts.registry import EnterpriseGraded
from wurao.common.db import WriteSession
from wurao.scheduling.tables import Enterprise, EnterpriseGrade


def in_force(on: date) -> ColumnElement[bool]:
    """Joins an enterprise with its grade in force on a day, if any."""
    later = aliased(EnterpriseGrade)
    return and_(
        EnterpriseGrade.enterprise_id == Enterprise.enterprise_id,
        EnterpriseGrade.in_force_from <= on,
        ~exists().where(
            later.enterprise_id == EnterpriseGrade.enterprise_id,
            later.in_force_from <= on,
            later.version > EnterpriseGrade.version,
        ),
    )


async def keep(session: WriteSession, event: EnterpriseGraded, today: date) -> None:
    """Keep a grade until its day and from then on, and forget those that can act no more."""
    known = (await session.scalars(_of(event.enterprise_id))).all()
    if any(row.version >= event.version and row.in_force_from <= event.in_force_from for row in known):
        return
    own = EnterpriseGrade.enterprise_id == event.enterprise_id
    older = and_(own, EnterpriseGrade.version < event.version)
    acting = and_(older, EnterpriseGrade.in_force_from <= today) if event.in_force_from <= today else None
    replaced = and_(older, EnterpriseGrade.in_force_from >= event.in_force_from)
    await session.execute(delete(EnterpriseGrade).where(replaced if acting is None else or_(replaced, acting)))
    session.add(
        EnterpriseGrade(
            enterprise_id=event.enterprise_id,
            in_force_from=event.in_force_from,
            grade=event.grade,
            sampling_permille=event.sampling_permille,
            version=event.version,
        )
    )
    await session.flush()


def _of(enterprise_id: str) -> Select[EnterpriseGrade]:
    return select(EnterpriseGrade).where(EnterpriseGrade.enterprise_id == enterprise_id)
