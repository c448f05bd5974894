"""How closely is dynamic and explained: a fact, the next draw, the history, and the way back, over HTTP."""

from datetime import timedelta

import pytest
from tests.conformance import planning
from tests.conformance.conftest import Bench
from tests.conformance.planning import Json

from wurao.common.contracts.registry import EnterpriseGraded
from wurao.embedded.demo.client import until
from wurao.embedded.demo.command import START
from wurao.embedded.demo.county import County


async def strata(county: County, made: Json, item_ids: list[str]) -> dict[str, Json]:
    """The strata of a fresh draw by grade."""
    planner = await county.planner(made["agency_id"])
    draw = await planner.post("scheduling", "/v1/draws", planning.drawing(made, item_ids))
    return {one["stratum"].split("@")[0]: one for one in draw["strata"]}


@pytest.mark.pack("linxia")
@pytest.mark.clause("LX-10")
async def test_a_fact_moves_an_enterprise_to_another_ratio_and_the_history_says_why(bench: Bench) -> None:
    """A new fact changes grade and the next draw's ratio; the history explains it; the way back is told."""
    county = bench.county
    market = county.agency("market")
    wide = planning.item(county, market, industries="")
    made = await planning.published(county, market, [wide])
    (name,) = await planning.of_grade(county, "excellent")
    measures = await planning.rule(county, "grade.measures")
    first = await strata(county, made, [wide])
    await county.callers.set_clock(START + timedelta(hours=2))

    await planning.recorded(county, name, "serious_breach", 1)
    event = await bench.events.wait_for(EnterpriseGraded, lambda e: e.enterprise_id == name and bool(e.previous))

    async def moved() -> dict[str, Json] | None:
        found = await strata(county, made, [wide])
        return found if found["poor"]["size"] > first.get("poor", {"size": 0})["size"] else None

    second = await until("the next draw has the enterprise among the poor", moved, seconds=planning.SECONDS)
    assert second["poor"]["permille"] == measures["poor"]["sampling_permille"] == event.sampling_permille
    assert second["excellent"]["size"] == first["excellent"]["size"] - 1

    caller = await county.enterprise(name)
    path = f"/v1/enterprises/{name}"
    now, earlier = (await caller.get("registry", f"{path}/grades"))["items"]
    asked = f"on={now['in_force_from']}&known_at={earlier['known_at']}"
    before = await caller.get("registry", f"{path}/grade?{asked}")
    assert (now["grade"], now["previous"], now["cause"]) == ("poor", "excellent", "fact")
    assert any(reason.startswith("严重失信") for reason in now["reasons"]), now["reasons"]
    assert now["clause"] == event.clause
    assert (before["grade"]["grade"], before["grade"]["reasons"]) == ("excellent", earlier["reasons"])

    outlook = await caller.get("registry", f"{path}/grade/outlook")
    (breach,) = (
        row["fact_id"] for row in outlook["facts"] if (row["indicator"], row["value"]) == ("serious_breach", 1)
    )
    assert outlook["fewest"]["fact_ids"] == [breach]
    simulated = await caller.post("registry", f"{path}/grade/simulate", {"leave_out": [breach]})
    assert (simulated["before"]["grade"], simulated["after"]["grade"]) == ("poor", "excellent")
    assert (await planning.grade(county, name))["grade"] == "poor"


@pytest.mark.pack("yongzhou")
@pytest.mark.clause("YZ-08")
async def test_a_whole_list_graded_again_has_no_news(bench: Bench) -> None:
    """Single gradings and the whole list agree: after new facts a grading of all announces nothing."""
    county = bench.county
    names = planning.enterprises(county, 6)
    for name, indicator in zip(names, ("penalties_24m", "serious_breach", "jobs") * 2, strict=True):
        await planning.recorded(county, name, indicator, 2)
    platform = await county.platform()
    job = await platform.post("registry", "/v1/gradings", {"area": county.area})
    result = await county.job_done(platform, "registry", job["job_id"])
    assert result["changed"] == 0
    assert result["graded"] == sum(result["grades"].values()) > 6
