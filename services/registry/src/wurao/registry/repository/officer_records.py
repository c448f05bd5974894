"""Queries on what is recorded of officers: training, examinations, posts, decisions; and legal reviewers."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select

from wurao.common.db import ReadSession
from wurao.common.scope import Scope
from wurao.registry.domain.officers import CERTIFIED
from wurao.registry.repository.bulk import chunked
from wurao.registry.repository.counting import count_where
from wurao.registry.repository.officers import sees
from wurao.registry.tables import Agency, Officer, OfficerDecision, OfficerExamination, OfficerPost, OfficerTraining

# (agency, its name, certified officers, legal reviewers among them, and those with the qualification)
Staffing = tuple[str, str, int, int, int]


async def trainings(session: ReadSession, officer_id: str) -> Sequence[OfficerTraining]:
    """Courses, the latest first."""
    query = select(OfficerTraining).where(OfficerTraining.officer_id == officer_id)
    return (await session.scalars(query.order_by(OfficerTraining.finished_on.desc()))).all()


async def examinations(session: ReadSession, officer_id: str) -> Sequence[OfficerExamination]:
    """Examinations, the latest first; of one day that recorded last."""
    query = select(OfficerExamination).where(OfficerExamination.officer_id == officer_id)
    latest = OfficerExamination.sat_on.desc(), OfficerExamination.recorded_at.desc()
    return (await session.scalars(query.order_by(*latest))).all()


async def posts(session: ReadSession, officer_id: str) -> Sequence[OfficerPost]:
    """Posts, the latest first."""
    query = select(OfficerPost).where(OfficerPost.officer_id == officer_id)
    return (await session.scalars(query.order_by(OfficerPost.began_on.desc()))).all()


async def held_posts(session: ReadSession, officer_id: str) -> Sequence[OfficerPost]:
    """Posts that were not left yet."""
    query = select(OfficerPost).where(OfficerPost.officer_id == officer_id, OfficerPost.ended_on.is_(None))
    return (await session.scalars(query)).all()


async def decisions(session: ReadSession, officer_id: str) -> Sequence[OfficerDecision]:
    """Decisions on the standing, the latest first."""
    query = select(OfficerDecision).where(OfficerDecision.officer_id == officer_id)
    return (await session.scalars(query.order_by(OfficerDecision.decided_at.desc()))).all()


async def hours(session: ReadSession, officer_ids: Sequence[str], year: int) -> dict[str, int]:
    """Hours of the courses passed in a year, of those who took any."""
    found: dict[str, int] = {}
    for chunk in chunked(officer_ids):
        query = (
            select(OfficerTraining.officer_id, func.sum(OfficerTraining.hours))
            .where(
                OfficerTraining.officer_id.in_(chunk),
                OfficerTraining.passed,
                OfficerTraining.finished_on.between(date(year, 1, 1), date(year, 12, 31)),
            )
            .group_by(OfficerTraining.officer_id)
        )
        found.update((officer_id, int(total)) for officer_id, total in (await session.execute(query)).all())
    return found


async def staffing(session: ReadSession, scope: Scope, area_prefix: str) -> list[Staffing]:
    """Certified officers and legal reviewers of each agency of an area that the scope sees, by agency."""
    reviews = Officer.legal_reviewer
    query = (
        select(
            Officer.agency_id,
            Agency.name,
            func.count(),
            count_where(reviews),
            count_where(reviews & Officer.legal_qualified),
        )
        .join(Agency, Agency.agency_id == Officer.agency_id)
        .where(
            sees(scope),
            Officer.area.startswith(area_prefix, autoescape=True),
            Officer.kind == "officer",
            Officer.standing == CERTIFIED,
        )
        .group_by(Officer.agency_id, Agency.name)
        .order_by(Officer.agency_id)
    )
    rows = (await session.execute(query)).all()
    return [(agency_id, name, officers, int(legal), int(able)) for agency_id, name, officers, legal, able in rows]
