"""What names a merged enterprise: adjustments, objections, recusals, classes and visits, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from wurao.common.auth import Role
from wurao.common.clock import ManualClock
from wurao.common.contracts.registry import ConflictDeclared, EnterpriseGraded, GradeAdjusted
from wurao.common.contracts.supervision import ComplaintFiled
from wurao.common.db import Database
from wurao.common.jobs import Progress
from wurao.common.testing import Harness, eventually, running
from wurao.common.uscc import check_character
from wurao.local.plugin import Storage
from wurao.registry.app import build
from wurao.registry.domain.duplicates import Ground
from wurao.registry.repository import duplicates as repository
from wurao.registry.usecases.duplicates import duplicates_job

Json = dict[str, Any]

SHOP, HEIR = (stem + check_character(stem) for stem in ("91330802MA0000001", "91330802MA0000002"))
FILES = {
    "agencies": (
        "agency_id,name,kind,level,area,line,authority\n"
        "market,柯城区市场监督管理局,organ,county,330802,market,《食品安全法》第六条\n"
    ),
    "officers": (
        "officer_id,name,agency_id,kind,certificate_no,valid_from,valid_to,trained,examined,in_post\n"
        "o1,张三,market,officer,C1,2024-01-01,2028-12-31,true,true,true\n"
        "o2,李四,market,officer,C2,2024-01-01,2028-12-31,true,true,true\n"
    ),
    "enterprises": (
        "enterprise_id,name,kind,industry,size,area,address\n"
        f"{SHOP},信源面馆,company,H6210,micro,330802001,府山街道上街1号\n"
        f"{HEIR},信源面馆,company,H6210,micro,330802002,府山街道下街2号\n"
    ),
    "facts": (
        "fact_id,enterprise_id,indicator,value,source,occurred_on,evidence\n"
        f"f1,{SHOP},penalties_24m,1,柯城区市场监督管理局,2025-06-01,决定书1号\n"
        f"f2,{HEIR},penalties_24m,1,柯城区市场监督管理局,2025-06-02,决定书2号\n"
        f"f3,{SHOP},safety_standard_level,3,柯城区应急管理局,2025-06-01,证书1号\n"
    ),
}
ADJUSTMENT: Json = {
    "kind": "downgrade",
    "level": "poor",
    "law": "《甘肃省社会信用条例》",
    "article": "第二十七条",
    "facts": ["f1"],
    "reason": "多次拒不整改",
    "ends_on": "2026-03-31",
}


class Desk:
    """The people of one county."""

    def __init__(self, registry: Harness) -> None:
        self.registry = registry
        own = {"agency_id": "market", "area": "330802"}
        self.planner = registry.headers(Role.PLANNER, subject="planner", **own)
        self.head = registry.headers(Role.HEAD, subject="head", **own)
        self.platform = registry.headers(Role.PLATFORM, subject="platform", area="330802")
        self.supervisor = registry.headers(Role.SUPERVISOR, subject="supervisor", area="330802")
        self.shop = registry.headers(Role.ENTERPRISE, subject="shop", enterprise_id=SHOP)
        self.heir = registry.headers(Role.ENTERPRISE, subject="heir", enterprise_id=HEIR)

    async def post(self, by: dict[str, str], path: str, body: Json | None = None, status: int = 200) -> Json:
        """The answer to a POST."""
        answer = await self.registry.client.post(f"/v1{path}", headers=by, json=body or {})
        assert answer.status_code == status, answer.text
        found: Json = answer.json()
        return found

    async def get(self, by: dict[str, str], path: str) -> Any:
        """What somebody reads."""
        answer = await self.registry.client.get(f"/v1{path}", headers=by)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def upload(self, name: str, content: str) -> Json:
        """The report of an import."""
        headers = self.platform | {"content-type": "text/csv"}
        answer = await self.registry.client.post(f"/v1/{name}/import", content=content, headers=headers)
        assert answer.status_code == 200, answer.text
        report: Json = answer.json()
        return report

    async def load(self, pack: str) -> None:
        """A pack in force, and all files, graded."""
        body = {"pack": pack, "area": "330802", "effective_from": "2025-12-01", "reason": "测试"}
        proposed = await self.registry.client.post("/v1/packs/activations", headers=self.platform, json=body)
        approval = f"{proposed.headers['Location']}/approve".removeprefix("/v1")
        await self.post(self.supervisor, approval)
        for name, content in FILES.items():
            assert (await self.upload(name, content))["loaded"]
        job = await self.post(self.platform, "/gradings", {"area": "330802"}, 202)
        await self.ended(self.platform, job)

    async def ended(self, by: dict[str, str], job: Json) -> None:
        """Wait for somebody's job."""

        async def over() -> bool:
            found = await self.get(by, f"/jobs/{job['job_id']}")
            assert found["state"] != "failed", found
            return bool(found["state"] == "done")

        await eventually(over)

    async def adjust(self, enterprise_id: str, **changes: Any) -> str:
        """The path of an adjustment approved and served on 5 January."""
        row = await self.post(self.planner, f"/enterprises/{enterprise_id}/adjustments", ADJUSTMENT | changes, 201)
        path = f"/adjustments/{row['adjustment_id']}"
        await self.post(self.head, f"{path}/approve")
        await self.post(self.planner, f"{path}/notice", {"served_on": "2026-01-05", "served_how": "直接送达"})
        return path

    async def merge(self, status: int = 201) -> Json:
        """Merge the shop into its heir."""
        body = {"merged_id": SHOP, "survivor_id": HEIR, "reason": "核对执照，系同一主体"}
        return await self.post(self.platform, "/merges", body, status)

    async def undo(self, merge: Json) -> None:
        """Take the merge back."""
        await self.post(self.platform, f"/merges/{merge['merge_id']}/undo", {"reason": "核查有误"})


@pytest.fixture
async def desk(storage: Storage, tmp_path: Path) -> AsyncIterator[Desk]:
    """A county's desk on each kind of database."""
    async with running(
        build, "registry", tmp_path, database_url=storage.url, migration_url=storage.migration_url
    ) as registry:
        yield Desk(registry)


async def test_adjustments_and_objections_follow_and_come_back(desk: Desk) -> None:
    """A downgrade takes effect on the survivor, objections are decided there; after the undoing each has its own."""
    await desk.load("linxia")
    adjustment = await desk.adjust(SHOP)
    objection = {"against": "fact", "target_id": "f3", "reason": "证书等级有误"}
    filed = await desk.post(desk.shop, f"/enterprises/{SHOP}/objections", objection, 201)
    merge = await desk.merge()
    assert merge["adjustments"] == [adjustment.rpartition("/")[2]]
    assert merge["objections"] == [filed["objection_id"]]
    told = await desk.registry.recorder.wait_for(GradeAdjusted, lambda event: event.enterprise_id == HEIR)
    assert (told.state, told.area) == ("noticed", "330802002")
    [shown] = (await desk.get(desk.heir, f"/enterprises/{HEIR}/adjustments"))["items"]
    assert shown["enterprise_id"] == HEIR
    [open_one] = (await desk.get(desk.heir, "/objections"))["items"]
    assert (open_one["objection_id"], open_one["enterprise_id"]) == (filed["objection_id"], HEIR)
    fresh = {"against": "fact", "target_id": "f1", "reason": "处罚已撤销"}
    since = await desk.post(desk.heir, f"/enterprises/{HEIR}/objections", fresh, 201)
    taken = await desk.post(desk.planner, f"/enterprises/{HEIR}/adjustments", ADJUSTMENT, 409)
    assert taken["code"] == "adjustment.open"
    shut = await desk.post(desk.planner, f"/enterprises/{SHOP}/adjustments", ADJUSTMENT, 409)
    assert (shut["code"], shut["alternatives"]) == ("enterprise.merged", [f"在 {HEIR} 办理"])
    shut = await desk.post(desk.shop, f"/enterprises/{SHOP}/objections", objection, 409)
    assert shut["code"] == "enterprise.merged"

    desk.registry.clock.set(datetime(2026, 1, 20, 3, tzinfo=UTC))
    await desk.registry.service.sweep()
    assert (await desk.get(desk.heir, f"/enterprises/{HEIR}/grade"))["grade"] == "poor"
    verdict = {"upheld": True, "reason": "证书等级录入有误"}
    decided = await desk.post(desk.supervisor, f"/objections/{filed['objection_id']}/decide", verdict)
    assert (decided["state"], decided["enterprise_id"]) == ("upheld", HEIR)

    await desk.undo(merge)
    assert (await desk.get(desk.heir, f"/enterprises/{HEIR}/adjustments"))["items"] == []
    assert (await desk.get(desk.heir, "/objections"))["items"] == []
    back = (await desk.get(desk.shop, "/objections"))["items"]
    assert {row["objection_id"] for row in back} == {filed["objection_id"], since["objection_id"]}
    [mine] = (await desk.get(desk.shop, f"/enterprises/{SHOP}/adjustments"))["items"]
    assert (mine["enterprise_id"], mine["state"]) == (SHOP, "in_force")
    assert (await desk.get(desk.shop, f"/enterprises/{SHOP}/grade"))["grade"] == "poor"
    assert (await desk.get(desk.heir, f"/enterprises/{HEIR}/grade"))["grade"] != "poor"
    graded = [event for event in desk.registry.recorder.of(EnterpriseGraded) if event.enterprise_id == HEIR]
    assert graded[-1].grade != "poor"
    body = {"reason": "期限未到，提前解除"}
    assert (await desk.post(desk.head, f"{adjustment}/lift", body))["state"] == "lifted"


async def test_two_open_adjustments_of_a_kind_stand_in_the_way_of_a_merge(desk: Desk) -> None:
    """Nobody but a person says which one binds; an exposure and a downgrade go together; nothing moved before."""
    await desk.load("linxia")
    await desk.adjust(SHOP, kind="exposure", level=None)
    theirs = await desk.adjust(HEIR, facts=["f2"])
    own = await desk.adjust(SHOP)
    refused = await desk.merge(409)
    assert (refused["code"], len(refused["alternatives"])) == ("merge.adjustments", 1)
    assert len((await desk.get(desk.shop, f"/enterprises/{SHOP}/facts"))["items"]) == 2
    await desk.post(desk.head, f"{own}/lift", {"reason": "并档前了结"})
    merge = await desk.merge()
    held = (await desk.get(desk.heir, f"/enterprises/{HEIR}/adjustments"))["items"]
    assert sorted((row["kind"], row["state"]) for row in held) == [
        ("downgrade", "lifted"),
        ("downgrade", "noticed"),
        ("exposure", "noticed"),
    ]
    await desk.undo(merge)
    [left] = (await desk.get(desk.heir, f"/enterprises/{HEIR}/adjustments"))["items"]
    assert left["adjustment_id"] == theirs.rpartition("/")[2]


async def test_recusals_follow_and_are_declared_anew(desk: Desk) -> None:
    """Whoever plans visits hears that the officer stays away from the survivor, and after the undoing from the shop."""
    await desk.load("linxia")
    stated = {"enterprise_id": SHOP, "kind": "shareholding", "detail": "持股百分之二"}
    conflict = await desk.post(desk.head, "/officers/o1/conflicts", stated, 201)
    report = await desk.post(desk.shop, "/officers/o2/conflicts", stated | {"kind": "relative"}, 201)
    merge = await desk.merge()
    assert sorted(merge["conflicts"]) == sorted([conflict["conflict_id"], report["conflict_id"]])
    seen = (await desk.get(desk.head, f"/conflicts?enterprise_id={HEIR}"))["items"]
    assert {row["state"] for row in seen} == {"in_force", "reported"}
    shut = await desk.post(desk.head, "/officers/o2/conflicts", stated, 409)
    assert shut["code"] == "enterprise.merged"
    await desk.post(desk.head, f"/conflicts/{report['conflict_id']}/decide", {"upheld": True, "reason": "属实"})
    await desk.undo(merge)
    shop = (await desk.get(desk.head, f"/conflicts?enterprise_id={SHOP}"))["items"]
    assert [row["state"] for row in shop] == ["in_force", "in_force"]
    await desk.registry.recorder.wait_for(
        ConflictDeclared, lambda event: (event.officer_id, event.enterprise_id) == ("o2", SHOP)
    )
    told = [event for event in desk.registry.recorder.of(ConflictDeclared) if event.officer_id == "o1"]
    assert [(event.conflict_id, event.enterprise_id) for event in told] == [
        (conflict["conflict_id"], each) for each in (SHOP, HEIR, SHOP)
    ]
    assert [event.version for event in told] == sorted({event.version for event in told})


async def test_classes_and_what_is_heard_are_read_with_the_survivors(desk: Desk) -> None:
    """Approved lists and replicas stay as they are; while merged the survivor reads them, also what is heard later."""
    await desk.load("cangxian")
    body = {"area": "330802", "year": 2026, "kind": "first", "enterprise_ids": []}
    made = await desk.post(desk.supervisor, "/class-lists", body, 202)
    await desk.ended(desk.supervisor, made["job"])
    noon = datetime(2026, 1, 4, 4, tzinfo=UTC)

    def complaint(complaint_id: str) -> ComplaintFiled:
        return ComplaintFiled(
            complaint_id=complaint_id,
            channel="12345",
            category="arbitrary_fee",
            enterprise_id=SHOP,
            agency_id="market",
            area="330802001",
            due=(noon + timedelta(days=9)).date(),
            filed_at=noon,
            version=1,
        )

    await desk.registry.deliver(complaint("p1"))
    merge = await desk.merge()
    await desk.registry.deliver(complaint("p2"))

    async def heard(by: dict[str, str], enterprise_id: str) -> list[str]:
        found = await desk.get(by, f"/enterprises/{enterprise_id}/overview")
        return sorted(row["complaint_id"] for row in found["complaints"])

    async def classed() -> list[str]:
        return sorted(row["enterprise_id"] for row in await desk.get(desk.heir, f"/enterprises/{HEIR}/classes"))

    assert (await heard(desk.heir, HEIR), await classed()) == (["p1", "p2"], sorted([SHOP, HEIR]))
    await desk.undo(merge)
    assert (await heard(desk.heir, HEIR), await classed()) == ([], [HEIR])
    assert await heard(desk.shop, SHOP) == ["p1", "p2"]


async def test_imports_leave_closed_records_as_they_are(desk: Desk) -> None:
    """A row of a merged enterprise names the survivor, also of a survivor of the survivor; a deregistered one stays."""
    await desk.load("linxia")
    third = "91330802MA0000003" + check_character("91330802MA0000003")
    row = f"{third},末路面馆,company,H6210,micro,330802001,府山街道后街3号\n"
    head, *known = FILES["enterprises"].splitlines(keepends=True)
    await desk.upload("enterprises", head + row)
    await desk.merge()
    report = await desk.upload("enterprises", head + row + "".join(known))
    [error] = report["errors"]
    assert (report["loaded"], error["row"], error["code"]) == (False, 3, "enterprise.merged")
    assert HEIR in error["message"]
    body = {"merged_id": HEIR, "survivor_id": third, "reason": "核对执照，系同一主体"}
    await desk.post(desk.platform, "/merges", body, 201)
    report = await desk.upload("enterprises", head + "".join(known))
    assert [error["code"] for error in report["errors"]] == ["enterprise.merged"] * 2
    assert all(third in error["message"] for error in report["errors"])
    await desk.post(desk.platform, f"/enterprises/{third}/deregister", {"reason": "公告注销"})
    before = await desk.get(desk.platform, f"/enterprises/{third}")
    assert (await desk.upload("enterprises", head + row))["errors"] == []
    changed = await desk.upload("enterprises", head + row.replace("末路", "重开"))
    assert [(error["row"], error["code"]) for error in changed["errors"]] == [(2, "enterprise.deregistered")]
    assert await desk.get(desk.platform, f"/enterprises/{third}") == before


async def test_imported_facts_and_premises_of_a_merged_enterprise_reach_the_survivor(desk: Desk) -> None:
    """An old file changes nothing, new rows that name the old code are the survivor's, and it is graded with them."""
    await desk.load("linxia")
    premises = "premises_id,enterprise_id,name,address,area\n"
    old = f"{premises}p1,{SHOP},门店,府山街道上街1号,330802001\n"
    await desk.upload("premises", old)
    merge = await desk.merge()
    grades = len(desk.registry.recorder.of(EnterpriseGraded))
    for name, content in (("facts", FILES["facts"]), ("premises", old)):
        assert (await desk.upload(name, content))["errors"] == []
    facts = (await desk.get(desk.heir, f"/enterprises/{HEIR}/facts"))["items"]
    assert {fact["fact_id"] for fact in facts} == {"f1", "f2", "f3"}
    assert len(desk.registry.recorder.of(EnterpriseGraded)) == grades
    score = (await desk.get(desk.platform, f"/enterprises/{HEIR}"))["score"]
    head = FILES["facts"].splitlines(keepends=True)[0]
    await desk.upload("facts", f"{head}f4,{SHOP},penalties_24m,2,柯城区市场监督管理局,2025-12-01,决定书4号\n")
    await desk.upload("premises", f"{premises}p2,{SHOP},库房,府山街道上街1号,330802001\n")
    heir = await desk.get(desk.platform, f"/enterprises/{HEIR}")
    assert heir["score"] < score
    assert [place["premises_id"] for place in heir["premises"]] == ["p1", "p2"]
    await desk.undo(merge)
    kept = (await desk.get(desk.heir, f"/enterprises/{HEIR}/facts"))["items"]
    assert {fact["fact_id"] for fact in kept} == {"f2", "f4"}


async def test_of_two_searches_for_duplicates_at_once_each_pair_is_proposed_once(desk: Desk, storage: Storage) -> None:
    """Two replicas search at the same time: neither fails, and each pair is entered by one of them."""
    await desk.load("linxia")
    database = Database(storage.url, source="/wurao/registry")
    try:
        clock = ManualClock(datetime(2026, 1, 5, 3, tzinfo=UTC))
        job, area = duplicates_job(clock), {"area": "330802"}
        async with database.write() as session:
            early = await _proposal(session)
            assert await repository.propose(session, [early]) == 1
            late = early | {"proposal_id": "late"}
            assert await repository.propose(session, [late]) == 0
        results = await asyncio.gather(*(job(area, Progress(database, "none")) for _ in range(3)))
    finally:
        await database.dispose()
    assert [(result["pairs"], result["new"]) for result in results] == [(1, 0)] * 3
    [listed] = (await desk.get(desk.platform, "/duplicates"))["items"]
    assert listed["proposal_id"] == "early"


async def _proposal(session: Any) -> Json:
    ground: Ground = "same_name"
    [(_, shared, members)] = await repository.groups(session, ground, "330802")
    first, second = sorted(member.enterprise_id for member in members)
    return {
        "proposal_id": "early",
        "first_id": first,
        "second_id": second,
        "area": "330802001",
        "grounds": [ground],
        "reasons": [shared],
        "state": "open",
        "found_at": datetime(2026, 1, 5, 3, tzinfo=UTC),
        "version": 1,
    }
