"""The joint conference, filings at their offices, the watch over deadlines and evaluation, over HTTP."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from wurao.common.auth import Role
from wurao.common.contracts.plans import ConferenceHeld, ConferenceOverdue, PlanFiled, PlanOverdue
from wurao.local.plugin import Storage


def instant(day: str) -> datetime:
    """Nine in the morning of a day in Shanghai."""
    return datetime.fromisoformat(f"{day}T01:00:00").replace(tzinfo=UTC)


async def go_to(w: Any, day: str) -> None:
    """Move the clock and let what is due happen."""
    w.harness.clock.set(instant(day))
    await w.harness.service.sweep()


@pytest.mark.clause("CX-01")
async def test_a_meeting_from_agenda_to_minutes(world: Any, make: Any) -> None:
    """The agenda holds what waits, the resolution approves it, the minutes tell who was there and what was resolved."""
    async with world("cangxian") as w:
        by = w.who(Role.CONFERENCE, None)
        plan_id = await w.plan(publish=False, kind="quarterly")
        other = await w.plan(publish=False, kind="quarterly", agency_id=make.FIRE)
        convened = await w.post("/v1/meetings", {"area": make.COUNTY, "day": "2026-01-05"}, by=by)
        meeting = convened.json()
        path = f"/v1/meetings/{meeting['meeting_id']}"
        assert (meeting["period"], meeting["kind"], meeting["state"]) == ("2026Q1", "regular", "convened")
        assert len(meeting["agenda"]["headings"]) == 5
        waiting = [one["plan_id"] for one in meeting["agenda"]["entries"] if one["kind"] == "plan"]
        assert waiting == [plan_id, other]
        renewed = await w.client.put(f"{path}/agenda", json={"topics": ["协调联合执法"]}, headers=by)
        assert renewed.json()["agenda"]["entries"][-1]["title"] == "协调联合执法"
        second = await w.post("/v1/meetings", {"area": make.COUNTY, "day": "2026-03-05"}, by=by)
        assert second.json()["code"] == "conference.convened"

        resolution = {"number": "沧联〔2026〕1号", "subject": "plans", "text": "同意<两项>计划"}
        early = await w.post(f"{path}/resolutions", resolution | {"plan_ids": [plan_id]}, by=by)
        assert early.json()["code"] == "conference.not_held"
        chair = (await w.get(f"/v1/conference?area={make.COUNTY}", by=by))["conveners"][0]
        held = {"held_on": "2026-01-05", "presided_by": "路人甲", "attendees": [make.MARKET, make.CITY]}
        wrong = await w.post(f"{path}/hold", held, by=by)
        assert [one["code"] for one in wrong.json()["refusals"]] == [
            "conference.not_convener",
            "conference.not_member",
        ]
        held |= {"presided_by": chair, "attendees": [make.MARKET]}
        future = await w.post(f"{path}/hold", held | {"held_on": "2026-01-06"}, by=by)
        assert future.json()["code"] == "conference.not_yet"
        assert (await w.post(f"{path}/hold", held, by=by)).status_code == 200

        unknown = await w.post(f"{path}/resolutions", resolution | {"plan_ids": [plan_id, "ghost"]}, by=by)
        assert unknown.status_code == 404
        assert (await w.get(f"/v1/plans/{plan_id}"))["state"] == "draft"
        adopted = await w.post(f"{path}/resolutions", resolution | {"plan_ids": [plan_id]}, by=by)
        assert adopted.status_code == 201, adopted.text
        approved = await w.get(f"/v1/plans/{plan_id}")
        assert (approved["state"], approved["resolution"]) == ("approved", "沧联〔2026〕1号")
        taken = await w.post(f"{path}/resolutions", resolution | {"subject": "other"}, by=by)
        assert taken.json()["code"] == "conference.number_taken"
        back = {"number": "沧联〔2026〕2号", "subject": "plans", "decision": "returned", "text": "频次过高，退回修改"}
        assert (await w.post(f"{path}/resolutions", back | {"plan_ids": [other]}, by=by)).status_code == 201
        returned = await w.get(f"/v1/plans/{other}", by=w.who(Role.PLANNER, make.FIRE))
        assert [(one["decision"], one["remark"]) for one in returned["approvals"]] == [
            ("returned", "频次过高，退回修改")
        ]

        listed = {"number": "沧联〔2026〕3号", "subject": "non_random_items", "text": "压减清单"}
        items = ["330802-fire-special"]
        assert (await w.post(f"{path}/resolutions", listed | {"item_ids": items}, by=by)).status_code == 201
        year = await w.get(f"/v1/conference/non-random-items?area={make.COUNTY}&year=2026", by=by)
        assert (year["resolution"], [one["item_id"] for one in year["items"]]) == ("沧联〔2026〕3号", items)
        before = await w.get(f"/v1/conference/non-random-items?area={make.COUNTY}&year=2025", by=by)
        assert (before["resolution"], len(before["items"])) == (None, 2)

        assert (await w.post(f"{path}/close", {"summary": "会后呈报"}, by=by)).json()["state"] == "closed"
        over = await w.post(f"{path}/resolutions", resolution | {"number": "4号"}, by=by)
        assert over.json()["code"] == "conference.closed"
        minutes = await w.get(f"{path}/minutes", by=w.who(Role.PLANNER))
        assert minutes["attendee_names"] == ["330802-market局"]
        assert minutes["absent_names"] == ["330802-fire局"]
        assert [one["number"] for one in minutes["resolutions"]] == [f"沧联〔2026〕{n}号" for n in (1, 2, 3)]
        assert minutes["reports_to"] == ["县委", "县政府"]
        page = await w.client.get(f"{path}/minutes.html", headers=by)
        assert page.headers["content-type"].startswith("text/html")
        for text in ("联席会议纪要", chair, "〔沧联〔2026〕1号〕", "同意&lt;两项&gt;计划", "2025年第四季度"):
            assert text in page.text
        event = await w.harness.recorder.wait_for(ConferenceHeld)
        assert (event.period, event.kind, event.resolutions) == ("2026Q1", "regular", 3)


async def test_meetings_convened_at_once_are_one_regular_meeting(world: Any, make: Any, storage: Storage) -> None:
    """Of eight regular meetings convened at once for one quarter one is; extra ones are possible beside it."""
    async with world("cangxian", storage=storage) as w:
        by = w.who(Role.CONFERENCE, None)
        body = {"area": make.COUNTY, "day": "2026-02-05"}
        answers = await asyncio.gather(*(w.post("/v1/meetings", body, by=by) for _ in range(8)))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
        assert (await w.meeting())["kind"] == "extra"
        extra = await w.post("/v1/meetings", body | {"kind": "extra"}, by=by)
        assert extra.json()["code"] == "conference.no_reason"
        elsewhere = await w.post("/v1/meetings", body | {"area": "330803"}, by=by)
        assert elsewhere.status_code == 403


@pytest.mark.clause("CX-01")
async def test_a_quarter_without_its_meeting_is_told_once(world: Any, make: Any) -> None:
    """The quarter that was half over when the watch began is nobody's fault; of the next two the held one is fine."""
    async with world("cangxian") as w:
        await go_to(w, "2026-01-05")
        await go_to(w, "2026-04-02")
        assert w.harness.recorder.of(ConferenceOverdue) == []
        await w.meeting(kind="regular", day="2026-04-02", reason=None)
        await go_to(w, "2026-07-02")
        assert w.harness.recorder.of(ConferenceOverdue) == []
        await go_to(w, "2026-10-02")
        await go_to(w, "2026-10-03")
        event = await w.harness.recorder.wait_for(ConferenceOverdue)
        assert (event.area, event.period, event.clause) == (make.COUNTY, "2026Q3", "CX-01")
        assert len(w.harness.recorder.of(ConferenceOverdue)) == 1


@pytest.mark.clause("CX-02")
async def test_a_missing_annual_plan_is_told_once_and_settled_by_its_filing(world: Any, make: Any) -> None:
    """On 1 February the market regulator's random plan is overdue; filed later it is late and settles what was told."""
    async with world("cangxian") as w:
        await go_to(w, "2026-01-05")
        await go_to(w, "2026-01-31")
        assert w.harness.recorder.of(PlanOverdue) == []
        await go_to(w, "2026-02-01")
        await go_to(w, "2026-02-02")
        event = await w.harness.recorder.wait_for(PlanOverdue, lambda e: e.kind == "annual")
        assert (event.agency_id, event.period, event.clause) == (make.MARKET, "2026", "CX-02")
        assert sorted(e.kind for e in w.harness.recorder.of(PlanOverdue)) == ["annual", "joint"]
        plan_id = await w.plan(publish=False)
        await w.approve_plan(plan_id)
        assert (await w.post(f"/v1/plans/{plan_id}/file")).json()["late"] is True
        filed = await w.harness.recorder.wait_for(PlanFiled)
        assert filed.settles == (event.overdue_id,)


@pytest.mark.clause("DT-11")
async def test_every_agency_owes_its_annual_plan_where_no_line_leads(world: Any, make: Any) -> None:
    """Who filed in January owes nothing; the others are told one by one, those below the county among them."""
    async with world("dingtao") as w:
        await go_to(w, "2026-01-05")
        plan_id = await w.plan(publish=False)
        await w.approve_plan(plan_id)
        assert (await w.post(f"/v1/plans/{plan_id}/file")).json()["late"] is False
        await go_to(w, "2026-02-01")
        await w.harness.recorder.wait_for(PlanOverdue, lambda e: e.agency_id == make.TOWN)
        told = {(e.agency_id, e.area, e.clause) for e in w.harness.recorder.of(PlanOverdue)}
        assert told == {(make.FIRE, "330802", "DT-11"), (make.TOWN, "330802001", "DT-11")}


@pytest.mark.clause("CX-05")
async def test_a_filing_goes_through_its_line_to_its_office(world: Any, make: Any) -> None:
    """Before the window refused, then checked by the line that the items call for, noted by the conference's office."""
    development = make.agency("330802-development", line="development")
    async with world("cangxian", development) as w:
        body = make.plan_body(items=["330802-market-random"], kind="quarterly")
        body |= {"period_from": "2026-04-01", "period_to": "2026-06-30"}
        plan_id = (await w.post("/v1/plans", body)).json()["plan_id"]
        await w.approve_plan(plan_id)
        path = f"/v1/plans/{plan_id}"
        early = await w.post(f"{path}/file")
        assert (early.json()["code"], early.json()["clause"]) == ("plan.filing_too_early", "CX-05")
        w.harness.clock.set(instant("2026-03-18"))
        filed = await w.post(f"{path}/file", {"note": "一季度已完成"})
        assert (filed.json()["late"], filed.json()["filing_state"]) == (False, "filed")
        market = w.who(Role.PLANNER, subject="market-office")
        office, justice = w.who(Role.HEAD, "330802-development"), w.who(Role.SUPERVISOR, None)
        decisions = f"{path}/filing-decisions"
        noted, checked = {"decision": "noted"}, {"decision": "checked", "remark": "已把关"}
        elsewhere = (await w.post(decisions, noted, by=office)).json()
        assert (elsewhere["code"], elsewhere["refusals"][0]["message"]) == (
            "plan.other_office",
            "该报备现由市场监管部门办理",
        )
        assert (await w.post(decisions, checked, by=justice)).json()["code"] == "plan.other_office"
        assert (await w.post(decisions, checked)).json()["code"] == "plan.own_filing"
        waiting = await w.get(f"/v1/plan-filings?area={make.COUNTY}", by=market)
        assert [one["plan_id"] for one in waiting["items"]] == [plan_id]
        assert (await w.get(f"/v1/plan-filings?area={make.COUNTY}", by=office))["items"] == []
        assert (await w.post(decisions, checked, by=market)).status_code == 200
        assert (await w.post(decisions, {"decision": "returned"}, by=office)).status_code == 422
        back = await w.post(decisions, {"decision": "returned", "remark": "请注明是否联合"}, by=office)
        assert back.json()["state"] == "returned"
        w.harness.clock.set(instant("2026-04-10"))
        again = await w.post(f"{path}/file")
        assert (again.json()["late"], again.json()["filing_state"]) == (False, "filed")
        assert (await w.post(f"{path}/file")).json()["code"] == "plan.filed"
        assert (await w.post(decisions, checked, by=market)).status_code == 200
        last = await w.post(decisions, noted, by=w.who(Role.CONFERENCE, None))
        assert (last.json()["state"], last.json()["attempt"]) == ("noted", 2)
        full = await w.get(path)
        assert [one["state"] for one in full["filings"]] == ["returned", "noted"]
        first = full["filings"][0]["completion"]
        assert (first["period"], first["as_of"], first["planned"]) == ("2026Q1", "2026-03-18", 0)
        assert len(w.harness.recorder.of(PlanFiled)) <= 1
        term = await w.get(f"/v1/plans/filing-term?area={make.COUNTY}&kind=quarterly&period_from=2026-04-01", by=market)
        assert (term["office"], term["through_random"], term["opens"]) == ("development", "market", "2026-03-18")


@pytest.mark.clause("CX-02")
async def test_evaluation_counts_what_was_recorded(world: Any, make: Any) -> None:
    """Planned, done, lapsed, on time, joint share and visits saved follow from tasks and visits, quarter by quarter."""
    async with world("cangxian") as w:
        for agency_id in (make.MARKET, make.FIRE):
            await w.accepted(agency_id=agency_id)
        await w.accepted(enterprise_id=make.E2)
        left = await w.accepted(enterprise_id=make.E3, latest="2026-06-30", earliest="2026-06-01")
        cancelled = await w.accepted(enterprise_id=make.E3, agency_id=make.FIRE)
        await w.post(
            f"/v1/tasks/{cancelled['task_id']}/cancel", {"reason": "已停产"}, by=w.who(Role.PLANNER, make.FIRE)
        )
        await w.merge()
        visits = await w.visits(enterprise_id=make.E1)
        await w.post(f"/v1/visits/{visits[0]['visit_id']}/approve", by=w.who(Role.HEAD, visits[0]["lead_agency_id"]))
        await w.harness.deliver(make.finished(["330802-market-special"], visit_id=visits[0]["visit_id"]))
        await go_to(w, "2026-07-02")
        by = w.who(Role.CONFERENCE, None)
        found = await w.get(f"/v1/plans/evaluation?area={make.COUNTY}&year=2026", by=by)
        assert found["every_months"] == 3
        first, second = found["periods"][:2]
        told = ("planned", "done", "on_time", "lapsed", "cancelled", "visits", "joint_permille", "visits_saved")
        assert [first[name] for name in told] == [3, 2, 2, 1, 1, 1, 1000, 1]
        assert [second[name] for name in told] == [1, 0, 0, 1, 0, 0, 0, 0]
        assert (await w.get(f"/v1/tasks/{left['task_id']}"))["state"] == "lapsed"
        own = await w.get(f"/v1/plans/evaluation?area={make.COUNTY}&year=2026")
        assert own["agency_id"] == make.MARKET
        assert own["periods"][0]["planned"] == 2
        foreign = f"/v1/plans/evaluation?area={make.COUNTY}&year=2026&agency_id={make.FIRE}"
        assert (await w.client.get(foreign, headers=w.who(Role.PLANNER))).status_code == 403


@pytest.mark.clause("LX-17")
async def test_evaluation_follows_the_packs_rhythm(world: Any, make: Any) -> None:
    """Where the pack evaluates every half year there are two periods."""
    async with world("linxia") as w:
        by = w.who(Role.SUPERVISOR, None)
        found = await w.get(f"/v1/plans/evaluation?area={make.COUNTY}&year=2026", by=by)
        assert [one["period"] for one in found["periods"]] == ["2026H1", "2026H2"]


async def test_filings_and_resolutions_at_once_are_one(world: Any, storage: Storage) -> None:
    """Of eight resolutions under one number one is adopted; of eight filings of a plan one counts, with one event."""
    async with world("cangxian", storage=storage) as w:
        plan_id = await w.plan(publish=False, kind="quarterly")
        meeting, by = await w.meeting(), w.who(Role.CONFERENCE, None)
        body = {"number": "1号", "subject": "plans", "text": "同意", "plan_ids": [plan_id]}
        path = f"/v1/meetings/{meeting['meeting_id']}/resolutions"
        adopted = await asyncio.gather(*(w.post(path, body, by=by) for _ in range(8)))
        assert sorted(answer.status_code for answer in adopted) == [201] + [409] * 7
        filed = await asyncio.gather(*(w.post(f"/v1/plans/{plan_id}/file") for _ in range(8)))
        assert [answer.status_code for answer in filed].count(200) == 1
        assert {answer.status_code for answer in filed} <= {200, 409, 412}
        full = await w.get(f"/v1/plans/{plan_id}")
        assert [len(full[name]) for name in ("approvals", "filings")] == [1, 1]
        await w.harness.recorder.wait_for(PlanFiled)
        assert len(w.harness.recorder.of(PlanFiled)) == 1
