"""Enterprises and premises over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Query, Response

from wurao.common.area import prefix
from wurao.common.importing import IMPORT_BODY
from wurao.common.imports import ImportReport
from wurao.common.loading import Incoming
from wurao.common.paging import CursorParam, LimitParam, page
from wurao.common.unit import Read, Write, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now
from wurao.registry.access import CanImport, CanSeeEnterprises
from wurao.registry.api.uploads import incoming
from wurao.registry.domain.enterprises import Kind, Size, Status, Tag
from wurao.registry.repository import enterprises as repository
from wurao.registry.repository.enterprise_search import Filters, listed
from wurao.registry.schemas.base import NO_NUL, AreaCode, EnterpriseId, LegalDay
from wurao.registry.schemas.enterprises import EnterpriseBrief, EnterpriseOut, EnterpriseRow, Found, PremisesRowIn
from wurao.registry.tables import Enterprise
from wurao.registry.usecases import enterprise_imports, premises_imports
from wurao.registry.usecases import enterprises as usecases
from wurao.registry.usecases.enterprise_search import search
from wurao.registry.usecases.lives import Act

router = unit_router("enterprises")

Id = Annotated[EnterpriseId, Path()]
Enterprises = Annotated[Incoming[EnterpriseRow], incoming(EnterpriseRow, lambda row: row.enterprise_id)]
PremisesRows = Annotated[Incoming[PremisesRowIn], incoming(PremisesRowIn, lambda row: row.premises_id)]
Search = Annotated[
    str, Query(max_length=100, pattern=NO_NUL, description="part of a name, pinyin initials, or a code's start")
]
OnDay = Annotated[LegalDay | None, Query(description="the day as of which the particulars are shown")]


def _filters(
    area: AreaCode | None = None,
    industry: Annotated[str, Query(pattern=r"^([A-T][0-9]{0,4})?$", description="a code's start")] = "",
    kind: Kind | None = None,
    size: Size | None = None,
    tag: Tag | None = None,
    grade: Annotated[str | None, Query(max_length=40, pattern=NO_NUL)] = None,
    status: Status | None = None,
    park: Annotated[str | None, Query(max_length=500, pattern=NO_NUL)] = None,
) -> Filters:
    return Filters(prefix(area) if area else "", industry, kind, size, tag, grade, status, park)


Chosen = Annotated[Filters, Depends(_filters)]


@router.post("/enterprises/import", openapi_extra=IMPORT_BODY)
async def import_enterprises(who: CanImport, rows: Enterprises, session: Write, clock: Now) -> ImportReport:
    """Enter enterprises from CSV or NDJSON; a wrong credit code is a row error."""
    return await enterprise_imports.enter(session, rows, Act(who, clock.today(), clock.now()))


@router.post("/premises/import", openapi_extra=IMPORT_BODY)
async def import_premises(who: CanImport, rows: PremisesRows, session: Write) -> ImportReport:
    """Enter premises from CSV or NDJSON; their enterprises must be known."""
    return await premises_imports.enter(session, rows, who)


@router.get("/enterprises")
async def list_enterprises(
    who: CanSeeEnterprises,
    session: Read,
    filters: Chosen,
    q: Search = "",
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Found:
    """Enterprises within the caller's sight: all that the filters leave, or the best matches for a text.

    A text is part of a name or of a former name, pinyin initials, or the beginning of a present or old code.
    """
    if q.strip():
        return await search(session, q.strip(), who, filters, cursor, limit)
    query = listed(await usecases.sight_of(session, who), filters)
    rows, following = await page(session, query, Enterprise.enterprise_id, cursor=cursor, limit=limit)
    return Found(items=[EnterpriseBrief.model_validate(row) for row in rows], next_cursor=following)


@router.get("/enterprises/{enterprise_id}")
async def get_enterprise(
    enterprise_id: Id, who: CanSeeEnterprises, session: Read, response: Response, on: OnDay = None
) -> EnterpriseOut:
    """An enterprise with its premises, now or as it was on a day; an enterprise sees only itself.

    One whose record was merged names the survivor in `merged_into` and in a link of relation `canonical`.
    """
    enterprise = await repository.seen(session, enterprise_id, await usecases.sight_of(session, who))
    etag(response, enterprise.version)
    if enterprise.merged_into is not None:
        response.headers["Link"] = f'<{enterprise.merged_into}>; rel="canonical"'
    return await usecases.shown(session, enterprise, on)
