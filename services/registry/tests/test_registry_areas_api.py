"""Areas and internal units over HTTP: imported, searched, shown to people by name."""

import pytest
from httpx import Response

from wurao.common.auth import Role
from wurao.common.testing import Harness

AREAS = """code,name,level,parent
330000,浙江省,province,000000
330800,衢州市,prefecture,330000
330802,柯城区,county,330800
330803,衢江区,county,330800
330802001,府山街道,township,330802
"""


async def sent(registry: Harness, path: str, text: str, area: str, mode: str = "all") -> Response:
    """The answer to an upload by the platform of an area."""
    headers = registry.headers(Role.PLATFORM, area=area) | {"content-type": "text/csv"}
    answer = await registry.client.post(f"/v1/{path}/import?mode={mode}", content=text, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


async def test_areas_are_a_tree_with_names_for_people(registry: Harness) -> None:
    """Children, search by name and full names come from the imported tree; renaming needs only another import."""
    assert (await sent(registry, "areas", AREAS, "330000")).json()["accepted"] == 5
    below = (await registry.client.get("/v1/public/areas?parent=330800")).json()
    assert [one["name"] for one in below["items"]] == ["柯城区", "衢江区"]
    found = (await registry.client.get("/v1/public/areas?q=府山")).json()["items"]
    assert [one["full_name"] for one in found] == ["浙江省衢州市柯城区府山街道"]
    assert (await registry.client.get("/v1/public/areas?parent=000000")).json()["items"][0]["code"] == "330000"
    renamed = "code,name,level,parent\n330802001,府山新街道,township,330802\n"
    assert (await sent(registry, "areas", renamed, "330802")).json()["loaded"]
    one = (await registry.client.get("/v1/public/areas/330802001")).json()
    assert (one["name"], one["parent"]) == ("府山新街道", "330802")
    assert (await registry.client.get("/v1/public/areas/330804")).status_code == 404
    [agency] = (await registry.client.get("/v1/public/agencies?area=330800&line=market&q=市场")).json()["items"]
    assert (agency["area_name"], agency["line_name"]) == ("浙江省衢州市柯城区", "市场监管")
    assert (await registry.client.get("/v1/public/agencies?area=330803")).json()["items"] == []


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("330803,衢江区,county,330800", "other_area"),
        ("330802002,荷花街道,township,330800", "area.misplaced"),
        ("330802002,荷花街道,county,330802", "area.misplaced"),
        ("330802003002,荷花街道,township,330802", "string_pattern_mismatch"),
    ],
)
async def test_a_misplaced_area_is_a_row_error(registry: Harness, row: str, code: str) -> None:
    """An area outside the caller's, or not directly below its parent, is named with its row; the others are loaded."""
    await sent(registry, "areas", AREAS, "330000")
    good = "330802009,石梁镇,township,330802"
    report = (await sent(registry, "areas", f"code,name,level,parent\n{row}\n{good}\n", "330802", "good")).json()
    assert [(error["row"], error["code"]) for error in report["errors"]] == [(2, code)]
    assert (await registry.client.get("/v1/public/areas?q=石梁")).json()["items"][0]["code"] == "330802009"


async def test_units_belong_to_agencies_of_the_callers_area(registry: Harness) -> None:
    """Open units are in the directory; another area's platform, another agency and an unknown one are row errors."""
    header = "unit_id,agency_id,name,duties,phone,closed\n"
    rows = "u1,market,食品安全监管科,食品经营检查,0570-1,\nu2,market,法制科,案件审核,,true\n"
    assert (await sent(registry, "units", header + rows, "330802")).json()["accepted"] == 2
    units = (await registry.client.get("/v1/public/agencies/market")).json()["units"]
    expected = {"unit_id": "u1", "name": "食品安全监管科", "duties": "食品经营检查", "phone": "0570-1"}
    assert units == [expected]
    bad = "u1,fire,抢夺科,,,\nu3,nobody,无主科,,,\n"
    report = (await sent(registry, "units", header + bad, "330802", "good")).json()
    assert [error["code"] for error in report["errors"]] == ["unknown", "unit.other_agency"]
    report = (await sent(registry, "units", header + rows, "330803")).json()
    assert {error["code"] for error in report["errors"]} == {"other_area"}
    changed = header + "u1,market,食品科,食品经营检查,0570-1,\n"
    await sent(registry, "units", changed, "330802")
    headers = registry.headers(Role.PLATFORM, area="330802")
    [last, *_] = (await registry.client.get("/v1/agencies/market/history", headers=headers)).json()["items"]
    assert (last["action"], last["changed"]["name"]) == ("unit_changed", ["食品安全监管科", "食品科"])
