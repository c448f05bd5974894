"""Off-site first, levels together, superiors' visits: duties shown over HTTP and the bus."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.conformance import acts, planning
from tests.conformance.conftest import Bench

from wurao.common.contracts.scheduling import OffSiteConcluded, OffSiteReminded, SuperiorVisitFiled
from wurao.embedded.demo.county import County, task

Json = dict[str, Any]
SPRING = {"earliest": "2026-01-05", "latest": "2026-03-20"}


def either(county: County, agency_id: str) -> str:
    """An agency's first item that can be looked at either way."""
    return str(county.items_of(agency_id, lambda row: row["method"] == "either")[0]["item_id"])


def outside(county: County, agency_id: str) -> str:
    """An agency's first on-site item that may be inspected outside the draw."""
    rows = county.items_of(agency_id, lambda row: row["method"] == "on_site" and is_outside(row))
    return str(rows[0]["item_id"])


def is_outside(row: Json) -> bool:
    """Tell whether what is published of an item bears out a ground outside the draw."""
    return bool(row["special_industry"] == "true" or row["key_area"] == "true" or row["random_list"] == "false")


def why(county: County, item_id: str) -> str:
    """A ground outside the draw that what is published of the item bears out."""
    row = next(row for row in county.table("items") if row["item_id"] == item_id)
    if row["special_industry"] == "true":
        return "special_industry"
    return "key_area" if row["key_area"] == "true" else "not_on_random_list"


async def off_site_first(bench: Bench, clause: str) -> None:
    """On site it is refused, converted on wish, permitted with a reason; the off-site result closes the task."""
    county = bench.county
    market = next(a for a in (county.agency("market"), county.agency("fire")) if county.items_of(a, is_either))
    item_id = either(county, market)
    made = await planning.published(county, market, [item_id])
    one, other = planning.enterprises(county, 2)
    planner = await county.planner(market)
    body = planning.planned(made, one, ground="complaint", source_record="12345工单1") | SPRING
    refusal = (await planning.refused(planner, "/v1/tasks", body))["off_site.first"]
    assert refusal["clause"] == clause
    assert {"kind": "off_site"} in refusal["ways"]
    converted = await planner.post("scheduling", "/v1/tasks", body | {"or_off_site": True})
    assert (converted["method"], converted["counted"]) == ("off_site", False)
    reasoned = planning.planned(made, other, ground="complaint", source_record="12345工单2", reason="须现场核对设施")
    assert (await planner.post("scheduling", "/v1/tasks", reasoned | SPRING))["method"] == "on_site"
    conclusion = {"source": "部门共享数据", "results": [{"item_id": item_id, "result": "conform"}]}
    path = f"/v1/off-site/{converted['task_id']}/conclude"
    assert (await planner.post("scheduling", path, conclusion))["state"] == "concluded"
    closed = await planner.get("scheduling", f"/v1/tasks/{converted['task_id']}")
    assert closed["state"] == "done"
    event = await bench.events.wait_for(OffSiteConcluded, lambda e: e.task_id == converted["task_id"])
    assert [result.result for result in event.results] == ["conform"]


def is_either(row: Json) -> bool:
    """Tell whether an item can be looked at either way."""
    return bool(row["method"] == "either")


@pytest.mark.pack("linxia")
@pytest.mark.clause("LX-09")
async def test_linxia_looks_from_the_desk_first(bench: Bench) -> None:
    """Remote supervision and shared data come before officers at the door."""
    await off_site_first(bench, "LX-09")


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-15")
async def test_quzhou_looks_from_the_desk_first(bench: Bench) -> None:
    """Data, documents and network checks replace on-site inspection where they do."""
    await off_site_first(bench, "QZ-15")


@pytest.mark.pack("cangxian")
@pytest.mark.clause("CX-11")
async def test_a_risk_opens_a_reminder_and_a_visit_only_if_unanswered(bench: Bench) -> None:
    """Reminder, days to answer, then the visit; the answered one is closed; the share is reported."""
    county = bench.county
    market = next(a for a in (county.agency("market"), county.agency("fire")) if county.items_of(a, is_either))
    item_id, on_site = either(county, market), planning.item(county, market)
    made = await planning.published(county, market, [item_id, on_site])
    silent, heard = planning.enterprises(county, 2)
    planner, supervisor = await county.planner(market), await county.supervisor()
    checks = []
    for target in (silent, heard):
        body = task(market, target, [item_id], origin="plan", plan_id=made["plan_id"], method="off_site", **SPRING)
        checks.append((await planner.post("scheduling", "/v1/tasks", body))["task_id"])
    follow = SPRING | {"reason": "提醒后未答复", "item_ids": [on_site], "origin": "plan", "plan_id": made["plan_id"]}
    first = f"/v1/off-site/{checks[0]}"
    refused = await planning.refused(planner, f"{first}/follow-up", follow)
    assert refused["off_site.reminder_first"]["clause"] == "CX-11"
    risk = {"source": "在线监测", "risk": "用电曲线异常，疑似夜间生产"}
    reminded = [await planner.post("scheduling", f"/v1/off-site/{check}/remind", risk) for check in checks]
    assert (await bench.events.wait_for(OffSiteReminded, lambda e: e.enterprise_id == silent)).clause == "CX-11"
    assert "off_site.answer_awaited" in await planning.refused(planner, f"{first}/follow-up", follow)

    owner = await county.enterprise(heard)
    await owner.post("scheduling", f"/v1/off-site/{checks[1]}/answer", {"answer": "系设备调试，附调试记录"})
    conclusion = {"source": "企业答复", "results": [{"item_id": item_id, "result": "conform"}]}
    done = await planner.post("scheduling", f"/v1/off-site/{checks[1]}/conclude", conclusion)
    assert done["state"] == "concluded"

    await county.callers.set_clock(datetime.fromisoformat(reminded[0]["due_at"]) + timedelta(hours=1))
    came = await planner.post("scheduling", f"{first}/follow-up", follow)
    visit_task = await planner.get("scheduling", f"/v1/tasks/{came['follow_up_task_id']}")
    assert (visit_task["method"], visit_task["enterprise_id"]) == ("on_site", silent)
    query = {"area": county.area, "year": 2025 if done["closed_at"].startswith("2025") else 2026}
    quarters = (await supervisor.get("scheduling", "/v1/off-site/share", params=query))["quarters"]
    assert sum(quarter["off_site"] for quarter in quarters) == 2


@pytest.mark.pack("cangxian")
@pytest.mark.clause("CX-14")
async def test_county_and_township_come_together_or_not_at_all(bench: Bench) -> None:
    """Their tasks on one enterprise are merged into one visit; a separate one is refused with the visit to join."""
    county = bench.county
    town = next(row for row in county.table("agencies") if row["level"] == "township" and with_items(county, row))
    target = next(row["enterprise_id"] for row in county.table("enterprises") if row["area"] == town["area"])
    market, township = county.agency("market"), town["agency_id"]
    bodies = []
    for agency_id in (market, township):
        item_id = outside(county, agency_id)
        made = await planning.published(county, agency_id, [item_id])
        bodies.append(planning.planned(made, target, ground=why(county, item_id)) | SPRING)
    for body in bodies:
        await planning.tasked(county, body)
    await planning.merged(county)
    known = await (await county.supervisor()).pages("scheduling", "/v1/visits")
    visits = [one for one in known if one["enterprise_id"] == target]
    assert [set(visit["agencies"]) for visit in visits] == [{market, township}]
    later = bodies[1] | {"earliest": "2026-05-06", "latest": "2026-05-29"}
    refused = await planning.refused(await county.planner(township), "/v1/tasks", later)
    assert refused["level.separate"]["clause"] == "CX-14"
    assert refused["level.separate"]["ways"][0]["visit_id"] == visits[0]["visit_id"]


def with_items(county: County, row: Json) -> bool:
    """Tell whether an agency has on-site items and officers, and enterprises in its area."""
    found = [one for one in county.table("enterprises") if one["area"] == row["area"]]
    items = county.items_of(row["agency_id"], lambda one: one["method"] == "on_site" and is_outside(one))
    return bool(items and county.officers_of(row["agency_id"]) and found)


@pytest.mark.pack("cangxian")
@pytest.mark.clause("CX-15")
async def test_after_a_superiors_visit_there_is_one_acceptance(bench: Bench) -> None:
    """The county counterpart files it, the government reads it; the second visit for acceptance is refused."""
    county = bench.county
    market = county.agency("market")
    item_id = outside(county, market)
    made = await planning.published(county, market, [item_id])
    [target] = planning.enterprises(county, 1)
    planner, government = await county.planner(market), await county.conference()
    body = {
        "agency_id": market,
        "enterprise_id": target,
        "superior": "市市场监督管理局",
        "day": "2026-01-12",
        "subject": "食品安全专项督查",
    }
    filed = await planner.post("scheduling", "/v1/superior-visits", body)
    event = await bench.events.wait_for(SuperiorVisitFiled, lambda e: e.enterprise_id == target)
    assert (event.told_government, event.clause) == (True, "CX-15")
    known = await government.pages("scheduling", "/v1/superior-visits")
    assert [one["superior"] for one in known] == ["市市场监督管理局"]

    path = f"/v1/superior-visits/{filed['superior_visit_id']}/acceptances"
    plan = {"origin": "plan", "plan_id": made["plan_id"], "ground": why(county, item_id), "reason": "勘察验收"}
    acceptance = SPRING | plan | {"item_ids": [item_id], "earliest": "2026-01-13"}
    first = await planner.post("scheduling", path, acceptance)
    assert first["source_record"] == f"上级检查{filed['superior_visit_id']}"
    refused = acts.refusals(await planner.send("POST", "scheduling", path, json=acceptance))
    assert refused["level.acceptance_used"]["clause"] == "CX-15"
