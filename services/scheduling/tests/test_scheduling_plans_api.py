"""Plans and draws over HTTP."""

from datetime import date
from typing import Any

import pytest

from wurao.common.auth import Role
from wurao.common.contracts.plans import PlanApproved, PlanFiled, PlanPublished
from wurao.common.contracts.registry import AgencyWithdrawn
from wurao.common.contracts.scheduling import InspectionRefused


@pytest.mark.clause("LX-02")
async def test_plan_without_its_contents_is_refused_naming_each(world: Any, make: Any) -> None:
    """A plan that lacks three of the six is refused with three names, and the refusal is kept as evidence."""
    async with world("linxia") as w:
        body = make.plan_body(basis=None, targets=" ", time=None)
        answer = await w.post("/v1/plans", body)
        assert answer.status_code == 409, answer.text
        assert [r["message"] for r in answer.json()["refusals"]] == [
            "检查计划缺少检查依据",
            "检查计划缺少检查对象",
            "检查计划缺少检查时间",
        ]
        assert answer.json()["clause"] == "LX-02"
        event = await w.harness.recorder.wait_for(InspectionRefused)
        assert (event.stage, event.agency_id) == ("plan", make.MARKET)
        assert (await w.get("/v1/plans"))["items"] == []


@pytest.mark.clause("QZ-05")
async def test_unapproved_or_unpublished_plan_creates_no_tasks(world: Any, make: Any) -> None:
    """Draft and merely approved plans carry neither task nor draw; the published one does."""
    async with world("quzhou") as w:
        plan_id = await w.plan(publish=False)
        for code in ("plan.not_approved", "plan.not_published"):
            refused = await w.task(plan_id=plan_id)
            assert (refused.status_code, refused.json()["code"], refused.json()["clause"]) == (409, code, "QZ-05")
            draw = {"plan_id": plan_id, "item_ids": ["330802-market-random"], "commitment": "0" * 64}
            draw |= {"earliest": "2026-03-02", "latest": "2026-03-31"}
            assert (await w.post("/v1/draws", draw)).json()["code"] == code
            if code == "plan.not_approved":
                await w.approve_plan(plan_id)
        await w.post(f"/v1/plans/{plan_id}/publish")
        assert (await w.task(plan_id=plan_id)).status_code == 201
        [public] = (await w.client.get("/v1/public/plans")).json()["items"]
        assert public["plan_id"] == plan_id
        await w.harness.recorder.wait_for(PlanApproved)
        await w.harness.recorder.wait_for(PlanPublished)


@pytest.mark.clause("DT-01")
async def test_agency_that_nobody_published_is_refused_by_its_county(world: Any, make: Any) -> None:
    """The refusal of an unpublished agency's plan cites the county's document and belongs to the county."""
    async with world("dingtao") as w:
        body = make.plan_body("330802-hidden", ["330802-hidden-random"])
        refused = await w.post("/v1/plans", body, by=w.who(Role.PLANNER, "330802-hidden"))
        assert (refused.status_code, refused.json()["clause"]) == (409, "DT-01")
        event = await w.harness.recorder.wait_for(InspectionRefused)
        assert (event.stage, event.agency_id, event.area) == ("plan", "330802-hidden", make.COUNTY)


@pytest.mark.clause("DT-01")
async def test_withdrawn_agency_goes_on_with_no_plan(world: Any, make: Any) -> None:
    """A withdrawn agency's plans are neither approved nor published, nor are enterprises drawn under them."""
    async with world("dingtao") as w:
        drafted, approved, published = [await w.plan(publish=n == 2) for n in range(3)]
        await w.approve_plan(approved)
        await w.harness.deliver(
            AgencyWithdrawn(agency_id=make.MARKET, reason="机构改革", withdrawn_on=date(2026, 1, 5), version=2)
        )
        draw = {"plan_id": published, "item_ids": ["330802-market-random"], "commitment": "0" * 64}
        draw |= {"earliest": "2026-03-02", "latest": "2026-03-31"}
        for path, body, role in (
            (f"/v1/plans/{drafted}/approve", None, Role.HEAD),
            (f"/v1/plans/{approved}/publish", None, Role.PLANNER),
            ("/v1/draws", draw, Role.PLANNER),
        ):
            refused = (await w.post(path, body, by=w.who(role))).json()
            assert (refused["code"], refused["clause"]) == ("agency.not_published", "DT-01")
        states = {plan["plan_id"]: plan["state"] for plan in (await w.get("/v1/plans"))["items"]}
        assert states == {drafted: "draft", approved: "approved", published: "published"}


@pytest.mark.clause("LX-01")
async def test_nobody_approves_his_own_plan(world: Any) -> None:
    """A head who entered a plan cannot approve it; another can."""
    async with world("linxia") as w:
        plan_id = await w.plan(publish=False)
        same = w.who(Role.HEAD, subject="planner-330802-market")
        refused = await w.post(f"/v1/plans/{plan_id}/approve", by=same)
        assert (refused.status_code, refused.json()["clause"]) == (403, "LX-01")
        await w.approve_plan(plan_id)


@pytest.mark.clause("CX-01")
async def test_conference_approves_with_a_resolution(world: Any) -> None:
    """In Cang county neither the head nor a conference without resolution approves a plan."""
    async with world("cangxian") as w:
        plan_id = await w.plan(publish=False)
        path, conference = f"/v1/plans/{plan_id}/approve", w.who(Role.CONFERENCE, None)
        assert (await w.post(path, by=w.who(Role.HEAD))).json()["clause"] == "CX-01"
        assert (await w.post(path, by=conference)).json()["code"] == "plan.no_resolution"
        unheard = await w.post(path, {"resolution": "联席会议〔2026〕1号"}, by=conference)
        assert (unheard.status_code, unheard.json()["code"]) == (409, "plan.no_resolution")
        meeting = await w.meeting()
        body = {"number": "联席会议〔2026〕1号", "subject": "plans", "text": "同意第一季度各项检查计划"}
        assert (await w.post(f"/v1/meetings/{meeting['meeting_id']}/resolutions", body, by=conference)).is_success
        other = await w.plan(publish=False)
        body |= {"number": "联席会议〔2026〕2号", "plan_ids": [other]}
        assert (await w.post(f"/v1/meetings/{meeting['meeting_id']}/resolutions", body, by=conference)).is_success
        foreign = await w.post(path, {"resolution": "联席会议〔2026〕2号"}, by=conference)
        assert foreign.json()["code"] == "plan.no_resolution"
        answer = await w.post(path, {"resolution": "联席会议〔2026〕1号"}, by=conference)
        assert (answer.status_code, answer.json()["resolution"]) == (200, "联席会议〔2026〕1号")


@pytest.mark.clause("DT-11")
@pytest.mark.clause("CX-05")
@pytest.mark.parametrize(
    ("pack", "kind", "office", "late"),
    [("dingtao", "annual", "justice", False), ("cangxian", "quarterly", "development", True)],
)
async def test_plan_is_filed_with_the_packs_office(world: Any, pack: str, kind: str, office: str, late: bool) -> None:
    """Plans show where they were filed, and whether late: on 5 January a plan from 1 January is late in Cang county."""
    async with world(pack) as w:
        plan_id = await w.plan(publish=False, kind=kind)
        assert (await w.post(f"/v1/plans/{plan_id}/file")).status_code == 409
        await w.approve_plan(plan_id)
        answer = await w.post(f"/v1/plans/{plan_id}/file")
        assert (answer.status_code, answer.json()["office"], answer.json()["late"]) == (200, office, late)
        event = await w.harness.recorder.wait_for(PlanFiled)
        assert (event.office, event.late) == (office, late)
        assert (await w.post(f"/v1/plans/{plan_id}/file")).status_code == 409


async def test_stale_if_match_is_refused(world: Any) -> None:
    """Who knew an older version of a plan gets 412."""
    async with world("quzhou") as w:
        plan_id = await w.plan(publish=False)
        headers = w.who(Role.HEAD) | {"If-Match": '"7"'}
        assert (await w.client.post(f"/v1/plans/{plan_id}/approve", headers=headers)).status_code == 412


async def test_other_agencies_do_not_see_or_touch_a_plan(world: Any, make: Any) -> None:
    """A draft is its agency's own until it is published."""
    async with world("quzhou") as w:
        plan_id = await w.plan(publish=False)
        fire = w.who(Role.PLANNER, make.FIRE)
        assert (await w.client.get(f"/v1/plans/{plan_id}", headers=fire)).status_code == 403
        assert (await w.get("/v1/plans", by=fire))["items"] == []
        assert (await w.post(f"/v1/plans/{plan_id}/publish", by=fire)).status_code == 403
        assert (await w.client.get("/v1/public/plans")).json()["items"] == []


@pytest.mark.clause("CX-12")
async def test_drawn_enterprise_of_the_best_grade_is_left_in_peace(world: Any, make: Any) -> None:
    """The draw may choose it, the gate refuses the visit, and the refusal is public in the proof."""
    async with world("cangxian", make.graded(make.E1, "A"), make.graded(make.E2, "B")) as w:
        proof = await w.draw(await w.plan(), ["330802-market-random"])
        by_id = {ticket["enterprise_id"]: ticket for ticket in proof["tickets"]}
        assert (by_id[make.E1]["refused"], by_id[make.E1]["tasks"]) == (["grade.exempt"], [])
        assert by_id[make.E2]["tasks"]
        event = await w.harness.recorder.wait_for(InspectionRefused, lambda e: e.stage == "task")
        assert (event.enterprise_id, event.refusals[0].clause) == (make.E1, "CX-12")


async def test_void_draw_stays_public_with_what_was_revealed(world: Any, make: Any) -> None:
    """A draw given up after a secret is out shows that secret for ever, and takes nothing more."""
    async with world("quzhou") as w:
        plan_id = await w.plan()
        body = {"plan_id": plan_id, "item_ids": ["330802-market-random"], "commitment": make.committed("a" * 32)}
        body |= {"earliest": "2026-03-02", "latest": "2026-03-31"}
        draw_id = (await w.post("/v1/draws", body)).json()["draw_id"]
        early = await w.post(f"/v1/draws/{draw_id}/reveals", {"secret": "a" * 32})
        assert (early.status_code, early.json()["code"]) == (409, "draw.supervisor_missing")
        witness = w.who(Role.SUPERVISOR, None)
        commitment = {"commitment": make.committed("b" * 32)}
        assert (await w.post(f"/v1/draws/{draw_id}/commitments", commitment, by=witness)).status_code == 200
        wrong = await w.post(f"/v1/draws/{draw_id}/reveals", {"secret": "c" * 32})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "draw.secret_mismatch")
        assert (await w.post(f"/v1/draws/{draw_id}/reveals", {"secret": "a" * 32})).status_code == 200
        assert (await w.post(f"/v1/draws/{draw_id}/void", {"reason": "对方弃权"}, by=witness)).status_code == 200
        proof = (await w.client.get(f"/v1/public/draws/{draw_id}")).json()
        assert (proof["state"], proof["void_reason"]) == ("void", "对方弃权")
        assert "a" * 32 in [party["secret"] for party in proof["parties"]]
        late = await w.post(f"/v1/draws/{draw_id}/reveals", {"secret": "b" * 32}, by=witness)
        assert (late.status_code, late.json()["code"]) == (409, "draw.void")


async def test_draw_outside_its_plan_is_refused(world: Any) -> None:
    """Items that the plan does not list, or days outside its period, are refused."""
    async with world("quzhou") as w:
        plan_id = await w.plan(["330802-market-random"])
        body = {"plan_id": plan_id, "item_ids": ["330802-market-special"], "commitment": "0" * 64}
        body |= {"earliest": "2026-12-01", "latest": "2027-01-31"}
        answer = await w.post("/v1/draws", body)
        assert [r["code"] for r in answer.json()["refusals"]] == ["plan.item_not_included", "plan.out_of_period"]
