"""The gate: duties on who may come, how often and after whom, shown over HTTP and the bus."""

import pytest
from tests.conformance import acts, planning
from tests.conformance.conftest import Bench

from wurao.common.contracts.scheduling import TriggeredBeyondReason
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
