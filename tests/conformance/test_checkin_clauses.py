"""Check-in: no door opens but as the documents say, and what happens at it stays on record."""

from datetime import datetime, timedelta
from itertools import count, islice
from typing import Any

import pytest
from tests.conformance import acts, planning
from tests.conformance.conftest import Bench

from wurao.common.contracts.checkin import (
    EntryDeclined,
    EntryRefused,
    InspectionStarted,
    LateFilingRecorded,
    UnfiledEntryReported,
    VisitEvaluated,
)
from wurao.common.contracts.scheduling import EmergencyFiled
from wurao.common.contracts.supervision import AlertRaised, ComplaintFiled
from wurao.embedded.demo import visiting
from wurao.embedded.demo.client import Answer, until
from wurao.embedded.demo.county import at

MINUTE = timedelta(minutes=1)
RATING = {
    "satisfaction": 4,
    "code_shown": True,
    "certificates_shown": True,
    "disturbed": False,
    "fees_asked": False,
}


async def refused(bench: Bench, answer: Answer, enterprise_id: str, before: list[str]) -> acts.Refusals:
    """The refusals of a knock that left nothing behind but the event that proves it."""
    found = acts.refusals(answer)
    event = await bench.events.wait_for(EntryRefused, lambda e: {r.code for r in e.refusals} == set(found))
    assert event.enterprise_id == enterprise_id
    assert {refusal.code: refusal.clause for refusal in event.refusals} == {c: r["clause"] for c, r in found.items()}
    assert acts.kinds(await acts.trace(bench.county, enterprise_id)) == before
    return found


@pytest.mark.pack("yongzhou")
@pytest.mark.clause("YZ-01")
async def test_nobody_enters_without_scan_or_exception(bench: Bench) -> None:
    """Without a scan only a declared exception enters, and the trace lists every entry, scan and exception alike."""
    county, stage = bench.county, acts.stage_of(bench.county)
    target = next(acts.fittings(county, "market"))
    enterprise_id = target[0]["enterprise_id"]
    visit = await acts.approved_visit(county, target=target)
    await stage.move_to(at(visit["day"]))

    without_scan = await acts.knock(stage, visit, enterprise_code=None)
    found = await refused(bench, without_scan, enterprise_id, [])
    assert (set(found), found["door.not_scanned"]["clause"]) == ({"door.not_scanned"}, "YZ-01")
    found = await refused(bench, await acts.enter_on_a_ground(stage, "market", "complaint", target), enterprise_id, [])
    assert found["exception.ground_not_accepted"]["clause"] == "YZ-01"
    assert not bench.events.of(InspectionStarted)

    excepted = await acts.enter_on_a_ground(stage, "market", "public_safety", target)
    assert excepted.status == 201, excepted.body
    scanned = await acts.knock(stage, visit)
    assert scanned.status == 201, scanned.body
    lines = await acts.trace(county, enterprise_id)
    assert [(line["kind"], line["subject_id"], line["details"]["ground"]) for line in lines] == [
        ("entry_excepted", excepted.body["entry_id"], "public_safety"),
        ("entry_scanned", scanned.body["entry_id"], None),
    ]
    assert lines[1]["details"]["visit_id"] == visit["visit_id"]
    event = await bench.events.wait_for(InspectionStarted, lambda e: e.mode == "scan")
    assert (event.entry_id, event.visit_id) == (scanned.body["entry_id"], visit["visit_id"])
    event = await bench.events.wait_for(InspectionStarted, lambda e: e.mode == "exception")
    assert (event.entry_id, event.ground) == (excepted.body["entry_id"], "public_safety")


@pytest.mark.pack("yongzhou")
@pytest.mark.clause("YZ-01")
async def test_only_the_code_in_use_opens_the_door(bench: Bench) -> None:
    """An enterprise has one code: once reissued the old one is refused, and another enterprise's is too."""
    county, stage = bench.county, acts.stage_of(bench.county)
    first, second = islice(acts.fittings(county, "market"), 2)
    enterprise_id, other_id = first[0]["enterprise_id"], second[0]["enterprise_id"]
    visit = await acts.approved_visit(county, target=first)
    await stage.move_to(at(visit["day"]))
    enterprise, other = await county.enterprise(enterprise_id), await county.enterprise(other_id)
    old = await enterprise.get("checkin", f"/v1/enterprises/{enterprise_id}/code")
    foreign = await other.get("checkin", f"/v1/enterprises/{other_id}/code")
    await enterprise.post("checkin", f"/v1/enterprises/{enterprise_id}/code/reissue")
    reissued = ["enterprise_code_reissued"]

    found = await refused(bench, await acts.knock(stage, visit, enterprise_code=old["token"]), enterprise_id, reissued)
    assert found["door.enterprise_code_replaced"]["clause"] == "YZ-01"
    found = await refused(bench, await acts.knock(stage, visit, enterprise_code=foreign["token"]), other_id, [])
    assert "door.other_enterprise" in found
    assert (await acts.knock(stage, visit)).status == 201


@pytest.mark.pack("yongzhou")
@pytest.mark.clause("YZ-09")
async def test_only_valid_certificates_of_the_visits_agency_enter(bench: Bench) -> None:
    """Expired, suspended and other agencies' certificates are refused at the door; the right officers enter."""
    county, stage = bench.county, acts.stage_of(bench.county)
    visit = await acts.approved_visit(county)
    enterprise_id = visit["enterprise_id"]
    await stage.move_to(at(visit["day"]))
    named = [officer["officer_id"] for officer in visit["officers"]]

    async def beside(officer_id: str) -> acts.Refusals:
        answer = await acts.knock(stage, visit, officer_ids=[named[0], officer_id])
        return await refused(bench, answer, enterprise_id, [])

    today, market = visit["day"], county.agency("market")
    staff = [row for row in county.table("officers") if row["agency_id"] == market and row["kind"] == "officer"]
    expired = next(row["officer_id"] for row in staff if row["valid_to"] and row["valid_to"] < today)
    stranger = county.officers_of(county.agency("emergency"))[0]["officer_id"]
    spare = next(row["officer_id"] for row in county.officers_of(market) if row["officer_id"] not in named)
    assert (await beside(expired))["door.certificate_expired"]["clause"] == "YZ-09"
    assert (await beside(stranger))["door.other_agency"]["clause"] == "YZ-09"
    head = await county.head(market)
    await (await county.platform()).post("registry", f"/v1/officers/{spare}/suspend", {"reason": "接受调查"})

    async def suspended() -> acts.Refusals | None:
        found = await beside(spare)
        return found if "door.certificate_suspended" in found else None

    assert (await until("the suspension reaches the door", suspended))["door.certificate_suspended"][
        "clause"
    ] == "YZ-09"
    assert (await head.get("scheduling", f"/v1/visits/{visit['visit_id']}"))["state"] == "approved"
    assert (await acts.knock(stage, visit)).status == 201


@pytest.mark.pack("yongzhou")
@pytest.mark.clause("YZ-09")
async def test_lawful_refusal_is_no_fault_of_the_enterprise(bench: Bench) -> None:
    """An enterprise that turns away officers without certificates is cleared at once, and nothing counts against it."""
    county, stage = bench.county, acts.stage_of(bench.county)
    visit = await acts.approved_visit(county)
    enterprise_id = visit["enterprise_id"]
    await stage.move_to(at(visit["day"]))
    enterprise, supervisor = await county.enterprise(enterprise_id), await county.supervisor()
    grade = await enterprise.get("registry", f"/v1/enterprises/{enterprise_id}/grade")

    body = {
        "enterprise_id": enterprise_id,
        "visit_id": visit["visit_id"],
        "reason": "no_certificate",
        "note": "仅一人持证",
    }
    declined = await enterprise.post("checkin", "/v1/declines", body)
    assert (declined["no_fault"], declined["clause"]) == (True, "YZ-09")
    event = await bench.events.wait_for(EntryDeclined)
    assert (event.decline_id, event.clause, event.visit_id) == (declined["decline_id"], "YZ-09", visit["visit_id"])
    [line] = await acts.trace(county, enterprise_id)
    assert (line["kind"], line["details"]["no_fault"]) == ("entry_declined", True)

    alert = await bench.events.wait_for(AlertRaised, lambda e: e.kind == "entry_declined")
    assert set(alert.officers) == {officer["officer_id"] for officer in visit["officers"]}
    assert await supervisor.pages("penalty", "/v1/violations") == []
    assert await enterprise.get("registry", f"/v1/enterprises/{enterprise_id}/grade") == grade
    other = await county.enterprise(county.table("enterprises")[-1]["enterprise_id"])
    assert (await other.send("POST", "checkin", "/v1/declines", json=body)).status == 403


@pytest.mark.pack("linxia")
@pytest.mark.clause("LX-03")
async def test_one_officer_alone_does_not_enter(bench: Bench) -> None:
    """One officer is refused, by scan and by exception; the enterprise may send one away and is not at fault."""
    county, stage = bench.county, acts.stage_of(bench.county)
    target = next(acts.fittings(county, "market"))
    enterprise_id = target[0]["enterprise_id"]
    visit = await acts.approved_visit(county, target=target)
    await stage.move_to(at(visit["day"]))
    first = visit["officers"][0]["officer_id"]

    alone = await refused(bench, await acts.knock(stage, visit, officer_ids=[first]), enterprise_id, [])
    assert (set(alone), alone["door.too_few_officers"]["clause"]) == ({"door.too_few_officers"}, "LX-03")
    twice = await refused(bench, await acts.knock(stage, visit, officer_ids=[first, first]), enterprise_id, [])
    assert set(twice) == {"door.too_few_officers"}
    excepted = await acts.enter_on_a_ground(stage, "market", "emergency", target, officers=1)
    assert "door.too_few_officers" in await refused(bench, excepted, enterprise_id, [])
    assert not bench.events.of(InspectionStarted)

    enterprise = await county.enterprise(enterprise_id)
    decline = {"enterprise_id": enterprise_id, "visit_id": visit["visit_id"], "reason": "one_officer"}
    declined = await enterprise.post("checkin", "/v1/declines", decline)
    assert (declined["no_fault"], declined["clause"]) == (True, "LX-03")
    assert (await acts.knock(stage, visit)).status == 201


@pytest.mark.pack("linxia")
@pytest.mark.clause("LX-03")
async def test_disturbance_of_production_can_be_reported(bench: Bench) -> None:
    """Disturbing production is a listed category: an enterprise files it and it gets a deadline."""
    county = bench.county
    enterprise_id = county.table("enterprises")[0]["enterprise_id"]
    enterprise = await county.enterprise(enterprise_id)
    listed = await county.callers.public.get("supervision", "/v1/complaints/categories", params={"area": county.area})
    [disturbance] = [entry for entry in listed if entry["category"] == "disturbance"]
    assert disturbance["clause"] == "LX-03"
    body = {
        "channel": "enterprise",
        "category": "disturbance",
        "enterprise_id": enterprise_id,
        "agency_id": county.agency("market"),
        "description": "检查期间要求全线停产两小时",
    }
    filed = await enterprise.post("supervision", "/v1/complaints", body)
    assert (filed["category"], filed["state"]) == ("disturbance", "open")
    event = await bench.events.wait_for(ComplaintFiled)
    assert (event.complaint_id, event.due.isoformat()) == (filed["complaint_id"], filed["due"])
    unlisted = await enterprise.send("POST", "supervision", "/v1/complaints", json=body | {"category": "uncoded_visit"})
    assert acts.refusals(unlisted)["complaint.unknown_category"]["clause"] == "LX-03"
    assert len(await enterprise.pages("supervision", "/v1/complaints")) == 1


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-10")
@pytest.mark.parametrize(
    ("finished", "due"),
    [
        pytest.param("2025-12-24", "2025-12-25", id="next day"),
        pytest.param("2025-12-26", "2025-12-29", id="over a weekend"),
        pytest.param("2025-12-31", "2026-01-04", id="over New Year to a Sunday that is worked"),
        pytest.param("2026-02-14", "2026-02-24", id="over Spring Festival"),
    ],
)
async def test_making_up_takes_one_working_day(bench: Bench, finished: str, due: str) -> None:
    """Made up in the last minute of the working day is in time; a minute later is a violation and an alert."""
    county, stage = bench.county, acts.stage_of(bench.county)
    supervisor, head = await county.supervisor(), await county.head(county.agency("market"))
    early, late = islice(acts.fittings(county, "market"), 2)
    await stage.move_to(at(finished, "10:00"))
    in_time, too_late = await acts.emergency_entry(stage, early), await acts.emergency_entry(stage, late)
    end = datetime.fromisoformat(f"{due}T23:59:59.999999+08:00")
    assert datetime.fromisoformat(in_time["filing_due"]) == datetime.fromisoformat(too_late["filing_due"]) == end
    assert in_time["filing_explained"]

    async def state_of(entry: dict[str, Any], *wanted: str) -> dict[str, Any]:
        async def probe() -> dict[str, Any] | None:
            found: dict[str, Any] = await head.get("checkin", f"/v1/entries/{entry['entry_id']}")
            return found if found["filing_state"] in wanted else None

        return await until(f"the filing is {wanted}", probe)

    await stage.move_to(at(due, "23:59"))
    filing = await acts.make_up(stage, in_time)
    assert (filing["after_the_fact"], filing["late"], filing["clause"]) == (True, False, "QZ-10")
    assert datetime.fromisoformat(filing["due"]) == end
    await state_of(in_time, "made_up")
    await state_of(too_late, "awaiting")

    await stage.move_to(at(due, "23:59") + MINUTE)
    reported = await bench.events.wait_for(UnfiledEntryReported)
    assert (reported.entry_id, reported.reported_by) == (too_late["entry_id"], "clock")
    filing = await acts.make_up(stage, too_late)
    assert (filing["late"], filing["clause"]) == (True, "QZ-10")
    assert (await bench.events.wait_for(EmergencyFiled, lambda e: e.late)).filing_id == filing["filing_id"]
    event = await bench.events.wait_for(LateFilingRecorded)
    assert (event.entry_id, event.clause, event.due) == (too_late["entry_id"], "QZ-10", end)
    assert "late_filing_recorded" in acts.kinds(await acts.trace(county, too_late["enterprise_id"]))
    assert (await state_of(too_late, "late"))["filed_as"] == filing["filing_id"]

    raised = await bench.events.wait_for(AlertRaised, lambda e: e.kind == "late_filing")
    assert (raised.clause, raised.agency_id) == ("QZ-10", county.agency("market"))
    [alert] = await supervisor.pages("supervision", "/v1/alerts", kind="late_filing")
    assert (alert["alert_id"], alert["evidence"]) == (raised.alert_id, [f"entry:{too_late['entry_id']}"])
    assert "late_filing_recorded" not in acts.kinds(await acts.trace(county, in_time["enterprise_id"]))
    assert len(bench.events.of(LateFilingRecorded)) == 1


async def evaluations(bench: Bench) -> list[dict[str, Any]]:
    """The evaluations in the ledger, as the supervision body reads it."""
    supervisor, rows = await bench.county.supervisor(), []
    for seq in count(1):
        answer = await supervisor.send("GET", "checkin", f"/v1/ledger/{seq}")
        if answer.status == 404:
            break
        rows.append(answer.body)
    return [row for row in rows if row["kind"] == "visit_evaluated"]


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-12")
async def test_each_visit_is_evaluated_once_with_its_own_code(bench: Bench) -> None:
    """Anybody holding a finished visit's code evaluates it once, without a login; no other code does."""
    county, stage = bench.county, acts.stage_of(bench.county)
    public = county.callers.public
    mine, others = islice(acts.fittings(county, "market"), 2)
    visit = await acts.approved_visit(county, target=mine)
    coming = await acts.approved_visit(county, target=others, days=("2026-01-19", "2026-01-23"))

    async def evaluate(token: str, **change: Any) -> Any:
        body = RATING | {"code": token} | change
        return await public.send("POST", "checkin", "/v1/public/evaluations", json=body)

    await stage.move_to(at(visit["day"]))
    token = visit["code"]["token"]
    early = await evaluate(token)
    assert (early.status, early.body["code"], early.body["clause"]) == (409, "evaluation.not_finished", "QZ-12")
    await acts.visited(stage, visit)
    assert (await evaluate(coming["code"]["token"])).status == 409
    forged = await evaluate(f"{token[:-8]}AAAAAAAA")
    assert 400 <= forged.status < 500
    assert not bench.events.of(VisitEvaluated)

    accepted = await evaluate(token)
    assert accepted.status == 201, accepted.body
    again = await evaluate(token, satisfaction=1)
    assert (again.status, again.body["code"], again.body["clause"]) == (409, "evaluation.once", "QZ-12")
    event = await bench.events.wait_for(VisitEvaluated)
    assert (event.evaluation_id, event.visit_id) == (accepted.body["evaluation_id"], visit["visit_id"])
    assert [row["subject_id"] for row in await evaluations(bench)] == [event.evaluation_id]
    figures = await (await county.head(county.agency("market"))).get(
        "checkin", f"/v1/agencies/{county.agency('market')}/evaluations"
    )
    assert figures["count"] == 1


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-12")
async def test_code_that_was_replaced_evaluates_nothing(bench: Bench) -> None:
    """A code that was replaced before the visit is not that visit's code any more."""
    county, stage = bench.county, acts.stage_of(bench.county)
    first = await acts.approved_visit(county)
    agency_id = county.agency("market")
    named = [officer["officer_id"] for officer in first["officers"]]
    spare = next(row["officer_id"] for row in county.officers_of(agency_id) if row["officer_id"] not in named)
    change = {"remove": named[:1], "add": [spare], "reason": "原定人员病假"}
    visit = await planning.changed(county, first, "officers", change)
    await acts.known_at_the_door(county, visit["code"]["token"])
    await stage.move_to(at(visit["day"]))
    await acts.visited(stage, visit)

    public = county.callers.public
    answer = await public.send(
        "POST", "checkin", "/v1/public/evaluations", json=RATING | {"code": first["code"]["token"]}
    )
    assert (answer.status, answer.body["code"]) == (409, "evaluation.other_code")
    await public.post("checkin", "/v1/public/evaluations", RATING | {"code": visit["code"]["token"]})


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-12")
async def test_agency_cannot_trace_a_rating_to_an_enterprise(bench: Bench) -> None:
    """The inspecting agency sees averages of three ratings at least; no list, trace or ledger row tells whose."""
    county, stage = bench.county, acts.stage_of(bench.county)
    agency_id = county.agency("market")
    visits = []
    for number, target in enumerate(islice(acts.fittings(county, "market"), 3)):
        days = (f"2026-01-{5 + 7 * number:02}", f"2026-01-{9 + 7 * number:02}")
        visits.append(await acts.approved_visit(county, target=target, days=days))
    head, supervisor = await county.head(agency_id), await county.supervisor()
    officer = await visiting.caller_of(stage, visits[0])
    seen = []
    for visit, satisfaction in zip(visits, (5, 1, 3), strict=True):
        await stage.move_to(at(visit["day"]))
        await acts.visited(stage, visit)
        body = RATING | {"code": visit["code"]["token"], "satisfaction": satisfaction, "disturbed": satisfaction == 1}
        await county.callers.public.post("checkin", "/v1/public/evaluations", body)
        seen.append((await head.get("checkin", f"/v1/agencies/{agency_id}/evaluations"))["figures"])
    assert seen[:2] == [None, None]
    assert (seen[2]["ratings"], seen[2]["satisfaction_hundredths"]) == (3, 300)

    rows = await evaluations(bench)
    assert [row["enterprise_id"] for row in rows] == [visit["enterprise_id"] for visit in visits]
    for caller in (head, officer):
        for visit, row in zip(visits, rows, strict=True):
            path = f"/v1/enterprises/{visit['enterprise_id']}/entries"
            assert acts.kinds(await caller.pages("checkin", path)) == ["inspection_finished", "entry_scanned"]
            for view in ("", "/receipt"):
                assert (await caller.send("GET", "checkin", f"/v1/ledger/{row['seq']}{view}")).status == 404
    alert = await bench.events.wait_for(AlertRaised, lambda e: e.kind == "disturbed")
    assert (alert.enterprise_id, alert.officers) == (None, ())
    event = await bench.events.wait_for(VisitEvaluated, lambda e: e.disturbed)
    assert alert.evidence == (f"evaluation:{event.evaluation_id}",)
    assert "enterprise_id" not in type(event).model_fields
    figures = await supervisor.get("checkin", f"/v1/agencies/{agency_id}/evaluations")
    assert figures["count"] == 3
