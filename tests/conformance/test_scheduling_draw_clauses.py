"""Draws that anyone can replay, joint draws, and the random list: duties of scheduling, shown over HTTP."""

import httpx
import pytest
from tests.conformance import planning
from tests.conformance.conftest import URL, Bench
from tests.draw_replay.verifier import differences

from wurao.embedded.demo.client import until
from wurao.embedded.demo.county import County, Row

FILES = ("pool.csv", "officers.csv", "conflicts.csv", "spec.json", "draw.json")


async def downloaded(bench: Bench, draw_id: str) -> tuple[dict[str, bytes], bytes]:
    """The frozen files and the result of a draw, as anyone may download them."""
    found = {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=bench.platform.app), base_url=URL) as stranger:
        for name in FILES:
            answer = await stranger.get(f"/scheduling/v1/public/draws/{draw_id}/files/{name}")
            assert answer.status_code == 200
            found[name] = answer.content
    return found, found.pop("draw.json")


@pytest.mark.pack("yongzhou")
@pytest.mark.clause("YZ-02")
async def test_a_draw_replays_from_its_public_files_alone(bench: Bench) -> None:
    """A stranger's verifier finds every rank, officer and refusal again in what anyone can download."""
    county = bench.county
    market = county.agency("market")
    wide = planning.item(county, market, industries="", random_list="true")
    proof = await planning.held_draw(county, await planning.published(county, market, [wide]), [wide])
    files, result = await downloaded(bench, proof["draw_id"])
    assert differences(files, result) == []
    assert proof["tickets"]
    sent = [officer for one in proof["tickets"] for sent in one["officers"].values() for officer in sent]
    assert set(sent) <= {row["officer_id"] for row in county.officers_of(market)}
    assert all(one["officers"] or one["unsent"] for one in proof["tickets"])


def shared_items(county: County) -> tuple[Row, Row]:
    """An item of the market agency for every industry, and one of another agency for many enterprises."""
    market = county.agency("market")
    drawn = county.items_of(market, lambda row: row["random_list"] == "true" and not row["industries"])
    industries = [row["industry"] for row in county.table("enterprises")]

    def reach(row: Row) -> int:
        return sum(industry.startswith(tuple(row["industries"].split(";"))) for industry in industries)

    others = [
        row
        for line in ("emergency", "fire", "ecology", "health", "culture")
        for row in county.items_of(county.agency(line), lambda row: row["random_list"] == "true")
    ]
    return drawn[0], max(others, key=reach)


@pytest.mark.pack("linxia")
@pytest.mark.clause("LX-08")
async def test_a_joint_draw_draws_one_target_set_for_several_departments(bench: Bench) -> None:
    """Every target of one draw gets tasks and officers of each department that it concerns."""
    county = bench.county
    wide, narrow = shared_items(county)
    market, other = wide["agency_id"], narrow["agency_id"]
    items = [wide["item_id"], narrow["item_id"]]
    made = await planning.published(county, market, items, kind="joint")
    proof = await planning.held_draw(county, made, items)
    assert proof["agencies"] == sorted([market, other])
    files, result = await downloaded(bench, proof["draw_id"])
    assert differences(files, result) == []
    assert proof["tickets"]
    born = {task["task_id"]: task for task in await planning.tasks(county)}
    together = 0
    for one in proof["tickets"]:
        concerned = set(one["stratum"].partition("/")[2].split("+"))
        assert {*one["officers"], *(short["line"] for short in one["unsent"])} == concerned
        assert {born[task_id]["agency_id"] for task_id in one["tasks"]} == concerned or one["refused"]
        together += concerned == {market, other}
    assert together


@pytest.mark.pack("linxia")
@pytest.mark.clause("LX-08")
async def test_the_share_of_items_on_the_random_list_is_public(bench: Bench) -> None:
    """For the area and each agency: items on the list, excused as special industry or key area, and missing."""
    county = bench.county
    market = county.agency("market")
    published = county.items_of(market, lambda row: True)

    async def known() -> planning.Json | None:
        path, query = "/v1/public/random-list", {"area": county.area}
        found: planning.Json = await county.callers.public.get("scheduling", path, params=query)
        own = next((one for one in found["agencies"] if one["agency_id"] == market), None)
        return found if own and own["items"] == len(published) else None

    found = await until("scheduling knows every item", known, seconds=planning.SECONDS)
    own = next(one for one in found["agencies"] if one["agency_id"] == market)
    listed = [row for row in published if row["random_list"] == "true"]
    excused = [
        row
        for row in published
        if row["random_list"] != "true" and "true" in (row["special_industry"], row["key_area"])
    ]
    assert (own["on_list"], own["excused"]) == (len(listed), len(excused))
    assert own["missing"] == len(published) - len(listed) - len(excused)
    assert own["permille"] == len(listed) * 1000 // (len(published) - len(excused))
    for key in ("items", "on_list", "excused", "missing"):
        assert found["whole"][key] == sum(one[key] for one in found["agencies"])
