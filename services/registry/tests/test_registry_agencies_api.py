"""Agencies over HTTP: confirmed, published, withdrawn, and the public directory."""

from pathlib import Path

import pytest

from wurao.common.auth import Role
from wurao.common.contracts.registry import AgencyPublished, AgencyWithdrawn
from wurao.common.testing import running
from wurao.registry.app import build

HEADER = "agency_id,name,kind,level,area,line,parent_id,authority,procedure,remedies,phone\n"
ROW = "330802-market,柯城区市场监督管理局,organ,county,330802,market,,《食品安全法》第六条,立案,复议,0570\n"


@pytest.mark.clause("DT-01")
async def test_published_agency_appears_with_its_authority(tmp_path: Path) -> None:
    """An imported agency is in the public directory only after its publication, with its authority."""
    async with running(build, "registry", tmp_path) as harness:
        platform = harness.headers(Role.PLATFORM, area="330802")
        answer = await harness.client.post("/v1/agencies/import", content=HEADER + ROW, headers=platform)
        assert answer.json()["accepted"] == 1, answer.text
        assert (await harness.client.get("/v1/public/agencies")).json()["items"] == []
        answer = await harness.client.post("/v1/agencies/330802-market/publish", headers=platform)
        assert answer.status_code == 200, answer.text
        [listed] = (await harness.client.get("/v1/public/agencies")).json()["items"]
        assert listed["authority"] == "《食品安全法》第六条"
        event = await harness.recorder.wait_for(AgencyPublished)
        assert (event.agency_id, event.version) == ("330802-market", 2)
        answer = await harness.client.post(
            "/v1/agencies/330802-market/withdraw", headers=platform, json={"reason": "职责划转"}
        )
        assert answer.status_code == 200
        assert (await harness.client.get("/v1/public/agencies")).json()["items"] == []
        await harness.recorder.wait_for(AgencyWithdrawn)


@pytest.mark.clause("QZ-02")
@pytest.mark.pack("quzhou")
@pytest.mark.parametrize("kind", ["coordinating_body", "third_party", "intermediary", "协会"])
async def test_unfit_bodies_are_refused(tmp_path: Path, kind: str) -> None:
    """An unfit body is refused by itself and as a row that names the clause: the document's, or else the law's."""
    async with running(build, "registry", tmp_path) as harness:
        platform = harness.headers(Role.PLATFORM, area="330802")
        one = dict(zip(HEADER.strip().split(","), ROW.strip().split(","), strict=True)) | {"kind": kind}
        one = {name: value for name, value in one.items() if value}
        table = HEADER + ROW.replace("organ", kind)

        async def refused() -> tuple[str, str]:
            answer = await harness.client.post("/v1/agencies", json=one, headers=platform)
            assert (answer.status_code, answer.json()["code"]) == (409, "agency.unqualified")
            assert answer.json()["alternatives"]
            report = (await harness.client.post("/v1/agencies/import", content=table, headers=platform)).json()
            [error] = report["errors"]
            assert (error["row"], error["field"], error["code"]) == (2, "kind", "agency.unqualified")
            return answer.json()["clause"], error["message"]

        clause, message = await refused()
        assert (clause, "PL-17，行政处罚法" in message) == ("PL-17", True)
        pack = {"pack": "quzhou", "area": "330802", "effective_from": "2025-12-01", "reason": "测试"}
        proposed = await harness.client.post("/v1/packs/activations", headers=platform, json=pack)
        second = harness.headers(Role.SUPERVISOR, area="330802")
        await harness.client.post(f"{proposed.headers['Location']}/approve", headers=second, json={})
        clause, message = await refused()
        assert (clause, "QZ-02，衢政办发" in message) == ("QZ-02", True)
        answer = await harness.client.get("/v1/agencies/330802-market", headers=platform)
        assert answer.status_code == 404


async def test_repeat_under_one_key_answers_the_same(tmp_path: Path) -> None:
    """A repeated POST under one Idempotency-Key has one effect and the same answer."""
    async with running(build, "registry", tmp_path) as harness:
        platform = harness.headers(Role.PLATFORM, area="330802")
        await harness.client.post("/v1/agencies/import", content=HEADER + ROW, headers=platform)
        headers = platform | {"Idempotency-Key": "publish-market-1"}
        first = await harness.client.post("/v1/agencies/330802-market/publish", headers=headers)
        second = await harness.client.post("/v1/agencies/330802-market/publish", headers=headers)
        assert (first.status_code, second.status_code) == (200, 200)
        assert first.json() == second.json()
        assert second.headers["Idempotency-Replayed"] == "true"


async def test_route_without_login_is_refused(tmp_path: Path) -> None:
    """A caller without a token is told to log in; one without the role has no permission."""
    async with running(build, "registry", tmp_path) as harness:
        answer = await harness.client.get("/v1/agencies/x")
        assert answer.status_code == 401
        officer = harness.headers(Role.OFFICER, agency_id="x")
        answer = await harness.client.post("/v1/agencies/x/publish", headers=officer)
        assert (answer.status_code, answer.json()["code"]) == (403, "no_permission")


async def test_standing_of_an_agency_changes_within_the_callers_area_only(tmp_path: Path) -> None:
    """A supervisor of the neighbouring county neither publishes nor withdraws an agency; its own supervisor does."""
    async with running(build, "registry", tmp_path) as harness:
        platform = harness.headers(Role.PLATFORM, area="330802")
        await harness.client.post("/v1/agencies/import", content=HEADER + ROW, headers=platform)
        theirs, ours = (harness.headers(Role.SUPERVISOR, area=area) for area in ("330803", "330802"))
        for path, body in (("publish", None), ("withdraw", {"reason": "职责划转"})):
            url = f"/v1/agencies/330802-market/{path}"
            refused = await harness.client.post(url, headers=theirs, json=body)
            assert (refused.status_code, refused.json()["code"]) == (403, "other_area")
            assert (await harness.client.post(url, headers=ours, json=body)).status_code == 200
