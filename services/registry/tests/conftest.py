"""A running registry, and short ways to fill it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from wurao.common.auth import Role
from wurao.common.testing import Harness, running
from wurao.registry.app import build

Load = Callable[..., Awaitable[dict[str, Any]]]
Enforce = Callable[[str], Awaitable[None]]

AGENCIES = """agency_id,name,kind,level,area,line,authority,procedure,remedies
market,柯城区市场监督管理局,organ,county,330802,market,《食品安全法》第六条,亮证、检查、告知,六十日内申请行政复议
fire,柯城区消防救援大队,authorised,county,330802,fire,《消防法》第四条,亮证、检查、告知,六十日内申请行政复议
"""


async def put_into_force(harness: Harness, proposer: dict[str, str], pack: str, since: str = "2025-12-01") -> None:
    """Let one person propose a pack for the county and another approve it."""
    body = {"pack": pack, "area": "330802", "effective_from": since, "reason": "测试"}
    proposed = await harness.client.post("/v1/packs/activations", headers=proposer, json=body)
    assert proposed.status_code == 201, proposed.text
    second = harness.headers(Role.SUPERVISOR, subject="approver", area="330802")
    url = f"{proposed.headers['Location']}/approve"
    approved = await harness.client.post(url, headers=second, json={})
    assert approved.status_code == 200, approved.text


@pytest.fixture
async def registry(tmp_path: Path) -> AsyncIterator[Harness]:
    """A running registry with two agencies, of which `market` is published."""
    async with running(build, "registry", tmp_path) as harness:
        headers = harness.headers(Role.PLATFORM, area="330802") | {"content-type": "text/csv"}
        await harness.client.post("/v1/agencies/import", content=AGENCIES, headers=headers)
        await harness.client.post("/v1/agencies/market/publish", headers=headers)
        yield harness


@pytest.fixture
def platform(registry: Harness) -> dict[str, str]:
    """The headers of the county's platform."""
    return registry.headers(Role.PLATFORM, area="330802")


@pytest.fixture
def enforce(registry: Harness, platform: dict[str, str]) -> Enforce:
    """Let a pack take effect in the county: `await enforce("quzhou")`."""

    async def activated(pack: str) -> None:
        await put_into_force(registry, platform, pack)

    return activated


@pytest.fixture
def load(registry: Harness, platform: dict[str, str]) -> Load:
    """Import a CSV text: `await load("officers", text)` gives the report."""

    async def imported(name: str, text: str, mode: str = "all") -> dict[str, Any]:
        headers = platform | {"content-type": "text/csv"}
        answer = await registry.client.post(f"/v1/{name}/import?mode={mode}", content=text, headers=headers)
        assert answer.status_code == 200, answer.text
        report: dict[str, Any] = answer.json()
        return report

    return imported


@pytest.fixture
def publish_list(registry: Harness) -> Callable[..., Awaitable[int]]:
    """Submit, review and publish an agency's items: `await publish_list("market")` gives how many were announced."""
    submitter = registry.headers(Role.PLATFORM, area="000000")
    reviewer = registry.headers(Role.SUPERVISOR, area="000000")

    async def published(agency_id: str = "market") -> int:
        submitted = await registry.client.post(
            f"/v1/agencies/{agency_id}/item-lists", headers=submitter, json={"year": 2026}
        )
        assert submitted.status_code == 201, submitted.text
        path = f"/v1/item-lists/{submitted.json()['list_id']}"
        body = {"passed": True, "opinion": "依据充分"}
        reviewed = await registry.client.post(f"{path}/review", headers=reviewer, json=body)
        assert reviewed.status_code == 200, reviewed.text
        answer = await registry.client.post(f"{path}/publish", headers=submitter)
        assert answer.status_code == 200, answer.text
        entries = (await registry.client.get(path, headers=submitter)).json()["entries"]
        return sum(entry["change"] != "unchanged" for entry in entries)

    return published
