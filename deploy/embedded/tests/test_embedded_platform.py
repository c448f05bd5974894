"""The embedded platform around the services that it mounts."""

from pathlib import Path

import httpx
import pytest

from wurao.common.clock import AdjustableClock
from wurao.embedded.platform import create_platform


@pytest.mark.parametrize("path", ["/nowhere", "/registry/v1/jobs/%0A"])
async def test_what_no_service_answers_is_a_problem_too(tmp_path: Path, path: str) -> None:
    """A path that reaches no service is answered 404 as problem+json, like every other error."""
    platform = create_platform(tmp_path, "http://wurao.test", AdjustableClock())
    transport = httpx.ASGITransport(app=platform.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://wurao.test") as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "http_404"
