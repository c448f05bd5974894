"""Superiors' visits over HTTP: filed by the local counterpart, read by the local government (CX-15)."""

from fastapi import Response

from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import Read, Write, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.scheduling.access import CanPlan, CanRead
from wurao.scheduling.api.context import is_head_of
from wurao.scheduling.domain.gate import TaskRequest
from wurao.scheduling.repository import superiors as repository
from wurao.scheduling.schemas.off_site import AcceptanceIn, FiledOut, SuperiorVisitIn, SuperiorVisitOut
from wurao.scheduling.schemas.tasks import TaskOut
from wurao.scheduling.tables import SuperiorVisit
from wurao.scheduling.usecases import superiors as usecases

router = unit_router("superior-visits")


@router.post("/superior-visits", status_code=201)
async def file(body: SuperiorVisitIn, who: CanPlan, session: Write, clock: Now, response: Response) -> FiledOut:
    """File a superior's visit; the answer says what local agencies could do on the same occasion (CX-15)."""
    who.require_agency(body.agency_id)
    filed = await usecases.file(session, **body.model_dump(), by=who.person, now=clock.now(), today=clock.today())
    response.headers["Location"] = f"/v1/superior-visits/{filed.visit.superior_visit_id}"
    etag(response, filed.visit.version)
    told = SuperiorVisitOut.model_validate(filed.visit).model_dump()
    joint = {"joint_day": filed.joint.day, "joint_day_reason": filed.joint.reason}
    return FiledOut.model_validate(told | joint | {"together": filed.together, "ways": filed.ways})


@router.get("/superior-visits")
async def list_visits(
    who: CanRead, session: Read, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[SuperiorVisitOut]:
    """Superiors' visits as the local government and the agencies that filed them see them."""
    query = repository.listed(who.scope())
    rows, following = await page(session, query, SuperiorVisit.superior_visit_id, cursor=cursor, limit=limit)
    return Page(items=[SuperiorVisitOut.model_validate(row) for row in rows], next_cursor=following)


@router.post("/superior-visits/{superior_visit_id}/acceptances", status_code=201)
async def accept(
    superior_visit_id: str, body: AcceptanceIn, who: CanPlan, session: Write, clock: Now, response: Response
) -> TaskOut:
    """The task of a visit for acceptance; past the number that the pack allows it is refused (CX-15)."""
    visit = await repository.get(session, superior_visit_id)
    who.require_agency(visit.agency_id)
    request = TaskRequest(
        agency_id=visit.agency_id,
        enterprise_id=visit.enterprise_id,
        source_record=f"上级检查{superior_visit_id}",
        by_head=is_head_of(who, visit.agency_id),
        **body.model_dump(exclude={"item_ids"}),
        item_ids=tuple(dict.fromkeys(body.item_ids)),
    )
    task = await usecases.accept(session, visit, request, who.person, clock.now(), clock.today())
    await session.flush()
    response.headers["Location"] = f"/v1/tasks/{task.task_id}"
    return TaskOut.model_validate(task)
