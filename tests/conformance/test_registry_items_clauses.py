"""What may be inspected at all, shown over HTTP across the services."""

import pytest
from tests.conformance import acts, planning
from tests.conformance.conftest import Bench

from wurao.common.contracts.registry import ItemCancelled
from wurao.embedded.demo.client import until
from wurao.embedded.demo.county import at, task
from wurao.embedded.demo.visiting import enter


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-03")
async def test_a_cancelled_item_is_refused_in_new_tasks(bench: Bench) -> None:
    """The analysis tells each item's use; once one is cancelled, tasks for it are refused and the list lacks it."""
    county = bench.county
    market = county.agency("market")
    platform, planner = await county.platform(), await county.planner(market)
    usage = await platform.get("registry", f"/v1/agencies/{market}/items/usage")
    own = {row["item_id"] for row in county.items_of(market)}
    assert {row["item_id"] for row in usage["items"]} == own
    assert usage["clause"] == "QZ-03"
    item_id = min(own)
    [target] = planning.enterprises(county, 1)
    wanted = {"origin": "triggered", "ground": "complaint", "source_record": "12345-20251222-001"}
    await platform.post("registry", f"/v1/items/{item_id}/cancel", {"reason": "长期未使用，取消"})
    event = await bench.events.wait_for(ItemCancelled, lambda event: event.item_id == item_id)
    assert event.reason == "长期未使用，取消"

    async def refused() -> bool:
        body = task(market, target, [item_id], **wanted)
        found = await planner.post("scheduling", "/v1/preflight", {"requests": [body]})
        return "item.cancelled" in {refusal["code"] for refusal in found["verdicts"][0]["refusals"]}

    await until("scheduling has heard of the cancellation", refused, seconds=planning.SECONDS)
    why = await planning.refused(planner, "/v1/tasks", task(market, target, [item_id], **wanted))
    assert why["item.cancelled"]["clause"] == "QZ-03"
    listed = await county.callers.public.pages("registry", f"/v1/public/agencies/{market}/items")
    assert {row["item_id"] for row in listed} == own - {item_id}


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-04")
async def test_the_record_on_site_follows_the_items_checklist(bench: Bench) -> None:
    """An item shows its versioned form; a record that answers another question, or leaves one out, is refused."""
    county = bench.county
    fire = county.agency("fire")
    made = await planning.published(county, fire, [planning.item(county, fire, special_industry="true")])
    [target] = planning.enterprises(county, 1)
    visit = await planning.approved_visit(county, planning.planned(made, target))
    [item] = [
        row
        for row in await county.callers.public.pages("registry", f"/v1/public/agencies/{fire}/items")
        if row["item_id"] == made["item_ids"][0]
    ]
    assert item["form_version"] == 1
    asked = [question["question_id"] for question in item["questions"]]
    assert asked
    await county.callers.set_clock(at(visit["day"]))
    stage = acts.stage_of(county)
    entry = await enter(stage, visit)
    assert [question["question_id"] for question in entry["questions"]] == asked
    officer = await county.officer(visit["officers"][0]["officer_id"], fire)
    path = f"/v1/entries/{entry['entry_id']}/record"
    fine = {
        "answers": [],
        "results": [{"item_id": item["item_id"], "result": "conform"}],
        "findings": [],
        "present": "店长王某",
    }
    strange = fine | {"answers": [{"question_id": "made-up", "value": "yes"}]}
    why = acts.refusals(await officer.send("PUT", "checkin", path, json=strange))
    assert {refusal["clause"] for refusal in why.values()} == {"QZ-04"}
