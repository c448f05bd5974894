"""Item lists over HTTP: submitted, reviewed by somebody else, published, never changed."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from wurao.common.auth import Role
from wurao.common.contracts.checkin import InspectionFinished
from wurao.common.contracts.registry import ItemCancelled, ItemPublished
from wurao.common.contracts.shared import ItemResult, OfficerRef
from wurao.common.testing import Harness, running
from wurao.local.plugin import Storage
from wurao.registry.app import build

Load = Callable[..., Awaitable[dict[str, Any]]]
PublishList = Callable[..., Awaitable[int]]

HEADER = "item_id,agency_id,name,line,law,article,method,random_list,minutes,officers,form_id\n"
CATERING = "i1,market,餐饮服务检查,食品安全,食品安全法,第一百一十条,on_site,true,60,2,food\n"
LABELS = "i2,market,食品标签检查,食品安全,食品安全法,第六十七条,on_site,false,30,2,label\n"
NO_BASIS = "i3,market,综合检查,,,,on_site,false,30,2,food\n"
FORMS = """form_id,version,question_id,position,text,type,mandatory,standard,law,article,evidence,shared_key
food,1,q1,1,是否亮证经营,yes_no,true,正本亮照,优化营商环境条例,第九条,photo,licence
food,1,q2,2,是否有进货查验记录,yes_no,true,记录完整,食品安全法,第五十三条,document;photo,
label,1,q9,1,证照是否公示,yes_no,false,正本亮照,优化营商环境条例,第九条,document,licence
"""
PASS = {"passed": True, "opinion": "依据充分，同意公布"}
AGENCIES = """agency_id,name,kind,level,area,line,authority,procedure,remedies
market,柯城区市场监督管理局,organ,county,330802,market,《食品安全法》第六条,亮证、检查、告知,六十日内申请行政复议
"""


@pytest.fixture
def reviewer(registry: Harness) -> dict[str, str]:
    """The headers of the supervision body that reviews lists."""
    return registry.headers(Role.SUPERVISOR, area="330802")


async def submit(registry: Harness, headers: dict[str, str], **body: Any) -> httpx.Response:
    """Submit the market agency's list."""
    path = "/v1/agencies/market/item-lists"
    return await registry.client.post(path, headers=headers, json={"year": 2026} | body)


async def step(registry: Harness, headers: dict[str, str], list_id: str, verb: str, body: Any = None) -> httpx.Response:
    """Review, publish or withdraw a list."""
    return await registry.client.post(f"/v1/item-lists/{list_id}/{verb}", headers=headers, json=body)


async def read(registry: Harness, path: str, headers: dict[str, str] | None = None) -> Any:
    """What a GET answers."""
    answer = await registry.client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.clause("YZ-03")
async def test_a_published_list_is_public_by_year_and_never_changes(
    registry: Harness, platform: dict[str, str], load: Load, publish_list: PublishList
) -> None:
    """Anybody reads each list with its items and computes the digest anew; a later list leaves the former as it was."""
    await load("items", HEADER + CATERING + LABELS)
    await load("forms", FORMS)
    assert await read(registry, "/v1/public/agencies/market/item-lists") == {"items": [], "next_cursor": None}
    assert await publish_list() == 2
    [first] = (await read(registry, "/v1/public/agencies/market/item-lists"))["items"]
    assert (first["year"], first["number"], first["items"], first["state"]) == (2026, 1, 2, "published")
    was = await read(registry, f"/v1/public/item-lists/{first['list_id']}")
    lines = [
        json.dumps(entry["content"], ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
        for entry in was["entries"]
    ]
    assert hashlib.sha256("".join(lines).encode()).hexdigest() == first["digest"]
    content = was["entries"][0]["content"]
    assert (content["law"], content["article"], content["line"]) == ("食品安全法", "第一百一十条", "食品安全")
    assert content["questions"][1]["evidence"] == ["document", "photo"]

    await load("items", HEADER + CATERING.replace("餐饮服务检查", "餐饮服务监督检查") + LABELS)
    assert await publish_list() == 1
    lists = (await read(registry, "/v1/public/agencies/market/item-lists"))["items"]
    assert [(row["number"], row["state"]) for row in lists] == [(2, "published"), (1, "replaced")]
    now = await read(registry, f"/v1/public/item-lists/{lists[0]['list_id']}")
    assert [(entry["item_id"], entry["change"], entry["edition"]) for entry in now["entries"]] == [
        ("i1", "changed", 2),
        ("i2", "unchanged", 1),
    ]
    assert await read(registry, f"/v1/public/item-lists/{first['list_id']}") == was | {"state": "replaced"}
    announced = [(event.item_id, event.version) for event in registry.recorder.of(ItemPublished)]
    assert [item_id for item_id, _ in announced] == ["i1", "i2", "i1"]
    assert announced[2][1] > announced[0][1]


@pytest.mark.clause("QZ-03")
async def test_nothing_is_published_without_a_review_by_somebody_else(
    registry: Harness, platform: dict[str, str], reviewer: dict[str, str], load: Load
) -> None:
    """A list under review is not published; who submitted it does not review it, by whatever account."""
    await load("items", HEADER + CATERING)
    await load("forms", FORMS)
    both = registry.headers(Role.SUPERVISOR, subject="account-2", area="330802", officer_id="o7")
    first = registry.headers(Role.HEAD, subject="account-1", area="330802", agency_id="market", officer_id="o7")
    submitted = (await submit(registry, first)).json()
    list_id = submitted["list_id"]
    answer = await step(registry, platform, list_id, "publish")
    assert (answer.status_code, answer.json()["code"]) == (409, "item_list.wrong_state")
    answer = await step(registry, both, list_id, "review", PASS)
    assert (answer.status_code, answer.json()["refusals"][0]["code"]) == (409, "item_list.own_review")
    again = await submit(registry, platform)
    assert (again.status_code, again.json()["code"]) == (409, "item_list.open")
    returned = await step(registry, reviewer, list_id, "review", {"passed": False, "opinion": "条款引用不准确"})
    assert (returned.json()["state"], returned.json()["opinion"]) == ("returned", "条款引用不准确")
    answer = await step(registry, reviewer, list_id, "review", PASS)
    assert answer.status_code == 409
    assert (await registry.client.get(f"/v1/public/item-lists/{list_id}")).status_code == 404
    assert (await submit(registry, platform)).json()["number"] == 2
    assert not registry.recorder.of(ItemPublished)


async def test_an_officer_reviews_only_with_post_and_qualification(
    registry: Harness, platform: dict[str, str], load: Load
) -> None:
    """The agency's own qualified legal reviewer passes a list; other officers are refused."""
    await load("items", HEADER + CATERING)
    await load("forms", FORMS)
    officers = (
        "officer_id,name,agency_id,unit,kind,certificate_no,valid_from,valid_to,trained,examined,in_post,"
        "legal_reviewer,legal_qualified\n"
        "o1,甲,market,法制科,officer,Z1,2024-01-01,2028-12-31,true,true,true,true,true\n"
        "o2,乙,market,一科,officer,Z2,2024-01-01,2028-12-31,true,true,true,false,false\n"
    )
    await load("officers", officers)
    list_id = (await submit(registry, platform)).json()["list_id"]
    for officer_id, agency_id, status in (("o2", "market", 409), ("o9", "market", 409), ("o1", "fire", 403)):
        headers = registry.headers(Role.OFFICER, subject=officer_id, agency_id=agency_id, officer_id=officer_id)
        assert (await step(registry, headers, list_id, "review", PASS)).status_code == status
    namesake = registry.headers(Role.OFFICER, subject="o1", agency_id="market", officer_id="o2")
    assert (await step(registry, namesake, list_id, "review", PASS)).status_code == 409
    headers = registry.headers(Role.OFFICER, subject="account-7", agency_id="market", officer_id="o1")
    assert (await step(registry, headers, list_id, "review", PASS)).json()["reviewed_by"] == "o1"


async def test_what_is_published_is_what_was_reviewed(
    registry: Harness, platform: dict[str, str], reviewer: dict[str, str], load: Load
) -> None:
    """An edit after the submission waits as a draft; a cancelled item stops the publication."""
    await load("items", HEADER + CATERING + LABELS)
    await load("forms", FORMS)
    list_id = (await submit(registry, platform)).json()["list_id"]
    changed = await load("forms", FORMS.replace("正本亮照", "随意"))
    assert {error["code"] for error in changed["errors"]} == {"form.published"}
    assert (await load("forms", FORMS))["rejected"] == 0
    await load("items", HEADER + CATERING.replace("餐饮服务检查", "改过的名称"))
    await step(registry, reviewer, list_id, "review", PASS)
    assert (await step(registry, platform, list_id, "publish")).json()["state"] == "published"
    event = await registry.recorder.wait_for(ItemPublished, lambda event: event.item_id == "i1")
    assert event.name == "餐饮服务检查"
    item = await read(registry, "/v1/items/i1", platform)
    assert (item["state"], item["name"], item["edition"]) == ("draft", "改过的名称", 1)
    assert (await read(registry, "/v1/items/i2", platform))["state"] == "published"

    list_id = (await submit(registry, platform)).json()["list_id"]
    await step(registry, reviewer, list_id, "review", PASS)
    await registry.client.post("/v1/items/i2/cancel", headers=platform, json={"reason": "不再实施"})
    answer = await step(registry, platform, list_id, "publish")
    assert (answer.status_code, answer.json()["code"]) == (409, "item_list.cancelled_item")
    assert (await step(registry, platform, list_id, "withdraw")).json()["state"] == "withdrawn"
    assert (await read(registry, "/v1/items/i1", platform))["edition"] == 1


@pytest.mark.clause("QZ-03")
async def test_what_a_list_leaves_out_is_cancelled(
    registry: Harness, platform: dict[str, str], reviewer: dict[str, str], load: Load, publish_list: PublishList
) -> None:
    """An item that the next list does not name is cancelled with an event; unknown items are refused."""
    await load("items", HEADER + CATERING + LABELS)
    await load("forms", FORMS)
    await publish_list()
    unknown = await submit(registry, platform, item_ids=["i1", "nowhere"])
    assert (unknown.status_code, unknown.json()["code"]) == (422, "item_list.unknown_item")
    list_id = (await submit(registry, platform, item_ids=["i1"])).json()["list_id"]
    await step(registry, reviewer, list_id, "review", PASS)
    await step(registry, platform, list_id, "publish")
    event = await registry.recorder.wait_for(ItemCancelled)
    assert (event.item_id, event.reason) == ("i2", "未列入2026年第2版检查事项清单")
    assert [row["item_id"] for row in (await read(registry, "/v1/public/agencies/market/items"))["items"]] == ["i1"]


async def test_a_list_with_a_faulty_item_is_refused_as_a_whole(
    registry: Harness, platform: dict[str, str], load: Load
) -> None:
    """An item without basis keeps the whole list from review, and nothing is kept of it."""
    await load("items", HEADER + CATERING + NO_BASIS)
    await load("forms", FORMS)
    answer = await submit(registry, platform)
    assert (answer.status_code, answer.json()["refusals"][0]["code"]) == (409, "item.no_basis")
    assert (await read(registry, "/v1/agencies/market/item-lists", platform))["items"] == []


def finished(number: int, *results: ItemResult) -> InspectionFinished:
    """A finished visit on 10 February 2027 with these results."""
    day = datetime(2027, 2, 10, 2, 0, tzinfo=UTC)
    return InspectionFinished(
        entry_id=f"e{number}",
        enterprise_id="91330802MA29U2WJ1D",
        enterprise_name="甲店",
        area="330802001",
        agencies=("market",),
        officers=(OfficerRef(officer_id="o1", agency_id="market"),),
        results=results,
        findings=(),
        record_digest="0" * 64,
        ledger_seq=number,
        started_at=day,
        finished_at=day,
        minutes=30,
        version=3,
    )


@pytest.mark.clause("QZ-03")
async def test_useless_items_are_proposed_for_cancellation_with_figures(
    registry: Harness, platform: dict[str, str], load: Load, publish_list: PublishList
) -> None:
    """Thirty visits without a violation, or a year without a visit, make a proposal; it is decided once."""
    await load("items", HEADER + CATERING + LABELS)
    await load("forms", FORMS)
    await publish_list()
    registry.clock.set(datetime(2027, 3, 1, 2, 0, tzinfo=UTC))
    fine = ItemResult(item_id="i1", agency_id="market", result="conform")
    await registry.deliver(*(finished(number, fine) for number in range(30)))
    path = "/v1/agencies/market/items/proposals"
    made = (await registry.client.post(path, headers=platform)).json()
    assert [(row["item_id"], row["findings"], row["inspections"], row["violations"]) for row in made] == [
        ("i1", ["fruitless"], 30, 0),
        ("i2", ["unused"], 0, 0),
    ]
    assert (await registry.client.post(path, headers=platform)).json() == []
    keep, drop = (f"/v1/item-proposals/{row['proposal_id']}/decide" for row in made)
    body = {"cancel": False, "reason": "高风险事项，继续保留"}
    assert (await registry.client.post(keep, headers=platform, json=body)).json()["state"] == "dismissed"
    assert (await registry.client.post(keep, headers=platform, json=body)).status_code == 409
    body = {"cancel": True, "reason": "一年未使用"}
    assert (await registry.client.post(drop, headers=platform, json=body)).json()["state"] == "accepted"
    assert (await registry.recorder.wait_for(ItemCancelled)).item_id == "i2"
    assert (await registry.client.post(path, headers=platform)).json() == []
    registry.clock.set(datetime(2028, 3, 2, 2, 0, tzinfo=UTC))
    assert [row["item_id"] for row in (await registry.client.post(path, headers=platform)).json()] == ["i1"]


@pytest.mark.clause("QZ-07")
async def test_the_forms_of_several_items_become_one(
    registry: Harness, platform: dict[str, str], load: Load, publish_list: PublishList
) -> None:
    """A question that two forms share is asked once, for both items, as strictly as either form asks it."""
    await load("items", HEADER + CATERING + LABELS)
    await load("forms", FORMS)
    await publish_list()
    answer = await registry.client.post("/v1/forms/merge", headers=platform, json={"item_ids": ["i2", "i1"]})
    form = answer.json()
    assert form["spared"] == 1
    assert [(q["question_id"], q["item_ids"], q["mandatory"], q["evidence"]) for q in form["questions"]] == [
        ("q9", ["i2", "i1"], True, ["document", "photo"]),
        ("q2", ["i1"], True, ["document", "photo"]),
    ]
    answer = await registry.client.post("/v1/forms/merge", headers=platform, json={"item_ids": ["i1", "i7"]})
    assert (answer.status_code, answer.json()["code"]) == (422, "form.unknown_item")


async def test_submissions_at_once_open_one_list(storage: Storage, tmp_path: Path) -> None:
    """Ten submissions at once make one open list, whose form stays as it is; publications announce an item once."""
    async with running(
        build, "registry", tmp_path, database_url=storage.url, migration_url=storage.migration_url
    ) as registry:
        headers = registry.headers(Role.PLATFORM, area="330802")
        for name, text in (("agencies", AGENCIES), ("items", HEADER + CATERING), ("forms", FORMS)):
            kind = headers | {"content-type": "text/csv"}
            answer = await registry.client.post(f"/v1/{name}/import", content=text, headers=kind)
            assert answer.status_code == 200, answer.text
        await registry.client.post("/v1/agencies/market/publish", headers=headers)
        answers = await asyncio.gather(*(submit(registry, headers) for _ in range(10)))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
        [list_id] = [answer.json()["list_id"] for answer in answers if answer.status_code == 201]
        edited = FORMS.replace("正本亮照", "随意")
        kind = headers | {"content-type": "text/csv"}
        report = await registry.client.post("/v1/forms/import?mode=all", content=edited, headers=kind)
        assert {error["row"] for error in report.json()["errors"]} == {2}
        await step(registry, registry.headers(Role.SUPERVISOR, area="330802"), list_id, "review", PASS)
        answers = await asyncio.gather(*(step(registry, headers, list_id, "publish") for _ in range(10)))
        assert {answer.status_code for answer in answers} <= {200, 409, 412}
        assert sum(answer.status_code == 200 for answer in answers) == 1
        await registry.recorder.wait_for(ItemPublished)
        assert [event.item_id for event in registry.recorder.of(ItemPublished)] == ["i1"]
