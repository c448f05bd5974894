"""Tasks and preflight over HTTP."""

import asyncio
from typing import Annotated

from fastapi import Depends, Query, Response

from wurao.common.errors import NotFound
from wurao.common.importing import IMPORT_BODY, Uploaded
from wurao.common.imports import Checked, ImportReport
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.scheduling.access import OVERSIGHT, CanPlan, CanPreflight, CanRead, oversees
from wurao.scheduling.api.context import ReadAll, is_head_of
from wurao.scheduling.repository import tasks as repository
from wurao.scheduling.schemas.shared import Identifier, WithReason
from wurao.scheduling.schemas.task_rows import TaskRow
from wurao.scheduling.schemas.tasks import PreflightIn, PreflightOut, TaskIn, TaskOut, VerdictOut
from wurao.scheduling.tables import Task
from wurao.scheduling.usecases import joining, leaving, task_imports
from wurao.scheduling.usecases import tasks as usecases

router = unit_router("tasks")

TaskState = Annotated[str | None, Query(pattern="^(open|scheduled|done|cancelled|lapsed)$")]
Filter = Annotated[Identifier | None, Query()]


async def _checked(upload: Uploaded) -> Checked[TaskRow]:
    """The rows of an upload, read before the transaction begins and beside the event loop."""
    return await asyncio.to_thread(upload.check, TaskRow, unique=TaskRow.key)


TaskRows = Annotated[Checked[TaskRow], Depends(_checked)]


@router.post("/tasks/import", openapi_extra=IMPORT_BODY)
async def import_tasks(who: CanPlan, rows: TaskRows, session: Write, clock: Now) -> ImportReport:
    """Enter tasks from CSV or NDJSON; each row is judged as a single task is, and the report says why not, by row."""
    return await task_imports.enter(session, rows, who, clock.now(), clock.today())


@router.post("/tasks", status_code=201)
async def create_task(body: TaskIn, who: CanPlan, session: Write, clock: Now, response: Response) -> TaskOut:
    """Create a task when the gate permits it; refused with every reason, its clause and what would be lawful."""
    who.require_agency(body.agency_id)
    request = body.request(by_head=is_head_of(who, body.agency_id))
    task = await joining.create(session, request, who.person, clock.now(), clock.today())
    await session.flush()
    response.headers["Location"] = f"/v1/tasks/{task.task_id}"
    etag(response, task.version)
    return TaskOut.model_validate(task)


@router.post("/preflight", response_model_exclude_none=True)
async def preflight(body: PreflightIn, who: CanPreflight, session: ReadAll, clock: Now) -> PreflightOut:
    """What the gate would say to each request, without creating anything."""
    if who.roles & OVERSIGHT:
        await usecases.require_sight(session, who, (asked.enterprise_id for asked in body.requests), clock.today())
    else:
        for asked in body.requests:
            who.require_agency(asked.agency_id)
    requests = [asked.request(by_head=is_head_of(who, asked.agency_id)) for asked in body.requests]
    verdicts = await usecases.preflight(session, requests, clock.today())
    return PreflightOut(verdicts=[VerdictOut(permitted=v.permitted, refusals=list(v.refusals)) for v in verdicts])


@router.get("/tasks")
async def list_tasks(
    who: CanRead,
    session: Read,
    state: TaskState = None,
    agency_id: Filter = None,
    enterprise_id: Filter = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[TaskOut]:
    """The tasks that the caller may see, oldest first."""
    query = repository.listed(who.scope(), state=state, agency_id=agency_id, enterprise_id=enterprise_id)
    rows, following = await page(session, query, Task.task_id, cursor=cursor, limit=limit)
    return Page(items=[TaskOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/tasks/{task_id}")
async def get_task(task_id: str, who: CanRead, session: Read, response: Response) -> TaskOut:
    """A task in any state."""
    task = await repository.get(session, task_id)
    concerned = who.agency_id is not None and who.agency_id in (task.agency_id, task.notified_agency_id)
    if not concerned and not oversees(who, task.area):
        raise NotFound("没有这个检查任务")
    etag(response, task.version)
    return TaskOut.model_validate(task)


@router.post("/tasks/{task_id}/cancel")
async def cancel_task(
    task_id: str, body: WithReason, who: CanPlan, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> TaskOut:
    """Cancel a task; it leaves a visit that is only proposed. Its place in the year is free again."""
    task = await repository.get(session, task_id)
    who.require_agency(task.agency_id)
    check_match(task.version, if_match)
    await leaving.cancel(session, task, body.reason, clock.now())
    await session.flush()
    etag(response, task.version)
    return TaskOut.model_validate(task)
