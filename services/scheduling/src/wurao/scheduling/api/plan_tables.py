"""Tables of plans as spreadsheets, out and in, over HTTP (CX-05, CX-18)."""

import asyncio
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, ValidationError

from wurao.common.auth import Principal
from wurao.common.errors import Malformed
from wurao.common.rowfiles import RowError
from wurao.common.unit import Write
from wurao.common.unit import router as unit_router
from wurao.common.uploads import read_body
from wurao.common.web import Now
from wurao.scheduling.access import CanPlan, CanRead
from wurao.scheduling.api.context import ReadAll
from wurao.scheduling.api.evaluation import AgencyParam, YearParam, agency_in_sight
from wurao.scheduling.api.plans import wanted
from wurao.scheduling.domain.quarters import Period
from wurao.scheduling.schemas.plans import PlanIn
from wurao.scheduling.schemas.shared import AreaCode
from wurao.scheduling.usecases import plan_imports, plan_tables
from wurao.scheduling.usecases import plans as plan_usecases
from wurao.scheduling.usecases.spreadsheets import MAX_UPLOAD, MEDIA_TYPE, Table, written

router = unit_router("plan tables")

QuarterParam = Annotated[int | None, Query(ge=1, le=4)]
FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "表格", "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
}
BODY = {"requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}}


class PlansImported(BaseModel):
    """What came of a table: with any error nothing was entered; rows count as office software counts them."""

    rows: int
    plans: int
    plan_ids: list[str]
    errors: list[RowError]


def _sight(who: Principal, area: str, agency_id: str | None, year: int, quarter: int | None) -> plan_tables.Sight:
    period = Period(year, quarter) if quarter else Period(year, 1, 12)
    return plan_tables.Sight(area, agency_in_sight(who, area, agency_id), period)


async def _file(table: Table) -> Response:
    """A table as a file that browsers save under its Chinese name."""
    content = await asyncio.to_thread(written, table)
    named = f"attachment; filename=\"table.xlsx\"; filename*=UTF-8''{quote(f'{table.title}.xlsx')}"
    return Response(content, media_type=MEDIA_TYPE, headers={"Content-Disposition": named})


@router.get("/plan-tables/plans.xlsx", response_class=Response, responses=FILE)
async def plan_table(
    who: CanRead,
    session: ReadAll,
    area: AreaCode,
    year: YearParam,
    quarter: QuarterParam = None,
    agency_id: AgencyParam = None,
) -> Response:
    """The plan table: a row for each item of each plan; it can be imported again (CX-18)."""
    return await _file(await plan_tables.plans(session, _sight(who, area, agency_id, year, quarter)))


@router.get("/plan-tables/completion.xlsx", response_class=Response, responses=FILE)
async def completion_table(
    who: CanRead,
    session: ReadAll,
    area: AreaCode,
    year: YearParam,
    quarter: QuarterParam = None,
    agency_id: AgencyParam = None,
) -> Response:
    """The completion table: tasks and visits by agency and plan (CX-05, CX-18)."""
    return await _file(await plan_tables.completion(session, _sight(who, area, agency_id, year, quarter)))


@router.get("/plan-tables/levels.xlsx", response_class=Response, responses=FILE)
async def level_table(
    who: CanRead,
    session: ReadAll,
    area: AreaCode,
    year: YearParam,
    quarter: QuarterParam = None,
    agency_id: AgencyParam = None,
) -> Response:
    """The table of joint plans over several levels: who takes part where, with what and when (CX-18)."""
    return await _file(await plan_tables.levels(session, _sight(who, area, agency_id, year, quarter)))


async def _table(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != MEDIA_TYPE:
        raise Malformed(f"只接受 .xlsx 表格（{MEDIA_TYPE}）", code="unsupported_type")
    return await read_body(request, MAX_UPLOAD)


@router.post("/plans/import", openapi_extra=BODY)
async def import_plans(
    who: CanPlan, session: Write, clock: Now, table: Annotated[bytes, Depends(_table)]
) -> PlansImported:
    """Enter the plans of a plan table as drafts, all or none; every faulty cell is told with row and column."""
    rows, unreadable = await asyncio.to_thread(plan_imports.read, table)
    found = await plan_imports.take_in(
        session, rows, unreadable, _checked, who=who, now=clock.now(), today=clock.today()
    )
    return PlansImported(rows=found.rows, plans=found.plans, plan_ids=found.plan_ids, errors=found.errors)


def _checked(body: dict[str, Any]) -> "plan_usecases.Wanted | list[tuple[str, str]]":
    try:
        return wanted(PlanIn.model_validate(body))
    except ValidationError as error:
        return [(str(one["loc"][0]) if one["loc"] else "", _words(one)) for one in error.errors()]


def _words(error: Any) -> str:
    words = {
        "string_too_long": "内容过长",
        "string_too_short": "不得为空",
        "string_pattern_mismatch": "含有不接受的字符",
        "too_long": "检查事项过多",
        "greater_than_equal": "日期过早",
        "less_than_equal": "日期过晚",
    }
    return words.get(error["type"], "内容不正确")
