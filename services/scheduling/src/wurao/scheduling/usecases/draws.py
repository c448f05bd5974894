"""Freeze a pool, take commitments and secrets, hold the draw, void it (YZ-02)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from wurao.common.auth import Principal
from wurao.common.contracts.scheduling import DrawHeld
from wurao.common.contracts.shared import Refusal
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import Conflict, NotFound
from wurao.common.ids import new_id
from wurao.scheduling.domain import draw as rules
from wurao.scheduling.domain.gate import ItemFact, TaskRequest
from wurao.scheduling.domain.gate.question import chinese
from wurao.scheduling.domain.policy import Policy, refusal
from wurao.scheduling.repository import facts, replicas
from wurao.scheduling.repository import plans as repository
from wurao.scheduling.tables import Draw, Drawn, DrawParty, DrawPool, Item, Plan, Task
from wurao.scheduling.usecases import plans, tasks

BATCH = 500


async def freeze(
    session: WriteSession,
    plan: Plan,
    who: Principal,
    *,
    item_ids: Sequence[str],
    window: tuple[date, date],
    commitment: str,
    now: datetime,
    today: date,
) -> Draw:
    """Freeze and hash the pool, with the agency's commitment.

    Raises Refused for an agency without standing (DT-01) or an unusable plan (QZ-05).
    """
    policy = await facts.Policies(session, today).of(plan.area)
    await plans.require_standing(session, plan, who.subject, now, policy)
    plans.require_usable(plan, who.subject, now, policy)
    plans.about(plan, who.subject, now).require(_outside(plan, item_ids, window, policy))
    items = list((await replicas.item_rows(session, item_ids)).values())
    entrants = _entrants(await replicas.pool(session, plan.area, today), items, policy.grade.middle_permille())
    document = rules.canonical(entrants)
    draw = Draw(
        draw_id=new_id(),
        plan_id=plan.plan_id,
        agency_id=plan.agency_id,
        area=plan.area,
        item_ids=list(dict.fromkeys(item_ids)),
        earliest=window[0],
        latest=window[1],
        state=rules.FROZEN,
        pool_digest=rules.digest(document),
        pool_size=document.count("\n"),
        strata=[stratum._asdict() for stratum in rules.strata(rules.parse(document))],
        created_by=who.subject,
        frozen_at=now,
    )
    session.add(draw)
    session.add(DrawPool(draw_id=draw.draw_id, document=document))
    session.add(_party(draw, who, "agency", commitment, now))
    await session.flush()
    return draw


def _outside(plan: Plan, item_ids: Sequence[str], window: tuple[date, date], policy: Policy) -> list[Refusal]:
    """Items and days that the plan does not carry (QZ-05)."""
    outside = [item_id for item_id in item_ids if item_id not in plan.item_ids]
    found = []
    if outside:
        message = f"检查计划未列入事项：{'、'.join(outside)}"
        found.append(refusal("plan.item_not_included", policy.basis.plan_followed, message, ["只抽取计划列入的事项"]))
    if window[0] < plan.period_from or window[1] > plan.period_to:
        period = f"{chinese(plan.period_from)}至{chinese(plan.period_to)}"
        message = f"抽查时间不在计划期内（{period}）"
        found.append(refusal("plan.out_of_period", policy.basis.plan_followed, message, [f"安排在{period}之内"]))
    return found


def _entrants(
    pool: Sequence[tuple[str, str, str | None, int | None]], items: Sequence[Item], ungraded: int
) -> Iterator[rules.Entrant]:
    for enterprise_id, industry, grade, permille in pool:
        if any(rules.applies(item.industries, industry) for item in items):
            yield rules.entrant(enterprise_id, grade, permille, ungraded)


def _party(draw: Draw, who: Principal, role: str, commitment: str, now: datetime) -> DrawParty:
    return DrawParty(draw_id=draw.draw_id, party=who.subject, role=role, commitment=commitment, committed_at=now)


async def commit(session: WriteSession, draw: Draw, who: Principal, commitment: str, now: datetime) -> Draw:
    """Take the supervision body's commitment. Raises Conflict when it comes late or is copied."""
    rules.require_open(draw.state)
    parties = await repository.parties(session, draw.draw_id)
    if any(party.party == who.subject for party in parties):
        raise Conflict("已经提交过承诺", code="draw.committed")
    known = [party.commitment for party in parties]
    rules.require_commitment(commitment, known, revealed=any(party.secret for party in parties))
    session.add(_party(draw, who, "supervisor", commitment, now))
    await session.flush()
    return draw


async def reveal(session: WriteSession, draw: Draw, who: Principal, secret: str, now: datetime, today: date) -> Draw:
    """Take a party's secret; with the last one the draw is held and its tasks go through the gate.

    The draw is locked, so that of two last secrets at once the second sees the first.
    """
    await session.refresh(draw, with_for_update=True)
    rules.require_open(draw.state)
    parties = await repository.parties(session, draw.draw_id)
    own = next((party for party in parties if party.party == who.subject), None)
    if own is None:
        raise NotFound("没有提交过承诺")
    rules.require_secret(secret, own.commitment, [party.role for party in parties])
    own.secret, own.revealed_at = secret, now
    await session.flush()
    secrets = [party.secret for party in parties if party.secret]
    if len(secrets) == len(parties):
        await hold(session, draw, secrets, now, today)
    return draw


async def hold(session: WriteSession, draw: Draw, secrets: Sequence[str], now: datetime, today: date) -> None:
    """Fix the seed, draw, and create the tasks that the gate permits; refused ones are kept as evidence."""
    draw.seed = rules.seed(secrets, draw.pool_digest)
    draw.state, draw.ended_at = rules.HELD, now
    pool = rules.parse(await repository.pool(session, draw.draw_id))
    rows = [
        Drawn(
            draw_id=draw.draw_id,
            enterprise_id=won.enterprise_id,
            plan_id=draw.plan_id,
            stratum=won.stratum,
            ticket=won.ticket,
            tasks=[],
            refused=[],
        )
        for won in rules.winners(pool, draw.draw_id, draw.seed)
    ]
    session.add_all(rows)
    await session.flush()
    for at in range(0, len(rows), BATCH):
        await _create_tasks(session, draw, rows[at : at + BATCH], now, today)
    await session.flush()
    session.record(
        DrawHeld(
            draw_id=draw.draw_id,
            plan_id=draw.plan_id,
            area=draw.area,
            pool_digest=draw.pool_digest,
            seed=draw.seed,
            pool_size=draw.pool_size,
            drawn=len(rows),
            held_at=now,
            version=draw.version,
        )
    )


async def _create_tasks(session: WriteSession, draw: Draw, rows: Sequence[Drawn], now: datetime, today: date) -> None:
    items = await replicas.item_rows(session, draw.item_ids)
    first = (await facts.Policies(session, today).of(draw.area)).off_site.first.value
    industries = await replicas.industries(session, [row.enterprise_id for row in rows])
    asked = [
        (row, request)
        for row in rows
        for request in _requests(draw, row, industries[row.enterprise_id], items, off_site_first=first)
    ]
    known = await facts.load(session, [request for _, request in asked], today)
    for (row, request), (found, policy) in zip(asked, known, strict=True):
        admitted = await tasks.admit(session, request, found, policy, by=draw.created_by, now=now, draw_id=draw.draw_id)
        if isinstance(admitted, Task):
            row.tasks = [*row.tasks, admitted.task_id]
        else:
            row.refused = [*row.refused, *(refusal.code for refusal in admitted)]
            session.record(tasks.about(request, found, draw.created_by, now).event(admitted))


def _requests(
    draw: Draw, row: Drawn, industry: str, items: Mapping[str, Item], *, off_site_first: bool
) -> Iterator[TaskRequest]:
    """One request for each agency and way of inspection that concern the enterprise."""
    concerned = [item for item in items.values() if rules.applies(item.industries, industry)]
    for agency_id in sorted({item.agency_id for item in concerned}):
        own: list[ItemFact] = [replicas.item_fact(item) for item in concerned if item.agency_id == agency_id]
        for method, chosen in sorted(rules.split(own, off_site_first=off_site_first).items()):
            yield TaskRequest(
                agency_id=agency_id,
                enterprise_id=row.enterprise_id,
                item_ids=tuple(sorted(item.item_id for item in chosen)),
                earliest=draw.earliest,
                latest=draw.latest,
                origin="draw",
                method="on_site" if method == "on_site" else "off_site",
                plan_id=draw.plan_id,
            )


async def void(session: WriteSession, draw: Draw, reason: str, now: datetime) -> Draw:
    """Give a draw up; it stays public with its commitments and whatever was revealed."""
    rules.require_open(draw.state)
    draw.state, draw.void_reason, draw.ended_at = rules.VOID, reason, now
    await session.flush()
    return draw


async def proof(session: ReadSession, draw: Draw) -> tuple[Sequence[DrawParty], Sequence[Drawn]]:
    """What anyone needs to replay a draw, beside its pool."""
    return await repository.parties(session, draw.draw_id), await repository.tickets(session, draw.draw_id)
