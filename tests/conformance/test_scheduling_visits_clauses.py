"""Visits, their changes and their codes; what could not wait: duties of scheduling, shown over HTTP and the bus."""

from base64 import urlsafe_b64encode
from datetime import datetime
from itertools import islice
from typing import Any

import pytest
from tests.conformance import acts, planning
from tests.conformance.conftest import Bench
from tests.conformance.planning import Json, names

from wurao.common.clock import SHANGHAI
from wurao.common.codes import ActionClaims, InvalidCode, KeyRing, Verifier, items_digest
from wurao.common.contracts.checkin import EntryRefused, InspectionStarted, LateFilingRecorded
from wurao.common.contracts.scheduling import EmergencyFiled, VisitApproved, VisitRescheduled
from wurao.common.contracts.supervision import AlertRaised
from wurao.embedded.demo.client import until
from wurao.embedded.demo.county import County, at
from wurao.embedded.demo.visiting import enter

SOURCE = "12345工单20251222-0031"


async def published_keys(county: County) -> Verifier:
    """A verifier that knows nothing but the keys that scheduling publishes."""
    return Verifier((await county.callers.public.get("scheduling", "/v1/public/keys"))["keys"])


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-09")
async def test_an_action_code_exists_only_for_an_approved_visit(bench: Bench) -> None:
    """A proposed visit has no code and nobody enters for it; approval issues one, cancellation takes it away."""
    county = bench.county
    fire = county.agency("fire")
    made = await planning.published(county, fire, [planning.item(county, fire, special_industry="true")])
    [target] = planning.enterprises(county, 1)
    visit = await planning.proposed_visit(county, planning.planned(made, target))
    supervisor, head, planner = await county.supervisor(), await county.head(fire), await county.planner(fire)
    path = f"/v1/visits/{visit['visit_id']}"

    assert (visit["state"], visit["code"]) == ("proposed", None)
    assert (await supervisor.send("GET", "scheduling", f"{path}/code.svg")).status == 404
    assert (await planner.send("POST", "scheduling", f"{path}/approve")).status == 403
    assert not bench.events.of(VisitApproved)
    forged = forged_claims(visit).to_token(KeyRing.generate(at("2025-01-01")))
    stage = acts.stage_of(county)
    pretended = visit | {"code": {"token": forged}}
    assert acts.refusals(await acts.knock(stage, pretended))["door.action_code_invalid"]["clause"] == "QZ-09"
    why = acts.refusals(await acts.knock(stage, pretended, action_code=None))
    assert why["door.no_action_code"]["clause"] == "QZ-09"
    await bench.events.wait_for(EntryRefused, lambda e: e.enterprise_id == target)

    approved = await head.post("scheduling", f"{path}/approve")
    assert (await supervisor.send("GET", "scheduling", f"{path}/code.svg")).status == 200
    event = await bench.events.wait_for(VisitApproved, lambda e: e.visit_id == visit["visit_id"])
    assert event.code == approved["code"]["token"]
    cancelled = await planning.changed(county, approved, "cancel", {"reason": "企业停产检修"})
    assert (cancelled["state"], cancelled["code"]) == ("cancelled", None)
    assert (await supervisor.send("GET", "scheduling", f"{path}/code.svg")).status == 404
    assert not bench.events.of(InspectionStarted)


def forged_claims(visit: planning.Json) -> ActionClaims:
    """What a code of a visit would say."""
    window = visit["window"]
    return ActionClaims(
        jti="forged",
        visit_id=visit["visit_id"],
        enterprise_id=visit["enterprise_id"],
        agencies=tuple(visit["agencies"]),
        officers=tuple(sorted(names(visit))),
        items_digest=items_digest(one["item_id"] for one in visit["items"]),
        nbf=seconds(window["opens"]),
        exp=seconds(window["closes"]),
        iat=int(at("2025-12-22").timestamp()),
    )


def seconds(instant: str) -> int:
    """Epoch seconds of an instant."""
    return int(datetime.fromisoformat(instant).timestamp())


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-09")
async def test_an_action_code_verifies_offline_and_binds(bench: Bench) -> None:
    """The published keys alone prove a code's enterprise, agencies, officers, items, window, and expose forgeries."""
    county = bench.county
    fire = county.agency("fire")
    made = await planning.published(county, fire, [planning.item(county, fire, special_industry="true")])
    target, other = planning.enterprises(county, 2)
    visit = await planning.approved_visit(county, planning.planned(made, target))
    token = visit["code"]["token"]
    verifier = await published_keys(county)

    claims = ActionClaims.from_token(verifier, token)
    assert (claims.jti, claims.visit_id) == (visit["code"]["code_id"], visit["visit_id"])
    assert (claims.enterprise_id, claims.agencies) == (target, (fire,))
    assert set(claims.officers) == names(visit)
    assert claims.items_digest == items_digest(one["item_id"] for one in visit["items"])
    assert (claims.nbf, claims.exp) == (seconds(visit["window"]["opens"]), seconds(visit["window"]["closes"]))
    header, _, signature = token.split(".")
    elsewhere = urlsafe_b64encode(b'{"e":"elsewhere"}').rstrip(b"=").decode()
    forged = forged_claims(visit).to_token(KeyRing.generate(at("2025-01-01")))
    for bad, reason in ((f"{header}.{elsewhere}.{signature}", "bad_signature"), (forged, "unknown_key")):
        with pytest.raises(InvalidCode) as found:
            ActionClaims.from_token(verifier, bad)
        assert found.value.reason == reason

    stage = acts.stage_of(county)
    assert acts.refusals(await acts.knock(stage, visit))["door.too_early"]["clause"] == "QZ-09"
    await county.callers.set_clock(at(visit["day"]))
    elsewhere_code = await (await county.enterprise(other)).get("checkin", f"/v1/enterprises/{other}/code")
    why = acts.refusals(await acts.knock(stage, visit, enterprise_code=elsewhere_code["token"]))
    assert why["door.other_enterprise"]["clause"] == "QZ-09"
    stranger = next(row["officer_id"] for row in county.officers_of(fire) if row["officer_id"] not in names(visit))
    why = acts.refusals(await acts.knock(stage, visit, officer_ids=[*names(visit), stranger]))
    assert why.keys() == {"door.officer_not_named"}
    assert not bench.events.of(InspectionStarted)
    assert (await enter(stage, visit))["visit_id"] == visit["visit_id"]


@pytest.mark.pack("cangxian")
@pytest.mark.clause("CX-06")
async def test_nothing_is_filed_after_the_fact(bench: Bench) -> None:
    """A filing must come at the moment of the event: later it is refused, and without one nobody enters."""
    county = bench.county
    fire = county.agency("fire")
    item_id = planning.item(county, fire)
    [target] = planning.enterprises(county, 1)
    planner = await county.planner(fire)
    moment = await planning.rule(county, "filing.same_moment_minutes")
    late = at("2025-12-22", f"08:{59 - moment}")
    for began_at, ended_at in ((late, None), (at("2025-12-19"), at("2025-12-19", "11:00"))):
        body = planning.filing(county, fire, target, item_id, began_at=began_at.isoformat())
        if ended_at is not None:
            body["ended_at"] = ended_at.isoformat()
        why = await planning.refused(planner, "/v1/filings", body)
        assert why.keys() == {"filing.after_the_fact"}
        assert why["filing.after_the_fact"]["clause"] == "CX-06"
    kept = await planning.evidence(bench.events, fire, 2)
    assert {(event.stage, event.enterprise_id) for event in kept} == {("filing", target)}
    assert not bench.events.of(EmergencyFiled)

    officers = planning.filing(county, fire, target, item_id)["officer_ids"]
    knocking = await county.officer(officers[0], fire)
    code = await (await county.enterprise(target)).get("checkin", f"/v1/enterprises/{target}/code")
    entry = {
        "enterprise_code": code["token"],
        "officer_ids": officers,
        "ground": "emergency",
        "source_record": SOURCE,
        "item_ids": [item_id],
    }
    why = await planning.refused(knocking, "/v1/entries/exception", entry, service="checkin")
    assert why.keys() == {"exception.not_filed"}
    assert why["exception.not_filed"]["clause"] == "CX-06"
    assert not bench.events.of(InspectionStarted)

    filed = await planner.post("scheduling", "/v1/filings", planning.filing(county, fire, target, item_id))
    assert (filed["after_the_fact"], filed["late"], filed["due"]) == (False, False, None)
    event = await bench.events.wait_for(EmergencyFiled)
    assert (event.filing_id, event.after_the_fact, event.clause) == (filed["filing_id"], False, "CX-06")


@pytest.mark.pack("quzhou")
@pytest.mark.clause("CX-06")
async def test_quzhou_grants_one_working_day_to_file(bench: Bench) -> None:
    """What Cang County refuses Quzhou grants for one working day: from Friday until Monday; then it is late."""
    county = bench.county
    fire = county.agency("fire")
    body = planning.filing(county, fire, planning.enterprises(county, 1)[0], planning.item(county, fire))
    friday = {"began_at": at("2025-12-26", "10:00").isoformat(), "ended_at": at("2025-12-26", "11:30").isoformat()}
    planner = await county.planner(fire)
    found = []
    for day, clock in (("2025-12-26", "17:00"), ("2025-12-29", "17:00"), ("2025-12-30", "09:00")):
        await county.callers.set_clock(at(day, clock))
        filed = await planner.post("scheduling", "/v1/filings", body | friday)
        due = datetime.fromisoformat(filed["due"]).astimezone(SHANGHAI)
        found.append((filed["after_the_fact"], due.date().isoformat(), filed["late"], filed["clause"]))
    assert found == [
        (True, "2025-12-29", False, "QZ-10"),
        (True, "2025-12-29", False, "QZ-10"),
        (True, "2025-12-29", True, "QZ-10"),
    ]
    await bench.events.wait_for(EmergencyFiled, lambda e: e.late)
    assert [event.late for event in bench.events.of(EmergencyFiled)] == [False, False, True]


async def fire_visit(bench: Bench) -> Json:
    """An approved visit of the fire brigade."""
    county = bench.county
    fire = county.agency("fire")
    made = await planning.published(county, fire, [planning.item(county, fire, special_industry="true")])
    [target] = planning.enterprises(county, 1)
    return await planning.approved_visit(county, planning.planned(made, target))


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-09")
async def test_a_replaced_code_opens_no_door_and_is_listed_as_revoked(bench: Bench) -> None:
    """After a new day, other officers and more time the code is each time another: only the last opens the door."""
    county = bench.county
    visit = await fire_visit(bench)
    fire = visit["lead_agency_id"]
    spare = next(row["officer_id"] for row in county.officers_of(fire) if row["officer_id"] not in names(visit))
    day = "2026-01-21" if visit["day"] != "2026-01-21" else "2026-01-22"
    shown = [visit]
    bodies: list[tuple[str, dict[str, Any]]] = [
        ("reschedule", {"date": day, "reason": "企业停产检修"}),
        ("officers", {"remove": [visit["officers"][0]["officer_id"]], "add": [spare], "reason": "病假"}),
        ("prolong", {"until": f"{day}T20:00:00+08:00", "reason": "事项较多"}),
    ]
    for verb, body in bodies:
        before = shown[-1]
        shown.append(await planning.changed(county, before, verb, body))
        old, new = before["code"]["code_id"], shown[-1]["code"]["code_id"]
        event = await bench.events.wait_for(VisitRescheduled, lambda e, new=new: e.code_id == new)  # type: ignore[misc]
        assert (event.revoked_code_id, event.reason) == (old, body["reason"])
        await acts.known_at_the_door(county, shown[-1]["code"]["token"])
    last = shown[-1]
    assert datetime.fromisoformat(last["window"]["closes"]) == at(day, "20:00")

    revoked = await county.callers.public.pages("scheduling", "/v1/public/revoked-codes")
    assert {one["code_id"] for one in revoked} == {one["code"]["code_id"] for one in shown[:-1]}
    await county.callers.set_clock(at(day))
    stage = acts.stage_of(county)
    for old_one in shown[:-1]:
        pretended = last | {"code": old_one["code"]}
        why = acts.refusals(await acts.knock(stage, pretended))
        assert any(code.startswith("door.") and found["clause"] == "QZ-09" for code, found in why.items()), why
    await bench.events.wait_for(EntryRefused, lambda e: e.enterprise_id == visit["enterprise_id"])
    assert not bench.events.of(InspectionStarted)
    assert (await enter(stage, last))["visit_id"] == visit["visit_id"]


@pytest.mark.pack("linxia")
@pytest.mark.clause("LX-01")
async def test_a_visit_and_its_changes_start_only_after_another_persons_approval(bench: Bench) -> None:
    """Nobody enters for a visit that is not approved; who wanted it approves neither it nor his change of it."""
    county = bench.county
    fire = county.agency("fire")
    head, supervisor = await county.head(fire), await county.supervisor()
    made = await planning.published(county, fire, [planning.item(county, fire, special_industry="true")])
    [target] = planning.enterprises(county, 1)
    visit = await planning.proposed_visit(county, planning.planned(made, target))
    path = f"/v1/visits/{visit['visit_id']}"
    assert (await (await county.planner(fire)).send("POST", "scheduling", f"{path}/approve")).status == 403
    other = await county.head(county.agency("market"))
    assert (await other.send("POST", "scheduling", f"{path}/approve")).status == 403
    spare = next(row["officer_id"] for row in county.officers_of(fire) if row["officer_id"] not in names(visit))
    swap = {"remove": [visit["officers"][0]["officer_id"]], "add": [spare], "reason": "病假"}
    await head.post("scheduling", f"{path}/officers", swap)
    why = await planning.refused(head, f"{path}/approve")
    assert why["visit.self_approval"]["clause"] == "LX-01"
    assert (await supervisor.get("scheduling", path))["code"] is None
    assert not bench.events.of(VisitApproved)

    second = await county.callers.of("head", name=f"{fire}-second", agency_id=fire, area=county.area)
    approved = await second.post("scheduling", f"{path}/approve")
    asked = await second.post(
        "scheduling", f"{path}/prolong", {"minutes": approved["minutes"] + 10, "reason": "事项多"}
    )
    change = asked["pending_change"]["change_id"]
    assert asked["code"] == approved["code"]
    why = await planning.refused(second, f"{path}/changes/{change}/approve")
    assert why["visit.change_self_approval"]["clause"] == "LX-01"
    after = await head.post("scheduling", f"{path}/changes/{change}/approve")
    assert after["code"] != approved["code"]
    history = await supervisor.pages("scheduling", f"{path}/history")
    assert [(one["kind"], one["proposed_by"] != one["decided_by"]) for one in history] == [
        ("officers", False),
        ("approve", False),
        ("prolong", True),
    ]
    assert (history[-1]["old"]["minutes"], history[-1]["new"]["minutes"]) == (visit["minutes"], visit["minutes"] + 10)


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-10")
async def test_approval_and_code_follow_within_one_working_day(bench: Bench) -> None:
    """Approval and code after an emergency are tied to entry and filing; too late they are a violation and an alert."""
    county, stage = bench.county, acts.stage_of(bench.county)
    market = county.agency("market")
    head, planner = await county.head(market), await county.planner(market)
    await stage.move_to(at("2025-12-26", "10:00"))
    made = []
    for target in islice(acts.fittings(county, "market"), 2):
        entry = await acts.emergency_entry(stage, target)
        made.append((entry, await acts.make_up(stage, entry)))
    for (entry, filing), moment, late in zip(
        made, (at("2025-12-29"), at("2025-12-30", "00:01")), (False, True), strict=True
    ):
        await stage.move_to(moment)
        path = f"/v1/filings/{filing['filing_id']}"
        assert (await planner.send("POST", "scheduling", f"{path}/approve")).status == 403
        visit = await head.post("scheduling", f"{path}/approve")
        event = await bench.events.wait_for(VisitApproved, lambda e, v=visit: e.visit_id == v["visit_id"])  # type: ignore[misc]
        assert (event.makeup_for, event.filing_id) == (entry["entry_id"], filing["filing_id"])
        assert event.makeup_late is late
        claims = ActionClaims.from_token(await published_keys(county), visit["code"]["token"])
        assert (claims.visit_id, claims.nbf) == (visit["visit_id"], seconds(entry["started_at"]))

        async def linked(entry: Json = entry, visit: Json = visit) -> bool:
            found = await head.get("checkin", f"/v1/entries/{entry['entry_id']}")
            return bool(found["makeup_visit_id"] == visit["visit_id"])

        await until("the entry knows its approval", linked)
    entry, filing = made[1]
    assert filing["late"] is False
    recorded = await bench.events.wait_for(LateFilingRecorded)
    assert (recorded.entry_id, recorded.clause) == (entry["entry_id"], "QZ-10")
    assert recorded.due == datetime.fromisoformat(entry["filing_due"])
    raised = await bench.events.wait_for(AlertRaised, lambda e: e.kind == "late_filing")
    assert (raised.clause, raised.agency_id) == ("QZ-10", market)
    assert len(bench.events.of(LateFilingRecorded)) == 1


@pytest.mark.pack("cangxian")
@pytest.mark.clause("CX-06")
async def test_no_approval_and_no_code_follow_afterwards(bench: Bench) -> None:
    """What was filed at the moment stands by itself: an approval afterwards is refused and leaves no code."""
    county = bench.county
    fire = county.agency("fire")
    body = planning.filing(county, fire, planning.enterprises(county, 1)[0], planning.item(county, fire))
    filed = await (await county.planner(fire)).post("scheduling", "/v1/filings", body)
    why = await planning.refused(await county.head(fire), f"/v1/filings/{filed['filing_id']}/approve")
    assert why["filing.no_makeup"]["clause"] == "CX-06"
    assert not bench.events.of(VisitApproved)
