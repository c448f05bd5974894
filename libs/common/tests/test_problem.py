"""Errors as problem+json: each kind has its status, and nothing of the inside gets out."""

import re
from collections.abc import AsyncIterator
from typing import Annotated, Literal

import httpx
import pytest
from fastapi import FastAPI, Query
from pydantic import AfterValidator, BaseModel, Field, StringConstraints
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from wurao.common import problem
from wurao.common.contracts.shared import Refusal
from wurao.common.errors import (
    Conflict,
    Forbidden,
    Kind,
    Malformed,
    NotFound,
    Refused,
    Stale,
    TooLarge,
    TooMany,
    Unauthenticated,
)
from wurao.common.workdays import CalendarUnknown

REFUSAL = Refusal(
    code="too_often", clause="YZ-01", cite="第一条", message="本年度检查次数已满", alternatives=("明年再查",)
)
ERRORS: dict[str, Exception] = {
    "malformed": Malformed("看不懂"),
    "unauthenticated": Unauthenticated("请先登录"),
    "forbidden": Forbidden("无权"),
    "not_found": NotFound("没有"),
    "conflict": Conflict("不行", clause="DT-01"),
    "stale": Stale("旧了"),
    "too_large": TooLarge("太大"),
    "too_many": TooMany("太多", retry_after=7),
    "refused": Refused([REFUSAL, Refusal(code="b", clause="YZ-02", cite="第二条", message="又一条")]),
    "denied": Refused([REFUSAL], kind=Kind.FORBIDDEN),
    "calendar": CalendarUnknown(2031),
    "integrity": IntegrityError("insert into secret_table", {}, Exception("duplicate key")),
    "version": StaleDataError("secret_table"),
    "bug": RuntimeError("password=hunter2"),
    "away": ConnectionRefusedError("10.0.0.7:5432"),
    "no_connection": OperationalError("select 1", {}, ConnectionResetError("10.0.0.7")),
}


Code = Annotated[str, StringConstraints(pattern="^[0-9]{6}$"), AfterValidator(str.strip)]


class Body(BaseModel):
    count: Annotated[int, Field(strict=True, ge=0)]


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """An app that raises what the path names."""
    app = FastAPI()
    problem.install(app)

    @app.get("/raise/{name}")
    async def fail(name: str) -> None:
        raise ERRORS[name]

    @app.post("/body")
    async def body(body: Body) -> Body:
        return body

    @app.get("/areas")
    async def areas(area: Annotated[Code | Literal["all"], Query()] = "all") -> str:
        return area

    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://wurao.test") as client:
        yield client


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("malformed", 422, "malformed"),
        ("unauthenticated", 401, "unauthenticated"),
        ("forbidden", 403, "forbidden"),
        ("not_found", 404, "not_found"),
        ("conflict", 409, "conflict"),
        ("stale", 412, "stale"),
        ("too_large", 413, "too_large"),
        ("too_many", 429, "too_many"),
        ("refused", 409, "too_often"),
        ("denied", 403, "too_often"),
        ("calendar", 409, "calendar_unknown"),
        ("integrity", 409, "already_exists"),
        ("version", 412, "stale"),
        ("bug", 500, "internal"),
        ("away", 503, "unavailable"),
        ("no_connection", 503, "unavailable"),
    ],
)
async def test_each_error_has_its_status(client: httpx.AsyncClient, name: str, status: int, code: str) -> None:
    """Every error answers problem+json with its status, stable code, a Chinese title and the path."""
    answer = await client.get(f"/raise/{name}")
    body = answer.json()
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert body["instance"] == f"/raise/{name}"
    assert body["title"] == problem.TITLES[status]
    problem.Problem.model_validate(body)


@pytest.mark.parametrize("name", ["bug", "away", "integrity", "version", "no_connection"])
async def test_inside_stays_inside(client: httpx.AsyncClient, name: str) -> None:
    """Tables, addresses and texts of exceptions do not reach the caller."""
    text = (await client.get(f"/raise/{name}")).text
    assert not any(secret in text for secret in ("hunter2", "secret_table", "10.0.0.7", "duplicate key", "select 1"))


@pytest.mark.clause("PL-85")
async def test_unknown_calendar_names_its_clause(client: httpx.AsyncClient) -> None:
    """A year without a holiday notice is a conflict that names the year and the clause on periods."""
    body = (await client.get("/raise/calendar")).json()
    assert body["clause"] == "PL-85"
    assert "2031" in body["detail"]


async def test_refusal_carries_every_reason(client: httpx.AsyncClient) -> None:
    """A gate's refusal names all reasons with clause, citation and lawful alternatives."""
    body = (await client.get("/raise/refused")).json()
    assert [reason["clause"] for reason in body["refusals"]] == ["YZ-01", "YZ-02"]
    assert body["refusals"][0]["cite"] == "第一条"
    assert (body["clause"], body["alternatives"]) == ("YZ-01", ["明年再查"])
    assert body["detail"] == "本年度检查次数已满；又一条"


async def test_headers_tell_what_to_do(client: httpx.AsyncClient) -> None:
    """Too many and unavailable say when to come back, unauthenticated says how to log in."""
    assert (await client.get("/raise/too_many")).headers["Retry-After"] == "7"
    assert (await client.get("/raise/away")).headers["Retry-After"] == "1"
    assert (await client.get("/raise/unauthenticated")).headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"count": true}', "body.count"),
        (b'{"count": -1}', "body.count"),
        (b"{}", "body.count"),
        (b"{not json", "body.1"),
        (b"", "body"),
    ],
)
async def test_malformed_body_names_its_field(client: httpx.AsyncClient, body: bytes, field: str) -> None:
    """What does not fit the schema answers 422 with the field; `true` is no number."""
    answer = await client.post("/body", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")
    assert [error["field"] for error in answer.json()["fields"]] == [field]
    assert not re.search("[A-Za-z]{3}", answer.json()["fields"][0]["message"].replace("JSON", ""))


async def test_places_in_a_request_are_told_without_the_librarys_words(client: httpx.AsyncClient) -> None:
    """A parameter that takes one of two forms is named by itself, and what it should look like is said in Chinese."""
    answer = await client.get("/areas?area=xyz")
    told = answer.json()
    assert told["detail"] == "请求内容有误：query.area"
    assert {error["message"] for error in told["fields"]} == {"格式不符", "只能是 all"}


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/body", 405)])
async def test_errors_of_the_framework_are_problems_too(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    """An unknown path and a wrong method answer problem+json like everything else."""
    answer = await client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, f"http_{status}")
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_every_kind_has_a_status_and_a_title() -> None:
    """No kind of error can be raised that has no answer."""
    assert set(problem.STATUS) == set(Kind)
    assert set(problem.STATUS.values()) <= set(problem.TITLES)
