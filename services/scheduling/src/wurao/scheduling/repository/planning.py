"""Queries on a plan's versions, approvals, participants and filings."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import Select, func, literal, or_, select

from wurao.common import area as areas
from wurao.common.db import ReadSession, WriteSession
from wurao.scheduling.domain.approval import DRAFT
from wurao.scheduling.domain.plan_filing import OPEN
from wurao.scheduling.domain.plans import PUBLISHED, SUPERSEDED
from wurao.scheduling.repository import plans as plan_repository
from wurao.scheduling.repository.replicas import chunks
from wurao.scheduling.tables import OverdueNotice, Plan, PlanFiling, PlanParticipant, PlanStep

NOTICE = "plan_filing:"


async def steps(session: ReadSession, plan_id: str) -> Sequence[PlanStep]:
    """Everything that was decided on a plan, in order."""
    return (await session.scalars(select(PlanStep).where(PlanStep.plan_id == plan_id).order_by(PlanStep.number))).all()


async def participants(session: ReadSession, plan_ids: Iterable[str]) -> list[PlanParticipant]:
    """The parts of joint plans, by agency."""
    found: list[PlanParticipant] = []
    for part in chunks(plan_ids):
        query = select(PlanParticipant).where(PlanParticipant.plan_id.in_(part))
        found += await session.scalars(query.order_by(PlanParticipant.plan_id, PlanParticipant.agency_id))
    return found


async def takes_part(session: ReadSession, plan_id: str, agency_id: str | None) -> bool:
    """Whether an agency is one of a joint plan's."""
    return agency_id is not None and await session.get(PlanParticipant, (plan_id, agency_id)) is not None


async def versions(session: ReadSession, series_id: str, *, public: bool = False) -> Sequence[Plan]:
    """The versions of a plan, oldest first; only what was published where anyone asks."""
    query = select(Plan).where(Plan.series_id == series_id).order_by(Plan.edition)
    if public:
        query = query.where(Plan.state.in_((PUBLISHED, SUPERSEDED)))
    return (await session.scalars(query)).all()


async def latest_edition(session: ReadSession, series_id: str) -> int:
    """The number of a plan's newest version."""
    return await session.scalar(select(func.max(Plan.edition)).where(Plan.series_id == series_id)) or 0


async def filings(session: ReadSession, plan_id: str) -> Sequence[PlanFiling]:
    """The filings of a plan, oldest first."""
    query = select(PlanFiling).where(PlanFiling.plan_id == plan_id).order_by(PlanFiling.attempt)
    return (await session.scalars(query)).all()


def before_offices(area: str, lines: Iterable[str]) -> Select[PlanFiling]:
    """Filings of an area that wait for one of these lines, whether to check or to take note."""
    wanted = list(lines)
    at_through = (PlanFiling.state == "filed") & PlanFiling.through.in_(wanted)
    at_office = ((PlanFiling.state == "checked") | PlanFiling.through.is_(None)) & PlanFiling.office.in_(wanted)
    return select(PlanFiling).where(
        PlanFiling.area.startswith(areas.prefix(area), autoescape=True),
        PlanFiling.state.in_(OPEN),
        at_through | at_office,
    )


async def undecided(session: ReadSession, area: str) -> list[tuple[PlanFiling, Plan]]:
    """Filings of an area that wait for their office and were not told of."""
    told = select(OverdueNotice.overdue_id).where(OverdueNotice.overdue_id == literal(NOTICE) + PlanFiling.filing_id)
    query = (
        select(PlanFiling, Plan)
        .join(Plan, Plan.plan_id == PlanFiling.plan_id)
        .where(
            PlanFiling.area.startswith(areas.prefix(area), autoescape=True),
            PlanFiling.state.in_(OPEN),
            ~told.exists(),
        )
        .order_by(PlanFiling.filing_id)
    )
    return [(row, plan) for row, plan in (await session.execute(query)).all()]


async def held_undecided(session: WriteSession, filing_ids: Iterable[str]) -> list[str]:
    """Those of the filings that still wait for a decision, held until the transaction ends."""
    found: list[str] = []
    for part in chunks(sorted(filing_ids)):
        query = select(PlanFiling.filing_id).where(PlanFiling.filing_id.in_(part), PlanFiling.state.in_(OPEN))
        found += await session.scalars(query.order_by(PlanFiling.filing_id).with_for_update())
    return found


async def drafts(session: ReadSession, area: str) -> Sequence[Plan]:
    """The drafts of an area, oldest first."""
    query = select(Plan).where(Plan.state == DRAFT, Plan.area.startswith(areas.prefix(area), autoescape=True))
    return (await session.scalars(query.order_by(Plan.plan_id))).all()


async def filed_kinds(session: ReadSession, area: str, first: date, last: date) -> list[tuple[str, str, date, date]]:
    """(agency, kind, from, to) of the plans of an area that were filed and begin within these days."""
    query = select(Plan.agency_id, Plan.kind, Plan.period_from, Plan.period_to).where(
        Plan.area.startswith(areas.prefix(area), autoescape=True),
        Plan.filed_at.is_not(None),
        Plan.period_from >= first,
        Plan.period_from <= last,
    )
    return [(agency, kind, begins, ends) for agency, kind, begins, ends in (await session.execute(query)).all()]


async def plans(session: ReadSession, plan_ids: Iterable[str]) -> list[Plan]:
    """Those of the plans that exist."""
    found: list[Plan] = []
    for part in chunks(plan_ids):
        found += await session.scalars(select(Plan).where(Plan.plan_id.in_(part)))
    return found


async def in_period(
    session: ReadSession,
    area: str,
    first: date,
    last: date,
    agency_id: str | None = None,
    *,
    kind: str | None = None,
    limit: int,
) -> Sequence[Plan]:
    """The plans of an area that touch these days, by agency and title; of each only the versions not superseded."""
    query = select(Plan).where(
        Plan.area.startswith(areas.prefix(area), autoescape=True),
        Plan.period_from <= last,
        Plan.period_to >= first,
        Plan.state != SUPERSEDED,
    )
    if agency_id is not None:
        query = query.where(or_(Plan.agency_id == agency_id, plan_repository.takes_part(agency_id)))
    if kind is not None:
        query = query.where(Plan.kind == kind)
    return (await session.scalars(query.order_by(Plan.agency_id, Plan.title, Plan.plan_id).limit(limit))).all()
