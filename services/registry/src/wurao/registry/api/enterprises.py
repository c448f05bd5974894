"""Enterprises and premises over HTTP."""

from typing import Annotated

from fastapi import Path, Query, Response

from wurao.common.importing import IMPORT_BODY
from wurao.common.imports import Checked, ImportReport
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import Read, Write, etag
from wurao.common.unit import router as unit_router
from wurao.registry.access import CanImport, CanSeeEnterprises
from wurao.registry.api.uploads import rows_of
from wurao.registry.repository import enterprises as repository
from wurao.registry.schemas.base import NO_NUL, EnterpriseId
from wurao.registry.schemas.enterprises import EnterpriseBrief, EnterpriseOut, EnterpriseRow, PremisesRowIn
from wurao.registry.tables import Enterprise
from wurao.registry.usecases import enterprise_imports as imports
from wurao.registry.usecases import enterprises as usecases

router = unit_router("enterprises")

Id = Annotated[EnterpriseId, Path()]
Enterprises = Annotated[Checked[EnterpriseRow], rows_of(EnterpriseRow, lambda row: row.enterprise_id)]
PremisesRows = Annotated[Checked[PremisesRowIn], rows_of(PremisesRowIn, lambda row: row.premises_id)]
Search = Annotated[str, Query(max_length=100, pattern=NO_NUL, description="part of a name, or a code's start")]


@router.post("/enterprises/import", openapi_extra=IMPORT_BODY)
async def import_enterprises(who: CanImport, rows: Enterprises, session: Write) -> ImportReport:
    """Enter enterprises from CSV or NDJSON; a wrong credit code is a row error."""
    await imports.enter(session, rows.good)
    return rows.report


@router.post("/premises/import", openapi_extra=IMPORT_BODY)
async def import_premises(who: CanImport, rows: PremisesRows, session: Write) -> ImportReport:
    """Enter premises from CSV or NDJSON; their enterprises must be known."""
    return await imports.enter_premises(session, rows)


@router.get("/enterprises")
async def list_enterprises(
    who: CanSeeEnterprises, session: Read, q: Search = "", cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[EnterpriseBrief]:
    """Enterprises within the caller's sight, by part of the name or by the beginning of the credit code."""
    query = repository.search(q.strip(), await usecases.sight_of(session, who))
    rows, following = await page(session, query, Enterprise.enterprise_id, cursor=cursor, limit=limit)
    return Page(items=[EnterpriseBrief.model_validate(row) for row in rows], next_cursor=following)


@router.get("/enterprises/{enterprise_id}")
async def get_enterprise(enterprise_id: Id, who: CanSeeEnterprises, session: Read, response: Response) -> EnterpriseOut:
    """An enterprise with its premises; an enterprise sees only itself."""
    enterprise = await repository.seen(session, enterprise_id, await usecases.sight_of(session, who))
    premises = await repository.premises_of(session, [enterprise_id])
    etag(response, enterprise.version)
    return EnterpriseOut.model_validate(enterprise).model_copy(update={"premises": premises.get(enterprise_id, [])})
