"""What staff read of agencies and their items stays within the caller's area; the public reads what is published."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from wurao.common.auth import Role
from wurao.common.testing import Harness

Load = Callable[..., Awaitable[dict[str, Any]]]
PublishList = Callable[..., Awaitable[int]]

ITEMS = """item_id,agency_id,name,law,article,method,minutes,officers,form_id
i1,market,餐饮服务检查,食品安全法,第一百一十条,on_site,60,2,food
"""
FORM = """form_id,version,question_id,position,text,type,mandatory,standard,law,article,shared_key
food,1,q1,1,是否亮证经营,yes_no,true,正本亮照,优化营商环境条例,第九条,
"""


@pytest.mark.parametrize("path", ["/agencies/{}", "/items/i1", "/agencies/{}/item-lists", "/agencies/{}/items/usage"])
async def test_drafts_of_other_areas_are_not_there(
    registry: Harness, platform: dict[str, str], load: Load, path: str
) -> None:
    """Agencies, items, lists and their use are read within the area and not found from beyond it."""
    await load("items", ITEMS)
    url = "/v1" + path.format("market")
    assert (await registry.client.get(url, headers=platform)).status_code == 200
    for neighbour in (
        registry.headers(Role.SUPERVISOR, area="330803"),
        registry.headers(Role.PLANNER, agency_id="elsewhere"),
    ):
        assert (await registry.client.get(url, headers=neighbour)).status_code == 404


async def test_lists_under_review_and_proposals_stay_within_the_area(
    registry: Harness, platform: dict[str, str], load: Load
) -> None:
    """A list before its publication and proposals to cancel are not found from beyond the area."""
    await load("items", ITEMS)
    await load("forms", FORM)
    submitted = await registry.client.post("/v1/agencies/market/item-lists", headers=platform, json={"year": 2026})
    neighbour = registry.headers(Role.HEAD, agency_id="other", area="330803")
    for url in (submitted.headers["Location"], "/v1/agencies/market/items/proposals"):
        assert (await registry.client.get(url, headers=platform)).status_code == 200
        assert (await registry.client.get(url, headers=neighbour)).status_code == 404


async def test_the_public_does_not_learn_of_agencies_that_are_not_published(registry: Harness) -> None:
    """The items of a confirmed agency answer like those of an unknown one."""
    for agency_id in ("fire", "nobody"):
        answer = await registry.client.get(f"/v1/public/agencies/{agency_id}/items")
        assert answer.status_code == 404


async def test_a_form_that_agencies_elsewhere_ask_is_not_theirs_to_change(
    registry: Harness, platform: dict[str, str], load: Load
) -> None:
    """A new version of a form comes from within the area of the agencies that ask it; unused forms are free."""
    await load("items", ITEMS)
    await load("forms", FORM)
    neighbour = registry.headers(Role.PLATFORM, area="330803") | {"content-type": "text/csv"}
    for text, codes in (
        (FORM.replace("food,1,", "food,2,"), ["other_area"]),
        (FORM, []),
        (FORM.replace("food,1,", "food-330803,1,"), []),
    ):
        answer = await registry.client.post("/v1/forms/import", content=text, headers=neighbour)
        assert [error["code"] for error in answer.json()["errors"]] == codes
