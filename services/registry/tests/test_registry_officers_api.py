"""Officers over HTTP: certified, verified, suspended, reinstated, withdrawn."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from wurao.common.auth import Role
from wurao.common.contracts.registry import OfficerCertified, OfficerExited, OfficerReinstated, OfficerSuspended
from wurao.common.testing import Harness

Load = Callable[..., Awaitable[dict[str, Any]]]
Enforce = Callable[[str], Awaitable[None]]

HEADER = "officer_id,name,agency_id,unit,kind,certificate_no,valid_from,valid_to,trained,examined,in_post,leader\n"
GOOD = "o1,张三,market,一中队,officer,C1,2024-01-01,2028-12-31,true,true,true,true\n"
SECOND = "o2,李四,market,一中队,officer,C2,2024-01-01,2028-12-31,true,true,true,false\n"
UNEXAMINED = "o3,王五,market,一中队,officer,,,,true,false,true,false\n"
NO_POST = "o4,赵六,market,一中队,officer,C4,2024-01-01,2028-12-31,true,true,false,false\n"
AUXILIARY = "o5,钱七,market,一中队,auxiliary,,,,true,false,true,false\n"
EXPIRED = "o6,孙八,market,一中队,officer,C6,2020-01-01,2025-12-31,true,true,true,false\n"
EVERYBODY = HEADER + GOOD + SECOND + UNEXAMINED + NO_POST + AUXILIARY + EXPIRED


async def verdicts(registry: Harness, headers: dict[str, str], *ids: str, **body: str) -> dict[str, str | None]:
    """The clause that speaks against each officer, None for a valid one."""
    answer = await registry.client.post("/v1/officers/verify", headers=headers, json={"officer_ids": list(ids), **body})
    assert answer.status_code == 200, answer.text
    return {row["officer_id"]: None if row["valid"] else row["clause"] for row in answer.json()}


@pytest.mark.clause("DT-02")
@pytest.mark.pack("dingtao")
async def test_certificates_go_to_trained_examined_officers_in_post(
    registry: Harness, platform: dict[str, str], load: Load, enforce: Enforce
) -> None:
    """An import certifies who qualifies and says of the others why not; issuing to them is refused."""
    await enforce("dingtao")
    report = await load("officers", EVERYBODY)
    assert (report["accepted"], report["rejected"], report["certified"]) == (6, 0, 3)
    notes = {(note["row"], note["code"]) for note in report["notes"]}
    assert {(4, "officer.unexamined"), (5, "officer.not_in_post"), (6, "officer.auxiliary")} <= notes
    for officer, code in (("o3", "officer.unexamined"), ("o4", "officer.not_in_post")):
        answer = await registry.client.post(
            f"/v1/officers/{officer}/certify",
            headers=platform,
            json={"certificate_no": "C9", "valid_from": "2026-01-01", "valid_to": "2030-12-31"},
        )
        assert (answer.status_code, answer.json()["code"], answer.json()["clause"]) == (409, code, "DT-02")
        assert answer.json()["alternatives"]
    await registry.recorder.wait_for(OfficerCertified, lambda event: event.officer_id == "o6")
    assert {event.officer_id for event in registry.recorder.of(OfficerCertified)} == {"o1", "o2", "o6"}
    shown = (await registry.client.get("/v1/officers/o3", headers=platform)).json()
    assert (shown["standing"], shown["certificate_no"]) == ("recorded", None)


@pytest.mark.clause("DT-02")
@pytest.mark.pack("dingtao")
async def test_the_review_lists_whom_to_withdraw_and_withdrawal_blocks_at_once(
    registry: Harness, platform: dict[str, str], load: Load, enforce: Enforce
) -> None:
    """An expired certificate is in the periodic review; after its withdrawal the officer is invalid for good."""
    await enforce("dingtao")
    await load("officers", EVERYBODY)
    review = (await registry.client.get("/v1/officers/review", headers=platform)).json()["items"]
    assert [(row["officer_id"], row["reasons"][0]["code"]) for row in review] == [("o6", "officer.expired")]
    answer = await registry.client.post("/v1/officers/o6/exit", headers=platform, json={"reason": "证件到期"})
    assert answer.status_code == 200, answer.text
    assert await verdicts(registry, platform, "o6") == {"o6": "DT-02"}
    assert (await registry.client.get("/v1/officers/review", headers=platform)).json()["items"] == []


@pytest.mark.clause("QZ-02")
@pytest.mark.pack("quzhou")
async def test_auxiliaries_never_get_a_certificate(
    registry: Harness, platform: dict[str, str], load: Load, enforce: Enforce
) -> None:
    """An auxiliary with every paper is recorded without a certificate, refused one, and invalid at the door."""
    await enforce("quzhou")
    row = "o7,周九,market,网格,auxiliary,C7,2024-01-01,2028-12-31,true,true,true,false\n"
    report = await load("officers", HEADER + row)
    assert (report["rejected"], report["certified"]) == (0, 0)
    answer = await registry.client.post(
        "/v1/officers/o7/certify",
        headers=platform,
        json={"certificate_no": "C9", "valid_from": "2026-01-01", "valid_to": "2030-12-31"},
    )
    assert (answer.status_code, answer.json()["clause"]) == (409, "QZ-02")
    assert await verdicts(registry, platform, "o7") == {"o7": "QZ-02"}


@pytest.mark.clause("YZ-10")
@pytest.mark.pack("yongzhou")
async def test_an_exit_removes_an_officer_for_good(
    registry: Harness, platform: dict[str, str], load: Load, enforce: Enforce
) -> None:
    """After an exit the officer is invalid at once, everybody is told, and nothing brings the officer back."""
    await enforce("yongzhou")
    await load("officers", EVERYBODY)
    assert await verdicts(registry, platform, "o1") == {"o1": None}
    head = registry.headers(Role.HEAD, agency_id="market", area="330802")
    answer = await registry.client.post("/v1/officers/o1/exit", headers=head, json={"reason": "不再适合执法"})
    assert answer.status_code == 200, answer.text
    assert await verdicts(registry, platform, "o1") == {"o1": "YZ-10"}
    event = await registry.recorder.wait_for(OfficerExited)
    assert (event.officer_id, event.reason, event.exited_on) == ("o1", "不再适合执法", date(2026, 1, 5))
    for verb in ("reinstate", "suspend", "exit"):
        answer = await registry.client.post(f"/v1/officers/o1/{verb}", headers=platform, json={"reason": "再试"})
        assert answer.status_code == 409
    await load("officers", HEADER + GOOD.replace("一中队", "二中队"))
    assert await verdicts(registry, platform, "o1") == {"o1": "YZ-10"}


@pytest.mark.clause("DT-18")
@pytest.mark.pack("dingtao")
async def test_a_suspension_blocks_until_its_last_day_is_over(
    registry: Harness, platform: dict[str, str], load: Load, enforce: Enforce
) -> None:
    """A suspended officer is invalid through the last day, and reinstated by the clock the day after."""
    await enforce("dingtao")
    await load("officers", EVERYBODY)
    over = {"reason": "未扫码入企", "until": "2026-01-04"}
    answer = await registry.client.post("/v1/officers/o1/suspend", headers=platform, json=over)
    assert (answer.status_code, answer.json()["code"]) == (422, "officer.suspension_over")
    answer = await registry.client.post(
        "/v1/officers/o1/suspend", headers=platform, json={"reason": "未扫码入企", "until": "2026-01-20"}
    )
    assert (answer.status_code, answer.json()["standing"]) == (200, "suspended")
    suspended = await registry.recorder.wait_for(OfficerSuspended)
    registry.clock.set(datetime(2026, 1, 20, 15, 59, tzinfo=UTC))
    assert (await registry.service.sweep())["lift_suspensions"] == 0
    assert await verdicts(registry, platform, "o1") == {"o1": "DT-18"}
    registry.clock.advance(timedelta(minutes=1))
    assert (await registry.service.sweep())["lift_suspensions"] == 1
    assert await verdicts(registry, platform, "o1") == {"o1": None}
    lifted = await registry.recorder.wait_for(OfficerReinstated)
    assert lifted.version > suspended.version


async def test_what_changed_under_suspension_is_told_after_it(
    registry: Harness, platform: dict[str, str], load: Load
) -> None:
    """An import during a suspension neither lifts nor announces it; the change follows the reinstatement."""
    await load("officers", HEADER + GOOD)
    await registry.client.post("/v1/officers/o1/suspend", headers=platform, json={"reason": "调查期间"})
    await load("officers", HEADER + GOOD.replace("一中队", "二中队"))
    assert await verdicts(registry, platform, "o1") == {"o1": "PL-42"}
    answer = await registry.client.post("/v1/officers/o1/reinstate", headers=platform, json={"reason": "查无问题"})
    assert answer.status_code == 200, answer.text
    news = await registry.recorder.wait_for(OfficerCertified, lambda event: event.unit == "二中队")
    lifted = await registry.recorder.wait_for(OfficerReinstated)
    assert news.version > lifted.version


async def test_a_lost_post_ends_the_certificate_at_the_next_import(registry: Harness, load: Load) -> None:
    """A certified officer who left the post is announced as exited."""
    await load("officers", HEADER + GOOD)
    await load("officers", HEADER + GOOD.replace("true,true,true,true", "true,true,false,true"))
    assert (await registry.recorder.wait_for(OfficerExited)).officer_id == "o1"


async def test_an_import_that_changes_nothing_announces_nothing(
    registry: Harness, platform: dict[str, str], load: Load
) -> None:
    """The same file twice leaves versions as they were."""
    await load("officers", EVERYBODY)
    await load("officers", EVERYBODY)
    assert (await registry.client.get("/v1/officers/o1", headers=platform)).json()["version"] == 1


async def test_rows_of_unknown_agencies_are_errors(registry: Harness, load: Load) -> None:
    """A row of an unknown agency is rejected by its number; the caller chose whether the others are loaded."""
    body = HEADER + GOOD + SECOND.replace("market", "nobody")
    report = await load("officers", body)
    assert (report["loaded"], [(e["row"], e["field"]) for e in report["errors"]]) == (False, [(3, "agency_id")])
    report = await load("officers", body, mode="good")
    assert (report["loaded"], report["accepted"], report["certified"]) == (True, 1, 1)


@pytest.mark.pack("dingtao")
async def test_verification_names_the_clause_of_each(
    registry: Harness, platform: dict[str, str], load: Load, enforce: Enforce
) -> None:
    """Unknown, unqualified, auxiliary, expired and foreign officers each fail by their own clause."""
    await enforce("dingtao")
    row = "f1,吴十,fire,一站,officer,C8,2024-01-01,2028-12-31,true,true,true,false\n"
    await load("officers", EVERYBODY + row)
    found = await verdicts(registry, platform, "o1", "o3", "o5", "o6", "f1", "nobody")
    expected = {"o1": None, "o3": "DT-02", "o5": "DT-02", "o6": "DT-02", "f1": "DT-01", "nobody": "PL-42"}
    assert found == expected
    await registry.client.post("/v1/agencies/fire/publish", headers=platform)
    enterprise = registry.headers(Role.ENTERPRISE, enterprise_id="91330802MA29U2WJ1D", area="330802")
    assert await verdicts(registry, enterprise, "f1") == {"f1": None}
    asked = await verdicts(registry, platform, "f1", "nobody", agency_id="market")
    assert asked == {"f1": "DT-02", "nobody": "DT-02"}


async def test_an_agency_sees_and_changes_only_its_own(registry: Harness, platform: dict[str, str], load: Load) -> None:
    """Another agency's head neither reads nor suspends an officer; a supervisor elsewhere neither."""
    await load("officers", EVERYBODY)
    foreign = registry.headers(Role.HEAD, agency_id="fire", area="330802")
    assert (await registry.client.get("/v1/officers/o1", headers=foreign)).status_code == 404
    elsewhere = registry.headers(Role.SUPERVISOR, agency_id="justice", area="330803")
    for headers in (foreign, elsewhere):
        answer = await registry.client.post("/v1/officers/o1/suspend", headers=headers, json={"reason": "越权"})
        assert answer.status_code == 403
    own = registry.headers(Role.OFFICER, agency_id="market", area="330802")
    assert (await registry.client.get("/v1/officers/o1", headers=own)).status_code == 200


async def test_a_stale_change_is_refused(registry: Harness, platform: dict[str, str], load: Load) -> None:
    """A change under an old ETag answers 412 and changes nothing."""
    await load("officers", HEADER + GOOD)
    seen = await registry.client.get("/v1/officers/o1", headers=platform)
    await registry.client.post("/v1/officers/o1/suspend", headers=platform, json={"reason": "第一次"})
    stale = platform | {"If-Match": seen.headers["ETag"]}
    answer = await registry.client.post("/v1/officers/o1/exit", headers=stale, json={"reason": "第二次"})
    assert answer.status_code == 412
    assert (await registry.client.get("/v1/officers/o1", headers=platform)).json()["standing"] == "suspended"
