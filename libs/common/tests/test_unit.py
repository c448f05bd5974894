"""Versions in headers: ETag out, If-Match in."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Response

from wurao.common import problem
from wurao.common.errors import Stale
from wurao.common.unit import IfMatch, check_match, etag


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """An app with one thing of version 7."""
    app = FastAPI()
    problem.install(app)

    @app.put("/thing")
    async def change(response: Response, match: IfMatch) -> int | None:
        check_match(7, match)
        etag(response, 8)
        return match

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://wurao.test") as client:
        yield client


@pytest.mark.parametrize(
    ("if_match", "status", "known"),
    [
        (None, 200, None),
        ("*", 200, None),
        ('"7"', 200, 7),
        ('"6"', 412, None),
        ("7", 422, None),
        ('W/"7"', 422, None),
        ('"7", "8"', 422, None),
        ('"99999999999999999999"', 422, None),
    ],
)
async def test_if_match_guards_the_version(
    client: httpx.AsyncClient, if_match: str | None, status: int, known: int | None
) -> None:
    """The known version passes, another is stale, what is no strong ETag of ours is malformed; none asks for none."""
    answer = await client.put("/thing", headers={"If-Match": if_match} if if_match else {})
    assert answer.status_code == status
    if status == 200:
        assert (answer.json(), answer.headers["ETag"]) == (known, '"8"')


def test_caller_without_a_version_is_not_stale() -> None:
    """Only who names a version can be stale."""
    check_match(3, None)
    check_match(3, 3)
    with pytest.raises(Stale):
        check_match(3, 2)
