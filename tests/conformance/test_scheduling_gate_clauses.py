"""The gate: duties on who may come, how often and after whom, shown over HTTP and the bus."""

import pytest
from tests.conformance import acts, planning
from tests.conformance.conftest import Bench

from wurao.common.contracts.scheduling import OutOfAreaNotified, TriggeredBeyondReason
from wurao.embedded.demo.client import until
from wurao.embedded.demo.county import task

SPRING = {"earliest": "2026-01-05", "latest": "2026-03-20"}


@pytest.mark.pack("yongzhou")
@pytest.mark.clause("YZ-05")
async def test_the_county_agency_inspects_within_its_line(bench: Bench) -> None:
    """A prefecture agency is refused where its county counterpart inspects, and told to whom to hand over."""
    county = bench.county
    market = county.agency("market")
    rows = county.table("agencies")
    line = next(row["line"] for row in rows if row["agency_id"] == market)
    above = next(row["agency_id"] for row in rows if row["level"] == "prefecture" and row["line"] == line)
    [target] = planning.enterprises(county, 1)
    body = task(above, target, [planning.item(county, market)], origin="triggered", ground="complaint", **SPRING)
    refused = await planning.refused(await county.planner(above), "/v1/tasks", body | {"source_record": "工单1"})
    assert refused["area.county_first"]["clause"] == "YZ-05"
    assert {"kind": "hand_over", "agency_id": market} in refused["area.county_first"]["ways"]


@pytest.mark.pack("yongzhou")
@pytest.mark.clause("YZ-07")
async def test_a_result_is_recognised_by_all(bench: Bench) -> None:
    """What was inspected within the period is not inspected again; the refusal names the earlier record."""
    county, stage = bench.county, acts.stage_of(bench.county)
    market = county.agency("market")
    pair = next(iter(acts.fittings(county, "market")))
    entry = await acts.emergency_entry(stage, pair)
    made = await planning.published(county, market, [pair[1]["item_id"]])
    body = planning.planned(made, pair[0]["enterprise_id"], ground="special_campaign") | SPRING
    planner = await county.planner(market)

    async def recognised() -> acts.Refusals | None:
        found = acts.refusals(await planner.send("POST", "scheduling", "/v1/tasks", json=body))
        return found if "recognition.like_result" in found else None

    refused = await until("结果互认", recognised, seconds=planning.SECONDS)
    assert refused["recognition.like_result"]["clause"] == "YZ-07"
    assert entry["entry_id"] in refused["recognition.like_result"]["message"]
    assert refused["recognition.like_result"]["ways"][0] == {"kind": "use_result", "record": entry["entry_id"]}


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-18")
async def test_outside_its_area_an_agency_needs_the_common_superior(bench: Bench) -> None:
    """Without the superior's approval on record it is refused; with it the local department is told."""
    county = bench.county
    market = county.agency("market")
    beside = await planning.neighbour(county, market, "330825", "龙游县")
    rows = county.table("agencies")
    line = next(row["line"] for row in rows if row["agency_id"] == market)
    above = next(row["agency_id"] for row in rows if row["level"] == "prefecture" and row["line"] == line)
    [target] = planning.enterprises(county, 1)
    matter = planning.item(county, market).replace(market, beside)
    body = task(beside, target, [matter], origin="triggered", ground="complaint", source_record="工单1", **SPRING)
    planner, number = await county.planner(beside), "衢市监〔2026〕3号"

    async def out_of_area() -> acts.Refusals | None:
        found = acts.refusals(await planner.send("POST", "scheduling", "/v1/tasks", json=body))
        return found if "area.out_of_area" in found else None

    refused = await until("邻县机关已同步", out_of_area, seconds=planning.SECONDS)
    assert refused["area.out_of_area"]["clause"] == "QZ-18"
    assert {"kind": "approval", "by": f"{county.area[:4]}00"} in refused["area.out_of_area"]["ways"]
    invented = await planning.refused(planner, "/v1/tasks", body | {"superior_approval": number})
    assert number in invented["area.out_of_area"]["message"]
    await planning.approved_outside(county, above, beside, target, number)
    made = await planner.post("scheduling", "/v1/tasks", body | {"superior_approval": number})
    assert made["notified_agency_id"] == market
    told = await bench.events.wait_for(OutOfAreaNotified, lambda e: e.task_id == made["task_id"])
    assert (told.notified_agency_id, told.superior_approval, told.clause) == (market, number, "QZ-18")
    seen = await (await county.planner(market)).pages("scheduling", "/v1/tasks")
    assert [one["superior_approval"] for one in seen if one["task_id"] == made["task_id"]] == [number]


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-17")
async def test_triggered_inspections_name_a_source_and_stay_reasonable(bench: Bench) -> None:
    """Without a source none; past the reasonable number only by the head, and then an alert."""
    county = bench.county
    market = county.agency("market")
    [target] = planning.enterprises(county, 1)
    body = task(market, target, [planning.item(county, market)], origin="triggered", ground="complaint", **SPRING)
    planner, head, supervisor = await county.planner(market), await county.head(market), await county.supervisor()
    refused = await planning.refused(planner, "/v1/tasks", body)
    assert refused["triggered.no_source"]["clause"] == "QZ-17"
    reasonable = await planning.rule(county, "cap.triggered_reasonable_per_year")
    for number in range(reasonable):
        await planner.post("scheduling", "/v1/tasks", body | {"source_record": f"12345工单{number}"})
    further = body | {"source_record": "12345工单999"}
    refused = await planning.refused(planner, "/v1/tasks", further)
    assert refused["triggered.too_often"]["clause"] == "QZ-17"
    assert refused["triggered.too_often"]["ways"][0] == {"kind": "approval", "by": "head"}
    passed = await head.post("scheduling", "/v1/tasks", further)
    event = await bench.events.wait_for(TriggeredBeyondReason, lambda e: e.task_id == passed["task_id"])
    assert (event.taken, event.reasonable, event.clause) == (reasonable + 1, reasonable, "QZ-17")

    async def raised() -> list[planning.Json]:
        found = await supervisor.pages("supervision", "/v1/alerts", kind="triggered_beyond_reason", state="open")
        return [one for one in found if f"task:{passed['task_id']}" in one["evidence"]]

    [alert] = await until("触发式检查超过合理频次的预警", raised, seconds=planning.SECONDS)
    assert alert["clause"] == "QZ-17"
