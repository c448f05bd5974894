"""Queries on plans, and on what their draws chose."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Select, exists, false, or_, select, true

from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.common.scope import Scope
from wurao.scheduling.domain.gate import PlanFact
from wurao.scheduling.domain.gate.question import PartFact
from wurao.scheduling.domain.plans import PUBLISHED, SUPERSEDED
from wurao.scheduling.repository.replicas import chunks
from wurao.scheduling.tables import Draw, Drawn, Plan, PlanParticipant


async def get(session: ReadSession, plan_id: str) -> Plan:
    """The plan. Raises NotFound."""
    plan = await session.get(Plan, plan_id)
    if plan is None:
        raise NotFound("没有这个检查计划")
    return plan


def fact(plan: Plan, parts: Iterable[PlanParticipant] = ()) -> PlanFact:
    """The fact in a row, with those of a joint plan's participants."""
    return PlanFact(
        plan.plan_id,
        plan.agency_id,
        plan.kind,
        plan.state,
        plan.filed_at is not None,
        frozenset(plan.item_ids),
        plan.period_from,
        plan.period_to,
        frozenset(plan.steps),
        {
            part.agency_id: PartFact(frozenset(part.item_ids), part.period_from, part.period_to)
            for part in parts
            if part.plan_id == plan.plan_id
        },
    )


async def facts(session: ReadSession, plan_ids: Iterable[str]) -> dict[str, PlanFact]:
    """Those of the plans that exist."""
    found: dict[str, PlanFact] = {}
    for part in chunks(plan_ids):
        rows = (await session.scalars(select(Plan).where(Plan.plan_id.in_(part)))).all()
        taking = (await session.scalars(select(PlanParticipant).where(PlanParticipant.plan_id.in_(part)))).all()
        found |= {row.plan_id: fact(row, taking) for row in rows}
    return found


def listed(scope: Scope, state: str | None, kind: str | None = None) -> Select[Plan]:
    """Plans within a scope: an agency's own and those that it takes part in."""
    query = select(Plan).where(within(scope))
    if kind:
        query = query.where(Plan.kind == kind)
    return query.where(Plan.state == state) if state else query


def within(scope: Scope) -> ColumnElement[bool]:
    match scope.kind:
        case "system":
            return true()
        case "area":
            return Plan.area.startswith(scope.area, autoescape=True)
        case "agency":
            return or_(Plan.agency_id == scope.agency_id, takes_part(scope.agency_id))
        case _:
            return false()


def takes_part(agency_id: str) -> ColumnElement[bool]:
    """Whether an agency is one of a joint plan's."""
    return exists().where(PlanParticipant.plan_id == Plan.plan_id, PlanParticipant.agency_id == agency_id)


async def public(session: ReadSession, plan_id: str) -> Plan:
    """A plan that anyone may read, also once it is superseded. Raises NotFound."""
    plan = await session.get(Plan, plan_id)
    if plan is None or plan.state not in (PUBLISHED, SUPERSEDED):
        raise NotFound("没有这个检查计划")
    return plan


def published(area_prefix: str = "") -> Select[Plan]:
    """Plans in force that anyone may read."""
    return select(Plan).where(Plan.state == PUBLISHED, Plan.area.startswith(area_prefix, autoescape=True))


async def drawn(
    session: ReadSession, plan_ids: Iterable[str], enterprise_ids: Iterable[str]
) -> dict[tuple[str, str], list[frozenset[str]]]:
    """By plan and enterprise the items of each draw of the plan that chose the enterprise, unless it was replaced."""
    plans = list(plan_ids)
    found: dict[tuple[str, str], list[frozenset[str]]] = {}
    for part in chunks(enterprise_ids) if plans else ():
        query = (
            select(Drawn.plan_id, Drawn.enterprise_id, Draw.item_ids)
            .join(Draw, Draw.draw_id == Drawn.draw_id)
            .where(Drawn.plan_id.in_(plans), Drawn.enterprise_id.in_(part), Drawn.replaced_by.is_(None))
        )
        for plan_id, enterprise_id, item_ids in (await session.execute(query)).all():
            found.setdefault((plan_id, enterprise_id), []).append(frozenset(item_ids))
    return found


async def drawn_officers(session: ReadSession, enterprise_id: str, draw_ids: Iterable[str]) -> set[str]:
    """The officers whom draws chose for an enterprise."""
    found: set[str] = set()
    for part in chunks(draw_ids):
        query = select(Drawn.officers).where(Drawn.enterprise_id == enterprise_id, Drawn.draw_id.in_(part))
        for officers in await session.scalars(query):
            found.update(officer_id for sent in officers.values() for officer_id in sent)
    return found


async def seeds(session: ReadSession, draw_ids: Iterable[str]) -> dict[str, str]:
    """The seeds of held draws."""
    found: dict[str, str] = {}
    for part in chunks(draw_ids):
        rows = await session.execute(select(Draw.draw_id, Draw.seed).where(Draw.draw_id.in_(part)))
        found |= {draw_id: seed for draw_id, seed in rows.all() if seed}
    return found
