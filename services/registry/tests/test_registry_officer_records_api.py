"""What is recorded of officers over HTTP, whom it leads to a certificate, and who may check it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from wurao.common.auth import Role
from wurao.common.contracts.registry import OfficerCertified, OfficerSuspended
from wurao.common.contracts.supervision import OfficerSanctioned
from wurao.common.testing import Harness
from wurao.registry.usecases.officers import lift_suspensions

Load = Callable[..., Awaitable[dict[str, Any]]]
Enforce = Callable[[str], Awaitable[None]]

HEADER = "officer_id,name,agency_id,unit,kind,certificate_no,valid_from,valid_to,trained,examined,in_post\n"
NEWCOMER = "o1,张三,market,一中队,officer,,,,false,false,false\n"
HOLDER = "o2,李四,market,一中队,officer,C2,2024-01-01,2028-12-31,true,true,true\n"
GRID = "o3,王五,market,网格,grid_worker,,,,true,true,false\n"
TEMPORARY = "o4,赵六,market,大厅,temporary,,,,false,false,false\n"

COURSE = {"course": "行政执法公共法律知识", "hours": 40, "finished_on": "2025-11-20", "passed": True}
EXAMINATION = {"sat_on": "2025-12-10", "score": 86, "passed": True}
POST = {"post": "一线执法岗", "employment": "administrative", "began_on": "2025-12-15", "retires_on": "2050-01-01"}
CERTIFICATE = {"certificate_no": "C1", "valid_from": "2026-01-05", "valid_to": "2030-12-31"}


async def post(registry: Harness, by: dict[str, str], path: str, body: Any) -> httpx.Response:
    """POST as somebody."""
    return await registry.client.post(f"/v1/officers/{path}", headers=by, json=body)


@pytest.fixture
def head(registry: Harness) -> dict[str, str]:
    """The head of the market agency."""
    return registry.headers(Role.HEAD, subject="head", agency_id="market", area="330802")


@pytest.mark.clause("DT-02")
@pytest.mark.pack("dingtao")
async def test_a_certificate_follows_from_course_examination_and_post(
    registry: Harness, platform: dict[str, str], head: dict[str, str], load: Load, enforce: Enforce
) -> None:
    """Step by step the refusal of the certificate gets shorter; with course, pass and post it is issued."""
    await enforce("dingtao")
    await load("officers", HEADER + NEWCOMER)

    async def refused() -> list[str]:
        answer = await post(registry, platform, "o1/certify", CERTIFICATE)
        assert (answer.status_code, answer.json()["clause"]) == (409, "DT-02")
        return [why["code"].removeprefix("officer.") for why in answer.json()["refusals"]]

    assert await refused() == ["untrained", "unexamined", "not_in_post"]
    assert (await post(registry, head, "o1/trainings", COURSE | {"passed": False})).status_code == 201
    assert await refused() == ["untrained", "unexamined", "not_in_post"]
    assert (await post(registry, head, "o1/trainings", COURSE)).status_code == 201
    assert (await post(registry, head, "o1/examinations", EXAMINATION)).status_code == 403
    failed = EXAMINATION | {"passed": False, "score": 41}
    assert (await post(registry, platform, "o1/examinations", failed)).status_code == 201
    assert await refused() == ["unexamined", "not_in_post"]
    assert (await post(registry, platform, "o1/examinations", EXAMINATION)).status_code == 201
    assert (await post(registry, head, "o1/posts", POST | {"employment": "dispatched"})).status_code == 201
    assert await refused() == ["not_established"]
    assert (await post(registry, head, "o1/posts", POST)).status_code == 201
    issued = await post(registry, platform, "o1/certify", CERTIFICATE)
    assert (issued.status_code, issued.json()["standing"]) == (200, "certified")
    assert (await registry.recorder.wait_for(OfficerCertified)).certificate_no == "C1"

    dossier = (await registry.client.get("/v1/officers/o1/dossier", headers=head)).json()
    assert [one["passed"] for one in dossier["trainings"]].count(True) == 1
    assert [(one["score"], one["passed"]) for one in dossier["examinations"]] == [(86, True), (41, False)]
    assert [(one["employment"], one["ended_on"]) for one in dossier["posts"]] in (
        [("administrative", None), ("dispatched", "2025-12-15")],
        [("dispatched", "2025-12-15"), ("administrative", None)],
    )
    assert [one["standing"] for one in dossier["decisions"]] == ["certified"]
    later = await post(registry, head, "o1/trainings", COURSE | {"finished_on": "2026-01-06"})
    assert (later.status_code, later.json()["code"]) == (422, "future_date")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("o2/posts/end", {"ended_on": "2026-01-05", "reason": "轮岗到综合科"}),
        ("o2/examinations", EXAMINATION | {"passed": False, "sat_on": "2026-01-04"}),
    ],
)
async def test_a_lost_condition_suspends_at_once_and_the_agency_lifts_it_when_met_again(
    registry: Harness, platform: dict[str, str], head: dict[str, str], load: Load, path: str, body: dict[str, Any]
) -> None:
    """Without post or pass the certificate is suspended and announced; reinstated only with the condition back."""
    await load("officers", HEADER + HOLDER)
    assert (await post(registry, platform, path, body)).is_success
    assert (await registry.recorder.wait_for(OfficerSuspended)).reason.startswith("不再符合持证条件：")
    assert (await post(registry, head, "o2/reinstate", {"reason": "恢复"})).status_code == 409
    again = POST | {"began_on": "2026-01-05"} if "posts" in path else EXAMINATION | {"sat_on": "2026-01-05"}
    assert (await post(registry, platform, path.removesuffix("/end"), again)).status_code == 201
    assert (await post(registry, head, "o2/reinstate", {"reason": "重新符合条件"})).status_code == 200


@pytest.mark.clause("QZ-02")
@pytest.mark.pack("quzhou")
async def test_auxiliaries_are_recorded_and_refused(
    registry: Harness, platform: dict[str, str], head: dict[str, str], load: Load, enforce: Enforce
) -> None:
    """Grid workers and temporary staff are in the register, but get no post, certificate or review of decisions."""
    await enforce("quzhou")
    report = await load("officers", HEADER + GRID + TEMPORARY)
    assert (report["accepted"], report["certified"]) == (2, 0)
    assert [note["code"] for note in report["notes"]] == ["officer.auxiliary"] * 2
    appointment = {"appointed": True, "qualification_no": "A2015330802001"}
    for officer_id in ("o3", "o4"):
        for path, body in (("posts", POST), ("certify", CERTIFICATE), ("legal-reviewer", appointment)):
            answer = await post(registry, platform, f"{officer_id}/{path}", body)
            assert (answer.status_code, answer.json()["code"]) == (409, "officer.auxiliary"), path
            assert answer.json()["clause"] == "QZ-02"


@pytest.mark.clause("DT-18")
@pytest.mark.pack("dingtao")
async def test_the_head_does_not_lift_what_supervision_imposed(
    registry: Harness, platform: dict[str, str], head: dict[str, str], load: Load, enforce: Enforce
) -> None:
    """Suspended by an accountability decision or from above, only from above is it lifted or shortened."""
    await enforce("dingtao")
    await load("officers", HEADER + HOLDER)
    supervisor = registry.headers(Role.SUPERVISOR, agency_id="justice", area="330802")
    sanction = {"sanction": "suspend", "decision_id": "d1", "reason": "随意检查", "agency_id": "market"}
    instant = registry.clock.now()
    await registry.deliver(
        OfficerSanctioned.model_validate(sanction | {"officer_id": "o2", "decided_at": instant, "version": 1})
    )
    for path, body in (("reinstate", {"reason": "工作需要"}), ("suspend", {"reason": "改期", "until": "2026-01-05"})):
        answer = await post(registry, head, f"o2/{path}", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "officer.suspended_above")
        assert (answer.json()["clause"], bool(answer.json()["alternatives"])) == ("DT-18", True)
    lifted = await post(registry, supervisor, "o2/reinstate", {"reason": "已经整改"})
    assert (lifted.status_code, lifted.json()["suspended_above"]) == (200, False)
    await post(registry, head, "o2/suspend", {"reason": "机关内部调查"})
    assert (await post(registry, head, "o2/reinstate", {"reason": "查无问题"})).status_code == 200
    own = registry.headers(Role.HEAD, subject="o2", agency_id="market", officer_id="o2", area="330802")
    answer = await post(registry, own, "o2/suspend", {"reason": "自己处理自己"})
    assert (answer.status_code, answer.json()["code"]) == (403, "officer.own_matter")


async def test_an_import_stays_within_the_area_and_keeps_certificates_apart(
    registry: Harness, platform: dict[str, str], load: Load
) -> None:
    """Rows of another area's agency and rows with somebody else's certificate are errors; silence keeps a post."""
    await load("officers", HEADER + HOLDER + NEWCOMER)
    elsewhere = registry.headers(Role.PLATFORM, area="330803") | {"content-type": "text/csv"}
    answer = await registry.client.post("/v1/officers/import", headers=elsewhere, content=HEADER + HOLDER)
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [("agency_id", "other_area")]
    taken = HEADER + "o9,钱七,market,,officer,C2,2024-01-01,2028-12-31,true,true,true\n"
    assert [(e["field"], e["code"]) for e in (await load("officers", taken))["errors"]] == [("certificate_no", "taken")]
    await post(registry, platform, "o1/trainings", COURSE)
    for path, body in (("examinations", EXAMINATION), ("posts", POST)):
        assert (await post(registry, platform, f"o1/{path}", body)).status_code == 201
    answer = await post(registry, platform, "o1/certify", CERTIFICATE | {"certificate_no": "C2"})
    assert (answer.status_code, answer.json()["code"]) == (409, "officer.certificate_taken")
    await load("officers", HEADER + NEWCOMER.replace("false,false,false", "true,true,true"))
    shown = (await registry.client.get("/v1/officers/o1", headers=platform)).json()
    assert (shown["post"], shown["employment"], shown["retires_on"]) == ("一线执法岗", "administrative", "2050-01-01")


@pytest.mark.clause("QZ-21")
@pytest.mark.pack("quzhou")
async def test_the_share_of_legal_reviewers_is_reported(
    registry: Harness, platform: dict[str, str], head: dict[str, str], load: Load, enforce: Enforce
) -> None:
    """Twenty-one officers need two reviewers; the report says so for agency and area, and counts an appointment."""
    await enforce("quzhou")
    line = "m{0},人员{0},market,,officer,M{0},2024-01-01,2028-12-31,true,true,true\n"
    await load("officers", HEADER + "".join(line.format(number) for number in range(21)))
    refused = await post(registry, head, "m0/legal-reviewer", {"appointed": True})
    assert (refused.status_code, refused.json()["code"]) == (409, "reviewer.unqualified")
    assert refused.json()["clause"] == "QZ-21"
    appointed = await post(registry, head, "m0/legal-reviewer", {"appointed": True, "qualification_no": "A20153308"})
    assert (appointed.status_code, appointed.json()["legal_qualified"]) == (200, True)
    await registry.recorder.wait_for(OfficerCertified, lambda e: e.legal_reviewer and e.legal_qualified)
    for by in (platform, head):
        report = (await registry.client.get("/v1/legal-reviewers?area=330802", headers=by)).json()
        assert (report["least_permille"], report["clause"]) == (50, "QZ-21")
        figures = {name: report[name] for name in ("officers", "reviewers", "qualified", "share_permille", "missing")}
        assert figures == {"officers": 21, "reviewers": 1, "qualified": 1, "share_permille": 47, "missing": 1}
        [own] = report["agencies"]
        assert (own["agency_id"], own["missing"]) == ("market", 1)
    foreign = registry.headers(Role.HEAD, agency_id="fire", area="330802")
    assert (await registry.client.get("/v1/legal-reviewers?area=330802", headers=foreign)).json()["agencies"] == []


async def test_a_certificate_shown_at_the_door_can_be_checked_by_anybody(
    registry: Harness, head: dict[str, str], load: Load
) -> None:
    """By number: name, agency and validity without login; for mobile back ends in bulk, with what to show."""
    await load("officers", HEADER + HOLDER)
    shown = await registry.client.get("/v1/public/certificates/C2")
    assert shown.json() == {
        "certificate_no": "C2",
        "name": "李四",
        "agency_name": "柯城区市场监督管理局",
        "valid": True,
        "valid_to": "2028-12-31",
        "message": "证件有效",
    }
    assert (await registry.client.get("/v1/public/certificates/C9")).status_code == 404
    body = {"officer_ids": ["o2"], "certificate_nos": ["C9", "C2"]}
    answer = await registry.client.post("/v1/officers/verify", headers=head, json=body)
    by_id, unknown, by_number = answer.json()
    assert (by_id["asked"], by_number["asked"], by_number["officer_id"]) == ("o2", "C2", "o2")
    told = {name: by_number[name] for name in ("name", "agency_name", "unit", "certificate_no", "standing", "valid_to")}
    assert told == {
        "name": "李四",
        "agency_name": "柯城区市场监督管理局",
        "unit": "一中队",
        "certificate_no": "C2",
        "standing": "持证有效",
        "valid_to": "2028-12-31",
    }
    assert (unknown["valid"], unknown["officer_id"], unknown["name"]) == (False, None, None)
    await post(registry, head, "o2/suspend", {"reason": "调查期间"})
    assert (await registry.client.get("/v1/public/certificates/C2")).json()["valid"] is False
    for empty in ({}, {"officer_ids": ["o2"] * 600, "certificate_nos": ["C2"] * 600}):
        assert (await registry.client.post("/v1/officers/verify", headers=head, json=empty)).status_code == 422


async def test_a_certificate_rests_from_the_day_of_retirement(
    registry: Harness, platform: dict[str, str], head: dict[str, str], load: Load
) -> None:
    """On the first day off work the certificate is suspended by the clock, and the agency cannot lift that."""
    await load("officers", HEADER.replace("in_post", "in_post,retires_on") + HOLDER.rstrip() + ",2026-01-20\n")
    registry.clock.set(datetime(2026, 1, 19, 15, 59, tzinfo=UTC))
    assert (await registry.service.sweep())["suspend_retired"] == 0
    registry.clock.advance(timedelta(minutes=1))
    assert (await registry.service.sweep())["suspend_retired"] == 1
    assert (await registry.recorder.wait_for(OfficerSuspended)).reason == "已于2026-01-20退休或者离职"
    answer = await post(registry, head, "o2/reinstate", {"reason": "返聘"})
    assert (answer.status_code, answer.json()["code"]) == (409, "officer.retired")
    listed = (await registry.client.get("/v1/officers/review", headers=platform)).json()["items"]
    assert [[why["code"] for why in one["reasons"]] for one in listed] == [["officer.retired"]]


async def test_every_examination_raises_the_officers_version(
    registry: Harness, platform: dict[str, str], load: Load
) -> None:
    """An examination that confirms what is known still excludes another one recorded at the same time."""
    await load("officers", HEADER + HOLDER)
    before = (await registry.client.get("/v1/officers/o2", headers=platform)).json()
    assert (await post(registry, platform, "o2/examinations", EXAMINATION)).status_code == 201
    after = (await registry.client.get("/v1/officers/o2", headers=platform)).json()
    assert after == before | {"version": before["version"] + 1}


async def test_the_unfit_do_not_keep_others_from_their_certificates(
    registry: Harness, platform: dict[str, str], head: dict[str, str], load: Load
) -> None:
    """Who left the post while suspended stays so, and takes nobody's turn when suspensions run out."""
    await load("officers", HEADER + HOLDER + HOLDER.replace("o2", "o5").replace("C2", "C5"))
    for officer_id in ("o2", "o5"):
        body = {"reason": "调查期间", "until": "2026-01-20"}
        assert (await post(registry, head, f"{officer_id}/suspend", body)).status_code == 200
    body = {"ended_on": "2026-01-05", "reason": "调离执法岗位"}
    assert (await post(registry, head, "o2/posts/end", body)).status_code == 200
    async with registry.service.db.write() as session:
        now = datetime(2026, 1, 21, 2, tzinfo=UTC)
        assert await lift_suspensions(session, now.date(), now, limit=1) == 1
    for officer_id, standing in (("o2", "suspended"), ("o5", "certified")):
        shown = (await registry.client.get(f"/v1/officers/{officer_id}", headers=platform)).json()
        assert shown["standing"] == standing


async def test_officers_are_listed_within_sight(registry: Harness, head: dict[str, str], load: Load) -> None:
    """The agency sees its own by standing and kind, another agency none of them."""
    await load("officers", HEADER + NEWCOMER + HOLDER + GRID)
    foreign = registry.headers(Role.HEAD, agency_id="fire", area="330802")
    for by, query, expected in (
        (head, "", ["o1", "o2", "o3"]),
        (head, "?standing=certified&kind=officer", ["o2"]),
        (head, "?kind=grid_worker", ["o3"]),
        (foreign, "?agency_id=market", []),
    ):
        answer = await registry.client.get(f"/v1/officers{query}", headers=by)
        assert [one["officer_id"] for one in answer.json()["items"]] == expected
