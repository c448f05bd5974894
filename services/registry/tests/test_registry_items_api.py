"""Items and forms over HTTP: drafted, published in editions, used, cancelled."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wurao.common.auth import Role
from wurao.common.contracts.checkin import InspectionFinished
from wurao.common.contracts.registry import ItemCancelled, ItemPublished
from wurao.common.contracts.scheduling import OffSiteConcluded
from wurao.common.contracts.shared import ItemResult, OfficerRef
from wurao.common.testing import Harness

Load = Callable[..., Awaitable[dict[str, Any]]]
Enforce = Callable[[str], Awaitable[None]]
PublishList = Callable[..., Awaitable[int]]

HEADER = "item_id,agency_id,name,law,article,method,random_list,minutes,officers,industries,form_id\n"
CATERING = "i1,market,餐饮服务检查,食品安全法,第一百一十条,on_site,true,60,2,H62;H61,food\n"
LABELS = "i2,market,食品标签检查,食品安全法,第六十七条,on_site,false,30,2,C13,food\n"
NO_BASIS = "i3,market,综合检查,,,on_site,false,30,2,,food\n"
FORM = """form_id,version,question_id,position,text,type,mandatory,standard,law,article,shared_key
food,1,q2,2,是否有进货查验记录,yes_no,true,记录完整,食品安全法,第五十三条,
food,1,q1,1,是否亮证经营,yes_no,true,正本亮照,优化营商环境条例,第九条,licence_displayed
"""
SECOND_FORM = FORM.replace("food,1,", "food,2,").replace("是否亮证经营", "是否亮照亮证经营")


SUBMIT = "/v1/agencies/market/item-lists"


async def public(registry: Harness, path: str = "/v1/public/agencies/market/items") -> list[dict[str, Any]]:
    """A public list, read without a login."""
    answer = await registry.client.get(path)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def finished(entry: str, day: datetime, *results: ItemResult) -> InspectionFinished:
    """A finished visit with these results."""
    return InspectionFinished(
        entry_id=entry,
        enterprise_id="91330802MA29U2WJ1D",
        enterprise_name="甲店",
        area="330802001",
        agencies=("market",),
        officers=(OfficerRef(officer_id="o1", agency_id="market"),),
        results=results,
        findings=(),
        record_digest="0" * 64,
        ledger_seq=1,
        started_at=day,
        finished_at=day,
        minutes=30,
        version=3,
    )


@pytest.mark.clause("YZ-03")
async def test_the_random_list_is_public_versioned_and_cites_its_basis(
    registry: Harness, platform: dict[str, str], load: Load, publish_list: PublishList
) -> None:
    """Without a login anybody reads the random-inspection list with law and article, and every former edition."""
    await load("items", HEADER + CATERING + LABELS)
    await load("forms", FORM)
    assert await public(registry) == []
    await publish_list()
    [listed] = await public(registry, "/v1/public/agencies/market/items?random_list=true")
    assert (listed["item_id"], listed["law"], listed["article"]) == ("i1", "食品安全法", "第一百一十条")
    assert (listed["edition"], listed["published_on"]) == (1, "2026-01-05")
    await load("items", HEADER + CATERING.replace("餐饮服务检查", "餐饮服务监督检查"))
    assert (await public(registry))[0]["name"] == "餐饮服务检查"
    await publish_list()
    editions = await public(registry, "/v1/public/items/i1/editions")
    assert [(row["edition"], row["name"]) for row in editions] == [(2, "餐饮服务监督检查"), (1, "餐饮服务检查")]


@pytest.mark.clause("DT-03")
async def test_every_public_item_says_who_on_what_basis_how_and_with_which_remedies(
    registry: Harness, platform: dict[str, str], load: Load, publish_list: PublishList
) -> None:
    """Each published item carries body, authority, legal basis, procedure and remedies."""
    await load("items", HEADER + CATERING + LABELS)
    await load("forms", FORM)
    await publish_list()
    listed = await public(registry)
    assert len(listed) == 2
    for item in listed:
        assert item["agency_name"] == "柯城区市场监督管理局"
        assert item["authority"] == "《食品安全法》第六条"
        assert item["procedure"] == "亮证、检查、告知"
        assert item["remedies"] == "六十日内申请行政复议"
        assert item["law"]
        assert item["article"]


@pytest.mark.clause("DT-10")
@pytest.mark.pack("dingtao")
async def test_an_item_without_a_legal_basis_is_not_published(
    registry: Harness, platform: dict[str, str], load: Load, enforce: Enforce
) -> None:
    """A draft without law and article refuses the publication as a whole, naming item, clause and a way out."""
    await enforce("dingtao")
    report = await load("items", HEADER + CATERING + NO_BASIS)
    assert report["rejected"] == 0
    await load("forms", FORM)
    answer = await registry.client.post(SUBMIT, headers=platform, json={"year": 2026})
    assert (answer.status_code, answer.json()["clause"]) == (409, "DT-10")
    assert "i3" in answer.json()["detail"]
    assert answer.json()["alternatives"]
    assert await public(registry) == []


@pytest.mark.clause("DT-01")
@pytest.mark.pack("dingtao")
async def test_an_unpublished_agency_publishes_no_items(
    registry: Harness, platform: dict[str, str], load: Load, enforce: Enforce
) -> None:
    """The items of an agency that is not published are refused."""
    await enforce("dingtao")
    await load("items", HEADER + CATERING.replace("market", "fire"))
    await load("forms", FORM)
    answer = await registry.client.post("/v1/agencies/fire/item-lists", headers=platform, json={"year": 2026})
    assert (answer.status_code, answer.json()["clause"]) == (409, "DT-01")


@pytest.mark.clause("QZ-04")
@pytest.mark.pack("quzhou")
async def test_standards_are_detailed_in_versioned_forms(
    registry: Harness, platform: dict[str, str], load: Load, enforce: Enforce, publish_list: PublishList
) -> None:
    """An item without its form is refused; a published version never changes; a new version is a new edition."""
    await enforce("quzhou")
    await load("items", HEADER + CATERING)
    answer = await registry.client.post(SUBMIT, headers=platform, json={"year": 2026})
    assert (answer.status_code, answer.json()["clause"]) == (409, "QZ-04")
    await load("forms", FORM)
    await publish_list()
    first = await registry.recorder.wait_for(ItemPublished)
    assert [question.question_id for question in first.questions] == ["q1", "q2"]
    assert (first.form_version, first.questions[1].standard) == (1, "记录完整")
    report = await load("forms", FORM.replace("正本亮照", "随意"))
    assert (report["loaded"], [error["code"] for error in report["errors"]]) == (False, ["form.published"])
    await load("forms", SECOND_FORM)
    assert await publish_list() == 1
    second = await registry.recorder.wait_for(ItemPublished, lambda event: event.form_version == 2)
    assert second.version > first.version
    assert second.questions[0].text == "是否亮照亮证经营"
    editions = await public(registry, "/v1/public/items/i1/editions")
    assert [(row["form_version"], row["questions"][0]["text"]) for row in editions] == [
        (2, "是否亮照亮证经营"),
        (1, "是否亮证经营"),
    ]


async def test_an_item_checked_off_site_is_in_use(
    registry: Harness, platform: dict[str, str], load: Load, publish_list: PublishList
) -> None:
    """Results of an off-site check count once, as those of a visit do; nobody proposes to cancel the item as unused."""
    await load("items", HEADER + CATERING + LABELS)
    await load("forms", FORM)
    await publish_list()
    registry.clock.set(datetime(2027, 3, 1, 2, 0, tzinfo=UTC))
    concluded = OffSiteConcluded(
        task_id="t1",
        agency_id="market",
        enterprise_id="91330802MA29U2WJ1D",
        area="330802001",
        source="共享数据",
        results=(ItemResult(item_id="i1", agency_id="market", result="conform"),),
        reminded=False,
        concluded_at=registry.clock.now(),
        version=2,
    )
    await registry.deliver(concluded)
    await registry.deliver(concluded.model_copy(update={"version": 3}))
    answer = await registry.client.get("/v1/agencies/market/items/usage?months=12", headers=platform)
    rows = {row["item_id"]: row for row in answer.json()["items"]}
    assert (rows["i1"]["inspections"], rows["i2"]["inspections"]) == (1, 0)
    assert (rows["i1"]["findings"], rows["i2"]["findings"]) == ([], ["unused"])


@pytest.mark.clause("QZ-03")
async def test_use_shows_frequent_and_unused_items_and_a_cancelled_one_is_gone(
    registry: Harness, platform: dict[str, str], load: Load, publish_list: PublishList
) -> None:
    """Finished visits make the usage analysis; a cancelled item leaves the public list and cannot be changed."""
    await load("items", HEADER + CATERING + LABELS)
    await load("forms", FORM)
    await publish_list()
    registry.clock.set(datetime(2027, 3, 1, 2, 0, tzinfo=UTC))
    day = datetime(2027, 2, 10, 2, 0, tzinfo=UTC)
    used = ItemResult(item_id="i1", agency_id="market", result="conform")
    broken = ItemResult(item_id="i1", agency_id="market", result="violation")
    skipped = ItemResult(item_id="i2", agency_id="market", result="not_applicable")
    again = finished("e1", day, used, skipped)
    await registry.deliver(again, again, finished("e2", day + timedelta(days=1), broken), finished("e3", day, used))
    answer = await registry.client.get("/v1/agencies/market/items/usage?months=12&frequent_from=3", headers=platform)
    assert answer.json()["since"] == "2026-03-01"
    rows = {row["item_id"]: row for row in answer.json()["items"]}
    assert (rows["i1"]["inspections"], rows["i1"]["violations"]) == (3, 1)
    assert (rows["i1"]["findings"], rows["i1"]["last_used_on"]) == (["frequent"], "2027-02-11")
    assert (rows["i2"]["findings"], rows["i2"]["inspections"]) == (["unused"], 0)
    answer = await registry.client.post("/v1/items/i2/cancel", headers=platform, json={"reason": "长期未使用"})
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    event = await registry.recorder.wait_for(ItemCancelled)
    published = [e for e in registry.recorder.of(ItemPublished) if e.item_id == "i2"]
    assert event.version > published[-1].version
    assert [item["item_id"] for item in await public(registry)] == ["i1"]
    report = await load("items", HEADER + LABELS.replace("食品标签检查", "标签检查"))
    assert [error["code"] for error in report["errors"]] == ["item.cancelled"]
    assert (await load("items", HEADER + LABELS))["loaded"]


async def test_the_same_list_is_not_published_again(
    registry: Harness, platform: dict[str, str], load: Load, publish_list: PublishList
) -> None:
    """A list that says what the one in force says is refused, also after the same files came again."""
    await load("items", HEADER + CATERING)
    await load("forms", FORM)
    assert await publish_list() == 1
    await load("items", HEADER + CATERING)
    await load("forms", FORM)
    answer = await registry.client.post(SUBMIT, headers=platform, json={"year": 2026})
    assert (answer.status_code, answer.json()["code"]) == (409, "item_list.unchanged")
    assert (await registry.client.get("/v1/items/i1", headers=platform)).json()["edition"] == 1


async def test_an_item_stays_with_its_agency(registry: Harness, load: Load) -> None:
    """An import cannot hand an item to another agency."""
    await load("items", HEADER + CATERING)
    report = await load("items", HEADER + CATERING.replace("market", "fire"))
    assert [error["code"] for error in report["errors"]] == ["item.other_agency"]


async def test_a_head_publishes_only_the_own_agency(registry: Harness, load: Load) -> None:
    """Another agency's head may neither publish nor cancel."""
    await load("items", HEADER + CATERING)
    foreign = registry.headers(Role.HEAD, agency_id="fire", area="330802")
    answer = await registry.client.post(SUBMIT, headers=foreign, json={"year": 2026})
    assert (answer.status_code, answer.json()["code"]) == (403, "other_agency")
    answer = await registry.client.post("/v1/items/i1/cancel", headers=foreign, json={"reason": "越权"})
    assert answer.status_code == 403


async def test_items_are_entered_for_the_own_area_only(registry: Harness, load: Load) -> None:
    """A platform elsewhere enters no items for the county's agencies; each such row is named."""
    elsewhere = registry.headers(Role.PLATFORM, area="330803") | {"content-type": "text/csv"}
    answer = await registry.client.post("/v1/items/import", content=HEADER + CATERING, headers=elsewhere)
    assert [(error["row"], error["code"]) for error in answer.json()["errors"]] == [(2, "other_area")]
    assert (await load("items", HEADER + CATERING))["loaded"]
