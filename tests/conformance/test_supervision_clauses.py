"""Supervision: reports arrive by themselves, deadlines run, leads are handed over, and decisions reach every door."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from tests.conformance import acts, casework, planning
from tests.conformance.conftest import Bench

from wurao.common.contracts import DISCIPLINE_TOPIC
from wurao.common.contracts.checkin import EntryRefused, InspectionFinished, InspectionStarted, UnfiledEntryReported
from wurao.common.contracts.registry import OfficerSuspended
from wurao.common.contracts.scheduling import InspectionRefused, VisitRescheduled
from wurao.common.contracts.supervision import (
    AlertCleared,
    AlertRaised,
    CallbackClosed,
    ComplaintFiled,
    CorrectionOrdered,
    LeadReferred,
    OfficerSanctioned,
)
from wurao.embedded.demo import visiting
from wurao.embedded.demo.client import until
from wurao.embedded.demo.county import County, at

MINUTE = timedelta(minutes=1)


def complaint(county: County, enterprise_id: str, category: str, **more: Any) -> dict[str, Any]:
    """The body of an enterprise's complaint about the market regulator."""
    return {
        "channel": "enterprise",
        "category": category,
        "enterprise_id": enterprise_id,
        "agency_id": county.agency("market"),
        "description": "详见所附照片",
        **more,
    }


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-13")
@pytest.mark.parametrize("category", ["uncoded_visit", "penalty_without_decision"])
async def test_report_reaches_the_supervision_body_at_once_with_a_deadline(bench: Bench, category: str) -> None:
    """An enterprise's report is on the supervision body's desk at once, alerting, due in fifteen working days."""
    county = bench.county
    enterprise_id = county.table("enterprises")[0]["enterprise_id"]
    enterprise, supervisor = await county.enterprise(enterprise_id), await county.supervisor()
    filed = await enterprise.post("supervision", "/v1/complaints", complaint(county, enterprise_id, category))
    # Fifteen working days from Monday 22 December 2025, over New Year and the Sunday that is worked for it.
    assert filed["due"] == "2026-01-13"
    assert filed["explanation"]
    [seen] = await supervisor.pages("supervision", "/v1/complaints")
    assert (seen["complaint_id"], seen["category"], seen["due"]) == (filed["complaint_id"], category, filed["due"])
    [alert] = await supervisor.pages("supervision", "/v1/alerts")
    assert (alert["kind"], alert["clause"], alert["enterprise_id"]) == ("urgent_report", "QZ-13", enterprise_id)
    assert f"complaint:{filed['complaint_id']}" in alert["evidence"]
    event = await bench.events.wait_for(ComplaintFiled)
    assert (event.complaint_id, event.due.isoformat()) == (filed["complaint_id"], filed["due"])
    assert (await bench.events.wait_for(AlertRaised)).alert_id == alert["alert_id"]

    [told] = await (await county.head(county.agency("market"))).pages("supervision", "/v1/complaints")
    assert (told["complaint_id"], told["enterprise_id"], told["description"]) == (filed["complaint_id"], None, None)


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-13")
async def test_report_at_the_door_gets_a_deadline_and_is_pressed_for(bench: Bench) -> None:
    """An uncoded visit reported in check-in becomes a matter with a deadline; past it, it alerts again."""
    county, stage = bench.county, acts.stage_of(bench.county)
    enterprise_id = county.table("enterprises")[0]["enterprise_id"]
    supervisor = await county.supervisor()
    report = await report_an_entry(county, enterprise_id)

    async def arrived() -> list[Any] | None:
        return await supervisor.pages("supervision", "/v1/complaints") or None

    [matter] = await until("the report reaches the supervision body", arrived, seconds=5)
    assert (matter["category"], matter["external_id"]) == ("uncoded_visit", report["report_id"])
    assert (matter["state"], matter["due"], matter["clause"]) == ("open", "2026-01-13", "BE-54")
    event = await bench.events.wait_for(AlertRaised)
    assert (event.kind, event.clause) == ("unfiled_entry", "QZ-13")
    assert await supervisor.pages("supervision", "/v1/leads") == []

    await stage.move_to(at("2026-01-13", "23:59"))
    assert not await supervisor.pages("supervision", "/v1/alerts", kind="complaint_overdue")
    await stage.move_to(at("2026-01-13", "23:59") + MINUTE)
    [overdue] = await supervisor.pages("supervision", "/v1/alerts", kind="complaint_overdue")
    assert overdue["evidence"] == [f"complaint:{matter['complaint_id']}"]


async def report_an_entry(county: County, enterprise_id: str) -> dict[str, Any]:
    """An enterprise reports two officers of the market regulator who came without code or filing."""
    officers = [row["officer_id"] for row in county.officers_of(county.agency("market"))[:2]]
    body = {
        "enterprise_id": enterprise_id,
        "agency_id": county.agency("market"),
        "officer_ids": officers,
        "description": "两人未亮码即进车间",
        "happened_at": at("2025-12-22", "08:30").isoformat(),
    }
    return dict(await (await county.enterprise(enterprise_id)).post("checkin", "/v1/unfiled-entries", body))


@pytest.mark.pack("cangxian")
@pytest.mark.clause("CX-07")
async def test_unfiled_entry_becomes_a_lead_without_human_help(bench: Bench) -> None:
    """A reported entry without filing is on the discipline stream and in its list, and nobody else touched it."""
    county = bench.county
    enterprise_id = county.table("enterprises")[0]["enterprise_id"]
    async with acts.stream(bench.platform, DISCIPLINE_TOPIC) as discipline_stream:
        report = await report_an_entry(county, enterprise_id)
        lead = await discipline_stream.wait_for(LeadReferred)
        assert discipline_stream.events == [lead]
    assert (lead.clause, lead.recipient, lead.category) == ("CX-07", "discipline_inspection", "unfiled_visit")
    assert (lead.enterprise_id, lead.agency_id) == (enterprise_id, county.agency("market"))
    assert f"report:{report['report_id']}" in lead.evidence
    reported = await bench.events.wait_for(UnfiledEntryReported)
    assert (reported.report_id, lead.officers) == (report["report_id"], reported.officers)
    assert len(lead.officers) == 2
    assert (await bench.events.wait_for(LeadReferred)).lead_id == lead.lead_id

    [listed] = await (await county.discipline()).pages("supervision", "/v1/leads")
    assert (listed["lead_id"], listed["state"], listed["clause"]) == (lead.lead_id, "referred", "CX-07")
    elsewhere = await county.callers.of("discipline", name="elsewhere", area="330802")
    assert await elsewhere.pages("supervision", "/v1/leads") == []
    head = await county.head(county.agency("market"))
    assert (await head.send("GET", "supervision", "/v1/leads")).status == 403


@pytest.mark.pack("cangxian")
@pytest.mark.clause("CX-07")
async def test_entry_filed_at_once_is_no_lead(bench: Bench) -> None:
    """An emergency filed as it begins enters lawfully: discipline inspection hears nothing of it."""
    county = bench.county
    entry = await filed_entry(bench)
    event = await bench.events.wait_for(InspectionFinished)
    assert (event.entry_id, event.mode) == (entry["entry_id"], "exception")
    await opened_callbacks(county, 1)
    assert not bench.events.of(UnfiledEntryReported)
    assert not bench.events.of(LeadReferred)
    assert await (await county.discipline()).pages("supervision", "/v1/leads") == []


async def filed_entry(bench: Bench) -> dict[str, Any]:
    """An emergency filed at once, entered by a scan on that filing, and finished."""
    county, stage = bench.county, acts.stage_of(bench.county)
    agency_id = county.agency("emergency")
    target = next(acts.fittings(county, "emergency"))
    enterprise_id, item_id = target[0]["enterprise_id"], target[1]["item_id"]
    planner, enterprise = await county.planner(agency_id), await county.enterprise(enterprise_id)
    body = planning.filing(county, agency_id, enterprise_id, item_id)
    filing = await planner.post("scheduling", "/v1/filings", body)
    code = await enterprise.get("checkin", f"/v1/enterprises/{enterprise_id}/code")
    on_filing = {"enterprise_code": code["token"], "filing_id": filing["filing_id"]}

    async def entered() -> dict[str, Any] | None:
        answer = await acts.enter_on_a_ground(stage, "emergency", "emergency", target, **on_filing)
        if answer.refused:
            assert set(acts.refusals(answer)) == {"exception.filing_unknown"}
            return None
        return dict(answer.body)

    entry = await until("the filing reaches the door", entered)
    officers = [row | {"agency_id": agency_id} for row in county.officers_of(agency_id)[:2]]
    await visiting.finish(stage, {"officers": officers}, entry, None)
    return entry


async def opened_callbacks(county: County, number: int) -> dict[str, Any]:
    """The callbacks by entry, once as many are there."""
    supervisor = await county.supervisor()

    async def there() -> dict[str, Any] | None:
        found = await supervisor.pages("supervision", "/v1/callbacks")
        return {callback["entry_id"]: callback for callback in found} if len(found) >= number else None

    found = await until("a callback opens with every finished visit", there)
    assert len(found) == number
    return found


@pytest.mark.pack("cangxian")
@pytest.mark.clause("CX-09")
async def test_callback_opens_with_every_finished_visit_and_lapses_after_five_days(bench: Bench) -> None:
    """Scanned or excepted, each finished visit opens a callback; on the fifth day it is in time, then it alerts."""
    county, stage = bench.county, acts.stage_of(bench.county)
    supervisor = await county.supervisor()
    excepted = await filed_entry(bench)
    await opened_callbacks(county, 1)
    visit = await acts.approved_visit(county, days=("2025-12-24", "2025-12-24"))
    await stage.move_to(at(visit["day"]))
    entry = await visiting.enter(stage, visit)
    await opened_callbacks(county, 1)
    await visiting.finish(stage, visit, entry, None)
    callbacks = await opened_callbacks(county, 2)
    dues = {excepted["entry_id"]: "2025-12-27", entry["entry_id"]: "2025-12-29"}
    for entry_id, due in dues.items():
        callback = callbacks[entry_id]
        assert (callback["state"], callback["due"], callback["clause"]) == ("open", due, "CX-09")
        assert callback["explanation"]

    await stage.move_to(at("2025-12-27", "23:59"))
    assert {c["state"] for c in (await opened_callbacks(county, 2)).values()} == {"open"}
    await stage.move_to(at("2025-12-27", "23:59") + MINUTE)
    states = {entry_id: c["state"] for entry_id, c in (await opened_callbacks(county, 2)).items()}
    assert states == {excepted["entry_id"]: "overdue", entry["entry_id"]: "open"}
    closed = await bench.events.wait_for(CallbackClosed)
    assert (closed.entry_id, closed.result) == (excepted["entry_id"], "overdue")
    alert = await bench.events.wait_for(AlertRaised, lambda e: e.kind == "callback_overdue")
    assert (alert.clause, alert.evidence) == ("CX-09", (f"callback:{closed.callback_id}",))
    assert [a["alert_id"] for a in await supervisor.pages("supervision", "/v1/alerts")] == [alert.alert_id]

    for callback in callbacks.values():
        path = f"/v1/callbacks/{callback['callback_id']}/result"
        await supervisor.post("supervision", path, {"satisfied": True, "issues": [], "note": "检查规范"})
    assert (await bench.events.wait_for(AlertCleared)).alert_id == alert.alert_id
    await stage.move_to(at("2026-01-10"))
    assert {c["state"] for c in (await opened_callbacks(county, 2)).values()} == {"done"}
    assert len(await supervisor.pages("supervision", "/v1/alerts", kind="callback_overdue")) == 1


@pytest.mark.pack("cangxian")
@pytest.mark.clause("CX-09")
async def test_quarterly_list_proposes_what_follows(bench: Bench) -> None:
    """The quarter's list holds what enterprises reported, each with a proposal: refer, correct, or ask again."""
    county, stage = bench.county, acts.stage_of(bench.county)
    supervisor, agency_id = await county.supervisor(), county.agency("market")
    said = {
        "refer": {"satisfied": False, "issues": ["arbitrary_fee", "disturbance"]},
        "correct": {"satisfied": True, "issues": ["disturbance"]},
        "follow_up": {"satisfied": False, "issues": []},
        None: {"satisfied": True, "issues": []},
    }
    visits = [
        await acts.approved_visit(county, target=target, days=("2026-01-14", "2026-01-15"))
        for target, _ in zip(acts.fittings(county, "market"), said, strict=False)
    ]
    proposed: dict[str, tuple[str | None, Any]] = {}
    for visit, (proposal, answers) in zip(sorted(visits, key=lambda v: v["day"]), said.items(), strict=True):
        await stage.move_to(at(visit["day"]))
        done = await acts.visited(stage, visit)
        callback = (await opened_callbacks(county, len(proposed) + 1))[done["entry_id"]]
        path = f"/v1/callbacks/{callback['callback_id']}/result"
        await supervisor.post("supervision", path, answers | {"note": "电话回访"})
        proposed[callback["callback_id"]] = (proposal, answers["issues"])

    async def clues(quarter: str) -> list[Any]:
        return await supervisor.pages("supervision", "/v1/callbacks/clues", area=county.area, quarter=quarter)

    listed = await clues("2026Q1")
    expected = {callback_id: pair for callback_id, pair in proposed.items() if pair[0]}
    assert {clue["callback_id"]: (clue["proposal"], clue["issues"]) for clue in listed} == expected
    assert all(clue["agencies"] == [agency_id] and clue["officers"] and clue["proposed"] for clue in listed)
    assert await clues("2025Q4") == await clues("2026Q2") == []
    head = await county.head(agency_id)
    for path in ("/v1/callbacks", f"/v1/callbacks/clues?area={county.area}&quarter=2026Q1"):
        assert (await head.send("GET", "supervision", path)).status == 403


@pytest.mark.pack("dingtao")
@pytest.mark.clause("DT-18")
async def test_suspended_officer_is_blocked_in_registry_assignment_and_at_the_door(bench: Bench) -> None:
    """A suspension decided here voids the certificate, takes the officer off the visit, and shuts the door."""
    county, stage = bench.county, acts.stage_of(bench.county)
    agency_id = county.agency("market")
    platform, supervisor, head = await county.platform(), await county.supervisor(), await county.head(agency_id)
    visit = await acts.approved_visit(county)
    officer_id = visit["officers"][0]["officer_id"]
    body = {"officer_id": officer_id, "sanction": "suspend", "reason": "投诉查实，暂扣行政执法证件"}
    assert (await head.send("POST", "supervision", "/v1/sanctions", json=body)).status == 403
    decision = await supervisor.post("supervision", "/v1/sanctions", body)
    assert (decision["clause"], decision["until"]) == ("DT-18", None)
    sanctioned = await bench.events.wait_for(OfficerSanctioned)
    assert (sanctioned.decision_id, sanctioned.sanction) == (decision["decision_id"], "suspend")
    suspended = await bench.events.wait_for(OfficerSuspended)
    assert (suspended.officer_id, suspended.decision_id) == (officer_id, decision["decision_id"])

    async def invalid() -> dict[str, Any] | None:
        [found] = await platform.post("registry", "/v1/officers/verify", {"officer_ids": [officer_id]})
        return None if found["valid"] else dict(found)

    verified = await until("the registry knows the suspension", invalid)
    assert (verified["code"], verified["clause"]) == ("officer.suspended", "DT-18")

    renewed = await bench.events.wait_for(VisitRescheduled)
    assert officer_id not in {officer.officer_id for officer in renewed.officers}
    assert renewed.revoked_code_id == visit["code"]["code_id"]
    again = {"add": [officer_id], "reason": "增派"}
    refused = await planning.refused(head, f"/v1/visits/{visit['visit_id']}/officers", again)
    assert set(refused) == {"officer.certificate_invalid"}
    evidence = await bench.events.wait_for(InspectionRefused, lambda e: e.stage == "visit")
    assert [refusal.code for refusal in evidence.refusals] == ["officer.certificate_invalid"]
    [now] = await acts.visits_of(county, visit["enterprise_id"])
    assert officer_id not in planning.names(now)

    await acts.known_at_the_door(county, now["code"]["token"])
    await stage.move_to(at(now["day"]))
    before = await acts.trace(county, visit["enterprise_id"])
    with_suspended = [officer_id, now["officers"][0]["officer_id"]]
    at_the_door = acts.refusals(await acts.knock(stage, now, officer_ids=with_suspended))
    assert "door.certificate_suspended" in at_the_door
    event = await bench.events.wait_for(EntryRefused)
    assert set(event.officers) == set(with_suspended)
    assert await acts.trace(county, visit["enterprise_id"]) == before
    assert not bench.events.of(InspectionStarted)
    assert (await acts.knock(stage, now)).status == 201


@pytest.mark.pack("dingtao")
@pytest.mark.clause("DT-18")
async def test_suspended_officers_are_not_drawn(bench: Bench) -> None:
    """With all but one officer suspended, drawn tasks find nobody to go; once one is reinstated these two go."""
    county = bench.county
    agency_id = county.agency("fire")
    item_ids = planning.items(county, agency_id, random_list="true")[:1]
    made = await planning.published(county, agency_id, item_ids)
    proof = await planning.held_draw(county, made, item_ids)
    drawn = [task_id for ticket in proof["tickets"] for task_id in ticket["tasks"]]
    assert drawn
    supervisor, platform = await county.supervisor(), await county.platform()
    marks = {"agency_id": agency_id, "kind": "officer"}
    everybody = [row["officer_id"] for row in county.table("officers") if marks.items() <= row.items()]
    left, back, *_ = [row["officer_id"] for row in county.officers_of(agency_id)]
    gone = [officer_id for officer_id in everybody if officer_id != left]
    for officer_id in gone:
        body = {"officer_id": officer_id, "sanction": "suspend", "reason": "集中整治期间暂扣证件"}
        await supervisor.post("supervision", "/v1/sanctions", body)
    await barred(county, gone)

    result = await planning.merged(county)
    assert (result["visits"], result["unserved"]) == (0, len(drawn))
    assert {task["state"] for task in await planning.tasks(county)} == {"open"}

    await platform.post("registry", f"/v1/officers/{back}/reinstate", {"reason": "查明无责"})

    async def served() -> list[dict[str, Any]] | None:
        await planning.merged(county)
        return await supervisor.pages("scheduling", "/v1/visits", agency_id=agency_id) or None

    for visit in await until("the reinstated officer may be drawn", served):
        assert planning.names(visit) == {left, back}


async def barred(county: County, officer_ids: list[str]) -> None:
    """Wait until scheduling would put none of the officers on a visit."""
    agency_id = county.agency("fire")
    enterprise, item = next(acts.fittings(county, "fire"))
    planner = await county.planner(agency_id)
    body = planning.filing(county, agency_id, enterprise["enterprise_id"], item["item_id"], officer_ids=officer_ids)

    async def refused() -> bool:
        answer = await planner.send("POST", "scheduling", "/v1/filings", json=body)
        assert answer.refused, answer.body
        codes = [refusal["code"] for refusal in answer.body["refusals"]]
        invalid = [code for code in codes if code in ("officer.certificate_invalid", "officer.unknown")]
        return len(invalid) == len(officer_ids)

    await until("scheduling knows every suspension", refused)


@pytest.mark.pack("dingtao")
@pytest.mark.clause("DT-18")
async def test_lost_case_is_traced_back_to_those_liable(bench: Bench) -> None:
    """A penalty lost in court opens one trace-back, concluded once and only against those who handled the case."""
    county, stage = bench.county, acts.stage_of(bench.county)
    supervisor = await county.supervisor()
    enterprise_id = casework.enterprises(county)[0]
    case = await casework.opened(county, enterprise_id, "fire.exit_blocked", today=stage.now.date())
    await case.heard(2_000_000)
    assert (await case.decide("ordinary", 2_000_000)).status == 200
    await (await case.head()).post("penalty", f"{case.path}/disputes", {"kind": "suit", "from": "2025-12-22"})
    body = {
        "case_id": case.case_id,
        "agency_id": case.agency_id,
        "officer_ids": list(case.officer_ids),
        "kind": "lawsuit",
        "summary": "法院判决撤销处罚决定",
    }
    opened = await supervisor.post("supervision", "/v1/lost-cases", body)
    assert (opened["case_id"], opened["state"], opened["officers"]) == (case.case_id, "open", list(case.officer_ids))
    again = await supervisor.send("POST", "supervision", "/v1/lost-cases", json=body)
    assert (again.status, again.body["trace_back_id"]) == (200, opened["trace_back_id"])
    [listed] = await supervisor.pages("supervision", "/v1/trace-backs", state="open")
    assert listed["trace_back_id"] == opened["trace_back_id"]
    reconsidered = await supervisor.post("supervision", "/v1/lost-cases", body | {"kind": "reconsideration"})
    assert reconsidered["trace_back_id"] != opened["trace_back_id"]

    path = f"/v1/trace-backs/{opened['trace_back_id']}/conclude"
    conclusion = {"conclusion": "未听取申辩，主办人员负直接责任", "liable": [case.officer_ids[0]]}
    stranger = county.officers_of(county.agency("fire"))[0]["officer_id"]
    wrong = await supervisor.send("POST", "supervision", path, json=conclusion | {"liable": [stranger]})
    assert (wrong.status, wrong.body["code"], wrong.body["clause"]) == (409, "trace_back.not_named", "DT-18")
    concluded = await supervisor.post("supervision", path, conclusion)
    assert (concluded["state"], concluded["liable"]) == ("concluded", [case.officer_ids[0]])
    assert (await supervisor.send("POST", "supervision", path, json=conclusion)).status == 409
    revoked = {"officer_id": case.officer_ids[0], "sanction": "revoke", "reason": "错案责任追究"}
    assert (await supervisor.post("supervision", "/v1/sanctions", revoked))["clause"] == "DT-18"

    async def left() -> bool:
        body = {"officer_ids": [case.officer_ids[0]]}
        [found] = await supervisor.post("registry", "/v1/officers/verify", body)
        return bool(found["code"] == "officer.exited")

    await until("the revocation reaches the registry", left)


def goes_to(recipient: str, lead: LeadReferred) -> bool:
    """Whether a lead is for a recipient."""
    return lead.recipient == recipient


@pytest.mark.pack("linxia")
@pytest.mark.clause("LX-16")
async def test_proven_complaint_is_corrected_and_suspected_breach_handed_over(bench: Bench) -> None:
    """Proven, it orders the agency to correct by a day; suspected, its leads are delivered and acknowledged."""
    county, stage = bench.county, acts.stage_of(bench.county)
    agency_id = county.agency("market")
    enterprise_id = county.table("enterprises")[0]["enterprise_id"]
    enterprise, supervisor = await county.enterprise(enterprise_id), await county.supervisor()
    officer_id = county.officers_of(agency_id)[0]["officer_id"]
    body = complaint(county, enterprise_id, "arbitrary_fee", officer_ids=[officer_id])
    filed = await enterprise.post("supervision", "/v1/complaints", body)
    closing = {"outcome": "proven", "reply": "经查属实，已责令改正", "suspected_breach": True}
    async with acts.stream(bench.platform, DISCIPLINE_TOPIC) as discipline_stream:
        closed = await supervisor.post("supervision", f"/v1/complaints/{filed['complaint_id']}/close", closing)
        for recipient in ("discipline_inspection", "judiciary"):
            await discipline_stream.wait_for(LeadReferred, partial(goes_to, recipient))
        delivered = {lead.recipient: lead for lead in discipline_stream.of(LeadReferred)}
        assert len(discipline_stream.events) == 2

    order = closed["correction"]
    # Five working days from Monday 22 December 2025.
    assert (order["agency_id"], order["due"], order["clause"]) == (agency_id, "2025-12-29", "LX-16")
    assert (order["cause"], order["cause_id"]) == ("complaint", filed["complaint_id"])
    event = await bench.events.wait_for(CorrectionOrdered)
    assert (event.order_id, event.due.isoformat()) == (order["order_id"], order["due"])
    head = await county.head(agency_id)
    [seen] = await head.pages("supervision", "/v1/corrections")
    assert (seen["order_id"], seen["state"]) == (order["order_id"], "open")

    assert {lead["lead_id"] for lead in closed["leads"]} == {lead.lead_id for lead in delivered.values()}
    for recipient, lead in delivered.items():
        assert (lead.clause, [o.officer_id for o in lead.officers]) == ("LX-16", [officer_id])
        assert f"complaint:{filed['complaint_id']}" in lead.evidence
        caller = await county.callers.of("discipline", name=recipient, area=county.area, recipient=recipient)
        [listed] = await caller.pages("supervision", "/v1/leads")
        assert (listed["lead_id"], listed["state"], listed["recipient"]) == (lead.lead_id, "referred", recipient)
        path = f"/v1/leads/{lead.lead_id}/acknowledge"
        assert (await supervisor.send("POST", "supervision", path, json={})).status == 403
        signed = await caller.post("supervision", path, {"note": "已签收"})
        assert (signed["state"], bool(signed["acknowledged_at"])) == ("acknowledged", True)
        assert (await caller.send("POST", "supervision", path, json={})).status == 409
    assert {lead["state"] for lead in await supervisor.pages("supervision", "/v1/leads")} == {"acknowledged"}

    await stage.move_to(at("2025-12-29", "23:59") + MINUTE)
    alert = await bench.events.wait_for(AlertRaised, lambda e: e.kind == "correction_overdue")
    assert (alert.clause, alert.agency_id) == ("LX-16", agency_id)
    answered = await head.post("supervision", f"/v1/corrections/{order['order_id']}/feedback", {"text": "已退还费用"})
    assert answered["feedback_at"]
    assert (await bench.events.wait_for(AlertCleared)).alert_id == alert.alert_id


@pytest.mark.pack("linxia")
@pytest.mark.clause("LX-16")
async def test_complaint_without_suspicion_is_no_lead(bench: Bench) -> None:
    """Proven without suspicion there is an order and no lead; unfounded there is neither; without reply, no closing."""
    county = bench.county
    enterprise_id = county.table("enterprises")[0]["enterprise_id"]
    enterprise, supervisor = await county.enterprise(enterprise_id), await county.supervisor()

    async def path_of(category: str) -> str:
        filed = await enterprise.post("supervision", "/v1/complaints", complaint(county, enterprise_id, category))
        return f"/v1/complaints/{filed['complaint_id']}/close"

    path = await path_of("disturbance")
    for body in ({"outcome": "proven", "reply": " "}, {"reply": "已核查"}):
        acts.refusals(await supervisor.send("POST", "supervision", path, json=body))
    assert await supervisor.pages("supervision", "/v1/corrections") == []
    proven = await supervisor.post("supervision", path, {"outcome": "proven", "reply": "属实，已责令改正"})
    assert (proven["correction"]["clause"], proven["leads"]) == ("LX-16", [])
    unfounded = await supervisor.post(
        "supervision", await path_of("arbitrary_inspection"), {"outcome": "unfounded", "reply": "经查不属实"}
    )
    assert (unfounded["correction"], unfounded["leads"]) == (None, [])
    assert [order["order_id"] for order in await supervisor.pages("supervision", "/v1/corrections")] == [
        proven["correction"]["order_id"]
    ]
    assert await supervisor.pages("supervision", "/v1/leads") == []
