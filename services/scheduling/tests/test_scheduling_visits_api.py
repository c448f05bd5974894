"""Merging, approval with codes, changes, cancellation and filings over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wurao.common.auth import Role
from wurao.common.codes import ActionClaims, InvalidCode, Verifier
from wurao.common.contracts.scheduling import (
    ActionKeyPublished,
    EmergencyFiled,
    InspectionRefused,
    TasksMerged,
    VisitApproved,
    VisitCancelled,
    VisitRescheduled,
)


@pytest.mark.clause("DT-13")
@pytest.mark.clause("QZ-06")
async def test_merging_reduces_visits_and_reports_the_saving(world: Any, make: Any) -> None:
    """Three agencies' tasks at one enterprise become one visit; the figure is against one visit for each task."""
    async with world("dingtao") as w:
        for agency_id in (make.MARKET, make.FIRE, make.CITY):
            await w.accepted(agency_id=agency_id)
        await w.accepted(enterprise_id=make.E2)
        result = await w.merge()
        assert {name: result[name] for name in ("tasks", "visits", "visits_unmerged", "saved", "unserved")} == {
            "tasks": 4,
            "visits": 2,
            "visits_unmerged": 4,
            "saved": 2,
            "unserved": 0,
        }
        event = await w.harness.recorder.wait_for(TasksMerged)
        assert (event.tasks, event.visits, event.visits_unmerged) == (4, 2, 4)
        visits = {visit["enterprise_id"]: visit for visit in await w.visits()}
        joint = visits[make.E1]
        assert joint["agencies"] == sorted([make.MARKET, make.FIRE, make.CITY])
        assert joint["lead_agency_id"] == make.CITY
        assert len(joint["officers"]) == 6
        assert datetime.fromisoformat(joint["window"]["opens"]).hour == 7


@pytest.mark.clause("QZ-07")
async def test_joint_visit_has_one_form(world: Any, make: Any) -> None:
    """The question that both agencies ask is asked once, for both items."""
    async with world("quzhou") as w:
        await w.accepted()
        await w.accepted(agency_id=make.FIRE)
        await w.merge()
        [visit] = await w.visits()
        shared = [q for q in visit["questions"] if q["shared_key"] == "licence"]
        assert [sorted(q["item_ids"]) for q in shared] == [["330802-fire-special", "330802-market-special"]]
        assert len(visit["questions"]) == 3


@pytest.mark.clause("QZ-16")
@pytest.mark.clause("LX-14")
async def test_merged_tasks_of_one_agency_count_once(world: Any) -> None:
    """Two tasks of one agency share a visit and a place; a further visit in the window is refused, later it passes."""
    async with world("quzhou") as w:
        await w.accepted()
        await w.accepted()
        assert (await w.task()).json()["clause"] == "QZ-16"
        assert (await w.merge())["visits"] == 1
        [visit] = await w.visits()
        refused = await w.task()
        assert refused.json()["code"] == "merge.same_agency"
        assert any(visit["visit_id"] in option for option in refused.json()["alternatives"])
        assert (await w.task(earliest="2026-05-06", latest="2026-05-20")).status_code == 201
        assert (await w.task(earliest="2026-05-06", latest="2026-05-20")).json()["clause"] == "QZ-16"


@pytest.mark.clause("QZ-09")
async def test_code_is_issued_with_approval_bound_and_verifiable_offline(world: Any, make: Any) -> None:
    """No code before approval; the code verifies with the published key and says enterprise, officers and window."""
    async with world("quzhou") as w:
        await w.accepted()
        await w.merge()
        [visit] = await w.visits()
        picture = f"/v1/visits/{visit['visit_id']}/code.svg"
        assert visit["code"] is None
        assert (await w.client.get(picture, headers=w.who(Role.PLANNER))).status_code == 404
        answer = await w.post(f"/v1/visits/{visit['visit_id']}/approve", by=w.who(Role.HEAD))
        assert answer.status_code == 200, answer.text
        code = answer.json()["code"]
        published = (await w.client.get("/v1/public/keys")).json()["keys"]
        claims = ActionClaims.from_token(Verifier(published), code["token"])
        assert (claims.jti, claims.visit_id, claims.enterprise_id) == (code["code_id"], visit["visit_id"], make.E1)
        assert claims.officers == tuple(officer["officer_id"] for officer in visit["officers"])
        assert datetime.fromtimestamp(claims.nbf, UTC) == datetime.fromisoformat(visit["window"]["opens"])
        assert datetime.fromtimestamp(claims.exp, UTC) == datetime.fromisoformat(visit["window"]["closes"])
        assert claims.covers(["330802-market-special"])
        with pytest.raises(InvalidCode):
            ActionClaims.from_token(Verifier(published), code["token"][:-8] + "AAAAAAAA")
        announced = await w.harness.recorder.wait_for(ActionKeyPublished)
        assert ActionClaims.from_token(Verifier([announced.jwk]), code["token"]) == claims
        event = await w.harness.recorder.wait_for(VisitApproved)
        assert (event.code, event.enterprise_name, event.kind) == (code["token"], "餐饮11有限公司", "planned")
        assert {question.question_id for question in event.questions} == {
            "330802-market-special-q1",
            "330802-market-special-q2",
        }
        svg = await w.client.get(picture, headers=w.who(Role.PLANNER))
        assert svg.headers["content-type"] == "image/svg+xml"
        assert svg.text.startswith("<svg")


@pytest.mark.clause("LX-01")
async def test_visit_is_approved_by_the_lead_agencys_head_who_did_not_propose_it(world: Any, make: Any) -> None:
    """The proposer, another agency's head and an officer cannot approve; the leading agency's other head can."""
    async with world("linxia") as w:
        await w.accepted()
        await w.merge()
        [visit] = await w.visits()
        path = f"/v1/visits/{visit['visit_id']}/approve"
        refused = await w.post(path, by=w.who(Role.HEAD, subject="coordinator"))
        assert (refused.status_code, refused.json()["clause"]) == (403, "LX-01")
        event = await w.harness.recorder.wait_for(InspectionRefused)
        assert (event.stage, event.requested_by) == ("visit", "coordinator")
        assert (await w.post(path, by=w.who(Role.HEAD, make.FIRE))).status_code == 403
        assert (await w.post(path, by=w.who(Role.OFFICER))).status_code == 403
        assert (await w.post(path, by=w.who(Role.HEAD))).status_code == 200
        assert (await w.post(path, by=w.who(Role.HEAD))).status_code == 409


async def test_visit_is_not_approved_after_its_day(world: Any) -> None:
    """Approval is asked for beforehand; after 19:00 of the day it is refused."""
    async with world("quzhou") as w:
        await w.accepted()
        await w.merge()
        [visit] = await w.visits()
        w.harness.clock.set(datetime.fromisoformat(visit["window"]["closes"]))
        refused = await w.post(f"/v1/visits/{visit['visit_id']}/approve", by=w.who(Role.HEAD))
        assert (refused.status_code, refused.json()["code"]) == (409, "visit.past")


async def test_rescheduled_visit_gets_a_new_code(world: Any) -> None:
    """The old code is named as revoked, the new one is bound to the new day; outside the window it is refused."""
    async with world("quzhou") as w:
        visit = await w.approved()
        path, head = f"/v1/visits/{visit['visit_id']}/reschedule", w.who(Role.HEAD)
        day = "2026-03-27" if visit["day"] != "2026-03-27" else "2026-03-26"
        stranger = w.who(Role.PLANNER, "330802-fire")
        assert (await w.post(path, {"date": day, "reason": "擅自改期"}, by=stranger)).status_code == 403
        moved = await w.changed(visit, "reschedule", {"date": day, "reason": "企业停产检修"})
        assert moved["code"]["code_id"] != visit["code"]["code_id"]
        event = await w.harness.recorder.wait_for(VisitRescheduled)
        assert (event.revoked_code_id, event.code_id) == (visit["code"]["code_id"], moved["code"]["code_id"])
        assert event.window.opens.astimezone(UTC).date().isoformat() < day
        refused = await w.post(path, {"date": "2026-04-07", "reason": "再改"}, by=head)
        assert refused.json()["code"] == "visit.outside_window"
        sunday = await w.post(path, {"date": "2026-03-29", "reason": "再改"}, by=head)
        assert sunday.json()["code"] == "visit.not_a_workday"
        far = await w.post(path, {"date": "2100-01-01", "reason": "再改"}, by=head)
        assert (far.status_code, far.json()["code"]) == (409, "calendar_unknown")


async def test_changed_officers_get_a_new_code(world: Any, make: Any) -> None:
    """A head puts another officer on a visit; strangers and too small a number are refused."""
    async with world("quzhou") as w:
        visit = await w.approved()
        listed = [officer["officer_id"] for officer in visit["officers"]]
        [spare] = {f"330802-market-o{n}" for n in (1, 2, 3)} - set(listed)
        path, head = f"/v1/visits/{visit['visit_id']}/officers", w.who(Role.HEAD)
        few = await w.post(path, {"remove": listed[:1], "reason": "请假"}, by=head)
        assert (few.status_code, few.json()["clause"]) == (409, "PL-42")
        stranger = await w.post(path, {"add": ["330802-fire-o1"], "reason": "增派"}, by=head)
        assert stranger.json()["code"] == "officer.other_agency"
        changed = await w.changed(visit, "officers", {"remove": listed[:1], "add": [spare], "reason": "请假"})
        assert {officer["officer_id"] for officer in changed["officers"]} == {listed[1], spare}
        event = await w.harness.recorder.wait_for(VisitRescheduled)
        assert event.revoked_code_id == visit["code"]["code_id"]


@pytest.mark.clause("QZ-16")
async def test_cancelled_visit_revokes_its_code_and_gives_its_place_back(world: Any) -> None:
    """After a cancellation the code is gone and the agency may come twice again."""
    async with world("quzhou") as w:
        visit = await w.approved()
        path = f"/v1/visits/{visit['visit_id']}/cancel"
        assert (await w.changed(visit, "cancel", {"reason": "企业停业"}))["code"] is None
        event = await w.harness.recorder.wait_for(VisitCancelled)
        assert (event.visit_id, event.reason) == (visit["visit_id"], "企业停业")
        assert [task["state"] for task in (await w.get("/v1/tasks"))["items"]] == ["cancelled"]
        assert [(await w.task()).status_code for _ in range(3)] == [201, 201, 409]
        assert (await w.post(path, {"reason": "企业停业"}, by=w.who(Role.HEAD))).status_code == 409


async def test_merging_again_fills_other_days(world: Any, make: Any) -> None:
    """A second merge leaves an approved visit alone and puts a new task on another day of the same enterprise."""
    async with world("quzhou") as w:
        await w.approved()
        await w.accepted(agency_id=make.FIRE)
        assert (await w.merge())["visits"] == 1
        days = [visit["day"] for visit in await w.visits(enterprise_id=make.E1)]
        assert len(set(days)) == 2


async def test_agency_without_officers_leaves_its_task_open(world: Any, make: Any) -> None:
    """A task whose agency can send nobody is reported as unserved and stays open."""
    async with world("quzhou", make.agency("330802-water", line="water"), make.item("330802-water", "special")) as w:
        water_plan = await w.plan(["330802-water-special"], agency_id="330802-water")
        await w.accepted(agency_id="330802-water", plan_id=water_plan)
        result = await w.merge()
        assert (result["visits"], result["unserved"]) == (0, 1)
        [task] = (await w.get("/v1/tasks", by=w.who(Role.PLANNER, "330802-water")))["items"]
        assert task["state"] == "open"


@pytest.mark.clause("QZ-07")
async def test_simple_matter_is_delegated_to_the_others_visit(world: Any, make: Any) -> None:
    """A delegable item of an agency that can send nobody is checked by the leading agency, under its owner's name."""
    water = make.item("330802-water", "special", delegable=True)
    async with world("quzhou", make.agency("330802-water", line="water"), water) as w:
        water_plan = await w.plan(["330802-water-special"], agency_id="330802-water")
        await w.accepted(agency_id="330802-water", plan_id=water_plan)
        await w.accepted()
        await w.merge()
        [visit] = await w.visits()
        owners = {item["agency_id"]: item["delegated"] for item in visit["items"]}
        assert owners == {"330802-water": True, make.MARKET: False}
        assert {officer["agency_id"] for officer in visit["officers"]} == {make.MARKET}


async def test_agencies_see_only_visits_they_take_part_in(world: Any, make: Any) -> None:
    """Another agency finds neither the visit nor its code."""
    async with world("quzhou") as w:
        visit = await w.approved()
        fire = w.who(Role.OFFICER, make.FIRE)
        assert (await w.get("/v1/visits", by=fire))["items"] == []
        assert (await w.client.get(f"/v1/visits/{visit['visit_id']}", headers=fire)).status_code == 404
        assert (await w.get(f"/v1/visits?agency_id={make.MARKET}"))["items"][0]["visit_id"] == visit["visit_id"]


async def test_merge_beyond_known_holidays_is_refused(world: Any) -> None:
    """A range in a year whose holidays nobody published is a conflict, not a guess."""
    async with world("quzhou") as w:
        body = {"area": "330802", "from": "2090-03-01", "to": "2090-03-31"}
        answer = await w.post("/v1/merges", body, by=w.who(Role.CONFERENCE, None))
        assert (answer.status_code, answer.json()["code"]) == (409, "calendar_unknown")
        outside = await w.post("/v1/merges", body | {"area": "330000"}, by=w.who(Role.CONFERENCE, None))
        assert outside.status_code == 403


def filing(w: Any, make: Any, minutes: int, **changes: Any) -> dict[str, Any]:
    """A filing of an inspection that began some minutes ago."""
    began = w.harness.clock.now() - timedelta(minutes=minutes)
    body = {
        "enterprise_id": make.E1,
        "agency_id": make.MARKET,
        "ground": "emergency",
        "source_record": "值班记录1",
        "officer_ids": ["330802-market-o1", "330802-market-o2"],
        "item_ids": ["330802-market-special"],
        "began_at": began.isoformat(),
    }
    return body | changes


@pytest.mark.clause("CX-06")
@pytest.mark.parametrize(("pack", "status"), [("cangxian", 409), ("quzhou", 201)])
async def test_filing_afterwards_depends_on_the_pack(world: Any, make: Any, pack: str, status: int) -> None:
    """Two hours later Cang county refuses the filing, Quzhou takes it with one working day."""
    async with world(pack) as w:
        answer = await w.post("/v1/filings", filing(w, make, 120), by=w.who(Role.OFFICER))
        assert answer.status_code == status, answer.text
        if status == 409:
            assert answer.json()["clause"] == "CX-06"
            event = await w.harness.recorder.wait_for(InspectionRefused)
            assert (event.stage, event.refusals[0].clause) == ("filing", "CX-06")
            return
        assert (answer.json()["after_the_fact"], answer.json()["late"]) == (True, False)
        assert datetime.fromisoformat(answer.json()["due"]).astimezone(UTC).date().isoformat() == "2026-01-06"
        filed = await w.harness.recorder.wait_for(EmergencyFiled)
        assert (filed.filing_id, filed.clause) == (answer.json()["filing_id"], "QZ-10")


@pytest.mark.clause("CX-06")
async def test_filing_at_the_same_moment_is_taken(world: Any, make: Any) -> None:
    """Within thirty minutes of the beginning a filing is at the same moment in Cang county."""
    async with world("cangxian") as w:
        answer = await w.post("/v1/filings", filing(w, make, 20), by=w.who(Role.OFFICER))
        assert (answer.status_code, answer.json()["after_the_fact"], answer.json()["due"]) == (201, False, None)


async def test_filing_must_be_sound_in_itself(world: Any, make: Any) -> None:
    """Ground, officers, items and enterprise are checked before anything is filed."""
    cases: list[tuple[dict[str, Any], str]] = [
        ({"ground": "key_area"}, "filing.no_ground"),
        ({"officer_ids": ["330802-market-o1"]}, "visit.too_few_officers"),
        ({"officer_ids": ["330802-market-o1", "nobody"]}, "officer.unknown"),
        ({"officer_ids": ["330802-market-o1", "330802-fire-o1"]}, "officer.other_agency"),
        ({"item_ids": ["330802-fire-special"]}, "item.other_agency"),
        ({"enterprise_id": "nobody"}, "enterprise.unknown"),
    ]
    async with world("quzhou") as w:
        for change, code in cases:
            answer = await w.post("/v1/filings", filing(w, make, 0, **change), by=w.who(Role.OFFICER))
            assert (answer.status_code, answer.json()["code"]) == (409, code)
        assert w.harness.recorder.of(EmergencyFiled) == []


@pytest.mark.clause("LX-14")
@pytest.mark.clause("YZ-06")
async def test_task_joins_a_coming_visit(world: Any, make: Any) -> None:
    """What the refusal offered works: the item joins the visit, which must be approved again with a new code."""
    async with world("yongzhou") as w:
        visit = await w.approved()
        more = {"item_ids": ["330802-market-random"], "ground": "superior_order", "unit": "食品科"}
        refused = await w.task(**more)
        assert (refused.json()["code"], refused.json()["clause"]) == ("merge.same_agency", "YZ-06")
        task = await w.accepted(join_visit_id=visit["visit_id"], **more)
        assert (task["state"], task["visit_id"], task["counted"]) == ("scheduled", visit["visit_id"], False)
        revoked = await w.harness.recorder.wait_for(VisitCancelled)
        now = await w.get(f"/v1/visits/{visit['visit_id']}")
        assert (now["state"], now["code"], now["minutes"]) == ("proposed", None, 120)
        assert [item["item_id"] for item in now["items"]] == ["330802-market-special", "330802-market-random"]
        assert len(now["questions"]) == 3
        answer = await w.post(f"/v1/visits/{visit['visit_id']}/approve", by=w.who(Role.HEAD))
        again = await w.harness.recorder.wait_for(VisitApproved, lambda e: e.version > revoked.version)
        assert (again.code_id, again.task_count) == (answer.json()["code"]["code_id"], 2)


async def test_another_agency_joins_with_its_own_officers(world: Any, make: Any) -> None:
    """An agency that joins sends officers by ticket and takes a place of its own."""
    async with world("quzhou") as w:
        await w.accepted()
        await w.merge()
        [visit] = await w.visits()
        place = f"{make.E1}-p1"
        task = await w.accepted(agency_id=make.FIRE, join_visit_id=visit["visit_id"], premises_id=place)
        assert task["counted"] is True
        [now] = await w.visits()
        assert (now["premises_id"], now["minutes"]) == (place, 120)
        assert now["agencies"] == sorted([make.MARKET, make.FIRE])
        assert sorted(officer["agency_id"] for officer in now["officers"]) == [make.FIRE] * 2 + [make.MARKET] * 2


@pytest.mark.clause("LX-01")
async def test_who_wanted_the_inspection_does_not_approve_it(world: Any, make: Any) -> None:
    """A head who created the task is refused as approver, though another merged it."""
    async with world("linxia") as w:
        body = make.task_body(origin="triggered", ground="complaint", source_record="1")
        assert (await w.post("/v1/tasks", body, by=w.who(Role.HEAD))).status_code == 201
        await w.merge()
        [visit] = await w.visits()
        refused = await w.post(f"/v1/visits/{visit['visit_id']}/approve", by=w.who(Role.HEAD))
        assert (refused.status_code, refused.json()["clause"]) == (403, "LX-01")
