"""The last place of a year under fifty requests at once, on each kind of database (QZ-16)."""

import asyncio
from collections import Counter
from datetime import date
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from wurao.common.auth import Role
from wurao.common.contracts import Event
from wurao.common.contracts.registry import AgencyPublished, EnterpriseRegistered, ItemPublished, PackActivated
from wurao.common.contracts.scheduling import InspectionRefused
from wurao.common.packs import load_pack
from wurao.common.testing import Harness, eventually, running
from wurao.local.plugin import Storage
from wurao.scheduling.app import build
from wurao.scheduling.tables import CapCounter, Task

COUNTY = "330802"
MARKET = "330802-market"
SHOP = "91330802MA28F00011"
ITEM = "330802-market-i06"
REQUESTS = 50


def county() -> list[Event]:
    """An agency with an item, an enterprise, and the pack that allows two visits a year."""
    pack = load_pack("quzhou")
    return [
        PackActivated(
            area=COUNTY,
            pack="quzhou",
            digest=pack.digest,
            effective_from=date(2025, 6, 1),
            document=pack.to_document(),
            approved_by=("甲", "乙"),
            version=1,
        ),
        AgencyPublished(
            agency_id=MARKET,
            name="柯城区市场监督管理局",
            kind="organ",
            level="county",
            area=COUNTY,
            line="market",
            authority="《特种设备安全法》第五条",
            published_on=date(2025, 1, 1),
            version=1,
        ),
        ItemPublished(
            item_id=ITEM,
            agency_id=MARKET,
            name="特种设备使用单位监督检查",
            law="特种设备安全法",
            article="第五十七条",
            method="on_site",
            random_list=False,
            special_industry=True,
            key_area=False,
            minutes=90,
            officers=2,
            version=1,
        ),
        EnterpriseRegistered(
            enterprise_id=SHOP,
            name="甲食品有限公司",
            kind="company",
            industry="C1391",
            size="small",
            area="330802001",
            address="府山街道1号",
            version=1,
        ),
    ]


async def plan(harness: Harness) -> str:
    """A plan of the agency for 2026, approved and published."""
    planner = harness.headers(Role.PLANNER, agency_id=MARKET, area=COUNTY)
    head = harness.headers(Role.HEAD, agency_id=MARKET, area=COUNTY)
    body = {"agency_id": MARKET, "title": "2026年度检查计划", "kind": "annual", "item_ids": [ITEM]}
    period = {"period_from": "2026-01-01", "period_to": "2026-12-31"}
    made = await harness.client.post("/v1/plans", json=body | period, headers=planner)
    plan_id = str(made.json()["plan_id"])
    for step, caller in (("approve", head), ("publish", planner)):
        answer = await harness.client.post(f"/v1/plans/{plan_id}/{step}", headers=caller)
        assert answer.status_code == 200, answer.text
    return plan_id


async def ask(harness: Harness, plan_id: str) -> httpx.Response:
    """One request for a task at the enterprise."""
    body = {
        "agency_id": MARKET,
        "enterprise_id": SHOP,
        "item_ids": [ITEM],
        "earliest": "2026-03-02",
        "latest": "2026-03-31",
        "origin": "plan",
        "plan_id": plan_id,
        "ground": "special_industry",
        "method": "on_site",
    }
    planner = harness.headers(Role.PLANNER, agency_id=MARKET, area=COUNTY)
    return await harness.client.post("/v1/tasks", json=body, headers=planner)


@pytest.mark.clause("QZ-16")
async def test_fifty_requests_at_once_make_one_of_the_last_place(storage: Storage, tmp_path: Path) -> None:
    """One of fifty gets the last place, the others leave only evidence, and the counter stands at the cap."""
    async with running(
        build, "scheduling", tmp_path, database_url=storage.url, migration_url=storage.migration_url
    ) as harness:
        await harness.deliver(*county())
        plan_id = await plan(harness)
        assert (await ask(harness, plan_id)).status_code == 201

        answers = await asyncio.gather(*(ask(harness, plan_id) for _ in range(REQUESTS)))
        assert Counter(answer.status_code for answer in answers) == {201: 1, 409: REQUESTS - 1}
        for answer in answers:
            if answer.status_code == 409:
                [refusal] = answer.json()["refusals"]
                assert (refusal["code"], refusal["clause"]) == ("cap.on_site_full", "QZ-16")

        async with harness.service.db.read() as session:
            counters = (await session.execute(select(CapCounter.kind, CapCounter.year, CapCounter.n))).all()
            tasks = await session.scalar(select(func.count()).select_from(Task))
        assert [tuple(row) for row in counters] == [("on_site", 2026, 2)]
        assert tasks == 2

        async def all_kept() -> bool:
            return len(harness.recorder.of(InspectionRefused)) >= REQUESTS - 1

        await eventually(all_kept)
        assert len(harness.recorder.of(InspectionRefused)) == REQUESTS - 1
