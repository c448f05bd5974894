"""From the record to the signed end of a visit, over HTTP; exceptional entries and their filings."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wurao.common.auth import Role
from wurao.common.contracts.checkin import (
    InspectionFinished,
    InspectionStarted,
    LateFilingRecorded,
    UnfiledEntryReported,
)
from wurao.common.ids import new_id

MARKET, SHOP, STALL = "330802-market", "91330802MA00000001", "92330802MA00000002"
MakeWorld = Callable[..., Awaitable[Any]]


def codes(answer: Any) -> list[str]:
    """The refusal codes of a problem."""
    assert answer.status_code == 409, answer.text
    return [refusal["code"] for refusal in answer.json()["refusals"]]


async def finish(world: Any, entry_id: str) -> Any:
    """Ask to end a visit."""
    return await world.client.post(f"/v1/entries/{entry_id}/finish", headers=world.officer("m1"))


@pytest.mark.clause("QZ-11")
@pytest.mark.clause("DT-09")
@pytest.mark.parametrize(
    ("pack", "clauses"),
    [("quzhou", ["QZ-11", "PL-47"]), ("dingtao", ["DT-09", "DT-09"]), (None, ["PL-55", "PL-47"])],
)
async def test_visit_ends_only_with_record_and_two_signatures(
    make_world: MakeWorld, pack: str | None, clauses: list[str]
) -> None:
    """Without a record, and with fewer than two officers' signatures under it, a visit does not end."""
    world = await make_world(pack)
    entry_id = (await world.enter())["entry_id"]
    answer = await finish(world, entry_id)
    assert codes(answer) == ["finish.no_record", "finish.too_few_signatures"]
    assert [refusal["clause"] for refusal in answer.json()["refusals"]] == clauses
    answer = await world.client.post(f"/v1/entries/{entry_id}/signatures", headers=world.officer("m1"))
    assert (answer.json()["code"], answer.json()["clause"]) == ("sign.no_record", clauses[0])
    await world.put_record(entry_id)
    await world.sign(entry_id, "m1")
    assert codes(await finish(world, entry_id)) == ["finish.too_few_signatures"]
    await world.sign(entry_id, "m1", "m2")
    world.harness.clock.advance(timedelta(minutes=42))
    answer = await finish(world, entry_id)
    assert answer.status_code == 200, answer.text
    event = await world.harness.recorder.wait_for(InspectionFinished)
    assert (event.record_digest, event.ledger_seq) == (answer.json()["record_digest"], answer.json()["ledger_seq"])
    assert (event.minutes, event.enterprise_name, event.mode) == (42, "甲食品有限公司", "scan")
    assert [(f.item_id, f.agency_id, f.violation) for f in event.findings] == [("M-1", MARKET, "food.label_defect")]
    assert {result.item_id: result.agency_id for result in event.results} == {"M-1": MARKET, "F-1": "330802-fire"}
    again = (await finish(world, entry_id)).json()
    assert (again["code"], again["clause"]) == ("entry.finished", clauses[1])
    assert (await world.put_record(entry_id)).json()["code"] == "entry.finished"


@pytest.mark.clause("QZ-11")
async def test_record_follows_the_form(world: Any) -> None:
    """Unknown and unanswered questions, wrong kinds, missing results and unnamed violations are refused together."""
    entry_id = (await world.enter())["entry_id"]
    answer = await world.put_record(
        entry_id,
        answers=[{"question_id": "q1", "value": 1}, {"question_id": "own", "value": "x"}],
        results=[{"item_id": "M-1", "result": "violation"}],
        findings=[],
    )
    assert set(codes(answer)) == {
        "record.unknown_question",
        "record.unanswered",
        "record.wrong_answer_kind",
        "record.no_result",
        "record.violation_unnamed",
    }
    read = (await world.client.get(f"/v1/entries/{entry_id}", headers=world.officer("m1"))).json()
    assert read["record"] is None


@pytest.mark.clause("DT-09")
async def test_later_change_voids_signatures(world: Any) -> None:
    """A change of the record, or evidence added to it, leaves earlier signatures without force."""
    entry_id = (await world.enter())["entry_id"]
    first = (await world.put_record(entry_id)).json()["record_digest"]
    await world.sign(entry_id, "m1", "m2")
    second = (await world.put_record(entry_id, present="李经理")).json()["record_digest"]
    assert first != second
    assert codes(await finish(world, entry_id)) == ["finish.too_few_signatures"]
    body = {"record_digest": first}
    answer = await world.client.post(f"/v1/entries/{entry_id}/signatures", json=body, headers=world.officer("m1"))
    assert answer.status_code == 412
    await world.sign(entry_id, "m1", "m2")
    await evidence(world, entry_id)
    read = (await world.client.get(f"/v1/entries/{entry_id}", headers=world.officer("m2"))).json()
    assert [signature["valid"] for signature in read["signatures"]] == [False, False]
    await world.sign(entry_id)
    assert (await finish(world, entry_id)).status_code == 200


async def evidence(world: Any, entry_id: str) -> Any:
    """Register a photo."""
    piece = {
        "kind": "photo",
        "media_type": "image/jpeg",
        "size": 120_000,
        "sha256": "ab" * 32,
        "taken_at": "2026-01-05T09:20:00+08:00",
    }
    answer = await world.client.post(f"/v1/entries/{entry_id}/evidence", json=piece, headers=world.officer("m1"))
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.clause("QZ-11")
async def test_changed_file_is_detected(world: Any) -> None:
    """A file is verified against the digest under which it was registered."""
    entry_id = (await world.enter())["entry_id"]
    evidence_id = (await evidence(world, entry_id))["evidence_id"]
    path = f"/v1/entries/{entry_id}/evidence/{evidence_id}/verify"
    for sha256, intact in (("ab" * 32, True), ("cd" * 32, False)):
        answer = await world.client.post(path, json={"sha256": sha256}, headers=world.enterprise())
        assert answer.json() == {"intact": intact}


async def test_stale_record_is_refused(world: Any) -> None:
    """An officer who read an earlier version does not overwrite a colleague's record."""
    entry_id = (await world.enter())["entry_id"]
    etag = (await world.client.get(f"/v1/entries/{entry_id}", headers=world.officer("m1"))).headers["ETag"]
    assert (await world.put_record(entry_id)).status_code == 200
    read = (await world.client.get(f"/v1/entries/{entry_id}", headers=world.officer("m1"))).json()["record"]
    body = {name: read[name] for name in ("answers", "present")} | {
        "results": [{"item_id": "M-1", "result": "conform"}, {"item_id": "F-1", "result": "conform"}]
    }
    headers = world.officer("m2") | {"If-Match": etag}
    answer = await world.client.put(f"/v1/entries/{entry_id}/record", json=body, headers=headers)
    assert answer.status_code == 412


async def test_entry_is_seen_by_those_it_concerns(world: Any) -> None:
    """Its officers, its agencies, its enterprise and its area's supervisors read an entry; others find nothing."""
    entry_id = (await world.enter())["entry_id"]
    headers = world.harness.headers
    for who, status in (
        (world.officer("f1"), 200),
        (headers(Role.HEAD, agency_id="330802-ecology"), 404),
        (world.enterprise(), 200),
        (world.enterprise(STALL), 404),
        (world.supervisor(), 200),
        (world.supervisor("330803"), 404),
        (headers(Role.DISCIPLINE, area="330800"), 200),
    ):
        assert (await world.client.get(f"/v1/entries/{entry_id}", headers=who)).status_code == status
    answer = await world.client.put(f"/v1/entries/{entry_id}/record", json={}, headers=world.officer("m1"))
    assert answer.status_code == 422
    answer = await world.client.post(f"/v1/entries/{entry_id}/finish", headers=world.officer("m3"))
    assert (answer.status_code, answer.json()["code"]) == (403, "entry.not_on_visit")


@pytest.mark.clause("CX-06")
async def test_emergency_is_filed_before_the_door_opens(make_world: MakeWorld) -> None:
    """In Cang County an emergency enters only on a filing made at once; each filing serves once."""
    world = await make_world("cangxian")
    code = await world.enterprise_code()
    answer = await world.except_(enterprise_code=code)
    assert (codes(answer), answer.json()["clause"]) == (["exception.not_filed"], "CX-06")
    assert any("立即办理报备" in way for way in answer.json()["alternatives"])
    assert codes(await world.except_(enterprise_code=code, filing_id=new_id())) == ["exception.filing_unknown"]
    late = await world.filed(after_the_fact=True)
    assert codes(await world.except_(enterprise_code=code, filing_id=late.filing_id)) == ["exception.filed_afterwards"]
    other = await world.filed(enterprise_id=STALL)
    assert codes(await world.except_(enterprise_code=code, filing_id=other.filing_id)) == ["exception.filing_of_other"]
    filing = await world.filed()
    answer = await world.except_(filing_id=filing.filing_id)
    assert (codes(answer), answer.json()["clause"]) == (["door.not_scanned"], "CX-08")
    answer = await world.except_(enterprise_code=code, filing_id=filing.filing_id)
    assert answer.status_code == 201, answer.text
    started = await world.harness.recorder.wait_for(InspectionStarted)
    assert (started.mode, started.ground, started.filing_id) == ("exception", "emergency", filing.filing_id)
    assert codes(await world.except_(enterprise_code=code, filing_id=filing.filing_id)) == ["exception.filing_used"]


async def test_exception_demands_officers_items_and_source(world: Any) -> None:
    """An exceptional entry is judged as strictly on officers and items as an approved one."""
    answer = await world.except_("m1", item_ids=["F-1", "X-9"], source_record=" ", ground="complaint")
    assert set(codes(answer)) == {
        "exception.no_source",
        "door.too_few_officers",
        "exception.item_not_published",
    }
    assert (await world.except_(enterprise_id="unknown")).status_code == 404
    assert (await world.except_(enterprise_id=None)).status_code == 422


async def exceptional(world: Any) -> str:
    """A finished exceptional entry."""
    answer = await world.except_()
    assert answer.status_code == 201, answer.text
    entry_id = str(answer.json()["entry_id"])
    record = {
        "answers": [{"question_id": "q1", "value": False}],
        "results": [{"item_id": "M-1", "result": "conform"}],
        "findings": [],
    }
    await world.finish(entry_id, **record)
    return entry_id


@pytest.mark.clause("QZ-10")
async def test_makeup_period_counts_working_days(make_world: MakeWorld) -> None:
    """In Quzhou the filing may follow within one working day: from Friday that is Monday's last instant, explained."""
    world = await make_world("quzhou")
    world.harness.clock.set(datetime(2026, 1, 9, 1, 0, tzinfo=UTC))
    entry_id = await exceptional(world)
    entry = (await world.client.get(f"/v1/entries/{entry_id}", headers=world.officer("m1"))).json()
    assert datetime.fromisoformat(entry["filing_due"]).astimezone(UTC) == datetime(
        2026, 1, 12, 15, 59, 59, 999999, tzinfo=UTC
    )
    assert any("周末，不计入" in line for line in entry["filing_explained"])
    due = datetime.fromisoformat(entry["filing_due"])
    await world.filed(entry_id=entry_id, after_the_fact=True, filed_at=due)
    read = (await world.client.get(f"/v1/entries/{entry_id}", headers=world.officer("m1"))).json()
    assert read["filing_state"] == "made_up"
    world.harness.clock.set(due + timedelta(days=3))
    assert (await world.harness.service.sweep())["filings.overdue"] == 0
    assert world.harness.recorder.of(LateFilingRecorded) == []


@pytest.mark.clause("QZ-10")
@pytest.mark.parametrize("others", [{"agency_id": "330802-fire"}, {"enterprise_id": STALL}], ids=str)
async def test_filing_of_another_agency_or_enterprise_settles_nothing(
    make_world: MakeWorld, others: dict[str, str]
) -> None:
    """A filing that names an entry does not settle it for an agency that was not there or for another enterprise."""
    world = await make_world("quzhou")
    entry_id = await exceptional(world)
    for changes, state in ((others, "awaiting"), ({}, "made_up")):
        await world.filed(entry_id=entry_id, after_the_fact=True, **changes)
        read = (await world.client.get(f"/v1/entries/{entry_id}", headers=world.officer("m1"))).json()
        assert read["filing_state"] == state


@pytest.mark.clause("QZ-10")
async def test_late_makeup_is_recorded_as_violation(make_world: MakeWorld) -> None:
    """A filing one microsecond late is a recorded violation with the pack's clause, once, whoever repeats it."""
    world = await make_world("quzhou")
    entry_id = await exceptional(world)
    entry = (await world.client.get(f"/v1/entries/{entry_id}", headers=world.officer("m1"))).json()
    due = datetime.fromisoformat(entry["filing_due"])
    filing = await world.filed(entry_id=entry_id, after_the_fact=True, filed_at=due + timedelta(microseconds=1))
    event = await world.harness.recorder.wait_for(LateFilingRecorded)
    assert (event.entry_id, event.due, event.clause, event.agency_id) == (entry_id, due, "QZ-10", MARKET)
    await world.filed(filing_id=filing.filing_id, entry_id=entry_id, late=True, version=2)
    assert len(world.harness.recorder.of(LateFilingRecorded)) == 1
    trace = (await world.client.get(f"/v1/enterprises/{SHOP}/entries", headers=world.enterprise())).json()["items"]
    assert [line["kind"] for line in trace] == ["late_filing_recorded", "inspection_finished", "entry_excepted"]


@pytest.mark.clause("QZ-10")
async def test_missing_filing_is_reported_by_the_clock(make_world: MakeWorld) -> None:
    """When the period runs out without a filing, the clock reports the entry once; a filing then still counts late."""
    world = await make_world("quzhou")
    entry_id = await exceptional(world)
    assert (await world.harness.service.sweep())["filings.overdue"] == 0
    world.harness.clock.advance(timedelta(days=4))
    assert (await world.harness.service.sweep())["filings.overdue"] == 1
    assert (await world.harness.service.sweep())["filings.overdue"] == 0
    report = await world.harness.recorder.wait_for(UnfiledEntryReported)
    assert (report.entry_id, report.reported_by, report.agency_id) == (entry_id, "clock", MARKET)
    assert "届满" in report.description
    await world.filed(entry_id=entry_id, after_the_fact=True, filed_at=world.now)
    late = await world.harness.recorder.wait_for(LateFilingRecorded)
    assert late.entry_id == entry_id


@pytest.mark.clause("QZ-10")
async def test_approval_and_code_may_follow(make_world: MakeWorld) -> None:
    """An approval made up in time settles the entry; its code evaluates the visit and opens no door."""
    world = await make_world("quzhou")
    entry_id = await exceptional(world)
    _, token = await world.approve(makeup_for=entry_id, items=(), questions=())
    read = (await world.client.get(f"/v1/entries/{entry_id}", headers=world.officer("m1"))).json()
    assert (read["filing_state"], read["ledger_seq"] is not None) == ("made_up", True)
    assert codes(await world.knock(token)) == ["door.made_up"]
    rating = {
        "code": token,
        "satisfaction": 4,
        "code_shown": False,
        "certificates_shown": True,
        "disturbed": False,
        "fees_asked": False,
    }
    answer = await world.client.post("/v1/public/evaluations", json=rating)
    assert answer.status_code == 201, answer.text
    seq = read["ledger_seq"]
    await world.harness.service.sweep()
    row = (await world.client.get(f"/v1/ledger/{seq}", headers=world.supervisor())).json()
    assert row["intact"] is True


async def test_silent_pack_invents_no_filing(make_world: MakeWorld) -> None:
    """Yongzhou's document says nothing of filings: an emergency enters without one, and none is missed later."""
    world = await make_world("yongzhou")
    entry_id = await exceptional(world)
    world.harness.clock.advance(timedelta(days=30))
    assert (await world.harness.service.sweep())["filings.overdue"] == 0
    read = (await world.client.get(f"/v1/entries/{entry_id}", headers=world.officer("m1"))).json()
    assert read["filing_state"] == "not_required"
