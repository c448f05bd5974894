"""The life of enterprises over HTTP: registered, changed, moved, suspended, deregistered; their premises."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from wurao.common.auth import Role
from wurao.common.contracts.registry import EnterpriseGraded, EnterpriseRegistered
from wurao.common.testing import Harness
from wurao.common.uscc import check_character

Json = dict[str, Any]
Enforce = Callable[[str], Awaitable[None]]


def uscc(number: int) -> str:
    """A valid code."""
    first = f"91330802MA{number:07d}"
    return first + check_character(first)


def particulars(number: int, **other: Any) -> Json:
    """The body of a registration."""
    body: Json = {
        "enterprise_id": uscc(number),
        "name": "衢州信源食品有限公司",
        "kind": "company",
        "industry": "C1391",
        "size": "small",
        "area": "330802001",
        "address": "府山街道1号",
        "registered_on": "2019-09-05",
        "tags": ["key_area"],
    }
    return body | other


class Desk:
    """Registration at a desk with the rights of the city's platform."""

    def __init__(self, registry: Harness, area: str = "330800") -> None:
        self.client = registry.client
        self.headers = registry.headers(Role.PLATFORM, area=area)

    async def post(self, path: str, body: Json, status: int = 200, version: int | None = None) -> Json:
        """The answer to a POST, bound to a version if one is given."""
        match = {"If-Match": f'"{version}"'} if version is not None else {}
        answer = await self.client.post(f"/v1/{path}", json=body, headers=self.headers | match)
        assert answer.status_code == status, answer.text
        found: Json = answer.json()
        return found

    async def patch(self, number: int, body: Json, status: int = 200, **headers: str) -> Json:
        """The answer to a change."""
        answer = await self.client.patch(
            f"/v1/enterprises/{uscc(number)}", json={"reason": "变更登记"} | body, headers=self.headers | headers
        )
        assert answer.status_code == status, answer.text
        found: Json = answer.json()
        return found

    async def get(self, path: str, status: int = 200) -> Any:
        """What is there."""
        answer = await self.client.get(f"/v1/{path}", headers=self.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def register(self, number: int, **other: Any) -> Json:
        """Register an enterprise."""
        return await self.post("enterprises", particulars(number, **other), 201)


@pytest.fixture
def desk(registry: Harness) -> Desk:
    """The city's platform."""
    return Desk(registry)


async def test_an_enterprise_is_registered_once_in_the_callers_area(registry: Harness, desk: Desk) -> None:
    """A registration is announced and dated; a second one, one outside the area or one without a parent is refused."""
    made = await desk.register(1)
    assert (made["status"], made["version"], made["tags"]) == ("registered", 1, ["key_area"])
    event = await registry.recorder.wait_for(EnterpriseRegistered)
    assert (event.enterprise_id, event.name, event.status) == (uscc(1), "衢州信源食品有限公司", "registered")
    history = (await desk.get(f"enterprises/{uscc(1)}/history"))["items"]
    assert [(deed["verb"], deed["effective_on"]) for deed in history] == [("registered", "2019-09-05")]

    assert (await desk.post("enterprises", particulars(1), 409))["code"] == "enterprise.exists"
    assert (await desk.post("enterprises", particulars(2, area="330102001"), 403))["code"] == "other_area"
    branch = particulars(2, kind="branch")
    assert (await desk.post("enterprises", branch, 409))["code"] == "enterprise.parent_missing"
    await desk.post("enterprises", branch | {"parent_id": uscc(1)}, 201)
    assert (await desk.get(f"enterprises/{uscc(2)}"))["parent_id"] == uscc(1)
    for wrong in ({"industry": "C6210"}, {"tags": ["made_up"]}, {"enterprise_id": uscc(3)[:17] + "?"}):
        await desk.post("enterprises", particulars(3) | wrong, 422)
    words = await desk.get("vocabulary/enterprises")
    assert (words["tags"]["white_list"], len(words["sections"])) == ("无事不扰白名单", 20)


async def test_a_new_name_keeps_the_former_one_and_both_are_found(registry: Harness, desk: Desk) -> None:
    """A renamed enterprise shows its former name with the day, is found by both, and is what it was on earlier days."""
    await desk.register(1)
    changed = await desk.patch(1, {"name": "衢州金谷食品有限公司", "effective_on": "2025-12-01"})
    assert (changed["name"], changed["version"]) == ("衢州金谷食品有限公司", 2)
    shown = await desk.get(f"enterprises/{uscc(1)}")
    assert shown["former_names"] == [{"name": "衢州信源食品有限公司", "used_until": "2025-12-01", "source_id": None}]
    for text in ("金谷", "信源", "xysp", "qzjg"):
        assert [found["name"] for found in (await desk.get(f"enterprises?q={text}"))["items"]] == [changed["name"]]
    before = await desk.get(f"enterprises/{uscc(1)}?on=2025-11-30")
    after = await desk.get(f"enterprises/{uscc(1)}?on=2025-12-01")
    assert [before["name"], after["name"]] == ["衢州信源食品有限公司", "衢州金谷食品有限公司"]
    assert (await desk.get(f"enterprises/{uscc(1)}?on=2018-01-01", 404))["code"] == "not_found"
    again = await desk.patch(1, {"name": "衢州金谷食品有限公司"}, 409)
    assert again["code"] == "enterprise.unchanged"
    early = await desk.patch(1, {"name": "另名", "effective_on": "2025-11-01"}, 409)
    assert early["code"] == "enterprise.out_of_order"
    late = await desk.patch(1, {"name": "另名", "effective_on": "2027-01-01"}, 409)
    assert late["code"] == "enterprise.future"


async def test_a_move_to_another_county_is_told_to_both_and_graded_by_its_law(
    registry: Harness, desk: Desk, enforce: Enforce
) -> None:
    """The event names the area that was left; the grade follows the new county's law; who saw it before does not."""
    await enforce("quzhou")
    await desk.register(1)
    fact = {
        "indicator": "penalties_24m",
        "value": 1,
        "source": "柯城区市场监督管理局",
        "occurred_on": "2026-01-02",
        "evidence": "决定书",
    }
    await desk.post(f"enterprises/{uscc(1)}/facts", fact, 201)
    county = Desk(registry, "330802")
    denied = await county.patch(1, {"area": "330803001"}, 403)
    assert denied["code"] == "other_area"
    await desk.patch(1, {"area": "330803001", "address": "衢江区1号"})
    event = await registry.recorder.wait_for(EnterpriseRegistered, lambda event: event.moved_from is not None)
    assert (event.moved_from, event.area) == ("330802001", "330803001")
    graded = await registry.recorder.wait_for(EnterpriseGraded, lambda event: event.area == "330803001")
    assert graded.version > event.version
    await county.get(f"enterprises/{uscc(1)}", 404)
    assert (await county.get("enterprises?q=信源"))["items"] == []
    assert len((await Desk(registry, "330803").get("enterprises?q=信源"))["items"]) == 1
    history = (await desk.get(f"enterprises/{uscc(1)}/history"))["items"]
    assert history[0]["verb"] == "moved"
    assert (history[0]["before"]["area"], history[0]["after"]["area"]) == ("330802001", "330803001")


async def test_business_is_suspended_resumed_and_closed_for_good(registry: Harness, desk: Desk) -> None:
    """Each step is allowed from its status only, with the version that was read; nothing follows deregistration."""
    made = await desk.register(1)
    path = f"enterprises/{uscc(1)}"
    because = {"reason": "经营困难"}
    assert (await desk.post(f"{path}/resume", because, 409))["code"] == "enterprise.not_resumed"
    stale = await desk.post(f"{path}/suspend", because, 412, made["version"] + 5)
    assert stale["code"] == "stale"
    suspended = await desk.post(f"{path}/suspend", because, version=made["version"])
    assert (suspended["status"], suspended["version"]) == ("suspended", 2)
    assert (await desk.get("enterprises?status=suspended"))["items"] == [suspended]
    assert (await desk.post(f"{path}/resume", because))["status"] == "registered"
    assert (await desk.post(f"{path}/deregister", because))["status"] == "deregistered"
    event = await registry.recorder.wait_for(EnterpriseRegistered, lambda event: event.version == 4)
    assert event.status == "deregistered"
    for attempt in (
        desk.post(f"{path}/deregister", because, 409),
        desk.post(f"{path}/premises", {"name": "新店", "area": "330802001"}, 409),
        desk.patch(1, {"name": "另名"}, 409),
    ):
        assert (await attempt)["code"] == "enterprise.deregistered"
    verbs = [deed["verb"] for deed in (await desk.get(f"{path}/history"))["items"]]
    assert verbs == ["deregistered", "resumed", "suspended", "registered"]


async def test_premises_open_and_close_singly(registry: Harness, desk: Desk) -> None:
    """Premises are announced while they are open; closed ones stay on record and are closed once."""
    await desk.register(1)
    path = f"enterprises/{uscc(1)}/premises"
    place = await desk.post(path, {"premises_id": "p1", "name": "总店", "area": "330802001", "address": "1号"}, 201)
    assert (place["opened_on"], place["closed_on"]) == ("2026-01-05", None)
    event = await registry.recorder.wait_for(EnterpriseRegistered, lambda event: event.version == 2)
    assert [premises.premises_id for premises in event.premises] == ["p1"]
    taken = await desk.post(path, {"premises_id": "p1", "name": "总店", "area": "330802001"}, 409)
    assert taken["code"] == "premises.exists"
    closed = await desk.post(f"{path}/p1/close", {"reason": "租期届满"})
    assert closed["closed_on"] == "2026-01-05"
    event = await registry.recorder.wait_for(EnterpriseRegistered, lambda event: event.version == 3)
    assert event.premises == ()
    assert (await desk.post(f"{path}/p1/close", {"reason": "租期届满"}, 409))["code"] == "premises.closed"
    assert await desk.get(path) == [closed]
    assert (await desk.get(f"enterprises/{uscc(1)}"))["premises"] == []
    await desk.post(f"{path}/p2/close", {"reason": "租期届满"}, 404)
