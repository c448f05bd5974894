"""The whole sample county through the import endpoints."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from wurao.common.auth import Role
from wurao.common.contracts.registry import AgencyPublished, EnterpriseRegistered, ItemPublished, OfficerCertified
from wurao.common.testing import Harness, eventually
from wurao.embedded.sample import generate

PublishList = Callable[..., Awaitable[int]]

FILES = ("areas", "agencies", "units", "officers", "items", "forms", "enterprises", "premises", "facts")


async def test_the_sample_county_is_imported_published_and_graded(
    registry: Harness, tmp_path: Path, publish_list: PublishList
) -> None:
    """No row is rejected, every agency and item is published, every enterprise is announced and graded."""
    summary = generate(tmp_path / "sample", enterprises=200, agencies=12, officers=60, items=40)
    headers = registry.headers(Role.PLATFORM, area="000000")
    csv = headers | {"content-type": "text/csv"}
    for name in FILES:
        body = (tmp_path / "sample" / f"{name}.csv").read_bytes()
        report = (await registry.client.post(f"/v1/{name}/import", content=body, headers=csv)).json()
        assert (report["accepted"], report["rejected"]) == (summary.rows[name], 0), report["errors"][:3]
    agencies = (tmp_path / "sample" / "agencies.csv").read_text(encoding="utf-8").splitlines()[1:]
    published = 0
    for agency_id in (line.split(",")[0] for line in agencies):
        answer = await registry.client.post(f"/v1/agencies/{agency_id}/publish", headers=headers)
        assert answer.status_code == 200, answer.text
        published += await publish_list(agency_id)
    assert published == summary.rows["items"]
    answer = await registry.client.post("/v1/gradings", headers=headers, json={"area": "330802"})

    async def done() -> bool:
        job = (await registry.client.get(answer.headers["Location"], headers=headers)).json()
        return bool(job["state"] == "done")

    await eventually(done)
    page = (await registry.client.get("/v1/enterprises?limit=200", headers=headers)).json()
    assert (len(page["items"]), page["next_cursor"]) == (200, None)
    assert all(item["grade"] for item in page["items"])
    last = max(page["items"], key=lambda item: item["enterprise_id"])["enterprise_id"]
    await registry.recorder.wait_for(EnterpriseRegistered, lambda e: e.enterprise_id == last and e.version == 2)
    assert all(event.questions or event.method == "off_site" for event in registry.recorder.of(ItemPublished))
    assert len(registry.recorder.of(AgencyPublished)) == 13
    assert len(registry.recorder.of(OfficerCertified)) == 52
