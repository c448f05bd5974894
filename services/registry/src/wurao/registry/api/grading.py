"""Facts and grades over HTTP."""

from typing import Annotated

from fastapi import Path, Request, Response

from wurao.common.importing import IMPORT_BODY
from wurao.common.imports import ImportReport
from wurao.common.jobs import Job
from wurao.common.loading import Incoming
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import Read, Write
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.registry.access import CanGrade, CanImport, CanRecordFacts, CanSeeEnterprises, require_area
from wurao.registry.api.locate import locate
from wurao.registry.api.uploads import incoming
from wurao.registry.repository import enterprises as enterprise_repository
from wurao.registry.repository import grading as repository
from wurao.registry.schemas.base import EnterpriseId, Identifier, LegalDay
from wurao.registry.schemas.grading import FactIn, FactOut, FactRowIn, GradeOut, GradingRequest, Recorded
from wurao.registry.schemas.outlook import GradeThen, KnownAt
from wurao.registry.tables import FactRow
from wurao.registry.usecases import enterprises as enterprise_usecases
from wurao.registry.usecases import fact_imports, whole_list
from wurao.registry.usecases import facts as fact_usecases
from wurao.registry.usecases.explanation import explanation
from wurao.registry.usecases.outlook import grade_then, moment

router = unit_router("grading")

Id = Annotated[EnterpriseId, Path()]
Facts = Annotated[Incoming[FactRowIn], incoming(FactRowIn, lambda row: row.fact_id)]


@router.post("/facts/import", openapi_extra=IMPORT_BODY)
async def import_facts(who: CanImport, rows: Facts, session: Write, clock: Now) -> ImportReport:
    """Enter facts from CSV or NDJSON; their enterprises must be known. Graded ones are graded anew."""
    return await fact_imports.enter(session, rows, who, clock.today(), clock.now())


@router.post("/enterprises/{enterprise_id}/facts", status_code=201)
async def post_fact(
    enterprise_id: Id,
    body: FactIn,
    who: CanRecordFacts,
    session: Write,
    clock: Now,
    request: Request,
    response: Response,
) -> Recorded:
    """Enter one fact; the enterprise is graded anew at once (LX-10)."""
    sight = await enterprise_usecases.sight_of(session, who)
    enterprise = await enterprise_repository.seen(session, enterprise_id, sight)
    agency_id = who.agency_id if who.scope().kind == "agency" else None
    row, changed = await fact_usecases.post(session, enterprise_id, body, agency_id, clock.today(), clock.now())
    await session.refresh(enterprise)
    locate(request, response, f"/v1/enterprises/{enterprise_id}/facts/{row.fact_id}")
    return Recorded(fact=FactOut.model_validate(row), grade=enterprise.grade, changed=changed)


@router.get("/enterprises/{enterprise_id}/facts")
async def list_facts(
    enterprise_id: Id, who: CanSeeEnterprises, session: Read, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[FactOut]:
    """Every fact of an enterprise, with source, evidence and last day."""
    await enterprise_repository.seen(session, enterprise_id, await enterprise_usecases.sight_of(session, who))
    query = repository.facts_of(enterprise_id)
    rows, following = await page(session, query, FactRow.fact_id, cursor=cursor, limit=limit)
    return Page(items=[FactOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/enterprises/{enterprise_id}/facts/{fact_id}")
async def get_fact(
    enterprise_id: Id, fact_id: Annotated[Identifier, Path()], who: CanSeeEnterprises, session: Read
) -> FactOut:
    """One fact."""
    await enterprise_repository.seen(session, enterprise_id, await enterprise_usecases.sight_of(session, who))
    return FactOut.model_validate(await repository.fact(session, enterprise_id, fact_id))


@router.post("/gradings", status_code=202)
async def start_grading(
    body: GradingRequest, who: CanGrade, session: Write, clock: Now, request: Request, response: Response
) -> Job:
    """Grade every enterprise of an area as a job (YZ-08, CX-12)."""
    require_area(who, body.area)
    job = await whole_list.request(session, body.area, body.in_force_from, who.subject, clock.today())
    locate(request, response, f"/v1/jobs/{job.job_id}")
    return job


@router.get("/enterprises/{enterprise_id}/grade")
async def get_grade(
    enterprise_id: Id,
    who: CanSeeEnterprises,
    session: Read,
    clock: Now,
    on: LegalDay | None = None,
    known_at: KnownAt | None = None,
) -> GradeOut | GradeThen:
    """An enterprise's grade, explained: factors, indicators, facts, reasons, history (YZ-08, LX-10, CX-12).

    With `on` or `known_at`: the grade that was in force on that day as known at that instant, or at that day's end.
    """
    sight = await enterprise_usecases.sight_of(session, who)
    enterprise = await enterprise_repository.seen(session, enterprise_id, sight)
    if on is None and known_at is None:
        return await explanation(session, enterprise, clock.today())
    return await grade_then(session, enterprise, on or clock.today(), moment(known_at, clock.now()))
