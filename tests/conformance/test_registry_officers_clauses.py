"""Certificates, their yearly review and recusal: duties of the registry, shown over HTTP and at the door."""

from typing import Any

import pytest
from tests.conformance import acts, planning
from tests.conformance.conftest import Bench
from tests.conformance.planning import Json, names

from wurao.common.contracts.checkin import EntryRefused, InspectionStarted
from wurao.common.contracts.registry import ConflictDeclared, OfficerCertified, OfficerExited
from wurao.common.contracts.scheduling import InspectionRefused, VisitRescheduled
from wurao.embedded.demo.client import Caller, until
from wurao.embedded.demo.county import County, at

CERTIFICATE = {"certificate_no": "37170399001", "valid_from": "2025-12-22", "valid_to": "2030-12-31"}
COURSE = {"course": "行政执法公共法律知识", "hours": 60, "finished_on": "2025-11-20", "passed": True}
EXAMINATION = {"sat_on": "2025-12-10", "score": 88, "passed": True}
POST = {"post": "一线执法岗", "employment": "administrative", "began_on": "2025-12-15"}


async def recorded(caller: Caller, officer_id: str, kind: str, body: Json) -> None:
    """Add to what is recorded of an officer."""
    await caller.post("registry", f"/v1/officers/{officer_id}/{kind}", body)


async def entries(caller: Caller, review: Json, **query: str) -> dict[str, set[str]]:
    """The certificates under a review with the codes of the reasons to withdraw them."""
    path = f"/v1/officer-reviews/{review['review_id']}/entries"
    listed = await caller.pages("registry", path, **query)
    return {one["officer_id"]: {why["code"] for why in one["reasons"]} for one in listed}


@pytest.mark.pack("dingtao")
@pytest.mark.clause("DT-02")
async def test_a_certificate_needs_a_pass_and_a_post(bench: Bench) -> None:
    """Without course, pass or post issuing is refused and leaves no certificate; with all three it is announced."""
    county = bench.county
    market = county.agency("market")
    newcomer = f"{market}-new"
    blank = {"certificate_no": "", "valid_from": "", "valid_to": "", "leader": "false"}
    flags = dict.fromkeys(("trained", "examined", "in_post"), "false")
    row = county.officers_of(market)[0] | blank | flags | {"officer_id": newcomer}
    assert (await planning.imported(county, "officers", row)).body["certified"] == 0
    supervisor, head = await county.supervisor(), await county.head(market)
    path = f"/v1/officers/{newcomer}/certify"

    async def lacking() -> set[str]:
        why = await planning.refused(supervisor, path, CERTIFICATE, service="registry")
        assert {one["clause"] for one in why.values()} == {"DT-02"}
        return {code.removeprefix("officer.") for code in why}

    assert await lacking() == {"untrained", "unexamined", "not_in_post"}
    await recorded(head, newcomer, "trainings", COURSE)
    await recorded(supervisor, newcomer, "examinations", EXAMINATION | {"passed": False, "score": 40})
    await recorded(head, newcomer, "posts", POST | {"employment": "contract"})
    assert await lacking() == {"unexamined", "not_established"}
    await recorded(supervisor, newcomer, "examinations", EXAMINATION | {"sat_on": "2025-12-20"})
    await recorded(head, newcomer, "posts", POST)
    assert not [event for event in bench.events.of(OfficerCertified) if event.officer_id == newcomer]
    await supervisor.post("registry", path, CERTIFICATE)
    await bench.events.wait_for(OfficerCertified, lambda event: event.officer_id == newcomer)
    public = await county.callers.public.get("registry", "/v1/public/certificates/37170399001")
    assert (public["valid"], public["name"]) == (True, row["name"])


@pytest.mark.pack("dingtao")
@pytest.mark.clause("DT-02")
async def test_the_yearly_review_withdraws_certificates_and_the_door_knows_at_once(bench: Bench) -> None:
    """The review lists whom to withdraw; unfit holders are not kept; who lost the certificate is turned away."""
    county = bench.county
    fire = county.agency("fire")
    made = await planning.published(county, fire, [planning.item(county, fire, special_industry="true")])
    visit = await planning.approved_visit(county, planning.planned(made, planning.enterprises(county, 1)[0]))
    gone, *others = sorted(names(visit))
    head, supervisor = await county.head(fire), await county.supervisor()
    for row in county.officers_of(fire):
        if row["officer_id"] != gone:
            await recorded(head, row["officer_id"], "trainings", COURSE)
    await recorded(head, gone, "trainings", COURSE | {"hours": 8})

    review = await supervisor.post("registry", "/v1/officer-reviews", {"area": county.area, "year": 2025})
    found = await entries(head, review)
    assert found[gone] == {"officer.undertrained"}
    assert all(found[officer_id] == set() for officer_id in others)
    assert gone in await entries(supervisor, review, doubtful="true")
    path = f"/v1/officer-reviews/{review['review_id']}/decisions"
    kept = [{"officer_id": officer_id, "decision": "keep"} for officer_id in (gone, *others)]
    why = await planning.refused(head, path, {"decisions": kept}, service="registry")
    assert why["officer.undertrained"]["clause"] == "DT-02"
    taken = {"officer_id": gone, "decision": "withdraw", "reason": "培训学时不足且未补训"}
    own = await county.callers.of("head", name=gone, officer_id=gone, agency_id=fire, area=county.area)
    refused = await own.send("POST", "registry", path, json={"decisions": kept[:1]})
    assert (refused.status, refused.body["code"]) == (403, "officer.own_matter")
    progress = await head.post("registry", path, {"decisions": [*kept[1:], taken]})
    assert (progress["kept"], progress["withdrawn"]) == (len(others), 1)

    exited = await bench.events.wait_for(OfficerExited, lambda event: event.officer_id == gone)
    assert "2025年度审验" in exited.reason
    changed = await bench.events.wait_for(VisitRescheduled, lambda event: event.visit_id == visit["visit_id"])
    assert gone not in {officer.officer_id for officer in changed.officers}
    await county.callers.set_clock(at(visit["day"]))
    stage = acts.stage_of(county)

    async def turned_away() -> bool:
        answer = await acts.knock(stage, visit, officer_ids=[*others, gone])
        return answer.refused and "door.officer_exited" in acts.refusals(answer)

    await until("the door turns the officer away", turned_away, seconds=planning.SECONDS)
    await bench.events.wait_for(EntryRefused, lambda event: gone in event.officers)
    assert not bench.events.of(InspectionStarted)
    number = next(row["certificate_no"] for row in county.table("officers") if row["officer_id"] == gone)
    shown = await county.callers.public.get("registry", f"/v1/public/certificates/{number}")
    assert shown["valid"] is False
    await county.callers.set_clock(at("2026-03-16"))
    late = await head.get("registry", f"/v1/officer-reviews/{review['review_id']}")
    assert late["overdue"] == late["undecided"] > 0


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-02")
async def test_no_auxiliary_becomes_an_inspector_by_any_way(bench: Bench) -> None:
    """A grid worker and a temporary are recorded, and refused post, certificate and filing with the clause."""
    county = bench.county
    market = county.agency("market")
    known = county.officers_of(market)[0]
    blank = {"certificate_no": "", "valid_from": "", "valid_to": "", "leader": "false"}
    [target], item_id = planning.enterprises(county, 1), planning.item(county, market)
    supervisor, planner = await county.supervisor(), await county.planner(market)
    for kind in ("grid_worker", "temporary"):
        officer_id = f"{market}-{kind}"
        report = await planning.imported(county, "officers", known | blank | {"officer_id": officer_id, "kind": kind})
        assert (report.body["accepted"], report.body["certified"]) == (1, 0)
        for path, body in (("posts", POST), ("certify", CERTIFICATE)):
            why = await planning.refused(supervisor, f"/v1/officers/{officer_id}/{path}", body, service="registry")
            assert why["officer.auxiliary"]["clause"] == "QZ-02"
        filing = planning.filing(county, market, target, item_id, officer_ids=[known["officer_id"], officer_id])
        assert "officer.unknown" in await planning.refused(planner, "/v1/filings", filing)
        [verdict] = await supervisor.post("registry", "/v1/officers/verify", {"officer_ids": [officer_id]})
        assert (verdict["valid"], verdict["clause"]) == (False, "QZ-02")
    await bench.events.wait_for(InspectionRefused, lambda event: event.stage == "filing")
    assert not [event for event in bench.events.of(OfficerCertified) if event.officer_id.startswith(f"{market}-t")]


async def states(county: County, officer_id: str, caller: Caller, **body: Any) -> Json:
    """A relation of an officer to an enterprise, stated by somebody."""
    made: Json = await caller.post("registry", f"/v1/officers/{officer_id}/conflicts", body)
    return made


@pytest.mark.pack("quzhou")
async def test_a_related_officer_does_not_go(bench: Bench) -> None:
    """After the head upholds an enterprise's report the officer leaves its visit and is neither drawn nor assigned."""
    county = bench.county
    fire = county.agency("fire")
    made = await planning.published(county, fire, [planning.item(county, fire, special_industry="true")])
    first, second = planning.enterprises(county, 2)
    visit = await planning.approved_visit(county, planning.planned(made, first))
    listed = min(names(visit))
    reported = await states(
        county,
        listed,
        await county.enterprise(first),
        enterprise_id=first,
        kind="relative",
        detail="与本企业竞争对手的负责人是近亲属",
    )
    assert reported["state"] == "reported"
    supervisor, head = await county.supervisor(), await county.head(fire)
    assert await supervisor.get("scheduling", f"/v1/visits/{visit['visit_id']}") == visit

    decision = {"upheld": True, "reason": "情况属实，应当回避"}
    await head.post("registry", f"/v1/conflicts/{reported['conflict_id']}/decide", decision)
    await bench.events.wait_for(ConflictDeclared, lambda event: event.officer_id == listed)
    changed = await bench.events.wait_for(VisitRescheduled, lambda event: event.visit_id == visit["visit_id"])
    assert changed.revoked_code_id == visit["code"]["code_id"]
    fresh = await supervisor.get("scheduling", f"/v1/visits/{visit['visit_id']}")
    assert listed not in names(fresh)
    assert len(names(fresh)) == 2
    again = {"remove": [], "add": [listed], "reason": "人员调整"}
    why = await planning.refused(head, f"/v1/visits/{visit['visit_id']}/officers", again)
    assert (why["officer.recused"]["clause"], why["officer.recused"]["cite"]) == ("PL-43", "行政处罚法 第四十三条")

    staff = [row["officer_id"] for row in county.officers_of(fire)]
    for officer_id in staff[2:]:
        own = await county.officer(officer_id, fire)
        share = {"enterprise_id": second, "kind": "shareholding", "detail": "持有该企业股份"}
        assert (await states(county, officer_id, own, **share))["state"] == "in_force"
        filing = planning.filing(county, fire, second, made["item_ids"][0], officer_ids=[staff[0], officer_id])
        planner = await county.planner(fire)

        async def known(body: Json = filing, planner: Caller = planner) -> bool:
            answer = await planner.send("POST", "scheduling", "/v1/filings", json=body)
            return answer.refused and "officer.recused" in acts.refusals(answer)

        await until("scheduling has heard of the relation", known, seconds=planning.SECONDS)
    drawn = await planning.proposed_visit(county, planning.planned(made, second))
    assert names(drawn) == set(staff[:2])
