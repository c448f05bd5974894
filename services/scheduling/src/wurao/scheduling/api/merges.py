"""Merging over HTTP."""

from fastapi import Response

from wurao.common import jobs
from wurao.common.ids import new_id
from wurao.common.policy import calendar_for
from wurao.common.unit import Write
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.scheduling.access import CanMerge, require_area
from wurao.scheduling.schemas.visits import MergeIn
from wurao.scheduling.usecases import merges as usecases

router = unit_router("merges")


@router.post("/merges", status_code=202)
async def merge(body: MergeIn, who: CanMerge, session: Write, clock: Now, response: Response) -> jobs.Job:
    """Merge an area's open tasks into proposed visits, as a job (DT-13, QZ-06, CX-03)."""
    require_area(who, body.area)
    usecases.workdays(await calendar_for(session), max(body.from_, clock.today()), body.to)
    parameters = {
        "merge_id": new_id(),
        "area": body.area,
        "from": body.from_.isoformat(),
        "to": body.to.isoformat(),
        "proposed_by": who.subject,
    }
    job = await jobs.submit(session, usecases.KIND, who.subject, parameters)
    response.headers["Location"] = f"/v1/jobs/{job.job_id}"
    return job
