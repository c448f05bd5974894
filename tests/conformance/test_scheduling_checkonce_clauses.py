"""Check once: duties on merging visits, shown over HTTP and the bus."""

from typing import Any

import pytest
from tests.conformance import acts, planning
from tests.conformance.conftest import Bench

from wurao.common.contracts.scheduling import ConsentAnswered, JointVisitReported, TasksMerged, VisitApproved
from wurao.embedded.demo.client import until
from wurao.embedded.demo.county import UNKNOWN, County, at, task

Json = dict[str, Any]
SPRING = {"earliest": "2026-01-05", "latest": "2026-03-20"}


def ground(county: County, item_id: str) -> str | None:
    """Why an item may be inspected outside the draw, by what is published of it."""
    row = next(row for row in county.table("items") if row["item_id"] == item_id)
    if row["special_industry"] == "true":
        return "special_industry"
    return "key_area" if row["key_area"] == "true" else None


def short(county: County, agency_id: str, **wanted: str) -> list[str]:
    """An agency's on-site items with these cells that need no draw, the shortest first."""
    minutes = {row["item_id"]: int(row["minutes"]) for row in county.items_of(agency_id)}
    found = [item_id for item_id in planning.items(county, agency_id, **wanted) if ground(county, item_id)]
    return sorted(found, key=lambda item_id: (minutes[item_id], item_id))


def wanted(county: County, made: Json, target: str, item_id: str, **more: Any) -> Json:
    """A task from a plan for one item in the first quarter."""
    body = {"item_ids": [item_id], "ground": ground(county, item_id)} | SPRING | more
    return planning.planned(made, target, **body)


async def tasked(county: County, agency_id: str, target: str, item_id: str, **more: Any) -> Json:
    """A task from a published plan of its own."""
    made = await planning.published(county, agency_id, [item_id])
    return await planning.tasked(county, wanted(county, made, target, item_id, **more))


async def explained(county: County, visit: Json) -> Json:
    """A visit's explanation as the supervision body reads it."""
    path = f"/v1/visits/{visit['visit_id']}/explanation"
    return dict(await (await county.supervisor()).get("scheduling", path))


async def inbox(county: County, agency_id: str) -> list[Json]:
    """What an agency is asked and has not answered."""
    return await (await county.head(agency_id)).pages("scheduling", "/v1/consents", state="open", agency_id=agency_id)


async def approved(county: County, visit: Json) -> Json:
    """A visit approved by its leading agency's head, its code known at the door."""
    head = await county.head(visit["lead_agency_id"])
    answer: Json = await head.post("scheduling", f"/v1/visits/{visit['visit_id']}/approve")
    await acts.known_at_the_door(county, answer["code"]["token"])
    return answer


@pytest.mark.pack("yongzhou")
@pytest.mark.clause("YZ-04")
async def test_departments_come_together_after_consent_or_silence(bench: Bench) -> None:
    """Three departments' tasks become one visit: one consents, one is silent, then the market regulator is told."""
    county = bench.county
    agencies = [county.agency(line) for line in ("emergency", "fire", "health")]
    [target] = planning.enterprises(county, 1)
    for agency_id in agencies:
        await tasked(county, agency_id, target, short(county, agency_id)[0])
    await planning.merged(county)
    [visit] = await acts.visits_of(county, target, state="proposed")
    assert set(visit["agencies"]) == set(agencies)
    first, last = [agency_id for agency_id in agencies if agency_id != visit["lead_agency_id"]]
    head = await county.head(visit["lead_agency_id"])
    path = f"/v1/visits/{visit['visit_id']}/approve"
    assert (await planning.refused(head, path))["visit.consent_open"]["clause"] == "YZ-04"

    [asked] = await inbox(county, first)
    await (await county.head(first)).post("scheduling", f"/v1/consents/{asked['consent_id']}/agree")
    [silent] = await inbox(county, last)
    assert "visit.consent_open" in await planning.refused(head, path)
    assert not bench.events.of(JointVisitReported)
    await county.callers.set_clock(at(silent["due_at"][:10], "18:00"))
    assert await inbox(county, last) == [silent]
    await county.callers.set_clock(at("2025-12-29"))

    told = await bench.events.wait_for(ConsentAnswered, lambda e: e.agency_id == last, seconds=60)
    assert (told.answer, told.clause, silent["due_at"][:10]) == ("silent", "YZ-04", "2025-12-25")
    event = await bench.events.wait_for(JointVisitReported)
    assert (event.recipient_agency_id, set(event.agencies)) == (county.agency("market"), set(agencies))
    regulator = await county.planner(county.agency("market"))
    [copy] = await regulator.pages("scheduling", "/v1/joint-visits")
    assert (copy["visit_id"], copy["day"]) == (visit["visit_id"], visit["day"])
    assert (await approved(county, visit))["state"] == "approved"


@pytest.mark.pack("yongzhou")
@pytest.mark.clause("YZ-04")
async def test_a_department_that_objects_is_served_apart(bench: Bench) -> None:
    """The objector's task leaves the visit with its reason, and a later merge gives it a day of its own."""
    county = bench.county
    agencies = [county.agency(line) for line in ("emergency", "fire")]
    [target] = planning.enterprises(county, 1)
    for agency_id in agencies:
        await tasked(county, agency_id, target, short(county, agency_id)[0])
    await planning.merged(county)
    [visit] = await acts.visits_of(county, target, state="proposed")
    [other] = [agency_id for agency_id in agencies if agency_id != visit["lead_agency_id"]]
    [asked] = await inbox(county, other)
    reason = {"reason": "专业设备年检期间不能到场"}
    await (await county.head(other)).post("scheduling", f"/v1/consents/{asked['consent_id']}/object", reason)
    await planning.merged(county)
    visits = await acts.visits_of(county, target, state="proposed")
    assert sorted(one["agencies"] for one in visits) == sorted([agency_id] for agency_id in agencies)
    assert len({one["day"] for one in visits}) == 2
    [apart] = (await explained(county, visit))["apart"]
    assert apart["conflicts"][0]["clause"] == "YZ-04"
    assert reason["reason"] in apart["conflicts"][0]["message"]


@pytest.mark.pack("yongzhou")
@pytest.mark.clause("YZ-06")
async def test_units_of_one_agency_come_once_and_ask_nobody(bench: Bench) -> None:
    """Tasks of two units of one agency in overlapping windows become one visit; there is no consent to give."""
    county = bench.county
    market = county.agency("market")
    items = short(county, market)[:2]
    made = await planning.published(county, market, items)
    [target] = planning.enterprises(county, 1)
    windows = [("2026-01-05", "2026-02-13"), ("2026-01-20", "2026-03-20")]
    for item_id, unit, (earliest, latest) in zip(items, ("食品科", "质量科"), windows, strict=True):
        more = {"unit": unit, "earliest": earliest, "latest": latest}
        await planning.tasked(county, wanted(county, made, target, item_id, **more))
    result = await planning.merged(county)
    assert (result["tasks"], result["visits"], result["saved"]) == (2, 1, 1)
    [visit] = await acts.visits_of(county, target)
    assert (visit["agencies"], {item["item_id"] for item in visit["items"]}) == ([market], set(items))
    assert "2026-01-20" <= visit["day"] <= "2026-02-13"
    assert await (await county.supervisor()).pages("scheduling", "/v1/consents") == []
    assert (await approved(county, visit))["state"] == "approved"
    assert not bench.events.of(ConsentAnswered)


@pytest.mark.pack("linxia")
@pytest.mark.clause("LX-13")
async def test_one_joint_plan_over_levels_and_regions_and_one_result_for_all(bench: Bench) -> None:
    """Two levels and two regions under one joint plan come in one visit; the result of a matter holds for them all."""
    county = bench.county
    fire, above = county.agency("fire"), f"{county.area[:4]}00-fire"
    beside = await planning.neighbour(county, fire, "622902", "临夏县")
    rows = county.items_of(fire, lambda row: row["method"] == "on_site")
    rows.sort(key=lambda row: (int(row["minutes"]), row["item_id"]))
    matter = next(row["item_id"] for row in rows if row["recognition_days"] != "0")
    same = {agency_id: matter.replace(fire, agency_id) for agency_id in (fire, above, beside)}
    others = [row["item_id"] for row in rows if row["item_id"] != matter]
    further = {agency_id: others[n].replace(fire, agency_id) for n, agency_id in enumerate((above, beside))}
    [target] = planning.enterprises(county, 1)
    listed = {above: [same[above], further[above]], beside: [same[beside], further[beside]]}
    for agency_id, item_ids in listed.items():
        await until_known(county, task(agency_id, target, item_ids, origin="plan"))
    made = await planning.published(county, fire, [*same.values(), *further.values()], kind="joint")

    def asked(agency_id: str, item_id: str, **more: Any) -> Json:
        """A task under the joint plan, with the approval that levels and regions need."""
        body = {"agency_id": agency_id, "item_ids": [item_id], "ground": "public_safety"}
        return planning.planned(made, target, superior_approval="甘消发〔2026〕3号", **(body | SPRING | more))

    await planning.approved_outside(county, above, beside, target, "甘消发〔2026〕3号")
    for agency_id, item_id in {fire: same[fire], **further}.items():
        await planning.tasked(county, asked(agency_id, item_id))
    await planning.merged(county)
    [visit] = await acts.visits_of(county, target)
    assert set(visit["agencies"]) == {fire, above, beside}
    stage = acts.stage_of(county)
    stage.quarter.pack = county.pack
    await county.callers.set_clock(at(visit["day"]))
    await acts.visited(stage, await approved(county, visit))

    for agency_id in (above, beside):
        why = await recognised(county, asked(agency_id, same[agency_id], earliest=visit["day"]))
        assert why["recognition.like_result"]["alternatives"]


async def until_known(county: County, body: Json) -> None:
    """Wait until scheduling has heard of a task's agency and items."""

    async def heard() -> bool:
        caller = await county.planner(body["agency_id"])
        answer = await caller.post("scheduling", "/v1/preflight", {"requests": [body]})
        return not UNKNOWN & {one["code"] for one in answer["verdicts"][0]["refusals"]}

    await until("scheduling has heard of the agency", heard, seconds=planning.SECONDS)


async def recognised(county: County, body: Json) -> acts.Refusals:
    """The refusals of a task once scheduling has heard of the result."""

    async def refused() -> acts.Refusals | None:
        caller = await county.planner(body["agency_id"])
        answer = await caller.post("scheduling", "/v1/preflight", {"requests": [body]})
        found = {one["code"]: one for one in answer["verdicts"][0]["refusals"]}
        return found if "recognition.like_result" in found else None

    return await until("the result is known", refused, seconds=planning.SECONDS)


@pytest.mark.pack("linxia")
@pytest.mark.clause("LX-14")
async def test_a_department_comes_once_in_the_window(bench: Bench) -> None:
    """Two tasks of one department at one entity become one visit; a further one in the window is refused or joins."""
    county = bench.county
    market = county.agency("market")
    items = short(county, market)[:3]
    made = await planning.published(county, market, items)
    [target] = planning.enterprises(county, 1)
    bodies = [wanted(county, made, target, item_id) for item_id in items]
    for body in bodies[:2]:
        await planning.tasked(county, body)
    result = await planning.merged(county)
    assert (result["tasks"], result["visits"]) == (2, 1)
    [visit] = await acts.visits_of(county, target)

    why = await planning.refused(await county.planner(market), "/v1/tasks", bodies[2])
    assert why["merge.same_agency"]["clause"] == "LX-14"
    assert any(visit["visit_id"] in option for option in why["merge.same_agency"]["alternatives"])
    joined = await planning.tasked(county, bodies[2] | {"join_visit_id": visit["visit_id"]})
    assert joined["visit_id"] == visit["visit_id"]
    [now] = await acts.visits_of(county, target)
    assert {item["item_id"] for item in now["items"]} == set(items)


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-06")
async def test_merged_visits_keep_the_limits_and_conflicts_are_explained(bench: Bench) -> None:
    """Agencies, minutes and officers stay within the pack's limits; each task that is apart names its conflict."""
    county = bench.county
    lines = ("market", "emergency", "ecology", "fire", "health", "education")
    agencies = [county.agency(line) for line in lines]
    [target] = planning.enterprises(county, 1)
    for agency_id in agencies:
        await tasked(county, agency_id, target, short(county, agency_id)[-1])
    winter = {"earliest": "2026-11-02", "latest": "2026-11-20"}
    far = await tasked(county, agencies[0], target, short(county, agencies[0])[0], **winter)
    result = await planning.merged(county)
    assert (result["tasks"], result["unserved"]) == (7, 0)
    limits = {name: await planning.rule(county, f"merge.max_{name}") for name in ("agencies", "minutes", "officers")}
    visits = await acts.visits_of(county, target)
    assert 1 < len(visits) < 7
    reasons: set[str] = set()
    for visit in visits:
        told = await explained(county, visit)
        used = {one["name"]: (one["used"], one["kept"], one["clause"]) for one in told["limits"]}
        joint = len(told["task_ids"]) > 1
        assert used["agencies"] == (len(visit["agencies"]), True, "QZ-06")
        assert used["officers"] == (len(visit["officers"]), True, "QZ-06")
        assert used["minutes"][0] == visit["minutes"]
        assert not joint or visit["minutes"] <= limits["minutes"]
        assert len(told["task_ids"]) + len(told["apart"]) == 7
        for apart in told["apart"]:
            assert apart["conflicts"]
            assert all(one["message"] and one["clause"] and one["alternatives"] for one in apart["conflicts"])
            reasons |= {one["code"] for one in apart["conflicts"] if apart["task_id"] == far["task_id"]}
    assert "apart.window" in reasons


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-07")
async def test_one_form_asks_once_and_delegated_items_stay_their_agencys(bench: Bench) -> None:
    """No question of a joint visit repeats; an agency without officers that day has its simple item checked for it."""
    county = bench.county
    market, fire = county.agency("market"), county.agency("fire")
    forms = {row["item_id"]: row["form_id"] for row in county.table("items")}
    keys: dict[str, set[str]] = {}
    for row in county.table("forms"):
        keys.setdefault(row["form_id"], set()).add(row["shared_key"])
    simple = short(county, market, delegable="true")
    pairs = [(f, m) for f in short(county, fire) for m in simple if (keys[forms[m]] & keys[forms[f]]) - {""}]
    own, delegated = pairs[0]
    shared = (keys[forms[own]] & keys[forms[delegated]]) - {""}
    [target] = planning.enterprises(county, 1)
    days = {"earliest": "2026-01-05", "latest": "2026-01-09"}
    await tasked(county, fire, target, own, **days)
    await tasked(county, market, target, delegated, **days)
    gone = {"days": [{"date": f"2026-01-0{day}", "officers": 0} for day in range(5, 10)]}
    planner = await county.planner(market)
    answer = await planner.send("PUT", "scheduling", f"/v1/agencies/{market}/officer-days", json=gone)
    assert answer.status == 200, answer.body
    await planning.merged(county)
    [visit] = await acts.visits_of(county, target)
    assert {officer["agency_id"] for officer in visit["officers"]} == {fire}
    asked = [question["shared_key"] for question in visit["questions"] if question["shared_key"]]
    assert sorted(asked) == sorted(set(asked))
    told = await explained(county, visit)
    once = {one["question_id"]: set(one["item_ids"]) for one in told["asked_once"]}
    assert len(once) == len(shared)
    assert all(item_ids == {own, delegated} for item_ids in once.values())
    [item] = told["delegated"]
    assert (item["item_id"], item["agency_id"], item["delegated"]) == (delegated, market, True)
    await approved(county, visit)
    event = await bench.events.wait_for(VisitApproved, lambda e: e.visit_id == visit["visit_id"])
    assert {(one.item_id, one.agency_id, one.delegated) for one in event.items} == {
        (own, fire, False),
        (delegated, market, True),
    }


@pytest.mark.pack("dingtao")
@pytest.mark.clause("DT-13")
async def test_merging_reports_what_it_saves_against_the_unmerged_plan(bench: Bench) -> None:
    """Six tasks of three agencies at two enterprises become two visits; the saving is in the merge and the event."""
    county = bench.county
    agencies = [county.agency(line) for line in ("market", "fire", "health")]
    targets = planning.enterprises(county, 2)
    for agency_id in agencies:
        [item_id] = short(county, agency_id)[:1]
        made = await planning.published(county, agency_id, [item_id])
        for target in targets:
            await planning.tasked(county, wanted(county, made, target, item_id))
    result = await planning.merged(county)
    figures = {"tasks": 6, "visits": 2, "visits_unmerged": 6, "saved": 4, "unserved": 0}
    assert {name: result[name] for name in figures} == figures
    supervisor = await county.supervisor()
    kept = await supervisor.get("scheduling", f"/v1/merges/{result['merge_id']}")
    assert {name: kept[name] for name in figures} == figures
    event = await bench.events.wait_for(TasksMerged, lambda e: e.merge_id == result["merge_id"])
    assert (event.visits_unmerged, event.visits) == (6, 2)
    for target in targets:
        [visit] = await acts.visits_of(county, target)
        assert set(visit["agencies"]) == set(agencies)


@pytest.mark.pack("cangxian")
@pytest.mark.clause("CX-03")
async def test_random_and_other_tasks_come_together(bench: Bench) -> None:
    """A drawn task and a task outside the draw at one enterprise share a visit; the merge gives the visits saved."""
    county = bench.county
    market, fire = county.agency("market"), county.agency("fire")
    drawn_item = planning.item(county, market, random_list="true")
    made = await planning.published(county, market, [drawn_item])
    await planning.held_draw(county, made, [drawn_item])
    drawn = await planning.tasks(county, agency_id=market)
    target = drawn[0]["enterprise_id"]
    [item_id] = short(county, fire)[:1]
    other = await planning.published(county, fire, [item_id], kind="joint")
    await planning.tasked(county, wanted(county, other, target, item_id))
    result = await planning.merged(county)
    assert (result["tasks"], result["saved"]) == (len(drawn) + 1, 1)
    assert result["visits"] == len(drawn)
    [visit] = await acts.visits_of(county, target)
    assert (set(visit["agencies"]), visit["kind"]) == ({market, fire}, "random")
    origins = [one["origin"] for one in await planning.tasks(county, enterprise_id=target)]
    assert sorted(origins) == ["draw", "plan"]
    assert any("非双随机" in line for line in (await explained(county, visit))["sentences"])
