"""Check once over HTTP: merges that exclude each other and resume, officers' days, merging anew, explanations."""

import asyncio
from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import func, select

from wurao.common.auth import Role
from wurao.common.contracts.scheduling import TasksMerged, VisitCancelled
from wurao.common.jobs import Progress
from wurao.common.workdays import CalendarUnknown
from wurao.local.plugin import Storage
from wurao.scheduling.repository import merges as repository
from wurao.scheduling.tables import Drawn, Merge, MergeStep, Task, Visit
from wurao.scheduling.usecases import merges

WATER = "330802-water"
COUNTY_BODY = {"area": "330802", "from": "2026-03-02", "to": "2026-03-31"}


async def queued(w: Any, **changes: Any) -> Any:
    """The answer to a merge that is asked for."""
    return await w.post("/v1/merges", COUNTY_BODY | changes, by=w.who(Role.CONFERENCE, None, "coordinator"))


async def merge_row(w: Any) -> dict[str, Any]:
    """The latest merge of the county as its supervisors read it."""
    page = await w.get("/v1/merges?area=330802", by=w.who(Role.SUPERVISOR, None))
    found: dict[str, Any] = page["items"][-1]
    return found


@pytest.mark.clause("DT-13")
async def test_a_merge_is_kept_with_its_figures_and_reasons(world: Any, make: Any) -> None:
    """A merge can be read again: tasks, visits, visits without merging, bound, and each unserved task with why."""
    water = [make.agency(WATER, line="water"), make.item(WATER, "special")]
    async with world("dingtao", *water) as w:
        plan_id = await w.plan([f"{WATER}-special"], agency_id=WATER)
        left = await w.accepted(agency_id=WATER, plan_id=plan_id)
        for agency_id in (make.MARKET, make.FIRE):
            await w.accepted(agency_id=agency_id)
        result = await w.merge()
        kept = await w.get(f"/v1/merges/{result['merge_id']}", by=w.who(Role.SUPERVISOR, None))
        figures = ("tasks", "visits", "visits_unmerged", "saved", "unserved", "lower_bound", "moved")
        assert [kept[name] for name in figures] == [result[name] for name in figures]
        assert (kept["state"], kept["tasks"], kept["visits"], kept["saved"], kept["unserved"]) == ("done", 3, 1, 1, 1)
        [unserved] = kept["unserved_tasks"]
        assert unserved["task_id"] == left["task_id"]
        assert "执法" in unserved["reason"]
        stranger = w.harness.headers(Role.SUPERVISOR, subject="far", area="330803")
        assert (await w.client.get(f"/v1/merges/{result['merge_id']}", headers=stranger)).status_code == 404
        assert (await w.client.get("/v1/merges?area=330802", headers=stranger)).status_code == 403


async def test_merging_again_takes_new_tasks_into_visits_that_stand(world: Any, make: Any) -> None:
    """A second merge puts a new task into the proposed visit; the event tells what it added, nothing is moved."""
    async with world("quzhou") as w:
        await w.accepted()
        await w.merge()
        [first] = await w.visits()
        await w.accepted(agency_id=make.FIRE)
        result = await w.merge()
        [now] = await w.visits()
        assert (now["visit_id"], now["day"]) == (first["visit_id"], first["day"])
        assert now["agencies"] == sorted([make.MARKET, make.FIRE])
        assert (result["tasks"], result["visits"], result["saved"], result["moved"]) == (2, 1, 1, 0)
        event = await w.harness.recorder.wait_for(TasksMerged, lambda e: e.merge_id == result["merge_id"])
        assert (event.tasks, event.visits, event.visits_unmerged) == (1, 0, 1)


async def test_merging_again_moves_a_visit_only_where_that_saves_one(world: Any, make: Any) -> None:
    """A new task outside the visit's day draws the proposed visit to a day that suits both; the move is reported."""
    async with world("quzhou") as w:
        await w.accepted()
        await w.merge()
        [first] = await w.visits()
        day = "2026-03-02" if first["day"] != "2026-03-02" else "2026-03-04"
        await w.accepted(agency_id=make.FIRE, earliest=day, latest=day)
        result = await w.merge()
        [now] = await w.visits()
        assert (now["visit_id"], now["day"], len(now["officers"])) == (first["visit_id"], day, 4)
        kept = await merge_row(w)
        assert kept["merge_id"] == result["merge_id"]
        assert kept["moved_visits"] == [{"visit_id": first["visit_id"], "from": first["day"], "to": day}]
        [change] = (await w.get(f"/v1/visits/{first['visit_id']}/history"))["items"]
        assert (change["kind"], change["reason"]) == ("merge", "重新合并检查任务")
        assert (change["old"]["opens"][:10], change["new"]["opens"][:10]) == (first["day"], day)


async def test_cancelled_tasks_leave_a_proposed_visit(world: Any, make: Any) -> None:
    """A task cancelled while its visit is proposed leaves it; the visit goes on, and ends with its last task."""
    async with world("quzhou") as w:
        one, other = await w.accepted(), await w.accepted(agency_id=make.FIRE)
        await w.merge()
        [visit] = await w.visits()
        reason = {"reason": "企业已停产"}
        answer = await w.post(f"/v1/tasks/{other['task_id']}/cancel", reason, by=w.who(Role.PLANNER, make.FIRE))
        assert (answer.status_code, answer.json()["state"], answer.json()["visit_id"]) == (200, "cancelled", None)
        now = await w.get(f"/v1/visits/{visit['visit_id']}")
        assert (now["agencies"], now["lead_agency_id"], now["minutes"]) == ([make.MARKET], make.MARKET, 60)
        assert {item["agency_id"] for item in now["items"]} == {make.MARKET}
        assert (await w.post(f"/v1/tasks/{one['task_id']}/cancel", reason)).status_code == 200
        assert (await w.get(f"/v1/visits/{visit['visit_id']}", by=w.who(Role.SUPERVISOR, None)))["state"] == "cancelled"
        await w.harness.recorder.wait_for(VisitCancelled, lambda e: e.visit_id == visit["visit_id"])


async def test_officers_days_are_said_by_the_agency_alone(world: Any, make: Any) -> None:
    """An agency says how many officers go on working days; days that are none, or twice, are named, nothing is kept."""
    path = f"/v1/agencies/{make.MARKET}/officer-days"
    async with world("quzhou") as w:
        answer = await w.client.put(
            path, json={"days": [{"date": "2026-03-02", "officers": 0}]}, headers=w.who(Role.PLANNER)
        )
        assert answer.status_code == 200, answer.text
        assert answer.json()["days"] == [{"date": "2026-03-02", "officers": 0, "valid_certificates": 3, "said": True}]
        bad = {"days": [{"date": d, "officers": 1} for d in ("2026-03-03", "2026-03-07", "2026-03-03")]}
        answer = await w.client.put(path, json=bad, headers=w.who(Role.PLANNER))
        assert answer.status_code == 422
        assert {one["field"] for one in answer.json()["fields"]} == {"days.1.date", "days.2.date"}
        read = await w.get(f"{path}?from=2026-03-01&to=2026-03-04", by=w.who(Role.SUPERVISOR, None))
        assert [(day["date"], day["officers"], day["said"]) for day in read["days"]] == [
            ("2026-03-02", 0, True),
            ("2026-03-03", 3, False),
            ("2026-03-04", 3, False),
        ]
        other = await w.client.put(path, json={"days": bad["days"][:1]}, headers=w.who(Role.PLANNER, make.FIRE))
        assert other.status_code == 403
        gone = {"days": [{"date": "2026-03-02", "officers": None}]}
        answer = await w.client.put(path, json=gone, headers=w.who(Role.PLANNER))
        assert answer.json()["days"][0]["said"] is False
        unknown = await w.client.get(
            "/v1/agencies/nobody/officer-days?from=2026-03-01&to=2026-03-04", headers=w.who(Role.SUPERVISOR, None)
        )
        assert unknown.status_code == 404


async def test_an_explanation_tells_why_and_why_not(world: Any, make: Any) -> None:
    """Together, lead, one form, headcount, limits, and each task that is apart with its conflict, in Chinese."""
    async with world("quzhou") as w:
        for agency_id in (make.MARKET, make.FIRE):
            await w.accepted(agency_id=agency_id, earliest="2026-03-02", latest="2026-03-06")
        apart = await w.accepted(agency_id=make.TOWN, earliest="2026-03-16", latest="2026-03-20")
        await w.merge()
        visit = next(visit for visit in await w.visits() if make.MARKET in visit["agencies"])
        told = await w.get(f"/v1/visits/{visit['visit_id']}/explanation")
        assert len(told["task_ids"]) == 2
        assert {one["agency_id"]: one["officers"] for one in told["headcount"]} == {make.MARKET: 2, make.FIRE: 2}
        [shared] = told["asked_once"]
        assert set(shared["item_ids"]) == {f"{make.MARKET}-special", f"{make.FIRE}-special"}
        assert [(one["name"], one["used"], one["limit"], one["clause"]) for one in told["limits"]] == [
            ("agencies", 2, 4, "QZ-06"),
            ("minutes", 120, 240, "QZ-06"),
            ("officers", 4, 8, "QZ-06"),
        ]
        [other] = told["apart"]
        assert other["task_id"] == apart["task_id"]
        assert [one["code"] for one in other["conflicts"]] == ["apart.window_near"]
        whole = "\n".join(told["sentences"])
        for part in ("减少1次", "牵头", "只问一次", "派出2人", "未超过上限", "未并入"):
            assert part in whole
        stranger = await w.client.get(
            f"/v1/visits/{visit['visit_id']}/explanation", headers=w.who(Role.PLANNER, make.CITY)
        )
        assert stranger.status_code == 404


@pytest.mark.clause("QZ-07")
async def test_a_delegated_item_stays_its_agencys_and_is_explained(world: Any, make: Any) -> None:
    """An agency without officers has its simple item checked by the lead; the item is recorded under its own name."""
    water = [make.agency(WATER, line="water"), make.item(WATER, "special", delegable=True)]
    async with world("quzhou", *water) as w:
        plan_id = await w.plan([f"{WATER}-special"], agency_id=WATER)
        await w.accepted(agency_id=WATER, plan_id=plan_id)
        await w.accepted()
        assert (await w.merge())["visits"] == 1
        [visit] = await w.visits()
        told = await w.get(f"/v1/visits/{visit['visit_id']}/explanation")
        [item] = told["delegated"]
        assert (item["agency_id"], item["item_id"]) == (WATER, f"{WATER}-special")
        assert visit["lead_agency_id"] == make.MARKET
        assert any("名下" in line for line in told["sentences"])


async def test_merges_over_one_area_exclude_each_other(world: Any, storage: Storage) -> None:
    """Of twenty merges asked for at once over a county, and over the city that holds it, one begins."""
    async with world("quzhou", storage=storage) as w:
        await w.accepted()
        whole = w.harness.headers(Role.CONFERENCE, subject="city", area="330800")

        async def ask(number: int) -> Any:
            area = "330800" if number % 2 else "330802"
            return await w.post("/v1/merges", COUNTY_BODY | {"area": area}, by=whole)

        answers = await asyncio.gather(*(ask(number) for number in range(20)))
        begun = [answer for answer in answers if answer.status_code == 202]
        refused = [answer for answer in answers if answer.status_code == 409]
        assert len(begun) >= 1
        assert len(begun) + len(refused) == 20
        assert {answer.json()["code"] for answer in refused} <= {"merge.running"}
        async with w.harness.service.db.read() as session:
            spans = list(await session.scalars(select(Merge).order_by(Merge.merge_id)))
        for one, following in pairwise(spans):
            assert one.held_at is not None
            assert one.held_at <= following.started_at


class Dying(Progress):
    """Progress of a job whose process dies when it first reports."""

    async def report(self, done: int, total: int, note: str = "") -> None:
        """Die."""
        raise ConnectionError("the process dies")


async def test_a_merge_goes_on_after_a_crash(world: Any, make: Any, storage: Storage, monkeypatch: Any) -> None:
    """A merge that dies between two batches is taken up where it stopped: each task in one visit, one report."""
    monkeypatch.setattr(merges, "BATCH", 1)
    async with world("quzhou", storage=storage) as w:
        for enterprise_id in (make.E1, make.E2, make.E3):
            for agency_id in (make.MARKET, make.FIRE):
                await w.accepted(agency_id=agency_id, enterprise_id=enterprise_id)
        db, clock = w.harness.service.db, w.harness.clock
        async with db.write() as session:
            session.add(
                Merge(
                    merge_id="m",
                    area="330802",
                    period_from=make.date(2026, 3, 2),
                    period_to=make.date(2026, 3, 31),
                    state=repository.RUNNING,
                    figures={},
                    requested_by="coordinator",
                    agency_id=None,
                    started_at=clock.now(),
                )
            )
        for done in (1, 2):
            with pytest.raises(ConnectionError):
                await merges.perform(db, "m", Dying(db, "j"), clock)
            async with db.read() as session:
                assert await session.scalar(select(func.count()).select_from(Visit)) == done
                assert await repository.steps_left(session, "m") == (done, 3)
        result = await merges.perform(db, "m", Progress(db, "j"), clock)
        again = await merges.perform(db, "m", Progress(db, "j"), clock)
        assert result == again
        assert (result["tasks"], result["visits"], result["saved"], result["unserved"]) == (6, 3, 3, 0)
        async with db.read() as session:
            assert await session.scalar(select(func.count()).select_from(Task).where(Task.visit_id.is_not(None))) == 6
            assert await session.scalar(select(func.count()).select_from(MergeStep)) == 3
        await w.harness.recorder.wait_for(TasksMerged)
        assert len(w.harness.recorder.of(TasksMerged)) == 1


async def test_a_visit_approved_while_a_merge_runs_stays_as_it_is(world: Any, make: Any, storage: Storage) -> None:
    """Between plan and step the visit was approved: the merge leaves it, and the new task stays open with a reason."""
    async with world("quzhou", storage=storage) as w:
        await w.accepted()
        await w.merge()
        [visit] = await w.visits()
        await w.accepted(agency_id=make.FIRE)
        db, clock = w.harness.service.db, w.harness.clock
        async with db.write() as session:
            session.add(
                Merge(
                    merge_id="m",
                    area="330802",
                    period_from=make.date(2026, 3, 2),
                    period_to=make.date(2026, 3, 31),
                    state=repository.RUNNING,
                    figures={},
                    requested_by="coordinator",
                    agency_id=None,
                    started_at=clock.now(),
                )
            )
        await merges._plan(db, "m", clock)
        answer = await w.post(f"/v1/visits/{visit['visit_id']}/approve", by=w.who(Role.HEAD))
        assert answer.status_code == 200, answer.text
        result = await merges.perform(db, "m", Progress(db, "j"), clock)
        assert (result["visits"], result["unserved"]) == (1, 1)
        now = await w.get(f"/v1/visits/{visit['visit_id']}")
        assert (now["state"], now["agencies"], now["code"]) == ("approved", [make.MARKET], answer.json()["code"])


async def test_officers_whom_the_draw_chose_go(world: Any, make: Any) -> None:
    """A visit for a drawn task is made by the officers that the draw's proof names for the enterprise."""
    async with world("quzhou", make.graded(make.E1, "A", 1000), make.officer(make.MARKET, 4)) as w:
        await w.draw(await w.plan(), ["330802-market-random"])
        async with w.harness.service.db.read() as session:
            chosen = {row.enterprise_id: row.officers for row in await session.scalars(select(Drawn))}
        await w.merge()
        visits = await w.visits()
        assert visits
        for visit in visits:
            named = {officer for sent in chosen[visit["enterprise_id"]].values() for officer in sent}
            assert {officer["officer_id"] for officer in visit["officers"]} == named


async def test_a_visit_leaves_a_day_on_which_its_agency_sends_nobody(world: Any, make: Any) -> None:
    """When an agency takes its officers from a day, the next merge moves the proposed visit and says so."""
    async with world("quzhou") as w:
        await w.accepted()
        await w.merge()
        [first] = await w.visits()
        await w.client.put(
            f"/v1/agencies/{make.MARKET}/officer-days",
            json={"days": [{"date": first["day"], "officers": 0}]},
            headers=w.who(Role.PLANNER),
        )
        assert (await w.merge())["moved"] == 1
        [now] = await w.visits(state="proposed")
        assert now["visit_id"] == first["visit_id"]
        assert now["day"] != first["day"]
        assert (await w.merge())["moved"] == 0


def amended(make: Any, pack: str, **values: Any) -> Any:
    """A pack in force in the county whose merge parameters say otherwise."""
    event = make.activated(pack)
    document = deepcopy(event.document)
    for name, value in values.items():
        document["parameters"][f"merge.{name}"]["values"][0]["value"] = value
    return event.model_copy(update={"document": document, "digest": f"amended {sorted(values.items())}", "version": 2})


async def test_where_one_form_is_not_wanted_each_item_asks_for_itself(world: Any, make: Any) -> None:
    """Without merge.one_form the question that both agencies ask is asked for each (QZ-07)."""
    async with world("quzhou", amended(make, "quzhou", one_form=False)) as w:
        for agency_id in (make.MARKET, make.FIRE):
            await w.accepted(agency_id=agency_id)
        await w.merge()
        [visit] = await w.visits()
        shared = [question["item_ids"] for question in visit["questions"] if question["shared_key"] == "licence"]
        assert sorted(shared) == [[f"{make.FIRE}-special"], [f"{make.MARKET}-special"]]
        assert (await w.get(f"/v1/visits/{visit['visit_id']}/explanation"))["asked_once"] == []


@pytest.mark.parametrize(("same_agency", "expected"), [(True, 2), (False, 3)])
async def test_where_check_once_is_not_wanted_agencies_come_apart(
    world: Any, make: Any, same_agency: bool, expected: int
) -> None:
    """Without merge.check_once an agency's own tasks still meet, unless merge.same_agency is off as well."""
    async with world("quzhou", amended(make, "quzhou", check_once=False, same_agency=same_agency)) as w:
        for agency_id in (make.MARKET, make.MARKET, make.FIRE):
            await w.accepted(agency_id=agency_id)
        assert (await w.merge())["visits"] == expected


async def test_where_random_tasks_are_kept_apart_they_share_no_visit(world: Any, make: Any) -> None:
    """Without merge.random_with_non_random a drawn task and another at one enterprise make two visits (CX-03)."""
    events = [make.graded(make.E1, "A", 1000), amended(make, "quzhou", random_with_non_random=False)]
    async with world("quzhou", *events) as w:
        await w.draw(await w.plan(), ["330802-market-random"])
        await w.accepted(agency_id=make.FIRE)
        await w.merge()
        visits = await w.visits(enterprise_id=make.E1)
        assert sorted(visit["kind"] for visit in visits) == ["planned", "random"]
        told = await w.get(f"/v1/visits/{visits[0]['visit_id']}/explanation", by=w.who(Role.SUPERVISOR, None))
        assert [one["code"] for one in told["apart"][0]["conflicts"]] == ["apart.random"]


async def test_where_departments_do_not_draw_jointly_a_joint_draw_is_refused(world: Any, make: Any) -> None:
    """Without merge.joint_draws a draw takes the items of one department only."""
    async with world("quzhou", amended(make, "quzhou", joint_draws=False)) as w:
        items = ["330802-market-random", "330802-fire-random"]
        plan_id = await w.plan(items, kind="joint")
        body = {"plan_id": plan_id, "item_ids": items, "earliest": "2026-03-02", "latest": "2026-03-31"}
        answer = await w.post("/v1/draws", body | {"commitment": make.committed("a" * 32)})
        assert (answer.status_code, answer.json()["code"]) == (409, "draw.not_joint")


async def test_a_merge_that_fails_lets_the_next_one_begin(world: Any, make: Any, storage: Storage) -> None:
    """A merge over days whose calendar is not published fails, says so, and holds up nobody."""
    async with world("quzhou", storage=storage) as w:
        await w.accepted()
        db, clock = w.harness.service.db, w.harness.clock
        async with db.write() as session:
            session.add(
                Merge(
                    merge_id="m",
                    area="330802",
                    period_from=make.date(2026, 3, 2),
                    period_to=make.date(2031, 3, 31),
                    state=repository.RUNNING,
                    figures={},
                    requested_by="coordinator",
                    agency_id=None,
                    started_at=clock.now(),
                )
            )
        assert (await queued(w)).json()["code"] == "merge.running"
        with pytest.raises(CalendarUnknown):
            await merges.perform(db, "m", Progress(db, "j"), clock)
        assert (await w.get("/v1/merges/m", by=w.who(Role.SUPERVISOR, None)))["state"] == "failed"
        assert (await w.merge())["visits"] == 1
