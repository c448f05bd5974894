"""Entrusted bodies over HTTP: registered with a delegation, renewed, withdrawn when it ends; every change is kept."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from wurao.common.auth import Role
from wurao.common.clock import SHANGHAI, ManualClock
from wurao.common.contracts.registry import AgencyPublished, AgencyWithdrawn
from wurao.common.testing import Harness, running
from wurao.local.plugin import Storage
from wurao.registry.app import build

Json = dict[str, Any]
HEADER = (
    "agency_id,name,kind,level,area,line,authority,procedure,remedies,phone,"
    "delegating_id,delegation_no,delegation_from,delegation_to,delegation_scope,delegation_basis,reason\n"
)
BASIS = "《行政处罚法》第二十条"
ORGAN = "health,柯城区卫生健康局,organ,county,330802,health,《食品安全法》第六条,立案,复议,0570-1,,,,,,,\n"
TEAM = (
    f"team,柯城区卫生监督所,entrusted,county,330802,health,{BASIS},立案,复议,0570-2,"
    f"health,柯卫委〔2026〕1号,2026-01-01,2026-01-31,公共场所监督检查,{BASIS},\n"
)
RENEWAL = {
    "document_no": "柯卫委〔2026〕2号",
    "delegating_id": "health",
    "begins": "2026-02-01",
    "ends": "2026-03-31",
    "scope": "公共场所监督检查",
    "basis": BASIS,
}


class Office:
    """The county's platform at its desk."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.headers = harness.headers(Role.PLATFORM, area="330802")

    async def load(self, text: str, mode: str = "all", **headers: str) -> Json:
        """An import's report."""
        sent = (headers or self.headers) | {"content-type": "text/csv"}
        url = f"/v1/agencies/import?mode={mode}"
        answer = await self.harness.client.post(url, content=HEADER + text, headers=sent)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def post(self, path: str, body: Any = None, status: int = 200) -> Json:
        """The body of an answer with that status."""
        answer = await self.harness.client.post(f"/v1/agencies{path}", json=body, headers=self.headers)
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    async def get(self, path: str) -> Any:
        """The body of an answer."""
        answer = await self.harness.client.get(f"/v1{path}", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def actions(self, agency_id: str) -> list[tuple[str, str]]:
        """What was done to an agency and by whom, the first deed first."""
        found = (await self.get(f"/agencies/{agency_id}/history"))["items"]
        return [(one["action"], one["by"]) for one in reversed(found)]

    async def sweep_on(self, day: str) -> int:
        """How many lapsed bodies are withdrawn on a day."""
        self.harness.clock.set(datetime.fromisoformat(f"{day}T00:10:00").replace(tzinfo=SHANGHAI))
        return (await self.harness.service.sweep())["withdraw_lapsed"]


async def published(office: Office) -> None:
    """An organ and a body that it entrusts, both published."""
    assert (await office.load(ORGAN + TEAM))["rejected"] == 0
    await office.post("/health/publish")
    await office.post("/team/publish")


@pytest.mark.clause("DT-01")
async def test_a_delegation_that_ends_withdraws_the_body_on_the_day_after(registry: Harness) -> None:
    """On its last day the body stands, on the day after it is withdrawn with an event, and may be confirmed anew."""
    office = Office(registry)
    await published(office)
    assert await office.sweep_on("2026-01-31") == 0
    [soon] = (await office.get("/agencies/lapsing"))["items"]
    assert (soon["agency_id"], soon["days_left"], soon["document_no"]) == ("team", 0, "柯卫委〔2026〕1号")
    assert await office.sweep_on("2026-02-01") == 1
    event = await registry.recorder.wait_for(AgencyWithdrawn)
    assert (event.agency_id, f"{event.withdrawn_on}", event.version) == ("team", "2026-02-01", 3)
    assert "委托期限届满" in event.reason
    assert await office.sweep_on("2026-02-02") == 0
    assert (await office.get("/agencies/lapsing"))["items"] == []

    await office.post("/team/confirm", {"reason": "重新取得委托"})
    refused = await office.post("/team/publish", status=409)
    assert [why["code"] for why in refused["refusals"]] == ["agency.no_delegation"]
    await office.post("/team/delegations", RENEWAL)
    again = await office.post("/team/publish")
    assert (again["state"], again["withdrawn_on"], again["published_on"]) == ("published", None, "2026-02-02")
    deeds = [action for action, _ in await office.actions("team")]
    assert deeds == ["registered", "delegated", "published", "withdrawn", "confirmed", "delegated", "published"]
    assert (await office.actions("team"))[3] == ("withdrawn", "clock")


async def test_a_renewal_before_the_end_keeps_the_body_standing(registry: Harness) -> None:
    """A renewal without a gap carries the body over; one with a gap or by a stranger is refused with every reason."""
    office = Office(registry)
    await published(office)
    gap = RENEWAL | {"begins": "2026-02-02", "delegating_id": "fire", "basis": "惯例"}
    refused = await office.post("/team/delegations", gap, status=409)
    codes = [why["code"] for why in refused["refusals"]]
    assert codes == ["delegation.delegating", "delegation.no_basis", "delegation.gap"]
    assert all(why["clause"] == "PL-20" and why["alternatives"] for why in refused["refusals"])
    backwards = await office.post("/team/delegations", RENEWAL | {"ends": "2026-01-01"}, status=422)
    assert "终止日期不得早于起始日期" in backwards["fields"][0]["message"]

    renewed = await office.post("/team/delegations", RENEWAL)
    assert (renewed["state"], renewed["delegated_until"]) == ("published", "2026-03-31")
    assert (await office.post("/team/delegations", RENEWAL, status=409))["code"] == "delegation.known"
    assert await office.sweep_on("2026-02-01") == 0
    [shown] = (await office.get("/public/agencies?q=监督所"))["items"]
    assert (shown["delegation"]["document_no"], shown["delegation"]["delegating_name"]) == (
        "柯卫委〔2026〕2号",
        "柯城区卫生健康局",
    )
    assert shown["bases"] == [{"law": "行政处罚法", "article": "第二十条"}]
    assert await office.sweep_on("2026-04-01") == 1


async def test_who_delegates_is_withdrawn_together_with_those_it_entrusted(registry: Harness) -> None:
    """A body that acts on the delegation of a withdrawn organ alone is withdrawn as well."""
    office = Office(registry)
    await published(office)
    await office.post("/health/withdraw", {"reason": "机构改革"})
    event = await registry.recorder.wait_for(AgencyWithdrawn, lambda e: e.agency_id == "team")
    assert event.reason == "委托机关柯城区卫生健康局已经取消"
    assert [one["agency_id"] for one in (await office.get("/public/agencies"))["items"]] == ["market"]
    await office.post("/team/confirm", {"reason": "误取消"})
    refused = await office.post("/team/publish", status=409)
    assert [why["code"] for why in refused["refusals"]] == ["delegation.unpublished"]


async def test_one_agency_is_registered_by_itself(registry: Harness) -> None:
    """An entrusted body is confirmed with its delegation, once; a stranger's delegation is refused as a whole."""
    office = Office(registry)
    await office.load(ORGAN)
    written = RENEWAL | {"begins": "2026-01-01"}
    body = {
        "agency_id": "team",
        "name": "柯城区卫生监督所",
        "kind": "entrusted",
        "level": "county",
        "area": "330802",
        "line": "health",
        "authority": BASIS,
    }
    refused = await office.post("", body | {"delegation": written | {"delegating_id": "nobody"}}, status=409)
    assert refused["code"] == "delegation.delegating"
    made = await registry.client.post("/v1/agencies", json=body | {"delegation": written}, headers=office.headers)
    assert (made.status_code, made.headers["Location"], made.headers["ETag"]) == (201, "/v1/agencies/team", '"1"')
    assert (await office.post("", body, status=409))["code"] == "agency.known"
    elsewhere = await office.post("", body | {"agency_id": "other", "area": "330803"}, status=403)
    assert elsewhere["code"] == "other_area"
    assert (await office.post("/team/publish", status=409))["code"] == "delegation.unpublished"


async def test_bad_rows_are_told_one_by_one(registry: Harness) -> None:
    """Each row outside the area, without its whole delegation or with an unlawful one is named with its reason."""
    office = Office(registry)
    await published(office)
    rows = (
        ORGAN.replace("health,", "h2,", 1).replace("330802", "330803"),
        TEAM.replace("team,", "t2,", 1).replace(",2026-01-31,", ",,"),
        TEAM.replace("team,", "t3,", 1).replace("health,柯卫委", "nobody,柯卫委"),
        TEAM.replace("team,", "t4,", 1).replace("health,柯卫委", "team,柯卫委"),
        ORGAN.replace("health,", "h5,", 1).replace("organ", "third_party"),
        ORGAN.replace("《食品安全法》第六条", ""),
        TEAM.replace("2026-01-31", "2026-01-02")
        .replace("〔2026〕1号", "〔2026〕9号")
        .replace("2026-01-01", "2025-01-01"),
    )
    report = await office.load("".join(rows), "good")
    assert (report["loaded"], report["rejected"]) == (False, 7)
    told = {error["row"]: (error["code"], error["message"]) for error in report["errors"]}
    assert {row: code for row, (code, _) in told.items()} == {
        2: "other_area",
        3: "value_error",
        4: "delegation.delegating",
        5: "delegation.delegating",
        6: "agency.unqualified",
        7: "agency.no_authority",
        8: "delegation.over",
    }
    assert told[2][1] == "不在本人管辖的区域内"
    assert "行政处罚法 第二十条" in told[4][1]
    neighbour = registry.headers(Role.PLATFORM, area="330803")
    moved = await office.load(ORGAN.replace("330802", "330803"), **neighbour)
    assert [error["code"] for error in moved["errors"]] == ["other_area"]
    fixed = await office.load(ORGAN.replace("330802", "330802001"))
    assert [error["code"] for error in fixed["errors"]] == ["agency.area_fixed"]


async def test_a_body_stands_no_longer_than_one_published_organ_delegates_to_it(registry: Harness) -> None:
    """With two delegating organs it outlives the first; it goes with the second, though the first's paper runs on."""
    office = Office(registry)
    await published(office)
    second = RENEWAL | {"document_no": "柯市监委〔2026〕1号", "delegating_id": "market", "begins": "2026-01-01"}
    await office.post("/team/delegations", second)
    await office.post("/health/withdraw", {"reason": "机构改革"})
    assert (await office.get("/agencies/team"))["state"] == "published"
    await office.post("/market/withdraw", {"reason": "机构改革"})
    assert (await office.get("/agencies/team"))["state"] == "withdrawn"


async def test_a_published_body_is_not_carried_on_by_an_unpublished_organ(registry: Harness) -> None:
    """Neither the route nor the import renews a published body's delegation in the name of an unpublished organ."""
    office = Office(registry)
    await published(office)
    await office.load(ORGAN.replace("health,", "culture,", 1).replace("卫生健康局", "文化局"))
    by_culture = RENEWAL | {"delegating_id": "culture"}
    refused = await office.post("/team/delegations", by_culture, status=409)
    assert [why["code"] for why in refused["refusals"]] == ["delegation.unpublished"]
    row = TEAM.replace(
        "health,柯卫委〔2026〕1号,2026-01-01,2026-01-31", "culture,柯文委〔2026〕1号,2026-01-01,2026-03-31"
    )
    report = await office.load(row)
    assert [error["code"] for error in report["errors"]] == ["delegation.unpublished"]


async def test_only_what_changes_is_announced_and_kept(registry: Harness) -> None:
    """A repeated import changes nothing; a change of a published body is announced with before, after and reason."""
    office = Office(registry)
    await published(office)
    await office.load(ORGAN + TEAM)
    assert len(registry.recorder.of(AgencyPublished)) <= 3
    assert (await office.get("/agencies/health"))["version"] == 2
    await office.load(ORGAN.replace("0570-1,,,,,,,", "0570-9,,,,,,,换号"))
    event = await registry.recorder.wait_for(AgencyPublished, lambda e: e.agency_id == "health" and e.version == 3)
    assert event.published_on == datetime(2026, 1, 5, tzinfo=SHANGHAI).date()
    [last, *_] = (await office.get("/agencies/health/history"))["items"]
    assert (last["action"], last["reason"]) == ("changed", "换号")
    assert last["changed"] == {"phone": ["0570-1", "0570-9"]}
    assert [action for action, _ in await office.actions("health")] == ["registered", "published", "changed"]
    stranger = registry.headers(Role.SUPERVISOR, area="330803")
    answer = await registry.client.get("/v1/agencies/health/history", headers=stranger)
    assert answer.status_code == 404


async def test_a_withdrawn_agency_returns_by_import_with_a_reason_only(registry: Harness) -> None:
    """A changed row of a withdrawn agency is refused without a reason and confirms it anew with one."""
    office = Office(registry)
    await published(office)
    await office.post("/health/withdraw", {"reason": "机构改革"})
    assert (await office.load(ORGAN))["rejected"] == 0
    assert (await office.get("/agencies/health"))["state"] == "withdrawn"
    renamed = ORGAN.replace("卫生健康局", "疾病预防控制局")
    report = await office.load(renamed)
    assert [error["code"] for error in report["errors"]] == ["agency.withdrawn"]
    await office.load(renamed.replace(",,,,,,,", ",,,,,,,职能恢复"))
    assert (await office.get("/agencies/health"))["state"] == "confirmed"
    shown = await office.get("/agencies?state=confirmed&line=health&q=疾病")
    assert [one["agency_id"] for one in shown["items"]] == ["health"]


async def test_renewal_and_lapse_at_once_leave_one_outcome(storage: Storage, tmp_path: Path) -> None:
    """While the sweep withdraws and an official renews, the body either stands renewed or is withdrawn."""
    clock = ManualClock(datetime(2026, 1, 31, 12, tzinfo=SHANGHAI))
    database, migration = storage.url, storage.migration_url
    async with running(
        build, "registry", tmp_path, clock=clock, database_url=database, migration_url=migration
    ) as harness:
        office = Office(harness)
        await published(office)
        clock.set(clock.now() + timedelta(days=1))
        sweeping = asyncio.create_task(harness.service.sweep())
        path = "/v1/agencies/team/delegations"
        renewals = [RENEWAL | {"document_no": f"柯卫委〔2026〕{number}号"} for number in range(2, 6)]
        posts = [harness.client.post(path, json=body, headers=office.headers) for body in renewals]
        statuses = [answer.status_code for answer in await asyncio.gather(*posts)]
        await asyncio.gather(sweeping, return_exceptions=True)  # the loser of the race says so and tries again later
        assert set(statuses) <= {200, 409, 412}
        team = await office.get("/agencies/team")
        kept = [action for action, _ in await office.actions("team")]
        assert kept.count("delegated") == 1 + statuses.count(200)
        assert kept.count("withdrawn") == (team["state"] == "withdrawn")
        assert team["version"] == 2 + kept.count("withdrawn") + (200 in statuses)
        assert await office.sweep_on("2026-02-02") == (team["state"] == "published" and 200 not in statuses)
