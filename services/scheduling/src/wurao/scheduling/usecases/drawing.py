"""Hold a draw as a job: tickets and officers at once, then tasks in batches; goes on after a crash at any step."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from wurao.common.clock import Clock
from wurao.common.contracts.scheduling import DrawHeld
from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Database, WriteSession
from wurao.common.errors import Conflict
from wurao.common.jobs import JobHandler, Progress
from wurao.scheduling.domain import draw as rules
from wurao.scheduling.domain.gate import ItemFact, TaskRequest
from wurao.scheduling.repository import draws as repository
from wurao.scheduling.repository import facts, replicas, turns
from wurao.scheduling.tables import Draw, DrawFile, Drawn, Item, Task
from wurao.scheduling.usecases import tasks

KIND = "draw"
BATCH = 500


def handler(clock: Clock) -> JobHandler:
    """The job: parameter draw_id."""

    async def run(parameters: JsonObject, progress: Progress) -> JsonObject:
        return await perform(progress.db, str(parameters["draw_id"]), progress, clock)

    return run


async def perform(db: Database, draw_id: str, progress: Progress, clock: Clock, *, batch: int = BATCH) -> JsonObject:
    """Draw, settle in batches, conclude: each step its own transaction, and none of them done twice."""
    await progress.report(0, 1, "计算企业的号、抽取执法人员")
    await _draw(db, draw_id)
    while True:
        async with db.write() as session:
            draw = await repository.locked(session, draw_id)
            rows = await repository.unsettled(session, draw_id, batch)
            await settle(session, draw, rows, clock.now(), clock.today())
            await session.flush()
            drawn, settled = await repository.counted(session, draw_id)
        await progress.report(settled, drawn, "生成检查任务")
        if not rows:
            break
    async with db.write() as session:
        return await _conclude(session, await repository.locked(session, draw_id), drawn, clock.now())


async def _draw(db: Database, draw_id: str) -> None:
    """Keep who was drawn and the result, unless an earlier run did."""
    async with db.read() as session:
        draw = await repository.get(session, draw_id)
        if await repository.file(session, draw_id, rules.DRAW) is not None:
            return
        files = await repository.files(session, draw_id, rules.FILES)
    outcome, document = await asyncio.to_thread(draw_again, files, draw.seed or "", [])
    async with db.write() as session:
        draw = await repository.locked(session, draw_id)
        if await repository.file(session, draw_id, rules.DRAW) is None:
            session.add(DrawFile(draw_id=draw_id, name=rules.DRAW, document=document))
            session.add_all(row_of(draw, one) for one in outcome.drawn)


def draw_again(
    files: Mapping[str, bytes], seed: str, replacements: Sequence[rules.Replacement]
) -> tuple[rules.Outcome, str]:
    """The outcome and its document. Raises Conflict for a replacement that cannot be."""
    inputs = rules.read(files)
    try:
        outcome = rules.hold(inputs, seed, replacements)
    except rules.CannotReplace as error:
        raise Conflict(error.message, code="draw.no_substitute") from error
    return outcome, rules.write(outcome, inputs.frozen).decode()


def row_of(draw: Draw, one: rules.Drawn, called: int | None = None) -> Drawn:
    """The row of a drawn enterprise that has yet to go through the gate."""
    return Drawn(
        draw_id=draw.draw_id,
        enterprise_id=one.enterprise_id,
        plan_id=draw.plan_id,
        stratum=one.stratum,
        rank=one.rank,
        ticket=one.ticket,
        officers={line: list(sent) for line, sent in one.officers.items()},
        unsent=[short._asdict() for short in one.refused],
        settled=False,
        tasks=[],
        refused=[],
        called=called,
        replaces=one.replaces.enterprise_id if one.replaces else None,
        reason=one.replaces.reason if one.replaces else None,
    )


async def settle(session: WriteSession, draw: Draw, rows: Sequence[Drawn], now: datetime, today: date) -> None:
    """Create the tasks that the gate permits for drawn enterprises; refused ones are kept as evidence."""
    for enterprise_id in sorted({row.enterprise_id for row in rows}):
        await turns.take_turn(session, enterprise_id)
    items = await replicas.item_rows(session, draw.item_ids)
    first = (await facts.Policies(session, today).of(draw.area)).off_site.first.value
    industries = await replicas.industries(session, [row.enterprise_id for row in rows])
    asked = [
        (row, request)
        for row in rows
        for request in _requests(draw, row, industries[row.enterprise_id], items, off_site_first=first)
    ]
    known = await facts.load(session, [request for _, request in asked], today)
    questions = [(request, *one) for (_, request), one in zip(asked, known, strict=True)]
    answers = await tasks.admit_all(session, questions, by=draw.created_by, now=now, draw_id=draw.draw_id)
    for (row, request), (found, _), admitted in zip(asked, known, answers, strict=True):
        if isinstance(admitted, Task):
            row.tasks = [*row.tasks, admitted.task_id]
        else:
            row.refused = [*row.refused, *(refusal.code for refusal in admitted)]
            session.record(tasks.about(request, found, draw.created_by, now).event(admitted))
    for row in rows:
        row.settled = True


def _requests(
    draw: Draw, row: Drawn, industry: str, items: Mapping[str, Item], *, off_site_first: bool
) -> Iterator[TaskRequest]:
    """One request for each agency and way of inspection that concern the enterprise (LX-08)."""
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


async def _conclude(session: WriteSession, draw: Draw, drawn: int, now: datetime) -> JsonObject:
    """Report the draw once."""
    assert draw.seed is not None
    if draw.state == rules.DRAWING:
        draw.state, draw.ended_at = rules.HELD, now
        await session.flush()
        session.record(
            DrawHeld(
                draw_id=draw.draw_id,
                plan_id=draw.plan_id,
                area=draw.area,
                pool_digest=draw.pool_digest,
                seed=draw.seed,
                pool_size=draw.pool_size,
                drawn=drawn,
                held_at=now,
                version=draw.version,
            )
        )
    return {"draw_id": draw.draw_id, "pool_size": draw.pool_size, "drawn": drawn}
