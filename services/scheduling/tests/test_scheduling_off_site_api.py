"""Off-site checks and superiors' visits over HTTP: each step, who may take it, and races."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from wurao.common.auth import Role
from wurao.common.contracts.scheduling import OffSiteConcluded, OffSiteReminded, SuperiorVisitFiled
from wurao.local.plugin import Storage
from wurao.scheduling.domain import joint_day
from wurao.scheduling.domain.joint_day import Part
from wurao.scheduling.domain.off_site import share_permille
from wurao.scheduling.tables import CapCounter, SuperiorVisit, Task

RESULTS = [{"item_id": "330802-market-either", "result": "conform"}]
CONCLUSION = {"source": "企业年报与共享数据", "results": RESULTS}
REMINDER = {"source": "在线监测", "risk": "冷链温度连续两日超过上限"}
ACCEPTANCE = {
    "item_ids": ["330802-market-special"],
    "earliest": "2026-03-06",
    "latest": "2026-03-31",
    "reason": "勘察验收整改情况",
    "origin": "plan",
    "ground": "superior_order",
}


async def off_site(w: Any, **more: Any) -> str:
    """The id of an off-site task."""
    task = {"item_ids": ["330802-market-either"], "method": "off_site"} | more
    return str((await w.accepted(**task))["task_id"])


def enterprise(w: Any, make: Any, enterprise_id: str | None = None) -> dict[str, str]:
    """Headers of an enterprise."""
    own = enterprise_id or make.E1
    headers: dict[str, str] = w.harness.headers(Role.ENTERPRISE, subject=own, enterprise_id=own)
    return headers


async def step(w: Any, task_id: str, verb: str, body: dict[str, Any], **options: Any) -> Any:
    """One step of an off-site check; its answer."""
    return await w.post(f"/v1/off-site/{task_id}/{verb}", body, **options)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_shares_are_permille_of_all(off: int, on: int) -> None:
    """Between nothing and a thousand, and nothing where there was nothing."""
    share = share_permille(off, on)
    assert 0 <= share <= 1000
    assert (share == 0) is (off * 1000 < off + on or off + on == 0)


async def test_results_close_the_task_and_are_recognised(world: Any, make: Any) -> None:
    """A result for each item, no other; then the task is done, told by event, and the matter is not inspected again."""
    async with world("yongzhou") as w:
        task_id = await off_site(w, ground="complaint", source_record="12345-1", origin="triggered")
        incomplete = await step(
            w, task_id, "conclude", {"source": "共享数据", "results": [{"item_id": "x", "result": "conform"}]}
        )
        assert incomplete.json()["code"] == "off_site.results_incomplete"
        assert (await step(w, task_id, "conclude", CONCLUSION, by=w.who(Role.PLANNER, make.FIRE))).status_code == 403
        done = await step(w, task_id, "conclude", CONCLUSION)
        assert (done.status_code, done.json()["state"]) == (200, "concluded"), done.text
        assert (await w.get(f"/v1/tasks/{task_id}"))["state"] == "done"
        event = await w.harness.recorder.wait_for(OffSiteConcluded)
        assert (event.task_id, [one.result for one in event.results], event.reminded) == (task_id, ["conform"], False)
        assert (await step(w, task_id, "conclude", CONCLUSION)).json()["code"] == "off_site.over"
        again = await w.task(item_ids=["330802-market-either"], reason="须现场核对")
        assert "recognition.like_result" in {refusal["code"] for refusal in again.json()["refusals"]}


async def test_a_violation_found_off_site_is_named_and_told(world: Any, make: Any) -> None:
    """Each violation has a finding and no other item has; findings and their digest go out with the event."""
    item = "330802-market-either"
    bad = {"source": "在线监测", "results": [{"item_id": item, "result": "violation"}]}
    finding = {"item_id": item, "violation": "food.label", "description": "网店标签不符", "circumstances": ["minor"]}
    async with world("quzhou") as w:
        task_id = await off_site(w)
        unnamed = await step(w, task_id, "conclude", bad)
        assert (unnamed.status_code, unnamed.json()["code"]) == (409, "off_site.violation_unnamed")
        stray = await step(w, task_id, "conclude", CONCLUSION | {"findings": [finding]})
        assert (stray.status_code, stray.json()["code"]) == (409, "off_site.finding_without_violation")
        done = await step(w, task_id, "conclude", bad | {"findings": [finding]})
        assert (done.status_code, done.json()["state"]) == (200, "concluded"), done.text
        event = await w.harness.recorder.wait_for(OffSiteConcluded)
        [told] = event.findings
        assert (told.violation, told.agency_id, told.circumstances) == ("food.label", make.MARKET, ("minor",))
        assert event.record_digest == done.json()["record_digest"]
        assert (event.enterprise_name, len(event.record_digest)) != ("", 0)
        assert [one["finding_id"] for one in done.json()["findings"]] == [told.finding_id]


async def test_a_risk_is_told_before_anybody_comes(world: Any, make: Any) -> None:
    """No violation and no visit before a reminder; after it the enterprise has its days; then the visit may follow."""
    async with world("cangxian", make.graded(make.E1, "B")) as w:
        task_id = await off_site(w)
        bad = {"source": "在线监测", "results": [{"item_id": "330802-market-either", "result": "violation"}]}
        refused = (await step(w, task_id, "conclude", bad)).json()
        assert (refused["code"], refused["clause"]) == ("off_site.reminder_first", "CX-11")
        plan_id = w.published[make.MARKET]
        follow = {
            "reason": "逾期未答复",
            "item_ids": ["330802-market-special"],
            "earliest": "2026-03-02",
            "latest": "2026-03-31",
            "origin": "plan",
            "plan_id": plan_id,
        }
        assert (await step(w, task_id, "follow-up", follow)).json()["code"] == "off_site.reminder_first"
        reminded = (await step(w, task_id, "remind", REMINDER)).json()
        assert reminded["state"] == "reminded"
        assert reminded["reckoning"]
        event = await w.harness.recorder.wait_for(OffSiteReminded)
        assert (event.enterprise_id, event.clause) == (make.E1, "CX-11")
        for verb, body in (("follow-up", follow), ("conclude", bad)):
            assert (await step(w, task_id, verb, body)).json()["code"] == "off_site.answer_awaited"
        due = datetime.fromisoformat(reminded["due_at"])
        w.harness.clock.set(due + timedelta(minutes=1))
        came = await step(w, task_id, "follow-up", follow)
        assert (came.status_code, came.json()["state"]) == (200, "followed_up"), came.text
        task = await w.get(f"/v1/tasks/{came.json()['follow_up_task_id']}")
        assert (task["method"], task["source_record"]) == ("on_site", f"非现场检查{task_id}")


async def test_the_enterprise_answers_and_sees_only_its_own(world: Any, make: Any) -> None:
    """The enterprise reads its reminder and answers once; others see nothing; the answer closes the check."""
    async with world("cangxian", make.graded(make.E1, "B")) as w:
        task_id = await off_site(w)
        by, other = enterprise(w, make), enterprise(w, make, make.E2)
        answer = {"answer": "已检修制冷机组", "attachments": [{"name": "检修单", "sha256": "a" * 64}]}
        assert (await w.get("/v1/off-site", by=by))["items"] == []
        assert (await step(w, task_id, "answer", answer, by=by)).status_code == 404
        await step(w, task_id, "remind", REMINDER)
        assert [one["task_id"] for one in (await w.get("/v1/off-site", by=by))["items"]] == [task_id]
        assert (await w.get("/v1/off-site", by=other))["items"] == []
        assert (await step(w, task_id, "answer", answer, by=other)).status_code == 404
        assert (await w.client.get(f"/v1/off-site/{task_id}", headers=other)).status_code == 404
        assert (await step(w, task_id, "answer", answer, by=w.who(Role.PLANNER))).status_code == 403
        done = await step(w, task_id, "answer", answer, by=by)
        assert (done.json()["state"], done.json()["attachments"][0]["name"]) == ("answered", "检修单")
        assert (await step(w, task_id, "answer", answer, by=by)).json()["code"] == "off_site.wrong_state"
        assert (await step(w, task_id, "conclude", CONCLUSION)).json()["state"] == "concluded"


async def test_a_check_under_way_outlives_its_window(world: Any, make: Any) -> None:
    """A reminder that is out when the task's days are over is seen to its end; a task nobody began lapses."""
    async with world("cangxian", make.graded(make.E1, "B")) as w:
        begun = await off_site(w)
        forgotten = await off_site(w, enterprise_id=make.E2)
        await step(w, begun, "remind", REMINDER)
        w.harness.clock.set(datetime.fromisoformat("2026-04-02T09:00:00+08:00"))
        await w.harness.service.sweep()
        assert (await w.get(f"/v1/tasks/{begun}"))["state"] == "open"
        assert (await w.get(f"/v1/tasks/{forgotten}"))["state"] == "lapsed"
        assert (await step(w, begun, "conclude", CONCLUSION)).status_code == 200


async def test_a_task_becomes_off_site_where_that_comes_first(world: Any) -> None:
    """With `or_off_site` what need not be on site is not refused; what must be stays on site."""
    async with world("quzhou") as w:
        made = await w.task(item_ids=["330802-market-either"], or_off_site=True)
        assert (made.status_code, made.json()["method"], made.json()["counted"]) == (201, "off_site", False)
        assert (await w.task(or_off_site=True)).json()["method"] == "on_site"


async def test_shares_by_quarter(world: Any, make: Any) -> None:
    """Concluded off-site checks against finished visits, for those who watch."""
    async with world("quzhou") as w:
        task_id = await off_site(w)
        await step(w, task_id, "conclude", CONCLUSION)
        query = "/v1/off-site/share?area=330802&year=2026"
        first, second, *_ = (await w.get(query, by=w.who(Role.SUPERVISOR, None)))["quarters"]
        assert (first["off_site"], first["on_site"], first["permille"], second["permille"]) == (1, 0, 1000, 0)
        assert [one["agency_id"] for one in first["agencies"]] == [make.MARKET]
        assert (await w.client.get(query, headers=w.who(Role.PLANNER))).status_code == 403


async def filed(w: Any, make: Any) -> dict[str, Any]:
    """A superior's visit as filed by the market agency."""
    body = {
        "agency_id": make.MARKET,
        "enterprise_id": make.E1,
        "superior": "省市场监督管理局",
        "day": "2026-03-05",
        "subject": "特种设备专项督查",
    }
    answer = await w.post("/v1/superior-visits", body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_superiors_visit_is_known_and_brings_local_work_along(world: Any, make: Any) -> None:
    """The area sees it, an event tells it, and what local agencies have there is offered for the same occasion."""
    async with world("cangxian", make.graded(make.E1, "B")) as w:
        await w.accepted(agency_id=make.FIRE)
        visit = await filed(w, make)
        assert visit["ways"][0]["agency_id"] == make.FIRE
        event = await w.harness.recorder.wait_for(SuperiorVisitFiled)
        assert (event.superior, event.told_government, event.clause) == ("省市场监督管理局", True, "CX-15")
        government = w.who(Role.CONFERENCE, None)
        assert [one["subject"] for one in (await w.get("/v1/superior-visits", by=government))["items"]] == [
            "特种设备专项督查"
        ]
        assert (await w.get("/v1/superior-visits", by=w.who(Role.PLANNER, make.FIRE)))["items"] == []
        again = {key: visit[key] for key in ("agency_id", "enterprise_id", "superior", "day", "subject")}
        assert (await w.post("/v1/superior-visits", again)).status_code == 409
        path = f"/v1/superior-visits/{visit['superior_visit_id']}/acceptances"
        before = await w.post(path, ACCEPTANCE | {"earliest": "2026-03-02", "plan_id": await w.plan()})
        assert before.json()["code"] == "acceptance.before_visit"


async def proposal(w: Any, make: Any, **changes: Any) -> tuple[str | None, str]:
    """The day proposed to whoever files a superior's visit for 5 March, and the reason."""
    body = {
        "agency_id": make.MARKET,
        "enterprise_id": make.E1,
        "superior": f"省局第{w.harness.clock.now():%f}组",
        "day": "2026-03-05",
        "subject": "特种设备专项督查",
    }
    found = (await w.post("/v1/superior-visits", body | changes)).json()
    return found["joint_day"], found["joint_day_reason"]


@pytest.mark.clause("CX-14")
async def test_a_superiors_visit_proposes_a_day_that_suits_all_local_work(world: Any, make: Any) -> None:
    """The superior's own day where it suits, else the first working day that does; officers' days count."""
    async with world("cangxian", make.graded(make.E1, "B")) as w:

        async def next_proposal(**changes: Any) -> tuple[str | None, str]:
            w.harness.clock.advance(timedelta(microseconds=1))
            return await proposal(w, make, **changes)

        assert await next_proposal() == (None, "该企业没有可以一并实施的检查任务")
        await w.accepted(agency_id=make.FIRE)
        assert await next_proposal() == ("2026-03-05", "上级检查当日适合全部任务，可以一并实施")
        saturday = await next_proposal(day="2026-03-07")
        message = "2026年3月2日是适合全部任务的首个工作日；上级检查当日不适合，可以商请上级机关改期"
        assert saturday == ("2026-03-02", message)
        gone = await next_proposal(day="2026-01-02")
        assert gone == ("2026-03-02", "2026年3月2日是适合全部任务的首个工作日；上级检查日期已过")
        await w.merge()
        await w.accepted(agency_id=make.MARKET, earliest="2026-03-14", latest="2026-03-20")
        day, _ = await next_proposal()
        assert day == "2026-03-16"
        days = {"days": [{"date": f"2026-03-{n}", "officers": 0} for n in (16, 17)]}
        by = w.who(Role.PLANNER, make.MARKET)
        said = await w.client.put(f"/v1/agencies/{make.MARKET}/officer-days", json=days, headers=by)
        assert said.status_code == 200, said.text
        assert (await next_proposal())[0] == "2026-03-18"
        days = {"days": [{"date": f"2026-03-{n}", "officers": 1} for n in (18, 19, 20)]}
        await w.client.put(f"/v1/agencies/{make.MARKET}/officer-days", json=days, headers=by)
        assert await next_proposal() == (None, f"各项任务的共同时限内，{make.MARKET}局没有足够的执法人员")
        await w.accepted(agency_id=make.FIRE, earliest="2026-03-23", latest="2026-03-24")
        assert await next_proposal() == (None, "各项任务的时限没有共同的日期")


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(1, 3)), min_size=1, max_size=4),
    st.sets(st.integers(0, 40)),
    st.sets(st.integers(0, 40)),
    st.integers(0, 40),
)
def test_a_proposed_day_suits_all_and_none_before_it_does(
    drawn: list[tuple[int, int, int]], worked: set[int], taken: set[int], occasion: int
) -> None:
    """Against plain search: the occasion if it fits, else the first day that does, else none with a reason."""
    start = datetime(2026, 3, 1, tzinfo=UTC).date()

    def day(number: int) -> date:
        return start + timedelta(days=number)

    parts = [
        Part(f"a{number % 2}", day(first), day(first + length), "", 60, officers)
        for number, (first, length, officers) in enumerate(drawn)
    ]
    free = {(f"a{n}", day(at)): (at * 7 + n) % 4 for n in (0, 1) for at in range(41)}
    span = joint_day.common(parts, start)
    within = [day(n) for n in sorted(worked) if span and span[0] <= day(n) <= span[1]]
    found = joint_day.proposed(parts, day(occasion), within, {day(n) for n in taken}, free, {}, today=start)
    fit = [
        day(n)
        for n in sorted(worked - taken)
        if all(part.first <= day(n) <= part.last and free[part.agency_id, day(n)] >= part.officers for part in parts)
    ]
    assert found.day == (day(occasion) if day(occasion) in fit else min(fit, default=None))
    assert found.reason


@pytest.mark.clause("CX-15")
async def test_acceptances_at_once_make_one(world: Any, make: Any, postgres_storage: Callable[[], Storage]) -> None:
    """Of ten visits for acceptance at once one is permitted, the others are refused with the clause."""
    async with world("cangxian", make.graded(make.E1, "B"), storage=postgres_storage()) as w:
        plan_id = await w.plan()
        visit = await filed(w, make)
        path = f"/v1/superior-visits/{visit['superior_visit_id']}/acceptances"
        answers = await asyncio.gather(*(w.post(path, ACCEPTANCE | {"plan_id": plan_id}) for _ in range(10)))
        assert sorted(answer.status_code for answer in answers) == [201, *[409] * 9], answers[0].text
        refused = [answer.json() for answer in answers if answer.status_code == 409]
        assert {(one["code"], one["clause"]) for one in refused} == {("level.acceptance_used", "CX-15")}


async def accepted_in_rows(w: Any) -> tuple[int, int]:
    """Places for acceptance that are taken, and tasks that hold one."""
    live = select(func.count()).where(Task.acceptance_of.is_not(None), Task.state.in_(("open", "scheduled", "done")))
    async with w.harness.service.db.read() as session:
        return await session.scalar(select(func.sum(SuperiorVisit.accepted))) or 0, await session.scalar(live) or 0


@pytest.mark.clause("CX-15")
@pytest.mark.parametrize("way", ["task", "visit", "lapse"])
async def test_an_acceptance_that_comes_to_nothing_leaves_its_place(world: Any, make: Any, way: str) -> None:
    """Whether its task or its visit is cancelled or its days go by: afterwards another is permitted, and only one."""
    async with world("cangxian", make.graded(make.E1, "B")) as w:
        more = ACCEPTANCE | {"plan_id": await w.plan()}
        path = f"/v1/superior-visits/{(await filed(w, make))['superior_visit_id']}/acceptances"
        task = (await w.post(path, more)).json()
        assert f"/v1/superior-visits/{task['acceptance_of']}/acceptances" == path
        assert await accepted_in_rows(w) == (1, 1)
        if way == "lapse":
            w.harness.clock.set(datetime(2026, 4, 1, 1, tzinfo=UTC))
            await w.harness.service.sweep()
            more |= {"earliest": "2026-04-01", "latest": "2026-04-30"}
        else:
            path_of = f"/v1/tasks/{task['task_id']}"
            if way == "visit":
                await w.merge()
                path_of = f"/v1/visits/{(await w.visits())[0]['visit_id']}"
            answer = await w.post(f"{path_of}/cancel", {"reason": "企业已提交整改材料"})
            assert answer.status_code == 200, answer.text
        assert await accepted_in_rows(w) == (0, 0)
        assert (await w.post(path, more)).status_code == 201
        assert (await w.post(path, more)).json()["code"] == "level.acceptance_used"
        assert await accepted_in_rows(w) == (1, 1)


@pytest.mark.clause("CX-15")
async def test_a_cancellation_that_comes_too_late_frees_no_acceptance(world: Any, make: Any) -> None:
    """Officers were inside when the visit was cancelled: it took place, and holds its places as any other."""
    async with world("cangxian", make.graded(make.E1, "B")) as w:
        more = ACCEPTANCE | {"plan_id": await w.plan()}
        path = f"/v1/superior-visits/{(await filed(w, make))['superior_visit_id']}/acceptances"
        task = (await w.post(path, more)).json()
        await w.merge()
        [visit] = await w.visits()
        taken = await places(w)
        assert (await w.post(f"/v1/visits/{visit['visit_id']}/cancel", {"reason": "改期另行安排"})).status_code == 200
        assert await places(w) == taken - 1
        await w.harness.deliver(make.finished(task["item_ids"], visit_id=visit["visit_id"]))
        assert (await w.get(f"/v1/tasks/{task['task_id']}"))["state"] == "done"
        assert (await accepted_in_rows(w), await places(w)) == ((1, 1), taken)
        assert (await w.post(path, more)).json()["code"] == "level.acceptance_used"


async def places(w: Any) -> int:
    """Places taken in the year by all agencies at all enterprises."""
    async with w.harness.service.db.read() as session:
        return await session.scalar(select(func.sum(CapCounter.n))) or 0


@pytest.mark.clause("CX-15")
async def test_acceptances_race_with_a_cancellation(world: Any, make: Any, storage: Storage) -> None:
    """Five cancel one acceptance while ten ask for another: one cancels, at most one is permitted, rows agree."""
    async with world("cangxian", make.graded(make.E1, "B"), storage=storage) as w:
        more = ACCEPTANCE | {"plan_id": await w.plan()}
        path = f"/v1/superior-visits/{(await filed(w, make))['superior_visit_id']}/acceptances"
        task = (await w.post(path, more)).json()
        cancel = f"/v1/tasks/{task['task_id']}/cancel"
        answers = await asyncio.gather(
            *(w.post(cancel, {"reason": "改期另行安排"}) for _ in range(5)), *(w.post(path, more) for _ in range(10))
        )
        cancelled, asked = answers[:5], answers[5:]
        assert sorted(one.status_code for one in cancelled if one.status_code not in (409, 412)) == [200]
        granted = sum(one.status_code == 201 for one in asked)
        assert granted <= 1
        assert {one.json()["code"] for one in asked if one.status_code != 201} == {"level.acceptance_used"}
        assert await accepted_in_rows(w) == (granted, granted)
        if not granted:
            assert (await w.post(path, more)).status_code == 201
        assert await accepted_in_rows(w) == (1, 1)
