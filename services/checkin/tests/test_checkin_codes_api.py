"""Enterprise codes over HTTP: printed as a sheet, revoked without a new one, gone with their enterprise."""

from typing import Any

from wurao.common.contracts.registry import EnterpriseRegistered

SHOP = "91330802MA00000001"


def deregistered(**other: Any) -> EnterpriseRegistered:
    """The news that the shop is no more."""
    values: dict[str, Any] = {
        "enterprise_id": SHOP,
        "name": "<b>甲</b>食品有限公司",
        "kind": "company",
        "industry": "C1391",
        "size": "small",
        "area": "330802001",
        "address": "某路1号",
        "status": "deregistered",
        "version": 5,
    }
    return EnterpriseRegistered(**values | other)


async def state_of(world: Any, token: str) -> tuple[bool, str]:
    """What anybody is told about a code."""
    answer = (await world.client.post("/v1/public/code-checks", json={"token": token})).json()
    return answer["genuine"], answer["state"]


async def test_the_sheet_for_the_door_stands_alone(world: Any) -> None:
    """The sheet is Chinese, carries the code as an image in place, escapes the name and loads nothing."""
    await world.harness.deliver(deregistered(status="registered"))
    base = f"/v1/enterprises/{SHOP}/code"
    answer = await world.client.get(f"{base}.html", headers=world.enterprise())
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    for words in ("营商码", "&lt;b&gt;甲&lt;/b&gt;食品有限公司", SHOP, "第1次签发", "<svg", "有权拒绝"):
        assert words in answer.text
    assert not any(mark in answer.text for mark in ("<b>甲", "<script", "src=", "@import", "url("))
    image = await world.client.get(f"{base}.svg", headers=world.enterprise())
    assert image.text in answer.text


async def test_a_revoked_code_opens_no_door_until_a_new_one_is_issued(world: Any) -> None:
    """A lost code is refused at once, shown nowhere and told to be withdrawn; a reissued one opens again."""
    _, action = await world.approve()
    lost = await world.enterprise_code()
    base = f"/v1/enterprises/{SHOP}/code"
    body = {"reason": "营商码牌遗失"}
    assert (await world.client.post(f"{base}/revoke", json=body, headers=world.enterprise())).status_code == 204
    assert (await world.client.post(f"{base}/revoke", json=body, headers=world.enterprise())).status_code == 204
    answer = await world.knock(action, enterprise_code=lost)
    [refusal] = answer.json()["refusals"]
    assert refusal["code"] == "door.enterprise_code_withdrawn"
    assert "停用" in refusal["message"]
    assert await state_of(world, lost) == (False, "withdrawn")
    for path in ("", ".svg", ".png", ".html"):
        gone = await world.client.get(f"{base}{path}", headers=world.enterprise())
        assert (gone.status_code, gone.json()["code"]) == (409, "code.revoked")
    fresh = await world.client.post(f"{base}/reissue", headers=world.enterprise())
    assert (fresh.status_code, fresh.json()["serial"]) == (200, 3)
    assert await state_of(world, fresh.json()["token"]) == (True, "in_use")
    assert await state_of(world, lost) == (False, "replaced")
    old = await world.knock(action, enterprise_code=lost)
    assert [refusal["code"] for refusal in old.json()["refusals"]] == ["door.enterprise_code_replaced"]
    assert (await world.knock(action, enterprise_code=fresh.json()["token"])).status_code == 201


async def test_a_deregistered_enterprise_has_no_code_any_more(world: Any) -> None:
    """With the news of the deregistration the code is refused at the door, and no new one is issued."""
    _, action = await world.approve()
    code = await world.enterprise_code()
    await world.harness.deliver(deregistered())
    await world.harness.deliver(deregistered(version=6))
    answer = await world.knock(action, enterprise_code=code)
    assert [refusal["code"] for refusal in answer.json()["refusals"]] == ["door.enterprise_code_withdrawn"]
    assert await state_of(world, code) == (False, "withdrawn")
    fresh = await world.client.post(f"/v1/enterprises/{SHOP}/code/reissue", headers=world.enterprise())
    assert (fresh.status_code, fresh.json()["code"]) == (409, "code.deregistered")
