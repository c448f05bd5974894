"""Class lists over HTTP."""

from typing import Annotated

from fastapi import Path, Query, Request, Response

from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.registry.access import CanApproveLists, CanProposeLists, CanRead, CanSeeEnterprises, require_area
from wurao.registry.api.locate import locate
from wurao.registry.repository import adjustments, lives
from wurao.registry.repository import class_lists as repository
from wurao.registry.repository import enterprises as enterprise_repository
from wurao.registry.schemas.base import EnterpriseId, Identifier
from wurao.registry.schemas.class_lists import (
    ApprovalIn,
    ClassListIn,
    ClassListOut,
    EntryOut,
    ListUnderWay,
    OwnClassOut,
)
from wurao.registry.tables import ClassEntry, ClassList
from wurao.registry.usecases import class_lists as usecases
from wurao.registry.usecases.enterprises import sight_of

router = unit_router("class lists")

Id = Annotated[Identifier, Path()]
OfClass = Annotated[str | None, Query(max_length=40, pattern=r"^[A-Za-z0-9_]+$", description="only this class")]
OnlyChanged = Annotated[bool, Query(description="only enterprises whose class changes")]


@router.post("/class-lists", status_code=202)
async def propose_class_list(
    body: ClassListIn, who: CanProposeLists, session: Write, clock: Now, request: Request, response: Response
) -> ListUnderWay:
    """Propose the classes of an area's enterprises for a year; a job makes the list (CX-13)."""
    require_area(who, body.area)
    row, job = await usecases.propose(
        session, body.area, body.year, body.kind, body.enterprise_ids, who, clock.today(), clock.now()
    )
    locate(request, response, f"/v1/class-lists/{row.list_id}")
    return ListUnderWay(class_list=ClassListOut.model_validate(row), job=job)


@router.get("/class-lists")
async def list_class_lists(
    who: CanRead, session: Read, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[ClassListOut]:
    """The lists of the caller's area."""
    query = repository.within(await sight_of(session, who))
    rows, following = await page(session, query, ClassList.list_id, cursor=cursor, limit=limit)
    return Page(items=[ClassListOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/class-lists/{list_id}")
async def get_class_list(list_id: Id, who: CanRead, session: Read, response: Response) -> ClassListOut:
    """One list: how many of each class, what changes, its digest and where it stands."""
    return _shown(await repository.seen(session, list_id, await sight_of(session, who)), response)


@router.get("/class-lists/{list_id}/entries")
async def list_entries(
    list_id: Id,
    who: CanRead,
    session: Read,
    grade: OfClass = None,
    changed: OnlyChanged = False,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[EntryOut]:
    """A list's entries with score and reasons, in the order of the digest."""
    await repository.seen(session, list_id, await sight_of(session, who))
    query = repository.entries_of(list_id, grade=grade, changed=changed)
    rows, following = await page(session, query, ClassEntry.enterprise_id, cursor=cursor, limit=limit)
    names = await adjustments.names(session, [row.enterprise_id for row in rows])
    items = [
        EntryOut(
            enterprise_id=row.enterprise_id,
            name=names.get(row.enterprise_id, ""),
            grade=row.grade,
            previous=row.previous,
            score=row.score,
            reasons=row.reasons,
        )
        for row in rows
    ]
    return Page(items=items, next_cursor=following)


@router.post("/class-lists/{list_id}/approve")
async def approve_class_list(
    list_id: Id,
    body: ApprovalIn,
    who: CanApproveLists,
    session: Write,
    clock: Now,
    if_match: IfMatch,
    response: Response,
) -> ListUnderWay:
    """Approve a list as the body that the pack names, in its month; a job announces the classes (CX-13)."""
    seen = await repository.seen(session, list_id, await sight_of(session, who))
    require_area(who, seen.area)
    row = await repository.locked(session, list_id)
    check_match(row.version, if_match)
    row, job = await usecases.approve(session, row, body.resolution, who, clock.today(), clock.now())
    return ListUnderWay(class_list=_shown(row, response), job=job)


@router.get("/enterprises/{enterprise_id}/classes")
async def list_enterprise_classes(
    enterprise_id: Annotated[EnterpriseId, Path()], who: CanSeeEnterprises, session: Read
) -> list[OwnClassOut]:
    """An enterprise's classes in proposed and approved lists, and those of enterprises merged into it; newest first."""
    await enterprise_repository.seen(session, enterprise_id, await sight_of(session, who))
    return [
        OwnClassOut(
            list_id=listed.list_id,
            enterprise_id=entry.enterprise_id,
            year=listed.year,
            kind=listed.kind,
            state=listed.state,
            grade=entry.grade,
            previous=entry.previous,
            score=entry.score,
            reasons=entry.reasons,
            published_until=listed.published_until,
            in_force_from=listed.in_force_from,
        )
        for entry, listed in await repository.of_enterprises(session, await lives.with_merged(session, enterprise_id))
    ]


def _shown(row: ClassList, response: Response) -> ClassListOut:
    etag(response, row.version)
    return ClassListOut.model_validate(row)
