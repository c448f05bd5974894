"""Enterprises and premises over HTTP: entered, changed, searched, seen."""

from collections.abc import Awaitable, Callable
from typing import Any

from wurao.common.auth import Role
from wurao.common.contracts.registry import EnterpriseRegistered
from wurao.common.testing import Harness
from wurao.common.uscc import check_character

Load = Callable[..., Awaitable[dict[str, Any]]]

HEADER = "enterprise_id,name,kind,industry,size,area,address,registered_on,park,tags\n"
PREMISES = "premises_id,enterprise_id,name,address,area\n"


def uscc(number: int) -> str:
    """A valid code."""
    first = f"91330802MA{number:07d}"
    return first + check_character(first)


def row(number: int, name: str, area: str = "330802001", tags: str = "") -> str:
    """A line of enterprises.csv."""
    return f"{uscc(number)},{name},company,H6210,micro,{area},信安街道1号,2019-09-05,,{tags}\n"


async def names(registry: Harness, headers: dict[str, str], query: str = "") -> list[str]:
    """Names on the first page of a search."""
    answer = await registry.client.get(f"/v1/enterprises{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    return sorted(item["name"] for item in answer.json()["items"])


async def test_a_wrong_credit_code_is_a_row_error(registry: Harness, load: Load) -> None:
    """A code with a wrong check character is rejected with its row; nothing is loaded unless asked for."""
    wrong = row(2, "乙店").replace(uscc(2), uscc(2)[:17] + ("0" if uscc(2)[17] != "0" else "1"))
    body = HEADER + row(1, "甲店") + wrong
    report = await load("enterprises", body)
    assert (report["loaded"], [(e["row"], e["field"]) for e in report["errors"]]) == (False, [(3, "enterprise_id")])
    assert "校验位" in report["errors"][0]["message"]
    report = await load("enterprises", body, mode="good")
    assert (report["loaded"], report["accepted"], report["rejected"]) == (True, 1, 1)


async def test_only_changed_rows_get_a_new_version(registry: Harness, platform: dict[str, str], load: Load) -> None:
    """The same rows again announce nothing; a changed one is announced once with the next version."""
    await load("enterprises", HEADER + row(1, "甲店") + row(2, "乙店", tags="key_area;white_list"))
    await load("enterprises", HEADER + row(1, "甲店新名") + row(2, "乙店", tags="key_area;white_list"))
    changed = await registry.recorder.wait_for(EnterpriseRegistered, lambda event: event.name == "甲店新名")
    assert changed.version == 2
    events = registry.recorder.of(EnterpriseRegistered)
    assert sorted((event.name, event.version) for event in events) == [("乙店", 1), ("甲店", 1), ("甲店新名", 2)]
    answer = await registry.client.get(f"/v1/enterprises/{uscc(1)}", headers=platform)
    assert (answer.json()["name"], answer.headers["ETag"]) == ("甲店新名", '"2"')


async def test_premises_are_announced_with_their_enterprise(
    registry: Harness, platform: dict[str, str], load: Load
) -> None:
    """Premises raise the version of their enterprise, whose event carries all of them from then on."""
    await load("enterprises", HEADER + row(1, "甲店"))
    await load("premises", PREMISES + f"p1,{uscc(1)},总店,1号,330802001\np2,{uscc(1)},分店,2号,330802002\n")
    event = await registry.recorder.wait_for(EnterpriseRegistered, lambda event: event.version == 2)
    assert [place.premises_id for place in event.premises] == ["p1", "p2"]
    await load("enterprises", HEADER + row(1, "甲店新名"))
    event = await registry.recorder.wait_for(EnterpriseRegistered, lambda event: event.version == 3)
    assert (event.name, len(event.premises)) == ("甲店新名", 2)
    shown = (await registry.client.get(f"/v1/enterprises/{uscc(1)}", headers=platform)).json()
    assert [place["address"] for place in shown["premises"]] == ["1号", "2号"]


async def test_moved_premises_are_announced_for_both_owners(registry: Harness, load: Load) -> None:
    """Premises that change hands raise the versions of the former and of the new owner."""
    await load("enterprises", HEADER + row(1, "甲店") + row(2, "乙店"))
    await load("premises", PREMISES + f"p1,{uscc(1)},总店,1号,330802001\n")
    await load("premises", PREMISES + f"p1,{uscc(2)},总店,1号,330802001\n")
    former = await registry.recorder.wait_for(
        EnterpriseRegistered, lambda event: event.enterprise_id == uscc(1) and event.version == 3
    )
    heir = await registry.recorder.wait_for(
        EnterpriseRegistered, lambda event: event.enterprise_id == uscc(2) and event.version == 2
    )
    assert (len(former.premises), len(heir.premises)) == (0, 1)


async def test_premises_of_unknown_enterprises_are_errors(registry: Harness, load: Load) -> None:
    """Premises need a known enterprise."""
    report = await load("premises", PREMISES + f"p1,{uscc(9)},总店,1号,330802001\n")
    assert (report["loaded"], [error["code"] for error in report["errors"]]) == (False, ["unknown"])


async def test_search_finds_by_part_of_the_name_or_start_of_the_code(
    registry: Harness, platform: dict[str, str], load: Load
) -> None:
    """A name fragment and a code prefix find; signs are passed over and no wildcards; pages follow one another."""
    await load("enterprises", HEADER + row(11, "朝阳面馆") + row(12, "夕阳面馆") + row(99, "百分%店"))
    assert await names(registry, platform, "?q=面馆") == ["夕阳面馆", "朝阳面馆"]
    assert await names(registry, platform, f"?q={uscc(11)[:16].lower()}") == ["夕阳面馆", "朝阳面馆"]
    assert await names(registry, platform, "?q=分-店") == ["百分%店"]
    assert await names(registry, platform, "?q=%25") == []
    first = (await registry.client.get("/v1/enterprises?limit=2", headers=platform)).json()
    rest = await names(registry, platform, f"?limit=2&cursor={first['next_cursor']}")
    assert (len(first["items"]), len(rest)) == (2, 1)


async def test_each_sees_its_own_part(registry: Harness, platform: dict[str, str], load: Load) -> None:
    """An enterprise sees itself only, an agency and a township their area, a caller without claims nothing."""
    await load("enterprises", HEADER + row(1, "甲店", "330802001") + row(2, "乙店", "330802002"))
    city = registry.headers(Role.PLATFORM, area="330800") | {"content-type": "text/csv"}
    elsewhere = HEADER + row(3, "丙店", "330803001")
    await registry.client.post("/v1/enterprises/import", content=elsewhere, headers=city)
    own = registry.headers(Role.ENTERPRISE, enterprise_id=uscc(1), area="330802")
    assert await names(registry, own) == ["甲店"]
    assert (await registry.client.get(f"/v1/enterprises/{uscc(1)}", headers=own)).status_code == 200
    assert (await registry.client.get(f"/v1/enterprises/{uscc(2)}", headers=own)).status_code == 404
    assert (await registry.client.get(f"/v1/enterprises/{uscc(2)}/grade", headers=own)).status_code == 404
    assert await names(registry, registry.headers(Role.OFFICER, agency_id="market")) == ["乙店", "甲店"]
    town = registry.headers(Role.OFFICER, agency_id="market", area="330802002")
    assert await names(registry, town) == ["乙店"]
    assert await names(registry, registry.headers(Role.PLATFORM, area="330800")) == ["丙店", "乙店", "甲店"]
    assert await names(registry, registry.headers(Role.SUPERVISOR)) == []


async def test_malformed_ids_are_refused(registry: Harness, platform: dict[str, str]) -> None:
    """What cannot be a credit code or a search text is malformed input, never a failure."""
    for path in ("/%00", "/91330802ma0000001x", f"/{'x' * 300}", "?q=%00", "?cursor=x", "?limit=0"):
        answer = await registry.client.get(f"/v1/enterprises{path}", headers=platform)
        assert answer.status_code == 422, path
