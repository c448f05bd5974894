"""The public directory as pages in Chinese: no login, no scripts, nothing from elsewhere, readable on a phone."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from wurao.common.area import prefix
from wurao.common.contracts.registry import ItemPublished
from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.common.paging import CursorParam, page
from wurao.common.problem import PROBLEMS
from wurao.common.unit import Read, UnitRoute
from wurao.common.web import Now
from wurao.registry.access import Public
from wurao.registry.repository import agencies as repository
from wurao.registry.repository import directory as items
from wurao.registry.repository import item_lists
from wurao.registry.repository.items import public_list
from wurao.registry.schemas.agencies import PublicAgency
from wurao.registry.schemas.base import NO_NUL, AreaCode, Identifier
from wurao.registry.tables import ItemEdition
from wurao.registry.usecases import directory as views

MISSING: dict[int | str, dict[str, Any]] = {
    404: {"description": "没有公示", "content": {"text/html": {"schema": {"type": "string"}}}}
}
router = APIRouter(prefix="/public", route_class=UnitRoute, responses={**PROBLEMS, **MISSING}, tags=["pages"])

AGENCIES_SHOWN = 50
ITEMS_SHOWN = 200
KINDS = {"organ": "行政机关", "authorised": "法律、法规授权的组织", "entrusted": "受委托组织"}
LEVELS = {"province": "省级", "prefecture": "市级", "county": "县级", "township": "乡镇、街道"}
METHODS = {"on_site": "现场检查", "off_site": "非现场检查", "either": "现场或者非现场检查"}
EVIDENCE = {"photo": "照片", "video": "录像", "document": "书面材料", "sample": "样品", "measurement": "检测数据"}

AgencyId = Annotated[Identifier, Path()]
ItemId = Annotated[Identifier, Path()]


def _day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else "未定"


def _environment() -> Environment:
    loader = PackageLoader("wurao.registry")
    found = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    found.filters["day"] = _day
    found.globals.update(kinds=KINDS, levels=LEVELS, methods=METHODS, evidence=EVIDENCE)
    return found


_TEMPLATES = _environment()


def _render(request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:
    root = request.scope.get("root_path", "").rstrip("/")
    return HTMLResponse(_TEMPLATES.get_template(f"{name}.html").render(root=root, **values), status)


def _missing(request: Request, error: NotFound) -> HTMLResponse:
    return _render(request, "missing", 404, message=error.message)


@router.get("/agencies", response_class=HTMLResponse)
async def agencies_page(
    request: Request,
    who: Public,
    session: Read,
    clock: Now,
    area: Annotated[AreaCode | Literal[""], Query()] = "",
    line: Annotated[str, Query(pattern=r"^([a-z_]{2,40})?$")] = "",
    q: Annotated[str, Query(max_length=60, pattern=NO_NUL)] = "",
    cursor: CursorParam = None,
) -> HTMLResponse:
    """Published agencies by area and line (DT-01, DT-03)."""
    query = repository.directory(prefix(area) if area else "", line or None, q)
    rows, following = await page(session, query, *repository.PUBLIC_LIST, cursor=cursor, limit=AGENCIES_SHOWN)
    shown = await views.shown(session, rows, clock.today())
    choices = await views.choices(session, clock.today())
    return _render(
        request,
        "agencies",
        groups=_by_area(shown),
        following=following,
        areas=choices.areas,
        lines=choices.lines,
        area=area,
        line=line,
        q=q,
    )


def _by_area(shown: Sequence[PublicAgency]) -> list[tuple[str, list[PublicAgency]]]:
    return [(name, list(found)) for name, found in groupby(shown, lambda one: one.area_name)]


@router.get("/agencies/{agency_id}", response_class=HTMLResponse)
async def agency_page(
    request: Request, agency_id: AgencyId, who: Public, session: Read, clock: Now, cursor: CursorParam = None
) -> HTMLResponse:
    """A published agency: authority, delegation, procedure, remedies, and its list of items (DT-03, YZ-03)."""
    try:
        agency = await repository.published(session, agency_id)
    except NotFound as error:
        return _missing(request, error)
    [shown] = await views.shown(session, [agency], clock.today())
    query = public_list(agency_id, random_only=False)
    rows, following = await page(session, query, ItemEdition.item_id, cursor=cursor, limit=ITEMS_SHOWN)
    listed = await item_lists.in_force(session, agency_id)
    contents = [_content(edition) for _, edition, _ in rows]
    return _render(request, "agency", agency=shown, items=contents, listed=listed, following=following)


@router.get("/items/{item_id}", response_class=HTMLResponse)
async def item_page(request: Request, item_id: ItemId, who: Public, session: Read, clock: Now) -> HTMLResponse:
    """A published item: by whom, on what basis, by which steps, with which remedies and questions (DT-03, QZ-04)."""
    try:
        found = await items.item(session, item_id)
    except NotFound as error:
        return _missing(request, error)
    return await _item(request, session, found, clock.today())


async def _item(request: Request, session: ReadSession, found: items.PublicItem, today: date) -> HTMLResponse:
    [agency] = await views.shown(session, [found.agency], today)
    return _render(
        request,
        "item",
        item=_content(found.edition),
        agency=agency,
        cancelled_on=found.cancelled_on,
        editions=await items.editions_of(session, found.edition.item_id),
    )


def _content(edition: ItemEdition) -> dict[str, Any]:
    """What was published, with its number and day; what a former edition does not have takes its default."""
    content = ItemPublished.model_validate({**edition.content, "version": edition.edition}).model_dump()
    return {**content, "edition": edition.edition, "published_on": edition.published_on}
