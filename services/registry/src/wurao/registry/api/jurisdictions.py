"""Areas over HTTP."""

from typing import Annotated

from fastapi import Path, Query

from wurao.common.db import ReadSession
from wurao.common.importing import IMPORT_BODY
from wurao.common.imports import Checked, ImportReport
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import Read, Write
from wurao.common.unit import router as unit_router
from wurao.registry.access import CanImport, Public
from wurao.registry.api.uploads import rows_of
from wurao.registry.repository import jurisdictions as repository
from wurao.registry.schemas.base import NO_NUL, AreaCode
from wurao.registry.schemas.jurisdictions import AreaOut, AreaRow
from wurao.registry.tables import Area
from wurao.registry.usecases import jurisdictions as usecases

router = unit_router("areas")

Rows = Annotated[Checked[AreaRow], rows_of(AreaRow, lambda row: row.code)]
NamePart = Annotated[str, Query(max_length=60, pattern=NO_NUL, description="part of the name")]


@router.post("/areas/import", openapi_extra=IMPORT_BODY)
async def import_areas(rows: Rows, who: CanImport, session: Write) -> ImportReport:
    """Enter areas from CSV or NDJSON; each names its parent, which is known or comes along."""
    return await usecases.enter(session, rows, who)


@router.get("/public/areas")
async def list_areas(
    who: Public,
    session: Read,
    parent: Annotated[AreaCode | None, Query(description="only areas directly below; 000000 for provinces")] = None,
    q: NamePart = "",
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Page[AreaOut]:
    """Areas by code: those below another, or those whose name has a text. No login."""
    rows, following = await page(session, repository.tree(parent, q), Area.code, cursor=cursor, limit=limit)
    return Page(items=await _shown(session, rows), next_cursor=following)


@router.get("/public/areas/{code}")
async def get_area(code: Annotated[AreaCode, Path()], who: Public, session: Read) -> AreaOut:
    """One area. No login."""
    [shown] = await _shown(session, [await repository.get(session, code)])
    return shown


async def _shown(session: ReadSession, rows: list[Area]) -> list[AreaOut]:
    names = await usecases.names_of(session, [row.code for row in rows])
    return [
        AreaOut(code=row.code, name=row.name, full_name=names[row.code], level=row.level, parent=row.parent)
        for row in rows
    ]
