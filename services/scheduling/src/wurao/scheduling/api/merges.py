"""Merging over HTTP."""

from fastapi import Response

from wurao.common import jobs
from wurao.common.errors import NotFound
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.policy import calendar_for
from wurao.common.unit import Read, Write
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.scheduling.access import CanMerge, CanRead, covers, require_area
from wurao.scheduling.repository import merges as repository
from wurao.scheduling.schemas.checkonce import MergeIn, MergeOut
from wurao.scheduling.schemas.shared import AreaCode
from wurao.scheduling.tables import Merge
from wurao.scheduling.usecases import merges as usecases
from wurao.scheduling.usecases.merge_facts import workdays

router = unit_router("merges")


@router.post("/merges", status_code=202)
async def merge(body: MergeIn, who: CanMerge, session: Write, clock: Now, response: Response) -> jobs.Job:
    """Merge an area's open tasks into proposed visits, as a job; again after a change (DT-13, QZ-06, CX-03)."""
    require_area(who, body.area)
    workdays(await calendar_for(session), max(body.from_, clock.today()), body.to)
    job = await usecases.begin(session, body.area, body.from_, body.to, who, clock)
    response.headers["Location"] = f"/v1/jobs/{job.job_id}"
    return job


@router.get("/merges")
async def list_merges(
    area: AreaCode, who: CanRead, session: Read, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[MergeOut]:
    """The merges of an area and of the areas in it, oldest first, with what each saved."""
    require_area(who, area)
    rows, following = await page(session, repository.listed(area), Merge.merge_id, cursor=cursor, limit=limit)
    return Page(items=[MergeOut.of(row) for row in rows], next_cursor=following)


@router.get("/merges/{merge_id}")
async def get_merge(merge_id: str, who: CanRead, session: Read) -> MergeOut:
    """A merge: its figures, each task that no visit serves and why, and the visits that it moved."""
    found = await repository.get(session, merge_id)
    if not covers(who, found.area):
        raise NotFound("没有这次合并")
    return MergeOut.of(found)
