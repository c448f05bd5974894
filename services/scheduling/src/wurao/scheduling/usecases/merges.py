"""Check once: the job that turns an area's open tasks into proposed visits (DT-13, QZ-06, CX-03)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from wurao.common.auth import Principal
from wurao.common.clock import Clock
from wurao.common.contracts.scheduling import TasksMerged
from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Database, WriteSession, is_transient
from wurao.common.errors import Conflict
from wurao.common.ids import new_id
from wurao.common.jobs import Job, JobHandler, Progress, submit
from wurao.scheduling.domain.checkonce.planning import Planned, plan
from wurao.scheduling.domain.merge import REASONS
from wurao.scheduling.repository import merges as repository
from wurao.scheduling.repository import tasks as task_repository
from wurao.scheduling.tables import Merge
from wurao.scheduling.usecases import merge_facts, proposing

KIND = "merge"
BATCH = 200
ATTEMPTS = 3

NOT_STAFFED = "not_staffed"
UNSERVED: dict[str, str] = {str(code): reason for code, reason in REASONS.items()} | {
    NOT_STAFFED: "当日没有可以派出的执法人员，或者情况已有变化"
}


async def begin(session: WriteSession, area: str, first: date, last: date, who: Principal, clock: Clock) -> Job:
    """Queue a merge. Raises Conflict while another merge runs over the same area, one that holds it or lies in it."""
    await repository.take_turn(session)
    other = await repository.running_over(session, area)
    if other is not None:
        raise Conflict(
            "该区域正在合并检查任务",
            code="merge.running",
            alternatives=[f"等待正在进行的合并（编号{other.merge_id}）完成", "合并其他区域的任务"],
        )
    merge = Merge(
        merge_id=new_id(),
        area=area,
        period_from=first,
        period_to=last,
        state=repository.RUNNING,
        figures={},
        requested_by=who.person,
        agency_id=who.agency_id,
        started_at=clock.now(),
    )
    session.add(merge)
    await session.flush()
    return await submit(session, KIND, who.subject, {"merge_id": merge.merge_id})


def handler(clock: Clock) -> JobHandler:
    """The job: parameter merge_id."""

    async def run(parameters: JsonObject, progress: Progress) -> JsonObject:
        return await perform(progress.db, parameters["merge_id"], progress, clock)

    return run


async def perform(db: Database, merge_id: str, progress: Progress, clock: Clock) -> JsonObject:
    """Plan once, then go on in batches, each its own transaction; after a crash with what is left."""
    try:
        await _plan(db, merge_id, clock)
        done, total = -1, 0
        while done < total:
            done, total = await _again(lambda: _batch(db, merge_id, clock))
            await progress.report(done, total, "合并检查任务")
        async with db.write() as session:
            return await _conclude(session, merge_id, clock)
    except Exception as error:
        if not is_transient(error):
            async with db.write() as session:
                (await repository.get(session, merge_id)).state = repository.FAILED
        raise


async def _plan(db: Database, merge_id: str, clock: Clock) -> None:
    """Freeze what is going to be done, so that a resumed merge does the same and reports the same figures."""
    async with db.read() as session:
        merge = await repository.get(session, merge_id)
        if merge.planned:
            return
        first = max(merge.period_from, clock.today())
        known = await merge_facts.known(session, merge.area, first, merge.period_to, clock.now(), clock.today())
    # The engine computes for seconds: requests are answered meanwhile, and the lease of the job is renewed.
    planned = await asyncio.to_thread(plan, known.instance, known.how, known.loose)
    async with db.write() as session:
        merge = await repository.get(session, merge_id)
        for step in planned.steps:
            placed = [
                {"day": one.day.isoformat(), "task_ids": list(one.task_ids), "visit_id": one.visit_id}
                for one in step.placed
            ]
            session.add(proposing.step_row(merge_id, step.enterprise_id, placed, step.dropped))
        merge.planned, merge.figures = True, _first_figures(planned, known)


def _first_figures(planned: Planned, known: merge_facts.Known) -> JsonObject:
    return {
        "tasks": planned.tasks,
        "lower_bound": planned.lower_bound,
        "unserved_tasks": [{"task_id": i, "code": code} for i, code in sorted(planned.unserved.items())],
        "moved_visits": [
            {"visit_id": one.visit_id, "from": one.before.isoformat(), "to": one.after.isoformat()}
            for one in planned.moved
        ],
        "task_ids": sorted(task.task_id for task in known.instance.tasks),
        "served_before": known.served,
        "visits_before": known.standing,
    }


async def _again(work: Callable[[], Awaitable[tuple[int, int]]]) -> tuple[int, int]:
    """Once more when somebody changed the same visit or took the same day at the same moment."""
    for _ in range(ATTEMPTS - 1):
        try:
            return await work()
        except (StaleDataError, IntegrityError):
            continue
    return await work()


async def _batch(db: Database, merge_id: str, clock: Clock) -> tuple[int, int]:
    """Do some steps in one transaction; (steps done, steps)."""
    async with db.write() as session:
        merge = await repository.get(session, merge_id)
        steps = await repository.to_do(session, merge_id, BATCH)
        kit = await proposing.kit(session, merge, steps, clock.now(), clock.today())
        for step in steps:
            await proposing.perform(session, step, kit)
        await session.flush()
        return await repository.steps_left(session, merge_id)


async def _conclude(session: WriteSession, merge_id: str, clock: Clock) -> JsonObject:
    """Report the merge once, with what it saved against one visit for each task."""
    merge = await repository.get(session, merge_id)
    if merge.state == repository.RUNNING:
        await _report(session, merge, clock)
    return {name: value for name, value in merge.figures.items() if not isinstance(value, list)}


async def _report(session: WriteSession, merge: Merge, clock: Clock) -> None:
    """What came of it: tasks may have changed, and officers may have been missing, since it was planned."""
    before = merge.figures
    tasks = await task_repository.some(session, before["task_ids"])
    served = [task for task in tasks if task.visit_id is not None]
    visits = len({task.visit_id for task in served})
    why = {one["task_id"]: one["code"] for one in before["unserved_tasks"]}
    left = [task for task in tasks if task.state == task_repository.OPEN]
    rows = await repository.visits(session, [one["visit_id"] for one in before["moved_visits"]])
    moved = [one for one in before["moved_visits"] if rows[one["visit_id"]].day.isoformat() == one["to"]]
    bound = before["lower_bound"]
    merge.figures = {
        "merge_id": merge.merge_id,
        "tasks": len(served) + len(left),
        "visits": visits,
        "visits_unmerged": len(served),
        "saved": len(served) - visits,
        "lower_bound": bound,
        "gap": round(visits / bound - 1, 6) if bound else 0,
        "unserved": len(left),
        "moved": len(moved),
        "unserved_tasks": [_unserved(task.task_id, why.get(task.task_id, NOT_STAFFED)) for task in left],
        "moved_visits": moved,
    }
    merge.state, merge.held_at = repository.DONE, clock.now()
    await session.flush()
    session.record(
        TasksMerged(
            merge_id=merge.merge_id,
            area=merge.area,
            tasks=len(served) + len(left) - before["served_before"],
            visits=visits - before["visits_before"],
            visits_unmerged=len(served) - before["served_before"],
            unserved=len(left),
            moved=len(moved),
            held_at=clock.now(),
            version=merge.version,
        )
    )


def _unserved(task_id: str, code: str) -> JsonObject:
    return {"task_id": task_id, "code": code, "reason": UNSERVED[code]}


__all__ = ["KIND", "begin", "handler", "perform"]
