"""When, together with whom and on what ground: duties of scheduling, shown over HTTP and the bus."""

import asyncio

import pytest
from tests.conformance import acts, planning
from tests.conformance.conftest import Bench

from wurao.common.contracts.registry import ItemPublished
from wurao.common.contracts.scheduling import DrawHeld
from wurao.embedded.demo.county import County, plan, task

SOURCE = "12345工单20251222-0031"


@pytest.mark.pack("yongzhou")
@pytest.mark.clause("YZ-02")
async def test_a_visit_without_draw_or_ground_is_refused_with_the_grounds(bench: Bench) -> None:
    """Undrawn and without a listed, true ground an on-site task is refused, and the refusal lists the grounds."""
    county = bench.county
    market = county.agency("market")
    wide = planning.item(county, market, industries="", random_list="true")
    made = await planning.published(county, market, [wide])
    [target] = planning.enterprises(county, 1)
    planner = await county.planner(market)
    grounds = await planning.rule(county, "grounds.off_draw")
    assert len(grounds) == 8

    for departure in ({}, {"origin": "draw"}, {"ground": "nosiness", "source_record": SOURCE}):
        body = planning.planned(made, target, **{"ground": None} | departure)
        why = await planning.refused(planner, "/v1/tasks", body)
        assert why.keys() == {"draw.no_ground"}
        assert why["draw.no_ground"]["clause"] == "YZ-02"
        options = why["draw.no_ground"]["alternatives"]
        assert all(any(f"（{ground}）" in option for option in options) for ground in grounds)
    for ground in ("special_industry", "not_on_random_list", "key_area"):
        why = await planning.refused(planner, "/v1/tasks", planning.planned(made, target, ground=ground))
        assert why["draw.ground_untrue"]["clause"] == "YZ-02"
    kept = await planning.evidence(bench.events, market, 6)
    assert {event.refusals[0].clause for event in kept} == {"YZ-02"}
    assert await planning.tasks(county, agency_id=market) == []


@pytest.mark.pack("yongzhou")
@pytest.mark.clause("YZ-02")
async def test_each_listed_ground_is_accepted_and_kept(bench: Bench) -> None:
    """With each listed ground, where it holds, an undrawn on-site task is accepted and keeps ground and source."""
    county = bench.county
    market = county.agency("market")
    fitting = {
        "special_industry": planning.item(county, market, special_industry="true"),
        "key_area": planning.item(county, market, key_area="true"),
        "not_on_random_list": planning.item(county, market, random_list="false"),
    }
    usual = planning.item(county, market, industries="", random_list="true")
    made = await planning.published(county, market, sorted({usual, *fitting.values()}))
    grounds = await planning.rule(county, "grounds.off_draw")
    supervisor = await county.supervisor()
    for ground, target in zip(grounds, planning.enterprises(county, len(grounds)), strict=True):
        wanted = {"item_ids": [fitting.get(ground, usual)], "ground": ground, "source_record": SOURCE}
        accepted = await planning.tasked(county, planning.planned(made, target, **wanted))
        read = await supervisor.get("scheduling", f"/v1/tasks/{accepted['task_id']}")
        assert (read["ground"], read["source_record"], read["state"]) == (ground, SOURCE, "open")
    assert len(await planning.tasks(county, agency_id=market)) == len(grounds)


@pytest.mark.pack("yongzhou")
@pytest.mark.clause("YZ-02")
async def test_what_a_draw_names_needs_no_ground(bench: Bench) -> None:
    """The tasks of a draw rest on the draw alone: each names it and none a ground."""
    county = bench.county
    market = county.agency("market")
    wide = planning.item(county, market, industries="", random_list="true")
    made = await planning.published(county, market, [wide])
    proof = await planning.held_draw(county, made, [wide])
    born = await planning.tasks(county, agency_id=market)
    assert {one["task_id"] for one in born} == {made for ticket in proof["tickets"] for made in ticket["tasks"]}
    assert born
    assert all((one["draw_id"], one["ground"]) == (proof["draw_id"], None) for one in born)
    held = await bench.events.wait_for(DrawHeld)
    assert (held.draw_id, held.seed, held.drawn) == (proof["draw_id"], proof["seed"], len(proof["tickets"]))


@pytest.mark.pack("dingtao")
@pytest.mark.clause("DT-10")
async def test_an_item_without_a_basis_is_never_inspected(bench: Bench) -> None:
    """An item without law and article is not published, and a plan or task for it is refused."""
    county = bench.county
    market = county.agency("market")
    known = county.items_of(market, lambda row: row["method"] == "on_site")[0]
    baseless = f"{market}-baseless"
    row = known | {"item_id": baseless, "law": "", "article": ""}
    assert (await planning.imported(county, "items", row)).body["accepted"] == 1
    platform, planner = await county.platform(), await county.planner(market)

    why = await planning.refused(platform, f"/v1/agencies/{market}/item-lists", {"year": 2026}, service="registry")
    assert why["item.no_basis"]["clause"] == "DT-10"
    listed = await county.callers.public.pages("registry", f"/v1/public/agencies/{market}/items")
    assert listed
    assert baseless not in {one["item_id"] for one in listed}
    [target] = planning.enterprises(county, 1)
    wanted = {"origin": "triggered", "ground": "complaint", "source_record": SOURCE}
    for path, body in (
        ("/v1/plans", plan(market, "2026年检查计划", [baseless])),
        ("/v1/tasks", task(market, target, [baseless], **wanted)),
    ):
        assert "item.not_published" in await planning.refused(planner, path, body)
    kept = await planning.evidence(bench.events, market, 2)
    assert {event.item_ids for event in kept} == {(baseless,)}
    assert await planning.tasks(county, agency_id=market) == []
    assert await planner.pages("scheduling", "/v1/plans") == []
    assert not [event for event in bench.events.of(ItemPublished) if event.item_id == baseless]


@pytest.mark.pack("dingtao")
@pytest.mark.clause("DT-10")
async def test_an_agency_inspects_nothing_of_another_agency(bench: Bench) -> None:
    """A task for another agency's item is refused and names whose it is, on a ground and under a joint plan alike."""
    county = bench.county
    market, fire = county.agency("market"), county.agency("fire")
    foreign = planning.item(county, fire)
    planner = await county.planner(market)
    [target] = planning.enterprises(county, 1)
    joint = await planning.published(county, market, [foreign, planning.item(county, market)], kind="joint")
    complaint = {"ground": "complaint", "source_record": SOURCE}
    for body in (
        task(market, target, [foreign], origin="triggered", **complaint),
        planning.planned(joint, target, item_ids=[foreign], **complaint),
    ):
        why = await planning.refused(planner, "/v1/tasks", body)
        assert why["item.other_agency"]["clause"] == "DT-10"
        assert any(fire in option for option in why["item.other_agency"]["alternatives"])
    own_plan = await planning.refused(planner, "/v1/plans", plan(market, "2026年检查计划", [foreign]))
    assert own_plan["item.other_agency"]["clause"] == "DT-10"
    assert {event.stage for event in await planning.evidence(bench.events, market, 3)} == {"task", "plan"}
    assert await planning.tasks(county, enterprise_id=target) == []


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-16")
async def test_the_third_visit_of_an_agency_in_a_year_is_refused(bench: Bench) -> None:
    """Two on-site tasks of one agency at one enterprise pass, the third does not; a cancelled one frees its place."""
    county = bench.county
    fire = county.agency("fire")
    made = await planning.published(county, fire, [planning.item(county, fire, special_industry="true")])
    target, other = planning.enterprises(county, 2)
    planner = await county.planner(fire)
    months = [{"earliest": f"2026-0{month}-02", "latest": f"2026-0{month}-20"} for month in (2, 3, 4)]
    first, _ = [await planning.tasked(county, planning.planned(made, target, **month)) for month in months[:2]]

    third = planning.planned(made, target, **months[2])
    why = await planning.refused(planner, "/v1/tasks", third)
    assert why.keys() == {"cap.on_site_full"}
    assert why["cap.on_site_full"]["clause"] == "QZ-16"
    [event] = await planning.evidence(bench.events, fire, 1)
    assert (event.stage, event.enterprise_id) == ("task", target)
    assert len(await planning.tasks(county, enterprise_id=target)) == 2
    await planning.tasked(county, planning.planned(made, other, **months[2]))

    await planner.post("scheduling", f"/v1/tasks/{first['task_id']}/cancel", {"reason": "企业已停产"})
    await planning.tasked(county, third)
    assert "cap.on_site_full" in await planning.refused(planner, "/v1/tasks", third)


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-16")
async def test_fifty_requests_at_once_take_one_last_place(bench: Bench) -> None:
    """Of fifty simultaneous requests for the last place of the year exactly one passes; the others leave nothing."""
    county = bench.county
    fire = county.agency("fire")
    made = await planning.published(county, fire, [planning.item(county, fire, special_industry="true")])
    [target] = planning.enterprises(county, 1)
    planner = await county.planner(fire)
    body = planning.planned(made, target)
    await planning.tasked(county, body)

    answers = await asyncio.gather(*(planner.send("POST", "scheduling", "/v1/tasks", json=body) for _ in range(50)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 49
    for answer in answers:
        if answer.status == 409:
            assert acts.refusals(answer)["cap.on_site_full"]["clause"] == "QZ-16"
    stood = await planning.tasks(county, enterprise_id=target)
    assert len(stood) == 2
    assert all(one["counted"] for one in stood)
    assert len(await planning.evidence(bench.events, fire, 49)) == 49


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-16")
async def test_a_merged_visit_counts_once_for_each_agency(bench: Bench) -> None:
    """Two tasks of one agency and one of another in one visit take one place of each; each has just one left."""
    county = bench.county
    market, fire = county.agency("market"), county.agency("fire")
    short = sorted(planning.items(county, market, special_industry="true"), key=lambda one: minutes(county, one))[:2]
    plans = {
        market: await planning.published(county, market, short),
        fire: await planning.published(county, fire, [planning.item(county, fire, special_industry="true")]),
    }
    [target] = planning.enterprises(county, 1)
    for item_id in short:
        await planning.tasked(county, planning.planned(plans[market], target, item_ids=[item_id]))
    await planning.tasked(county, planning.planned(plans[fire], target))

    result = await planning.merged(county)
    assert (result["tasks"], result["visits"], result["saved"]) == (3, 1, 2)
    [visit] = await acts.visits_of(county, target)
    assert set(visit["agencies"]) == {market, fire}
    counted = [one["agency_id"] for one in await planning.tasks(county, enterprise_id=target) if one["counted"]]
    assert sorted(counted) == sorted([market, fire])

    later = [{"earliest": f"2026-0{month}-02", "latest": f"2026-0{month}-20"} for month in (5, 6)]
    for agency_id, made in plans.items():
        planner = await county.planner(agency_id)
        await planning.tasked(county, planning.planned(made, target, **later[0]))
        why = await planning.refused(planner, "/v1/tasks", planning.planned(made, target, **later[1]))
        assert why.keys() == {"cap.on_site_full"}
        assert any(visit["visit_id"] in option for option in why["cap.on_site_full"]["alternatives"])


def minutes(county: County, item_id: str) -> int:
    """How long an item takes."""
    return next(int(row["minutes"]) for row in county.table("items") if row["item_id"] == item_id)
