"""Errors as problem+json (RFC 9457): one place turns kinds into HTTP statuses."""

from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from wurao.common.contracts.shared import Refusal
from wurao.common.db import is_transient
from wurao.common.errors import Conflict, Kind, Stale, TooMany, WuraoError
from wurao.common.imports import message_of
from wurao.common.workdays import CalendarUnknown

log = structlog.get_logger()

STATUS: dict[Kind, int] = {
    Kind.MALFORMED: 422,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.STALE: 412,
    Kind.TOO_LARGE: 413,
    Kind.TOO_MANY: 429,
}

TITLES: dict[int, str] = {
    400: "请求无法理解",
    401: "未登录或凭证无效",
    403: "无权操作",
    404: "未找到",
    405: "不支持的方法",
    409: "当前状态不允许",
    412: "内容已被他人更改",
    413: "内容过大",
    415: "不支持的内容类型",
    422: "请求内容有误",
    429: "请求过于频繁",
    500: "系统内部错误",
    503: "服务暂不可用",
}


class FieldError(BaseModel):
    """What is wrong with one field of a request."""

    field: str
    code: str
    message: str


class Problem(BaseModel):
    """The body of every error answer."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    clause: str | None = None
    refusals: list[Refusal] = Field(default_factory=list)
    alternatives: list[str] = Field(default_factory=list)
    fields: list[FieldError] = Field(default_factory=list)
    instance: str | None = None


def _documented(status: int) -> dict[str, Any]:
    return {
        "description": TITLES[status],
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: _documented(status) for status in (400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 503)
}


def respond(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    """A problem as a response."""
    return JSONResponse(
        problem.model_dump(mode="json", exclude_none=True),
        problem.status,
        headers=headers,
        media_type="application/problem+json",
    )


def of_error(error: WuraoError, instance: str) -> Problem:
    """The problem that an error becomes."""
    status = STATUS[error.kind]
    return Problem(
        title=TITLES[status],
        status=status,
        code=error.code,
        detail=error.message,
        clause=error.clause,
        refusals=list(error.refusals),
        alternatives=list(error.alternatives),
        fields=[FieldError.model_validate(field) for field in error.fields],
        instance=instance,
    )


async def _on_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, WuraoError)
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else {}
    if error.kind is Kind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    return respond(of_error(error, request.url.path), headers)


async def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = [
        FieldError(field=_place(item["loc"]), code=item["type"], message=message_of(item))
        for item in error.errors()[:50]
    ]
    problem = Problem(
        title=TITLES[422],
        status=422,
        code="malformed",
        detail="请求内容有误：" + "、".join(dict.fromkeys(field.field for field in fields[:5])),
        fields=fields,
        instance=request.url.path,
    )
    return respond(problem)


def _place(loc: Sequence[int | str]) -> str:
    """Where in a request, without pydantic's names for the members of a union."""
    return ".".join(part for part in map(str, loc) if "[" not in part and not part.startswith("constrained-"))


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, WuraoError):
        return await _on_error(request, error.__cause__)
    title = TITLES.get(error.status_code, "请求失败")
    problem = Problem(
        title=title,
        status=error.status_code,
        code=f"http_{error.status_code}",
        detail=title,
        instance=request.url.path,
    )
    return respond(problem, dict(error.headers or {}))


async def _on_stale(request: Request, error: Exception) -> Response:
    return await _on_error(request, Stale("内容已被他人更改，请重新读取后再试"))


async def _on_integrity(request: Request, error: Exception) -> Response:
    return await _on_error(request, Conflict("已存在相同记录，或与现有记录冲突", code="already_exists"))


async def _on_calendar(request: Request, error: Exception) -> Response:
    return await _on_error(request, Conflict(str(error), code="calendar_unknown", clause="PL-85"))


async def _on_bug(request: Request, error: Exception) -> Response:
    """A fault of ours; or the database is away, and the caller may try again soon."""
    if is_transient(error):
        away = Problem(
            title=TITLES[503],
            status=503,
            code="unavailable",
            detail="服务暂不可用，请稍后再试",
            instance=request.url.path,
        )
        return respond(away, {"Retry-After": "1"})
    log.error("request.failed", path=request.url.path, exc_info=error)
    problem = Problem(
        title=TITLES[500], status=500, code="internal", detail="系统内部错误，已记录", instance=request.url.path
    )
    return respond(problem)


def install(app: FastAPI) -> None:
    """Make every error of an app a problem+json answer, and put the schema into its OpenAPI document."""
    app.add_exception_handler(WuraoError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(StaleDataError, _on_stale)
    app.add_exception_handler(IntegrityError, _on_integrity)
    app.add_exception_handler(CalendarUnknown, _on_calendar)
    app.add_exception_handler(Exception, _on_bug)
