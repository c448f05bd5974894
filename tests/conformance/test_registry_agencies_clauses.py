"""Bodies that may inspect and what the public is told about them: duties of the registry, shown over HTTP."""

import re
from html import unescape

import pytest
from tests.conformance import acts, planning
from tests.conformance.conftest import Bench

from wurao.common.contracts.registry import AgencyWithdrawn
from wurao.embedded.demo.client import Answer
from wurao.embedded.demo.county import County, at, task

Json = dict[str, object]


async def page(county: County, path: str) -> str:
    """The words of a public page, without a login and without its markup."""
    answer = await county.callers.public.send("GET", "registry", f"/public/{path}")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    return unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", answer.body, flags=re.DOTALL))


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-02")
@pytest.mark.parametrize("kind", ["coordinating_body", "third_party", "intermediary"])
async def test_bodies_that_may_not_inspect_are_not_registered(bench: Bench, kind: str) -> None:
    """An unfit body is refused with the clause, by itself and in an import, and leaves no trace."""
    county = bench.county
    known = next(row for row in county.table("agencies") if row["kind"] == "organ" and row["level"] == "county")
    unfit = known | {"agency_id": "330802-lone", "kind": kind}
    platform = await county.platform()
    body = {name: unfit[name] for name in ("agency_id", "name", "kind", "level", "area", "line", "authority")}
    refused = acts.refusals(await platform.send("POST", "registry", "/v1/agencies", json=body))
    assert refused["agency.unqualified"]["clause"] == "QZ-02"

    report = await planning.imported(county, "agencies", unfit)
    assert (report.status, report.body["loaded"], report.body["rejected"]) == (200, False, 1)
    [error] = report.body["errors"]
    assert (error["code"], "QZ-02" in error["message"], "衢政办发〔2025〕16号" in error["message"]) == (
        "agency.unqualified",
        True,
        True,
    )
    assert (await platform.send("GET", "registry", "/v1/agencies/330802-lone")).status == 404
    assert (await platform.send("POST", "registry", "/v1/agencies/330802-lone/publish")).status == 404
    listed = await county.callers.public.pages("registry", "/v1/public/agencies")
    assert "330802-lone" not in {one["agency_id"] for one in listed}

    planner = await county.planner("330802-lone")
    [target] = planning.enterprises(county, 1)
    items = [planning.item(county, county.agency("market"))]
    request = task("330802-lone", target, items, origin="triggered", ground="complaint", source_record="12345-7")
    assert "agency.not_published" in await planning.refused(planner, "/v1/tasks", request)


@pytest.mark.pack("dingtao")
@pytest.mark.clause("DT-01")
async def test_the_directory_shows_each_body_s_authority_and_delegation(bench: Bench) -> None:
    """List and page of every published body carry its authority; an entrusted one's written delegation as well."""
    county = bench.county
    rows = {row["agency_id"]: row for row in county.table("agencies")}
    listed = {one["agency_id"]: one for one in await county.callers.public.pages("registry", "/v1/public/agencies")}
    assert listed.keys() == rows.keys() - {county.agency("statistics")}
    for agency_id, one in listed.items():
        text, row = await page(county, f"agencies/{agency_id}"), rows[agency_id]
        assert one["authority"] == row["authority"] != ""
        assert all(word in text for word in (row["name"], row["authority"], row["phone"], one["area_name"]))
        assert one["units"]
        if row["kind"] == "entrusted":
            delegation = one["delegation"]
            assert delegation["document_no"] == row["delegation_no"]
            told = (row["delegation_no"], row["delegation_scope"], row["delegation_basis"])
            assert all(word in text for word in (*told, rows[row["delegating_id"]]["name"]))
        else:
            assert one["delegation"] is None
    first = await page(county, "agencies")
    assert "菏泽市定陶区" in first
    assert county.agency("market") in {one["agency_id"] for one in listed.values() if one["name"] in first}
    hidden = await county.callers.public.send("GET", "registry", f"/public/agencies/{county.agency('statistics')}")
    assert hidden.status == 404


@pytest.mark.pack("dingtao")
@pytest.mark.clause("DT-01")
async def test_a_body_stops_when_its_delegation_ends(bench: Bench) -> None:
    """A delegation by anybody but an organ is refused; on the day after the last, nobody may act on one any more."""
    county = bench.county
    row = next(one for one in county.table("agencies") if one["kind"] == "entrusted")
    platform, supervisor = await county.platform(), await county.supervisor()
    path = f"/v1/agencies/{row['agency_id']}"
    renewal = {
        "document_no": "定委托〔2026〕1号",
        "delegating_id": county.agency("fire"),
        "begins": "2029-01-01",
        "ends": "2029-12-31",
        "scope": row["delegation_scope"],
        "basis": row["delegation_basis"],
    }
    why = acts.refusals(await platform.send("POST", "registry", f"{path}/delegations", json=renewal))
    assert why["delegation.delegating"]["clause"] == "DT-01"
    soon = await supervisor.pages("registry", "/v1/agencies/lapsing", days=3000)
    assert row["agency_id"] in {one["agency_id"] for one in soon}

    await county.callers.set_clock(at("2029-01-01"))
    gone = await bench.events.wait_for(AgencyWithdrawn, lambda e: e.agency_id == row["agency_id"])
    assert f"{gone.withdrawn_on}" == "2029-01-01"
    assert (await platform.get("registry", path))["state"] == "withdrawn"
    entrusted = {one["agency_id"] for one in county.table("agencies") if one["kind"] == "entrusted"}
    listed = await county.callers.public.pages("registry", "/v1/public/agencies")
    assert not entrusted & {one["agency_id"] for one in listed}
    deeds = await supervisor.pages("registry", f"{path}/history")
    assert (deeds[0]["action"], deeds[0]["by"]) == ("withdrawn", "clock")

    planner, [target] = await county.planner(row["agency_id"]), planning.enterprises(county, 1)
    items = [planning.item(county, county.agency("market"))]
    request = task(row["agency_id"], target, items, origin="triggered", ground="complaint", source_record="12345-8")
    assert "agency.not_published" in await planning.refused(planner, "/v1/tasks", request)


@pytest.mark.pack("dingtao")
@pytest.mark.clause("DT-03")
async def test_every_published_item_says_who_on_what_basis_how_and_with_which_remedies(bench: Bench) -> None:
    """For each item of the county, JSON and page carry body, authority, basis, procedure, remedies and the form."""
    county = bench.county
    agencies = {row["agency_id"]: row for row in county.table("agencies")}
    published = set(agencies) - {county.agency("statistics")}
    rows = [row for row in county.table("items") if row["agency_id"] in published]
    shown: dict[str, Json] = {}
    for agency_id in published:
        listed = await county.callers.public.pages("registry", f"/v1/public/agencies/{agency_id}/items")
        shown |= {one["item_id"]: one for one in listed}
        text = await page(county, f"agencies/{agency_id}")
        assert all(one["name"] in text for one in listed)
    assert shown.keys() == {row["item_id"] for row in rows}
    for row in rows:
        agency, one = agencies[row["agency_id"]], shown[row["item_id"]]
        told = (agency["name"], agency["authority"], agency["procedure"], agency["remedies"])
        assert tuple(one[name] for name in ("agency_name", "authority", "procedure", "remedies")) == told
        assert (one["law"], one["article"]) == (row["law"], row["article"])
        text = await page(county, f"items/{row['item_id']}")
        assert all(word in text and word for word in (*told, row["name"], f"《{row['law']}》{row['article']}"))
        questions = [each for each in county.table("forms") if each["form_id"] == row["form_id"]]
        assert all(each["text"] in text and each["standard"] in text for each in questions)


@pytest.mark.pack("yongzhou")
@pytest.mark.clause("YZ-03")
async def test_a_department_s_random_list_is_read_without_a_login(bench: Bench) -> None:
    """A department's list is public with its version; each random item shows its basis, as JSON and as a page."""
    county = bench.county
    market = county.agency("market")
    wanted = {row["item_id"]: row for row in county.items_of(market, lambda row: row["random_list"] == "true")}
    query = {"random_list": "true"}
    listed = await county.callers.public.pages("registry", f"/v1/public/agencies/{market}/items", **query)
    assert {one["item_id"] for one in listed} == wanted.keys() != set()
    assert all((one["law"], one["article"]) == _basis(wanted[one["item_id"]]) for one in listed)
    text = await page(county, f"agencies/{market}")
    assert re.search(r"清单版本：\d{4}年第1号", text)
    assert all(row["name"] in text for row in wanted.values())
    for item_id in list(wanted)[:3]:
        editions = await county.callers.public.pages("registry", f"/v1/public/items/{item_id}/editions")
        assert [one["edition"] for one in editions] == [1]
        assert f"第{editions[0]['edition']}版" in await page(county, f"items/{item_id}")
    written: Answer = await county.callers.public.send("POST", "registry", f"/v1/agencies/{market}/item-lists", json={})
    assert written.status == 401


def _basis(row: dict[str, str]) -> tuple[str, str]:
    return row["law"], row["article"]
