"""The door over HTTP: who gets in, who is refused and why, and what stays as evidence."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event as sql_event

from wurao.common.auth import Role
from wurao.common.codes import KeyRing
from wurao.common.contracts.checkin import EntryRefused, InspectionStarted
from wurao.common.contracts.registry import AgencyWithdrawn, OfficerExited, OfficerReinstated, OfficerSuspended
from wurao.common.contracts.scheduling import VisitCancelled, VisitRescheduled
from wurao.common.contracts.shared import Window
from wurao.common.ids import new_id

MARKET, SHOP, STALL = "330802-market", "91330802MA00000001", "92330802MA00000002"
MakeWorld = Callable[..., Awaitable[Any]]


def codes(answer: Any) -> list[str]:
    """The refusal codes of a problem."""
    assert answer.status_code == 409, answer.text
    return [refusal["code"] for refusal in answer.json()["refusals"]]


async def test_approved_visit_enters(world: Any) -> None:
    """Named officers with both codes get in, see the form, and the entry is announced."""
    visit, token = await world.approve()
    answer = await world.knock(token)
    assert answer.status_code == 201, answer.text
    entered = answer.json()
    assert answer.headers["Location"] == f"/v1/entries/{entered['entry_id']}"
    assert (entered["visit_id"], len(entered["questions"]), len(entered["items"])) == (visit.visit_id, 3, 2)
    started = await world.harness.recorder.wait_for(InspectionStarted)
    assert (started.entry_id, started.mode, started.agencies) == (entered["entry_id"], "scan", visit.agencies)
    assert [officer.name for officer in started.officers] == ["执法员m1", "执法员m2"]


@pytest.mark.clause("YZ-01")
async def test_no_entry_without_scan_and_every_entry_leaves_a_trace(make_world: MakeWorld) -> None:
    """Under Yongzhou's pack nobody enters unscanned without an exception ground; the trace lists both kinds."""
    world = await make_world("yongzhou")
    _, token = await world.approve()
    answer = await world.knock(token, enterprise_code=None)
    assert codes(answer) == ["door.not_scanned"]
    assert answer.json()["clause"] == "YZ-01"
    refused = await world.harness.recorder.wait_for(EntryRefused)
    assert [refusal.clause for refusal in refused.refusals] == ["YZ-01"]
    scanned = (await world.knock(token)).json()["entry_id"]
    answer = await world.except_(ground="complaint")
    assert codes(answer) == ["exception.ground_not_accepted"]
    excepted = (await world.except_()).json()["entry_id"]
    trace = (await world.client.get(f"/v1/enterprises/{SHOP}/entries", headers=world.enterprise())).json()["items"]
    assert [(line["kind"], line["subject_id"]) for line in trace] == [
        ("entry_excepted", excepted),
        ("entry_scanned", scanned),
    ]
    assert trace[0]["details"]["ground"] == "emergency"


@pytest.mark.clause("CX-08")
async def test_individual_business_is_scanned_too(make_world: MakeWorld) -> None:
    """Cang County scans at every market entity: a stall has its code, and without its scan nobody enters."""
    world = await make_world("cangxian")
    _, token = await world.approve(enterprise_id=STALL, enterprise_name="乙小吃店")
    answer = await world.knock(token, enterprise_code=None)
    assert (codes(answer), answer.json()["clause"]) == (["door.not_scanned"], "CX-08")
    answer = await world.knock(token, enterprise_code=await world.enterprise_code(STALL))
    assert answer.status_code == 201, answer.text


@pytest.mark.clause("QZ-11")
async def test_enterprise_scans_the_action_code(make_world: MakeWorld) -> None:
    """Under Quzhou's pack the enterprise's own scan of the action code opens the door; the officers' claim does not."""
    world = await make_world("quzhou")
    _, token = await world.approve()
    answer = await world.knock(token, enterprise_code=None)
    assert (codes(answer), answer.json()["clause"]) == (["door.not_scanned"], "QZ-11")
    body = {"action_code": token, "officer_ids": ["m1", "m2"]}
    answer = await world.client.post("/v1/entries", json=body, headers=world.enterprise(STALL))
    assert codes(answer) == ["door.other_enterprise"]
    answer = await world.client.post("/v1/entries", json=body, headers=world.enterprise())
    assert answer.status_code == 201, answer.text


@pytest.mark.clause("YZ-09")
async def test_officer_without_standing_is_refused(make_world: MakeWorld) -> None:
    """Expired, suspended, withdrawn, transferred and unknown certificates are refused at the door by clause."""
    world = await make_world("yongzhou")
    _, token = await world.approve()

    async def refused_for(code: str) -> None:
        answer = await world.knock(token)
        assert (codes(answer), answer.json()["clause"]) == ([code], "YZ-09")

    await world.certify("m2", valid_to=date(2025, 12, 31))
    await refused_for("door.certificate_expired")
    await world.certify("m2")
    version = world.next_version("m2")
    await world.harness.deliver(OfficerSuspended(officer_id="m2", agency_id=MARKET, reason="调查", version=version))
    await refused_for("door.certificate_suspended")
    version = world.next_version("m2")
    await world.harness.deliver(OfficerReinstated(officer_id="m2", agency_id=MARKET, reason="恢复", version=version))
    await world.certify("m2", agency_id="330802-ecology")
    answer = await world.knock(token)
    assert codes(answer) == ["door.other_agency", "door.agency_unknown"]
    await world.certify("m2")
    version = world.next_version("m2")
    await world.harness.deliver(
        OfficerExited(officer_id="m2", agency_id=MARKET, reason="退出", exited_on=date(2026, 1, 5), version=version)
    )
    await refused_for("door.officer_exited")


@pytest.mark.clause("YZ-09")
async def test_unknown_person_is_refused(world: Any) -> None:
    """A person whom nobody certified does not get in, even when a code names that person."""
    visit, _ = await world.approve()
    people = (*visit.officers, visit.officers[0].model_copy(update={"officer_id": "grid-worker"}))
    visit, token = await world.approve(officers=people)
    answer = await world.knock(token, ("m1", "grid-worker"))
    assert codes(answer) == ["door.not_certified"]


@pytest.mark.clause("LX-03")
@pytest.mark.clause("PL-42")
async def test_one_officer_is_refused(make_world: MakeWorld) -> None:
    """One officer alone, named twice or not, is refused: by Linxia's clause there, by national law elsewhere."""
    world = await make_world("linxia")
    _, token = await world.approve()
    answer = await world.knock(token, ("m1",))
    assert (codes(answer), answer.json()["clause"]) == (["door.too_few_officers"], "LX-03")
    answer = await world.knock(token, ("m1", "m1"))
    assert codes(answer) == ["door.too_few_officers"]
    await world.activate("quzhou")
    answer = await world.knock(token, ("m1",))
    assert (codes(answer), answer.json()["clause"]) == (["door.too_few_officers"], "PL-42")
    assert "企业有权拒绝检查" in answer.json()["alternatives"]


@pytest.mark.clause("QZ-09")
async def test_code_opens_only_what_it_was_issued_for(make_world: MakeWorld) -> None:
    """A forged, foreign, early or late code and an officer whom it does not name are refused by clause."""
    world = await make_world("quzhou")
    visit, token = await world.approve()
    forged = world.action_token(visit, KeyRing.generate(world.now - timedelta(days=1)))
    for shown, expected in (
        (forged, ["door.action_code_invalid"]),
        (token[:-8] + "AAAAAAAA", ["door.action_code_invalid"]),
        (None, ["door.no_action_code"]),
    ):
        answer = await world.knock(shown)
        assert (codes(answer), answer.json()["clause"]) == (expected, "QZ-09")
    assert codes(await world.knock(token, ("m1", "m3"))) == ["door.officer_not_named"]
    stall = await world.enterprise_code(STALL)
    assert codes(await world.knock(token, enterprise_code=stall)) == ["door.other_enterprise"]
    world.harness.clock.advance(timedelta(hours=9))
    assert codes(await world.knock(token)) == ["door.too_late"]
    world.harness.clock.advance(timedelta(hours=-11))
    assert codes(await world.knock(token)) == ["door.too_early"]


@pytest.mark.clause("QZ-09")
async def test_revoked_code_is_named_as_revoked(world: Any) -> None:
    """After a rescheduling the old code is refused as revoked with the reason, and the new one opens."""
    visit, token = await world.approve()
    changed = visit.model_copy(update={"code_id": new_id()})
    await world.harness.deliver(
        VisitRescheduled(
            visit_id=visit.visit_id,
            window=Window(opens=world.now - timedelta(minutes=5), closes=world.now + timedelta(hours=3)),
            officers=visit.officers,
            code_id=changed.code_id,
            code="",
            revoked_code_id=visit.code_id,
            reason="企业停电",
            version=2,
        )
    )
    answer = await world.knock(token)
    assert codes(answer) == ["door.code_revoked"]
    assert "企业停电" in answer.json()["detail"]
    assert (await world.knock(world.action_token(changed))).status_code == 201


async def test_cancelled_visit_is_refused(world: Any) -> None:
    """A cancelled visit's code opens nothing; a code of a visit never announced neither."""
    visit, token = await world.approve()
    await world.harness.deliver(
        VisitCancelled(visit_id=visit.visit_id, enterprise_id=SHOP, agencies=visit.agencies, reason="撤回", version=2)
    )
    assert codes(await world.knock(token)) == ["door.visit_cancelled"]
    stranger = visit.model_copy(update={"visit_id": new_id()})
    assert codes(await world.knock(world.action_token(stranger))) == ["door.visit_unknown"]


@pytest.mark.clause("DT-01")
async def test_withdrawn_agency_is_refused(make_world: MakeWorld) -> None:
    """Officers of an agency that lost its standing do not get in."""
    world = await make_world("dingtao")
    _, token = await world.approve()
    await world.harness.deliver(
        AgencyWithdrawn(agency_id=MARKET, reason="职责划转", withdrawn_on=date(2026, 1, 4), version=2)
    )
    answer = await world.knock(token)
    assert (codes(answer), answer.json()["clause"]) == (["door.agency_unpublished"], "DT-01")


async def test_reissued_enterprise_code_replaces_the_old_sign(world: Any) -> None:
    """After a reissue the old code is refused and the new serial opens."""
    _, token = await world.approve()
    old = await world.enterprise_code()
    answer = await world.client.post(f"/v1/enterprises/{SHOP}/code/reissue", headers=world.enterprise())
    assert answer.json()["serial"] == 2
    assert codes(await world.knock(token, enterprise_code=old)) == ["door.enterprise_code_replaced"]
    assert codes(await world.knock(token, enterprise_code="nonsense")) == ["door.enterprise_code_invalid"]
    assert (await world.knock(token)).status_code == 201


async def test_second_scan_is_refused_naming_the_open_entry(world: Any) -> None:
    """A visit is entered once: the second scan names the open entry, and after the end the code is used up."""
    entered = await world.enter()
    answer = await world.knock(entered["token"])
    assert codes(answer) == ["door.entered_already"]
    assert entered["entry_id"] in answer.json()["detail"]
    await world.finish(entered["entry_id"])
    assert codes(await world.knock(entered["token"])) == ["door.visit_finished"]


async def test_two_scans_at_once_make_one_entry(world: Any) -> None:
    """Of ten simultaneous scans one enters and nine are told its entry; the ledger and the outbox have one each."""
    _, token = await world.approve()
    answers = await asyncio.gather(*(world.knock(token) for _ in range(10)))
    entered = [answer for answer in answers if answer.status_code == 201]
    assert len(entered) == 1
    entry_id = entered[0].json()["entry_id"]
    assert all(entry_id in answer.json()["detail"] for answer in answers if answer is not entered[0])
    trace = (await world.client.get(f"/v1/enterprises/{SHOP}/entries", headers=world.enterprise())).json()["items"]
    assert [line["kind"] for line in trace] == ["entry_scanned"]
    await world.harness.recorder.wait_for(InspectionStarted)
    assert len(world.harness.recorder.of(InspectionStarted)) == 1


async def test_successful_check_is_few_statements(world: Any) -> None:
    """A successful door check sends at most five statements beside BEGIN and COMMIT, however many officers come."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if connection.get_execution_options().get("wurao_write"):
            sent.append(statement)

    _visit, token = await world.approve()
    code = await world.enterprise_code()
    engine = world.harness.service.db.engine.sync_engine
    sql_event.listen(engine, "before_cursor_execute", note)
    answer = await world.knock(token, ("m1", "m2", "f1"), enterprise_code=code)
    sql_event.remove(engine, "before_cursor_execute", note)
    assert answer.status_code == 201, answer.text
    own = [s for s in sent if not s.startswith(("BEGIN", "DELETE FROM outbox"))]
    verbs = [statement.split()[0] for statement in own]
    assert verbs == ["SELECT", "SELECT", "INSERT", "INSERT", "INSERT"], own


async def test_caller_must_be_among_the_officers(world: Any) -> None:
    """An officer cannot open a door for others, and an officer may not fetch the code that hangs at the door."""
    _, token = await world.approve()
    code = await world.enterprise_code()
    body = {"enterprise_code": code, "action_code": token, "officer_ids": ["m1", "m2"]}
    answer = await world.client.post("/v1/entries", json=body, headers=world.officer("m3"))
    assert (answer.status_code, answer.json()["code"]) == (403, "entry.not_on_visit")
    answer = await world.client.get(f"/v1/enterprises/{SHOP}/code", headers=world.officer("m1"))
    assert answer.status_code == 403
    answer = await world.client.get(f"/v1/enterprises/{SHOP}/code", headers=world.enterprise(STALL))
    assert answer.status_code == 403
    planner = world.harness.headers(Role.PLANNER, agency_id=MARKET)
    assert (await world.client.post("/v1/entries", json=body, headers=planner)).status_code == 403


async def test_repeat_under_one_key_enters_once(world: Any) -> None:
    """A retried scan under its Idempotency-Key answers the same entry instead of a refusal."""
    _, token = await world.approve()
    body = {"enterprise_code": await world.enterprise_code(), "action_code": token, "officer_ids": ["m1", "m2"]}
    headers = world.officer("m1") | {"Idempotency-Key": "scan-0001"}
    first = await world.client.post("/v1/entries", json=body, headers=headers)
    again = await world.client.post("/v1/entries", json=body, headers=headers)
    assert (first.status_code, first.json()) == (201, again.json())
