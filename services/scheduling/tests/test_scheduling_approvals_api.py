"""Approvals, versions, campaigns and participants of plans over HTTP, and races for a campaign's place."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from wurao.common.auth import Role
from wurao.common.contracts.plans import PlanPublished
from wurao.common.contracts.scheduling import InspectionRefused
from wurao.local.plugin import Storage
from wurao.scheduling.tables import CapCounter, Plan


def campaign(make: Any, **changes: Any) -> dict[str, Any]:
    """A special campaign on one item."""
    return make.plan_body(make.MARKET, ["330802-market-special"], kind="campaign", title="燃气安全专项检查", **changes)


async def draft(w: Any, body: dict[str, Any], by: dict[str, str] | None = None) -> str:
    """A plan entered."""
    answer = await w.post("/v1/plans", body, by=by)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["plan_id"])


def codes(answer: Any) -> list[str]:
    """The codes of a refusal, in order."""
    return [one["code"] for one in answer.json()["refusals"]]


@pytest.mark.clause("LX-01")
async def test_one_officer_by_two_accounts_is_one_person(world: Any, make: Any) -> None:
    """Who drafts by one account approves by no other, and who passed one level takes no second."""
    async with world("linxia") as w:
        h = w.harness

        def account(role: Role, subject: str, officer: str) -> dict[str, str]:
            return h.headers(role, subject=subject, agency_id=make.MARKET, area=make.COUNTY, officer_id=officer)

        plan_id = await draft(w, make.plan_body(), by=account(Role.PLANNER, "acc-1", "o1"))
        path = f"/v1/plans/{plan_id}"
        step = {"step": "unit_leader", "remark": "符合上级部署"}
        own = await w.post(f"{path}/steps", step, by=account(Role.PLANNER, "acc-2", "o1"))
        assert (own.status_code, codes(own)) == (403, ["plan.self_approval"])
        assert (await w.post(f"{path}/steps", step, by=account(Role.PLANNER, "acc-3", "o2"))).status_code == 200
        same = await w.post(f"{path}/approve", by=account(Role.HEAD, "acc-4", "o2"))
        assert (same.status_code, codes(same), same.json()["clause"]) == (403, ["plan.same_person"], "LX-01")
        approved = await w.post(f"{path}/approve", by=account(Role.HEAD, "acc-5", "o3"))
        assert (approved.status_code, approved.json()["state"]) == (200, "approved")
        full = await w.get(path)
        told = [(one["step"], one["person"], one["remark"], one["decision"]) for one in full["approvals"]]
        assert told == [("unit_leader", "o2", "符合上级部署", "passed"), ("head", "o3", "", "passed")]
        assert full["awaiting"] is None


@pytest.mark.clause("LX-01")
async def test_a_returned_or_changed_draft_begins_again(world: Any, make: Any) -> None:
    """A return and a change void what was approved; the history keeps it; an approved plan is not changed."""
    async with world("linxia") as w:
        plan_id = await w.plan(publish=False)
        path, head = f"/v1/plans/{plan_id}", w.who(Role.HEAD)
        assert (await w.pass_step(plan_id, "unit_leader")).status_code == 200
        returned = await w.post(f"{path}/return", {"reason": "检查频次过高"}, by=head)
        assert (returned.status_code, returned.json()["steps"]) == (200, [])
        assert codes(await w.post(f"{path}/approve", by=head)) == ["plan.no_unit_leader"]
        assert (await w.pass_step(plan_id, "unit_leader")).status_code == 200
        body = make.plan_body(frequency="两年一次")
        changed = await w.client.put(path, json=body, headers=w.who(Role.PLANNER))
        assert (changed.status_code, changed.json()["steps"]) == (200, [])
        lacking = await w.client.put(path, json=body | {"time": ""}, headers=w.who(Role.PLANNER))
        assert codes(lacking) == ["plan.field_missing"]
        other = await w.client.put(path, json=body | {"kind": "joint"}, headers=w.who(Role.PLANNER))
        assert other.json()["code"] == "plan.other_plan"
        # Who changed it has become one of its authors.
        second = w.who(Role.PLANNER, subject="second-author")
        assert (await w.client.put(path, json=body, headers=second)).status_code == 200
        step = await w.post(f"{path}/steps", {"step": "unit_leader"}, by=second)
        assert codes(step) == ["plan.self_approval"]
        await w.approve_plan(plan_id)
        assert (await w.client.put(path, json=body, headers=w.who(Role.PLANNER))).json()["code"] == "plan.not_draft"
        assert (await w.post(f"{path}/return", {"reason": "不同意"}, by=head)).json()["code"] == "plan.not_draft"
        history = [(one["round"], one["step"], one["decision"]) for one in (await w.get(path))["approvals"]]
        assert history == [
            (1, "unit_leader", "passed"),
            (1, "head", "returned"),
            (2, "unit_leader", "passed"),
            (3, "unit_leader", "passed"),
            (3, "head", "passed"),
        ]


@pytest.mark.clause("QZ-05")
async def test_a_published_plan_changes_by_a_version(world: Any, make: Any) -> None:
    """The old version carries tasks until the new one is published, then no more; both stay public with the reason."""
    async with world("quzhou") as w:
        first = await w.plan()
        task = (await w.task(plan_id=first)).json()
        narrower = make.plan_body(items=["330802-market-special"]) | {"reason": "压减检查事项"}
        second = (await w.post(f"/v1/plans/{first}/versions", narrower)).json()
        assert (second["edition"], second["supersedes"], second["series_id"]) == (2, first, first)
        again = await w.post(f"/v1/plans/{first}/versions", narrower)
        assert again.json()["code"] == "plan.version_open"
        assert codes(await w.task(plan_id=second["plan_id"], enterprise_id=make.E2)) == ["plan.not_approved"]
        assert (await w.task(plan_id=first, enterprise_id=make.E2)).status_code == 201

        await w.approve_plan(second["plan_id"])
        assert (await w.post(f"/v1/plans/{second['plan_id']}/publish")).status_code == 200
        assert codes(await w.task(plan_id=first, enterprise_id=make.E3)) == ["plan.superseded"]
        assert (await w.task(plan_id=second["plan_id"], enterprise_id=make.E3)).status_code == 201
        assert (await w.get(f"/v1/tasks/{task['task_id']}"))["plan_id"] == first
        refused = await w.post(f"/v1/plans/{first}/versions", narrower)
        assert refused.json()["code"] == "plan.superseded"

        current = (await w.client.get("/v1/public/plans")).json()["items"]
        assert [one["plan_id"] for one in current] == [second["plan_id"]]
        old = (await w.client.get(f"/v1/public/plans/{first}")).json()
        assert (old["state"], old["item_ids"]) == ("superseded", make.plan_body()["item_ids"])
        versions = (await w.client.get(f"/v1/public/plans/{first}/versions")).json()
        assert [(one["edition"], one["change_reason"]) for one in versions] == [(1, None), (2, "压减检查事项")]
        event = await w.harness.recorder.wait_for(PlanPublished, lambda e: e.supersedes == first)
        assert event.plan_id == second["plan_id"]


@pytest.mark.clause("QZ-08")
async def test_a_campaign_passes_every_step_in_order(world: Any, make: Any) -> None:
    """Each step that is missing is refused by name, at approval, publication and for its tasks alike."""
    async with world("quzhou") as w:
        plan_id = await draft(w, campaign(make))
        path, conference = f"/v1/plans/{plan_id}", w.who(Role.CONFERENCE, None)
        task = {"plan_id": plan_id, "origin": "campaign", "ground": None}
        steps = ["legal_review", "collective_discussion", "government_approval", "publication"]
        for passed, step in enumerate(steps[:3]):
            missing = [f"campaign.no_{one}" for one in steps[passed:]]
            assert codes(await w.task(**task)) == missing
            assert codes(await w.post(f"{path}/publish")) == missing[:-1]
            early = await w.post(f"{path}/approve", {"document": "〔2026〕批1号"}, by=conference)
            assert early.is_success if passed == 2 else codes(early) == missing[:-2]
            if passed < 2:
                assert (await w.pass_step(plan_id, step)).status_code == 200
        assert codes(await w.task(**task)) == ["campaign.no_publication"]
        assert (await w.post(f"{path}/publish")).status_code == 200
        assert (await w.task(**task)).status_code == 201
        assert codes(await w.task(origin="campaign", ground=None, enterprise_id=make.E2)) == ["campaign.no_plan"]
        await w.harness.recorder.wait_for(InspectionRefused, lambda e: e.stage == "plan")


@pytest.mark.clause("QZ-08")
async def test_a_campaign_is_approved_by_the_superior_of_its_line_too(world: Any, make: Any) -> None:
    """The head of the agency above may approve with a document, another agency's head may not."""
    above = make.agency(make.MARKET, parent_id=make.CITY, version=2)
    async with world("quzhou", above) as w:
        plan_id = await draft(w, campaign(make))
        assert (await w.pass_step(plan_id, "legal_review")).status_code == 200
        assert codes(await w.pass_step(plan_id, "collective_discussion", document=None)) == ["plan.no_document"]
        assert (await w.pass_step(plan_id, "collective_discussion")).status_code == 200
        path = f"/v1/plans/{plan_id}/approve"
        assert (await w.post(path, {"document": "1号"}, by=w.who(Role.HEAD, make.FIRE))).status_code == 403
        own = await w.post(path, {"document": "1号"}, by=w.who(Role.HEAD))
        assert (own.status_code, codes(own)) == (403, ["plan.wrong_approver"])
        bare = await w.post(path, by=w.who(Role.HEAD, make.CITY))
        assert codes(bare) == ["plan.no_document"]
        approved = await w.post(path, {"document": "衢市监〔2026〕3号"}, by=w.who(Role.HEAD, make.CITY))
        assert (approved.status_code, approved.json()["resolution"]) == (200, "衢市监〔2026〕3号")


@pytest.mark.clause("QZ-08")
async def test_campaigns_race_for_the_years_last_place(world: Any, make: Any, storage: Storage) -> None:
    """Of six campaigns approved at once two get the year's places; the others are refused and stay drafts."""
    async with world("quzhou", storage=storage) as w:
        ids = [await draft(w, campaign(make)) for _ in range(6)]
        for plan_id in ids:
            for step in ("legal_review", "collective_discussion"):
                assert (await w.pass_step(plan_id, step)).status_code == 200
        answers = await asyncio.gather(*(w.pass_step(plan_id, "government_approval") for plan_id in ids))
        assert sorted(answer.status_code for answer in answers) == [200, 200, 409, 409, 409, 409]
        assert {c for a in answers if a.status_code == 409 for c in codes(a)} == {"campaign.number_exceeded"}
        async with w.harness.service.db.read() as session:
            states = (await session.scalars(select(Plan.state))).all()
            assert sorted(states) == ["approved"] * 2 + ["draft"] * 4
            assert await session.scalar(select(CapCounter.n).where(CapCounter.kind == "campaign")) == 2
        beyond = await w.post("/v1/plans", campaign(make))
        assert (codes(beyond), beyond.json()["clause"]) == (["campaign.number_exceeded"], "QZ-08")
        across = {"period_from": "2027-06-01", "period_to": "2028-01-31"}
        assert codes(await w.post("/v1/plans", campaign(make, **across))) == ["campaign.beyond_the_year"]
        next_year = {"period_from": "2027-01-01", "period_to": "2027-03-31"}
        assert (await w.post("/v1/plans", campaign(make, **next_year))).status_code == 201


@pytest.mark.clause("QZ-08")
async def test_a_version_of_a_campaign_takes_no_second_place_in_its_year(world: Any, make: Any) -> None:
    """A further version in the same year leaves the count as it is; moved to another year it takes a place there."""
    async with world("quzhou") as w:
        first = await draft(w, campaign(make))
        await w.approve_plan(first)
        assert (await w.post(f"/v1/plans/{first}/publish")).status_code == 200

        async def revised(plan_id: str, **changes: Any) -> str:
            body = campaign(make, **changes) | {"reason": "调整范围"}
            version = (await w.post(f"/v1/plans/{plan_id}/versions", body)).json()["plan_id"]
            await w.approve_plan(version)
            assert (await w.post(f"/v1/plans/{version}/publish")).status_code == 200
            return str(version)

        moved = await revised(await revised(first), period_from="2027-01-01", period_to="2027-06-30")
        assert (await w.get(f"/v1/plans/{moved}"))["edition"] == 3
        async with w.harness.service.db.read() as session:
            rows = await session.execute(select(CapCounter.year, CapCounter.n).where(CapCounter.kind == "campaign"))
            assert dict(rows.all()) == {2026: 1, 2027: 1}


async def test_steps_taken_at_once_are_taken_once(world: Any, storage: Storage) -> None:
    """Of ten heads who approve one plan at the same moment one does; nothing is recorded twice."""
    async with world("quzhou", storage=storage) as w:
        plan_id = await w.plan(publish=False)
        answers = await asyncio.gather(
            *(w.post(f"/v1/plans/{plan_id}/approve", by=w.who(Role.HEAD, subject=f"head-{n}")) for n in range(10))
        )
        codes = [answer.status_code for answer in answers]
        # Who comes later finds the plan approved, or changed under his hands.
        assert (codes.count(200), set(codes) - {200}) in [(1, {409}), (1, {412}), (1, {409, 412})]
        assert len((await w.get(f"/v1/plans/{plan_id}"))["approvals"]) == 1


async def test_versions_drafted_at_once_are_one(world: Any, make: Any, storage: Storage) -> None:
    """Of ten requests for the next version one drafts it."""
    async with world("quzhou", storage=storage) as w:
        plan_id = await w.plan()
        body = make.plan_body() | {"reason": "调整检查时间"}
        answers = await asyncio.gather(*(w.post(f"/v1/plans/{plan_id}/versions", body) for _ in range(10)))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
        assert len(await w.get(f"/v1/plans/{plan_id}/versions")) == 2


async def test_a_joint_plan_holds_agencies_of_two_levels_and_binds_each_to_its_part(world: Any, make: Any) -> None:
    """Each participant inspects on its own items in its own time; a stranger not at all; participants read the plan."""
    async with world("linxia") as w:
        parts = [
            {"agency_id": make.MARKET, "item_ids": ["330802-market-special"]},
            {
                "agency_id": make.CITY,
                "item_ids": ["330800-market-special"],
                "period_from": "2026-06-01",
                "period_to": "2026-06-30",
            },
        ]
        items = ["330802-market-special", "330800-market-special"]
        plan_id = await draft(w, make.plan_body(items=items, kind="joint", participants=parts))
        await w.approve_plan(plan_id)
        assert (await w.post(f"/v1/plans/{plan_id}/publish")).status_code == 200
        full = await w.get(f"/v1/plans/{plan_id}", by=w.who(Role.PLANNER, make.CITY))
        assert {(one["level"], one["area"]) for one in full["participants"]} == {
            ("county", "330802"),
            ("prefecture", "330800"),
        }
        assert (await w.get("/v1/plans", by=w.who(Role.PLANNER, make.CITY)))["items"][0]["plan_id"] == plan_id
        public = (await w.client.get(f"/v1/public/plans/{plan_id}")).json()["participants"]
        assert [one["agency_id"] for one in public] == [one["agency_id"] for one in full["participants"]]
        early = await w.task(agency_id=make.CITY, plan_id=plan_id, superior_approval="甘监〔2026〕1号")
        assert "plan.out_of_period" in codes(early)
        stranger = await w.task(agency_id=make.FIRE, plan_id=plan_id)
        assert "plan.other_agency" in codes(stranger)
        assert (await w.task(plan_id=plan_id)).status_code == 201
        wrong = make.plan_body(items=items, kind="joint", participants=parts[:1])
        assert codes(await w.post("/v1/plans", wrong)) == ["plan.item_without_participant"]


@pytest.mark.parametrize(
    "changes",
    [
        {"participants": [{"agency_id": "330802-fire"}]},
        {"kind": "joint", "participants": [{"agency_id": "a"}, {"agency_id": "a"}]},
        {"kind": "weekly"},
        {"period_from": "2026-02-01", "period_to": "2026-01-01"},
        {"item_ids": []},
    ],
)
async def test_malformed_plans_are_turned_away(world: Any, make: Any, changes: dict[str, Any]) -> None:
    """What is no plan gets 422 and changes nothing."""
    async with world("quzhou") as w:
        assert (await w.post("/v1/plans", make.plan_body(**changes))).status_code == 422
        assert (await w.get("/v1/plans"))["items"] == []
