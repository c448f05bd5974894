"""Tasks through the gate over HTTP: refusals with clause and alternatives, places in the year, preflight."""

from typing import Any

import pytest
from sqlalchemy import select

from wurao.common.auth import Role
from wurao.common.contracts.scheduling import InspectionRefused, OutOfAreaNotified
from wurao.scheduling.tables import CapCounter

NUMBER = "衢市监〔2026〕3号"


async def allowed(w: Any, make: Any, by: Any = None, **more: Any) -> Any:
    """The common superior's head lets the market agency inspect an enterprise of the next county; the answer."""
    body = {
        "number": NUMBER,
        "agency_id": make.MARKET,
        "enterprise_id": make.FAR,
        "reason": "线索指向异地仓库",
        "until": "2026-12-31",
    }
    return await w.post("/v1/area-approvals", body | more, by=by or w.who(Role.HEAD, make.CITY))


async def taken(w: Any) -> dict[tuple[str, str], int]:
    """Places taken, by counter and agency."""
    async with w.harness.service.db.read() as session:
        rows = await session.execute(select(CapCounter.kind, CapCounter.agency_id, CapCounter.n))
        return {(kind, agency): n for kind, agency, n in rows if n}


@pytest.mark.clause("YZ-02")
async def test_on_site_task_needs_a_draw_or_a_listed_ground(world: Any, make: Any) -> None:
    """Without either it is refused with the grounds; with a ground it is accepted and the ground is kept."""
    async with world("yongzhou") as w:
        refused = await w.task(ground=None)
        assert (refused.status_code, refused.json()["clause"]) == (409, "YZ-02")
        assert any("投诉举报" in option for option in refused.json()["alternatives"])
        event = await w.harness.recorder.wait_for(InspectionRefused)
        assert (event.stage, event.enterprise_id, event.refusals[0].clause) == ("task", make.E1, "YZ-02")
        kept = await w.accepted(ground="special_industry")
        assert (kept["ground"], kept["state"]) == ("special_industry", "open")


@pytest.mark.clause("DT-10")
async def test_task_without_basis_or_of_another_agency_is_refused(world: Any, make: Any) -> None:
    """An item without a legal basis, or not of this agency, makes no task."""
    baseless = make.item(make.MARKET, "special", law="", version=2)
    async with world("dingtao", baseless) as w:
        plan_id = await w.plan(["330802-market-random"])
        triggered = {"origin": "triggered", "ground": "complaint", "source_record": "12345-1", "plan_id": None}
        for item_id, code in (("330802-market-special", "item.no_basis"), ("330802-fire-special", "item.other_agency")):
            refused = await w.task(item_ids=[item_id], **triggered)
            assert (refused.status_code, refused.json()["code"], refused.json()["clause"]) == (409, code, "DT-10")
        accepted = await w.task(item_ids=["330802-market-random"], plan_id=plan_id, ground="superior_order")
        assert accepted.status_code == 201


@pytest.mark.clause("DT-11")
@pytest.mark.parametrize(("ground", "status"), [("complaint", 201), ("ecology", 201), ("media_exposure", 409)])
async def test_unplanned_task_needs_one_of_the_grounds(world: Any, ground: str, status: int) -> None:
    """Outside the plan only Dingtao's grounds open the way."""
    async with world("dingtao") as w:
        answer = await w.task(origin="triggered", ground=ground, source_record="记录1", plan_id=None)
        assert answer.status_code == status
        if status == 409:
            assert answer.json()["clause"] == "DT-11"


@pytest.mark.clause("LX-02")
async def test_case_investigation_is_a_ground_in_linxia_only(world: Any) -> None:
    """Linxia lists case investigation among the exceptions and refuses media exposure."""
    async with world("linxia") as w:
        unplanned = {"origin": "triggered", "source_record": "案1", "plan_id": None}
        assert (await w.task(ground="case_investigation", **unplanned)).status_code == 201
        refused = await w.task(ground="media_exposure", **unplanned)
        assert refused.json()["clause"] == "LX-02"


@pytest.mark.clause("QZ-16")
async def test_third_on_site_task_of_the_year_is_refused(world: Any, make: Any) -> None:
    """Two pass, the third is refused with alternatives; a cancelled one frees its place; next year counts anew."""
    async with world("quzhou") as w:
        first = await w.accepted()
        await w.accepted()
        refused = await w.task()
        assert (refused.status_code, refused.json()["clause"]) == (409, "QZ-16")
        assert any("2027年1月1日" in option for option in refused.json()["alternatives"])
        assert (await w.task(enterprise_id=make.E2)).status_code == 201
        assert (await w.task(agency_id=make.FIRE)).status_code == 201
        cancelled = await w.post(f"/v1/tasks/{first['task_id']}/cancel", {"reason": "计划调整"})
        assert cancelled.json()["state"] == "cancelled"
        assert (await w.task()).status_code == 201
        again = await w.post(f"/v1/tasks/{first['task_id']}/cancel", {"reason": "计划调整"})
        assert again.status_code == 409


@pytest.mark.clause("QZ-17")
async def test_triggered_task_needs_a_source_and_past_reason_the_head(world: Any) -> None:
    """Triggered tasks stay outside the cap; the fifth in a year needs the head."""
    async with world("quzhou") as w:
        await w.accepted()
        await w.accepted()
        lead = {"origin": "triggered", "ground": "complaint", "plan_id": None}
        refused = await w.task(**lead)
        assert (refused.json()["code"], refused.json()["clause"]) == ("triggered.no_source", "QZ-17")
        for number in range(4):
            assert (await w.task(source_record=f"12345-{number}", **lead)).status_code == 201
        refused = await w.task(source_record="12345-5", **lead)
        assert refused.json()["code"] == "triggered.too_often"
        assert any("负责人" in option for option in refused.json()["alternatives"])
        from_head = await w.post("/v1/tasks", refused_body(lead), by=w.who(Role.HEAD))
        assert from_head.status_code == 201
        assert await taken(w) == {("on_site", "330802-market"): 2, ("triggered", "330802-market"): 5}


def refused_body(lead: dict[str, Any]) -> dict[str, Any]:
    """The body that was refused to the planner."""
    return lead | {
        "agency_id": "330802-market",
        "enterprise_id": "91330802MA28F00011",
        "item_ids": ["330802-market-special"],
        "earliest": "2026-03-02",
        "latest": "2026-03-31",
        "source_record": "12345-5",
    }


@pytest.mark.clause("QZ-18")
async def test_out_of_area_task_needs_the_superior_and_tells_the_local_department(world: Any, make: Any) -> None:
    """Without an approval on record it is refused, naming the superior; with it the local agency sees the task."""
    async with world("quzhou") as w:
        away = {"enterprise_id": make.FAR, "superior_approval": NUMBER}
        await w.harness.deliver(make.activated("quzhou").model_copy(update={"area": "330803"}))
        for more in ({"superior_approval": None}, {}):
            refused = await w.task(**(away | more))
            assert (refused.status_code, refused.json()["clause"]) == (409, "QZ-18")
            assert any("330800" in option for option in refused.json()["alternatives"])
        assert (await allowed(w, make)).status_code == 201
        answer = await w.task(**away)
        assert answer.json()["notified_agency_id"] == "330803-market"
        local = w.harness.headers(Role.PLANNER, agency_id="330803-market", area="330803")
        [seen] = (await w.get("/v1/tasks", by=local))["items"]
        assert seen["superior_approval"] == NUMBER
        told = await w.harness.recorder.wait_for(OutOfAreaNotified)
        assert (told.notified_agency_id, told.superior_approval) == ("330803-market", NUMBER)


async def test_only_the_superior_or_the_local_supervision_approves_outside(world: Any, make: Any) -> None:
    """Nobody approves for himself or his like; each number stands once; what was taken back opens nothing."""
    async with world("quzhou") as w:
        await w.harness.deliver(make.activated("quzhou").model_copy(update={"area": "330803"}))
        own, beside = w.who(Role.HEAD), w.harness.headers(Role.HEAD, agency_id="330803-market", area="330803")
        elsewhere = w.harness.headers(Role.SUPERVISOR, area="330802")
        for by in (own, beside, elsewhere):
            assert (await allowed(w, make, by=by)).status_code == 403
        assert (await allowed(w, make, by=w.who(Role.PLANNER, make.CITY))).status_code == 403
        assert (await allowed(w, make, enterprise_id=make.E1)).json()["code"] == "area_approval.not_needed"
        assert (await allowed(w, make, until="2026-01-01")).json()["code"] == "area_approval.until"
        local = w.harness.headers(Role.SUPERVISOR, area="330803")
        given = await allowed(w, make, by=local)
        assert (given.status_code, given.json()["approver_agency_id"]) == (201, None)
        assert (await allowed(w, make)).json()["code"] == "area_approval.known"
        for by, seen in ((own, 1), (local, 1), (elsewhere, 0), (beside, 0)):
            assert len((await w.get("/v1/area-approvals", by=by))["items"]) == seen
        task = await w.accepted(enterprise_id=make.FAR, superior_approval=NUMBER)
        path = f"/v1/area-approvals/{given.json()['approval_id']}/withdraw"
        assert (await w.post(path, by=own)).status_code == 403
        assert (await w.post(path, by=local)).status_code == 200
        assert (await w.post(path, by=local)).json()["code"] == "area_approval.withdrawn"
        assert (await w.task(enterprise_id=make.FAR, superior_approval=NUMBER)).json()["code"] == "area.out_of_area"
        assert task["superior_approval"] == NUMBER


@pytest.mark.clause("YZ-05")
async def test_prefecture_leaves_the_county_its_own(world: Any, make: Any) -> None:
    """A prefecture agency's task is refused with its county counterpart's name."""
    async with world("yongzhou") as w:
        refused = await w.task(agency_id=make.CITY)
        assert (refused.status_code, refused.json()["clause"]) == (409, "YZ-05")
        assert "330802-market局" in refused.json()["detail"]


@pytest.mark.clause("YZ-07")
async def test_recent_result_is_recognised(world: Any, make: Any) -> None:
    """A matter inspected within the recognition period is refused, naming the earlier record."""
    async with world("yongzhou", make.finished(["330802-market-special"])) as w:
        refused = await w.task()
        assert (refused.status_code, refused.json()["clause"]) == (409, "YZ-07")
        assert "entry-1" in refused.json()["detail"]
        later = await w.task(earliest="2026-10-08", latest="2026-10-30")
        assert later.status_code == 201


@pytest.mark.clause("LX-09")
@pytest.mark.clause("QZ-15")
async def test_off_site_task_takes_no_place(world: Any) -> None:
    """What can be checked off site is refused on site, and accepted off site without counting as a visit."""
    async with world("quzhou") as w:
        either = {"item_ids": ["330802-market-either"], "ground": "special_industry"}
        refused = await w.task(**either)
        assert "off_site.first" in [r["code"] for r in refused.json()["refusals"]]
        answer = await w.task(**either, method="off_site")
        assert (answer.status_code, answer.json()["counted"]) == (201, False)
        assert await taken(w) == {}


@pytest.mark.clause("CX-14")
async def test_county_and_township_come_together_or_not_at_all(world: Any, make: Any) -> None:
    """Overlapping tasks of two levels become one visit; a separate one afterwards is refused."""
    async with world("cangxian", make.graded(make.E1, "B")) as w:
        await w.accepted()
        await w.accepted(agency_id=make.TOWN)
        assert (await w.merge())["visits"] == 1
        [visit] = await w.visits()
        assert set(visit["agencies"]) == {make.TOWN, make.MARKET}
        refused = await w.task(agency_id=make.TOWN, earliest="2026-05-06", latest="2026-05-20")
        assert (refused.status_code, refused.json()["clause"]) == (409, "CX-14")
        assert any(visit["visit_id"] in option for option in refused.json()["alternatives"])


@pytest.mark.clause("LX-09")
async def test_preflight_says_that_the_desk_may_do_it(world: Any, make: Any) -> None:
    """A request that may become an off-site one is permitted by preflight as it is by creation."""
    async with world("quzhou") as w:
        body = make.task_body(item_ids=[f"{make.MARKET}-either"], plan_id=await w.plan(), or_off_site=True)
        bodies = [body, body | {"or_off_site": False}]
        verdicts = (await w.post("/v1/preflight", {"requests": bodies})).json()["verdicts"]
        assert [verdict["permitted"] for verdict in verdicts] == [True, False]
        made = await w.post("/v1/tasks", body)
        assert (made.status_code, made.json()["method"]) == (201, "off_site")


@pytest.mark.clause("QZ-16")
async def test_days_that_went_by_are_no_other_year(world: Any, make: Any) -> None:
    """A window that begins in the last year takes a place of this one: it is in this year that somebody comes."""
    async with world("quzhou") as w:
        lead = {"origin": "triggered", "ground": "complaint", "plan_id": None, "source_record": "12345-1"}
        await w.accepted(**lead, earliest="2025-12-20")
        async with w.harness.service.db.read() as session:
            rows = await session.execute(select(CapCounter.kind, CapCounter.year, CapCounter.n))
            assert [tuple(row) for row in rows] == [("triggered", 2026, 1)]


async def test_preflight_creates_nothing(world: Any, make: Any) -> None:
    """Asking leaves no task, no place taken and no event of refusal."""
    async with world("quzhou") as w:
        await w.plan()
        bodies = [make.task_body(), make.task_body(ground=None)]
        answer = await w.post("/v1/preflight", {"requests": bodies}, by=w.who(Role.PLATFORM, None))
        assert [v["permitted"] for v in answer.json()["verdicts"]] == [False, False]
        assert (await w.get("/v1/tasks"))["items"] == []
        assert await taken(w) == {}
        assert w.harness.recorder.of(InspectionRefused) == []


async def test_preflight_of_a_thousand_names_the_one_that_is_bad(world: Any, make: Any) -> None:
    """At its limit a batch gives each element its verdict; a malformed element is named by its place, one more is."""
    async with world("quzhou") as w:
        good = make.task_body(plan_id=await w.plan())

        async def ask(bodies: list[dict[str, Any]]) -> Any:
            return await w.post("/v1/preflight", {"requests": bodies})

        answer = await ask([*[good] * 999, good | {"enterprise_id": "nobody"}])
        assert answer.status_code == 200
        verdicts = answer.json()["verdicts"]
        assert [at for at, verdict in enumerate(verdicts) if not verdict["permitted"]] == [999]
        assert "enterprise.unknown" in {refusal["code"] for refusal in verdicts[999]["refusals"]}
        for change, field in (
            ({"latest": "2026-02-30"}, "body.requests.700.latest"),
            ({"item_ids": []}, "body.requests.700.item_ids"),
            ({"latest": "2026-03-01"}, "body.requests.700"),
        ):
            answer = await ask([*[good] * 700, good | change, *[good] * 299])
            assert (answer.status_code, answer.json()["code"]) == (422, "malformed")
            assert [one["field"] for one in answer.json()["fields"]] == [field]
        answer = await ask([good] * 1_001)
        assert [one["field"] for one in answer.json()["fields"]] == ["body.requests"]


async def test_malformed_task_names_the_field(world: Any, make: Any) -> None:
    """Malformed bodies are answered with 422, never with a refusal or an error."""
    changes: list[dict[str, Any]] = [
        {"earliest": "9999-12-31", "latest": "9999-12-31"},
        {"earliest": "2026-04-01", "latest": "2026-03-01"},
        {"item_ids": []},
        {"enterprise_id": "a\x00b"},
        {"reason": "a\x00b"},
        {"origin": "whim"},
        {"surprise": 1},
    ]
    async with world("quzhou") as w:
        for change in changes:
            answer = await w.post("/v1/tasks", make.task_body() | change)
            assert (answer.status_code, answer.json()["code"]) == (422, "malformed")


async def test_planner_acts_for_his_own_agency_only(world: Any, make: Any) -> None:
    """Another agency's task is neither created, asked about, seen nor cancelled."""
    async with world("quzhou") as w:
        task = await w.accepted()
        fire = w.who(Role.PLANNER, make.FIRE)
        assert (await w.post("/v1/tasks", make.task_body(), by=fire)).status_code == 403
        assert (await w.post("/v1/preflight", {"requests": [make.task_body()]}, by=fire)).status_code == 403
        assert (await w.client.get(f"/v1/tasks/{task['task_id']}", headers=fire)).status_code == 404
        path = f"/v1/tasks/{task['task_id']}/cancel"
        assert (await w.post(path, {"reason": "无关"}, by=fire)).status_code == 403
        assert (await w.client.get("/v1/tasks/unknown", headers=fire)).status_code == 404


async def test_task_is_out_of_sight_for_the_supervisors_of_another_county(world: Any) -> None:
    """A task is shown to its agency and to the supervisors of its county, to no other agency or county."""
    async with world("quzhou") as w:
        task = await w.accepted()
        neighbour = w.harness.headers(Role.SUPERVISOR, area="330803")
        seen = [
            (await w.client.get(f"/v1/tasks/{task['task_id']}", headers=by)).status_code
            for by in (w.who(Role.PLANNER), w.who(Role.SUPERVISOR, None), w.who(Role.PLANNER, "fire"), neighbour)
        ]
        assert seen == [200, 200, 404, 404]


async def test_a_window_has_an_order_and_an_end(world: Any, make: Any) -> None:
    """A task whose window ends before it begins, or is longer than a year, is malformed; so is what follows a check."""
    async with world("quzhou") as w:
        for latest, said in (("2026-02-01", "最晚日期早于最早日期"), ("2027-03-04", "时限不得超过366天")):
            body = make.task_body(plan_id=await w.plan(), earliest="2026-03-02", latest=latest)
            answer = await w.post("/v1/tasks", body)
            assert answer.status_code == 422
            assert said in answer.text
            follow = {"reason": "逾期未答复", "item_ids": ["i1"], "earliest": "2026-03-02", "latest": latest}
            assert (await w.post("/v1/off-site/t1/follow-up", follow)).status_code == 422
