"""Who may inspect at all, and how closely: duties of the registry, shown over HTTP."""

import pytest
from tests.conformance import acts, planning
from tests.conformance.conftest import Bench
from tests.conformance.planning import Json, names

from wurao.common.contracts.checkin import EntryRefused, InspectionStarted
from wurao.common.contracts.registry import AgencyPublished, EnterpriseGraded, OfficerCertified, OfficerExited
from wurao.common.contracts.scheduling import (
    DrawHeld,
    EmergencyFiled,
    InspectionRefused,
    VisitCancelled,
    VisitRescheduled,
)
from wurao.embedded.demo.client import until
from wurao.embedded.demo.county import YEAR, County, at, plan, task
from wurao.embedded.demo.visiting import door_body, enter


@pytest.mark.pack("yongzhou")
@pytest.mark.clause("YZ-08")
async def test_three_credit_levels_get_three_kinds_of_supervision(bench: Bench) -> None:
    """Enterprises of three levels get three sampling ratios, yearly caps and sets of measures, and are drawn so."""
    county = bench.county
    excellent, medium, poor = await planning.of_grade(county, "excellent", 3)
    await planning.recorded(county, medium, "penalties_24m", 2)
    await planning.recorded(county, poor, "serious_breach", 1)
    stands = [
        await planning.grade(county, excellent),
        await planning.grade(county, medium),
        await planning.grade(county, poor),
    ]
    measures = await planning.rule(county, "grade.measures")

    assert [stand["grade"] for stand in stands] == ["excellent", "medium", "poor"]
    for stand in stands:
        promised = {name: stand[name] for name in ("sampling_permille", "yearly_cap", "measures")}
        assert promised == measures[stand["grade"]]
    ratios = [stand["sampling_permille"] for stand in stands]
    caps = [stand["yearly_cap"] for stand in stands]
    assert ratios == sorted(set(ratios))
    assert caps == sorted(set(caps))
    assert len({tuple(stand["measures"]) for stand in stands}) == 3
    for enterprise_id, stand in ((medium, stands[1]), (poor, stands[2])):
        graded = [event for event in await announced(bench, enterprise_id) if event.previous]
        assert [(event.previous, event.grade, event.clause) for event in graded] == [
            ("excellent", stand["grade"], "YZ-08")
        ]
        assert graded[0].sampling_permille == stand["sampling_permille"]

    market = county.agency("market")
    wide = planning.item(county, market, industries="")
    made = await planning.published(county, market, [wide])
    drawn = await planning.ratios(county, made, [wide], set(measures))
    assert drawn == {level: measure["sampling_permille"] for level, measure in measures.items()}


async def announced(bench: Bench, enterprise_id: str) -> list[EnterpriseGraded]:
    """The grades that were announced of an enterprise, once it was graded anew."""
    await bench.events.wait_for(EnterpriseGraded, lambda e: e.enterprise_id == enterprise_id and bool(e.previous))
    return [event for event in bench.events.of(EnterpriseGraded) if event.enterprise_id == enterprise_id]


async def leaves(county: County, officer_id: str) -> None:
    """The supervision body decides that an officer leaves enforcement."""
    supervisor = await county.supervisor()
    await supervisor.post("registry", f"/v1/officers/{officer_id}/exit", {"reason": "年度考核不合格，退出执法岗位"})


@pytest.mark.pack("yongzhou")
@pytest.mark.clause("YZ-10")
async def test_an_officer_who_left_is_rejected_everywhere_and_replaced(bench: Bench) -> None:
    """Within seconds of an exit the visits to come have a substitute, and assignment and door reject the officer."""
    county = bench.county
    fire = county.agency("fire")
    made = await planning.published(county, fire, [planning.item(county, fire, special_industry="true")])
    first, second = planning.enterprises(county, 2)
    visit = await planning.approved_visit(county, planning.planned(made, first))
    waiting = await planning.proposed_visit(county, planning.planned(made, second))
    gone = visit["officers"][0]["officer_id"]
    if gone not in names(waiting):
        body = {"remove": [waiting["officers"][0]["officer_id"]], "add": [gone], "reason": "人员调整"}
        head = await county.head(fire)
        waiting = await head.post("scheduling", f"/v1/visits/{waiting['visit_id']}/officers", body)
    assert gone in names(waiting)

    await leaves(county, gone)
    await bench.events.wait_for(OfficerExited, lambda e: e.officer_id == gone, seconds=planning.SECONDS)
    changed = await bench.events.wait_for(
        VisitRescheduled, lambda e: e.visit_id == visit["visit_id"], seconds=planning.SECONDS
    )
    supervisor = await county.supervisor()

    async def replaced() -> Json | None:
        now = await supervisor.get("scheduling", f"/v1/visits/{waiting['visit_id']}")
        return now if gone not in names(now) else None

    waiting = await until("the proposed visit has a substitute", replaced, seconds=planning.SECONDS)
    fresh = await supervisor.get("scheduling", f"/v1/visits/{visit['visit_id']}")
    assert gone not in names(fresh)
    assert len(names(fresh)) == len(names(waiting)) == 2
    assert fresh["state"] == "approved"
    assert changed.revoked_code_id == visit["code"]["code_id"] != fresh["code"]["code_id"]

    assignment = {"remove": [], "add": [gone], "reason": "人员调整"}
    head = await county.head(fire)
    why = await planning.refused(head, f"/v1/visits/{fresh['visit_id']}/officers", assignment)
    assert why["officer.exited"]["clause"] == "YZ-10"
    assert await supervisor.get("scheduling", f"/v1/visits/{fresh['visit_id']}") == fresh
    await bench.events.wait_for(
        InspectionRefused, lambda e: e.stage == "visit" and e.refusals[0].code == "officer.exited"
    )

    await county.callers.set_clock(at(fresh["day"]))
    stage = acts.stage_of(county)
    staying = fresh["officers"][0]
    knocking = await county.officer(staying["officer_id"], fire)
    for shown in (visit, fresh):
        body = await door_body(stage, shown) | {"officer_ids": [staying["officer_id"], gone]}

        async def turned_away(body: Json = body) -> bool:
            return "door.officer_exited" in await planning.refused(knocking, "/v1/entries", body, service="checkin")

        await until("the door turns the officer away", turned_away, seconds=planning.SECONDS)
    await bench.events.wait_for(EntryRefused, lambda e: gone in e.officers)
    assert not bench.events.of(InspectionStarted)
    entry = await enter(stage, fresh)
    assert entry["visit_id"] == fresh["visit_id"]


@pytest.mark.pack("yongzhou")
@pytest.mark.clause("YZ-10")
async def test_an_officer_who_left_is_drawn_no_more(bench: Bench) -> None:
    """Officers are drawn for visits among those who stayed, and an agency without enough of them sends nobody."""
    county = bench.county
    fire = county.agency("fire")
    made = await planning.published(county, fire, [planning.item(county, fire, special_industry="true")])
    staying = {row["officer_id"] for row in county.officers_of(fire)[:2]}
    leaving = [row["officer_id"] for row in county.officers_of(fire)[2:]]
    first, second = planning.enterprises(county, 2)
    planner = await county.planner(fire)
    for officer_id in leaving:
        await leaves(county, officer_id)
        filing = planning.filing(county, fire, first, made["item_ids"][0], officer_ids=[*staying, officer_id])

        async def rejected(body: Json = filing) -> bool:
            answer = await planner.send("POST", "scheduling", "/v1/filings", json=body)
            return answer.refused and "officer.exited" in acts.refusals(answer)

        await until("scheduling has heard of the exit", rejected, seconds=planning.SECONDS)
    visit = await planning.proposed_visit(county, planning.planned(made, first))
    assert names(visit) == staying

    await leaves(county, staying.pop())
    supervisor = await county.supervisor()

    async def short() -> bool:
        return names(await supervisor.get("scheduling", f"/v1/visits/{visit['visit_id']}")) == staying

    await until("the visit is one officer short", short, seconds=planning.SECONDS)
    head = await county.head(fire)
    why = await planning.refused(head, f"/v1/visits/{visit['visit_id']}/approve")
    assert "visit.too_few_officers" in why
    unserved = await planning.tasked(county, planning.planned(made, second))
    assert (await planning.merged(county))["unserved"] == 1
    assert (await planning.tasks(county, enterprise_id=second))[0]["task_id"] == unserved["task_id"]
    assert await acts.visits_of(county, second) == []


@pytest.mark.pack("dingtao")
@pytest.mark.clause("DT-01")
async def test_an_unpublished_agency_does_nothing(bench: Bench) -> None:
    """An agency that was entered but not published is not in the directory and neither plans, files nor enters."""
    county = bench.county
    hidden = county.agency("statistics")
    planner = await county.planner(hidden)
    own = county.items_of(hidden)[0]["item_id"]
    [target] = planning.enterprises(county, 1)

    for path, body in (
        ("/v1/plans", plan(hidden, "2026年统计执法检查计划", [own])),
        ("/v1/tasks", task(hidden, target, [own], origin="triggered", ground="complaint", source_record="12345-1")),
        ("/v1/filings", planning.filing(county, hidden, target, own)),
    ):
        why = await planning.refused(planner, path, body)
        assert why["agency.not_published"]["clause"] == "DT-01"
    assert {event.stage for event in await planning.evidence(bench.events, hidden, 3)} == {"plan", "task", "filing"}
    assert await planner.pages("scheduling", "/v1/plans") == []
    assert await planning.tasks(county, agency_id=hidden) == []
    market = county.agency("market")
    lent = await planning.published(county, market, [planning.item(county, market)])
    draw = await planner.send("POST", "scheduling", "/v1/draws", json=planning.drawing(lent, lent["item_ids"]))
    assert (draw.status, draw.body["code"]) == (403, "other_agency")
    assert not bench.events.of(EmergencyFiled)

    officer = county.officers_of(hidden)[0]["officer_id"]
    entry = exceptional(county, hidden, target, own)
    knocking = await county.officer(officer, hidden)
    why = await planning.refused(knocking, "/v1/entries/exception", entry, service="checkin")
    assert "door.agency_unknown" in why
    await bench.events.wait_for(EntryRefused, lambda e: hidden in e.agencies)
    assert not bench.events.of(InspectionStarted)

    platform = await county.platform()
    listing = await platform.send("POST", "registry", f"/v1/agencies/{hidden}/item-lists", json={"year": YEAR})
    items = acts.refusals(listing)
    assert items["agency.unpublished"]["clause"] == "DT-01"
    directory = await public_directory(county)
    assert hidden not in directory
    await platform.post("registry", f"/v1/agencies/{hidden}/publish")
    assert (await public_directory(county)).keys() == directory.keys() | {hidden}


def exceptional(county: County, agency_id: str, enterprise_id: str, item_id: str) -> Json:
    """An entry on an exception ground by two of an agency's officers."""
    return {
        "enterprise_id": enterprise_id,
        "officer_ids": [row["officer_id"] for row in county.officers_of(agency_id)[:2]],
        "ground": "emergency",
        "source_record": "应急值班记录2025-1222",
        "item_ids": [item_id],
    }


async def public_directory(county: County) -> dict[str, Json]:
    """Who may enforce, as anyone may read it."""
    listed = await county.callers.public.pages("registry", "/v1/public/agencies")
    return {one["agency_id"]: one for one in listed}


@pytest.mark.pack("dingtao")
@pytest.mark.clause("DT-01")
async def test_a_withdrawn_agency_stops_at_once(bench: Bench) -> None:
    """After its withdrawal an agency neither plans nor draws; its visits are called off, its officers turned away."""
    county = bench.county
    fire, market = county.agency("fire"), county.agency("market")
    special = planning.item(county, fire, special_industry="true")
    made = await planning.published(county, fire, [special])
    waiting = await planning.draft(county, fire, [special])
    first, second = planning.enterprises(county, 2)
    visit = await planning.approved_visit(county, planning.planned(made, first))
    left = await planning.tasked(county, planning.planned(made, second))

    supervisor = await county.supervisor()
    reason = {"reason": "机构改革，职责划入其他机关"}
    await supervisor.post("registry", f"/v1/agencies/{fire}/withdraw", reason)
    called_off = await bench.events.wait_for(
        VisitCancelled, lambda e: e.visit_id == visit["visit_id"], seconds=planning.SECONDS
    )
    assert called_off.agencies == (fire,)
    assert {one["state"] for one in await planning.tasks(county, agency_id=fire)} == {"cancelled"}
    assert (await supervisor.get("scheduling", f"/v1/tasks/{left['task_id']}"))["note"] != ""

    planner, head = await county.planner(fire), await county.head(fire)
    for caller, path, body in (
        (planner, "/v1/plans", plan(fire, "2026年消防检查计划", [special])),
        (head, f"/v1/plans/{waiting['plan_id']}/approve", None),
        (planner, "/v1/draws", planning.drawing(made, [special])),
        (planner, "/v1/tasks", planning.planned(made, second)),
    ):
        why = await planning.refused(caller, path, body)
        assert why["agency.not_published"]["clause"] == "DT-01"
    kept = await planning.evidence(bench.events, fire, 4)
    assert all("agency.not_published" in {why.code for why in event.refusals} for event in kept)
    assert len(await planner.pages("scheduling", "/v1/plans")) == 2
    assert not bench.events.of(DrawHeld)
    assert len(await planning.tasks(county, agency_id=fire)) == 2

    await county.callers.set_clock(at(visit["day"]))
    stage = acts.stage_of(county)

    async def turned_away() -> acts.Refusals | None:
        why = acts.refusals(await acts.knock(stage, visit))
        return why if "door.agency_unpublished" in why else None

    why = await until("the door knows of the withdrawal", turned_away, seconds=planning.SECONDS)
    assert "door.visit_cancelled" in why
    assert why["door.agency_unpublished"]["clause"] == "DT-01"
    assert not bench.events.of(InspectionStarted)

    directory = await public_directory(county)
    assert fire not in directory
    sample = {row["agency_id"]: row["authority"] for row in county.table("agencies")}
    assert all(one["authority"] == sample[agency_id] != "" for agency_id, one in directory.items())
    assert market in directory


@pytest.mark.pack("dingtao")
@pytest.mark.clause("DT-01")
async def test_a_body_without_authority_is_not_published(bench: Bench) -> None:
    """A body that names no law or delegation for its authority stays out of the directory."""
    county = bench.county
    [known, *_] = county.table("agencies")
    report = await planning.imported(county, "agencies", known | {"agency_id": "371703-lone", "authority": ""})
    assert (report.status, report.body["accepted"]) == (200, 1)
    supervisor = await county.supervisor()

    answer = await supervisor.send("POST", "registry", "/v1/agencies/371703-lone/publish")
    assert acts.refusals(answer)["agency.no_authority"]["clause"] == "DT-01"
    assert "371703-lone" not in await public_directory(county)
    assert not [event for event in bench.events.of(AgencyPublished) if event.agency_id == "371703-lone"]


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-02")
async def test_auxiliaries_are_neither_certified_nor_sent(bench: Bench) -> None:
    """An auxiliary gets no certificate by import or decision, is not put on a visit and does not pass the door."""
    county = bench.county
    fire = county.agency("fire")
    officer = county.officers_of(fire)[0]
    helper = officer | {"officer_id": f"{fire}-helper", "kind": "auxiliary", "certificate_no": "33080299999"}
    report = await planning.imported(county, "officers", helper)
    assert (report.body["accepted"], report.body["certified"]) == (1, 0)
    assert [note["code"] for note in report.body["notes"]] == ["officer.auxiliary"]
    for kind in ("grid_worker", "temporary"):
        other = helper | {"officer_id": f"{fire}-{kind}", "kind": kind, "certificate_no": ""}
        report = await planning.imported(county, "officers", other)
        assert (report.body["accepted"], report.body["certified"]) == (1, 0)
    supervisor = await county.supervisor()
    certificate = {"certificate_no": "33080299999", "valid_from": "2025-01-01", "valid_to": "2029-12-31"}
    path = f"/v1/officers/{helper['officer_id']}"
    why = await planning.refused(supervisor, f"{path}/certify", certificate, service="registry")
    assert why["officer.auxiliary"]["clause"] == "QZ-02"
    assert (await supervisor.get("registry", path))["standing"] == "recorded"

    made = await planning.published(county, fire, [planning.item(county, fire, special_industry="true")])
    visit = await planning.approved_visit(county, planning.planned(made, planning.enterprises(county, 1)[0]))
    head = await county.head(fire)
    joining = {"remove": [], "add": [helper["officer_id"]], "reason": "协助检查"}
    why = await planning.refused(head, f"/v1/visits/{visit['visit_id']}/officers", joining)
    assert "officer.unknown" in why
    assert await supervisor.get("scheduling", f"/v1/visits/{visit['visit_id']}") == visit
    await bench.events.wait_for(InspectionRefused, lambda e: e.stage == "visit" and e.agency_id == fire)

    await county.callers.set_clock(at(visit["day"]))
    stage = acts.stage_of(county)
    present = [visit["officers"][0]["officer_id"], helper["officer_id"]]
    why = acts.refusals(await acts.knock(stage, visit, officer_ids=present))
    assert {"door.not_certified", "door.officer_not_named"} <= why.keys()
    assert not [event for event in bench.events.of(OfficerCertified) if event.officer_id == helper["officer_id"]]
    assert not bench.events.of(InspectionStarted)


@pytest.mark.pack("cangxian")
@pytest.mark.clause("CX-12")
async def test_every_class_is_explained_by_four_factors(bench: Bench) -> None:
    """Each enterprise's score is the base plus four factors, each factor the sum of its indicators and their facts."""
    county = bench.county
    classes = set()
    for row in county.table("enterprises")[:40]:
        stand = await planning.grade(county, row["enterprise_id"])
        factors = {one["factor"]: one["points"] for one in stand["factors"]}
        assert factors.keys() == {"lawful_operation", "risk_control", "technology", "social_contribution"}
        assert stand["score"] == stand["base"] + sum(factors.values())
        for factor, points in factors.items():
            own = [one for one in stand["indicators"] if one["factor"] == factor]
            assert own
            assert points == sum(one["points"] for one in own)
            assert all(one["reason"] and (one["facts"] or not one["value"]) for one in own)
        assert (stand["clause"], bool(stand["reasons"])) == ("CX-12", True)
        classes.add(stand["grade"])
    assert len(classes) > 1
    measures = await planning.rule(county, "grade.measures")
    assert measures["A"]["sampling_permille"] < measures["B"]["sampling_permille"] < measures["C"]["sampling_permille"]


@pytest.mark.pack("cangxian")
@pytest.mark.clause("CX-12")
async def test_random_inspections_leave_class_a_in_peace(bench: Bench) -> None:
    """An A enterprise that a draw names is refused on site, passes on a ground of the exception, and B is as usual."""
    county = bench.county
    market = county.agency("market")
    wide = planning.item(county, market, industries="", random_list="true")
    made = await planning.published(county, market, [wide])
    await planning.ratios(county, made, [wide], {"A"})
    proof = await planning.held_draw(county, made, [wide])
    named = {one["enterprise_id"]: one for one in proof["tickets"]}
    best = [one for one in named.values() if one["stratum"].startswith("A@")]
    assert best
    assert len(best) < len(named)
    for one in best:
        assert (one["tasks"], one["refused"]) == ([], ["grade.exempt"])
        assert await planning.tasks(county, enterprise_id=one["enterprise_id"]) == []
        [event] = [
            e
            for e in await planning.evidence(bench.events, market, len(best))
            if e.enterprise_id == one["enterprise_id"]
        ]
        assert [(refusal.code, refusal.clause) for refusal in event.refusals] == [("grade.exempt", "CX-12")]
    assert all(one["tasks"] and not one["refused"] for one in named.values() if one not in best)

    planner = await county.planner(market)
    target = best[0]["enterprise_id"]
    again = task(market, target, [wide], origin="draw", plan_id=made["plan_id"])
    why = await planning.refused(planner, "/v1/tasks", again)
    assert why.keys() == {"grade.exempt"}
    grounds = await planning.rule(county, "grounds.exempt_grade")
    assert all(any(ground in option for option in why["grade.exempt"]["alternatives"]) for ground in grounds)
    excepted = await planning.tasked(county, again | {"ground": "complaint", "source_record": "12345工单20251222-0031"})
    assert (excepted["enterprise_id"], excepted["ground"]) == (target, "complaint")
