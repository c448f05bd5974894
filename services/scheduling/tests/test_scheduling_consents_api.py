"""Rounds of consents: asked, answered, closed by silence; no approval before; the regulator told (YZ-04, YZ-06)."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from wurao.common.auth import Role
from wurao.common.contracts.scheduling import (
    ConsentAnswered,
    JointVisitProposed,
    JointVisitReported,
    VisitMoveProposed,
    VisitRescheduled,
)
from wurao.local.plugin import Storage
from wurao.scheduling.sweeps import take_silence_for_consent
from wurao.scheduling.tables import JointCopy

MARCH = {"earliest": "2026-03-02", "latest": "2026-03-31"}


async def joint(w: Any, *agencies: str) -> dict[str, Any]:
    """A proposed visit for a task of each agency."""
    for agency_id in agencies:
        await w.accepted(agency_id=agency_id, **MARCH)
    await w.merge()
    [visit] = await w.visits(state="proposed")
    found: dict[str, Any] = visit
    return found


async def inbox(w: Any, agency_id: str) -> list[dict[str, Any]]:
    """What an agency is asked and has not answered."""
    page = await w.get(f"/v1/consents?state=open&agency_id={agency_id}", by=w.who(Role.PLANNER, agency_id))
    found: list[dict[str, Any]] = page["items"]
    return found


async def answer(w: Any, consent: dict[str, Any], reason: str | None = None) -> Any:
    """Consent, or object with a reason, as the head of the agency asked."""
    verb, body = ("agree", None) if reason is None else ("object", {"reason": reason})
    path = f"/v1/consents/{consent['consent_id']}/{verb}"
    return await w.post(path, body, by=w.who(Role.HEAD, consent["agency_id"]))


async def approve(w: Any, visit: dict[str, Any]) -> Any:
    """The answer to an approval by the leading agency's head."""
    return await w.post(f"/v1/visits/{visit['visit_id']}/approve", by=w.who(Role.HEAD, visit["lead_agency_id"]))


async def test_a_joint_visit_waits_for_every_participant(world: Any, make: Any) -> None:
    """The lead proposes; approval is refused until each participant has consented, with the clause and a way out."""
    async with world("yongzhou") as w:
        visit = await joint(w, make.MARKET, make.FIRE)
        lead = visit["lead_agency_id"]
        other = make.FIRE if lead == make.MARKET else make.MARKET
        assert await inbox(w, lead) == []
        [asked] = await inbox(w, other)
        assert (asked["visit_id"], asked["initiator_id"], asked["clause"]) == (visit["visit_id"], lead, "YZ-04")
        assert asked["due_at"].startswith("2026-01-08")
        assert any("届满" in line for line in asked["reckoning"])
        proposed = await w.harness.recorder.wait_for(JointVisitProposed)
        assert (proposed.initiator_agency_id, proposed.participants) == (lead, (other,))
        refused = await approve(w, visit)
        assert (refused.status_code, refused.json()["code"], refused.json()["clause"]) == (
            409,
            "visit.consent_open",
            "YZ-04",
        )
        assert (await answer(w, asked)).json()["state"] == "consented"
        told = await w.harness.recorder.wait_for(ConsentAnswered)
        assert (told.agency_id, told.answer) == (other, "consented")
        assert (await approve(w, visit)).status_code == 200
        assert (await answer(w, asked)).json()["code"] == "consent.not_open"


async def test_an_objection_takes_the_task_out_and_it_is_served_apart(world: Any, make: Any) -> None:
    """An agency that objects leaves the visit; its task is merged on another day, never with the others again."""
    async with world("yongzhou") as w:
        visit = await joint(w, make.MARKET, make.FIRE)
        other = make.FIRE if visit["lead_agency_id"] == make.MARKET else make.MARKET
        [asked] = await inbox(w, other)
        assert (await answer(w, asked, "本月人手不足")).json()["state"] == "objected"
        now = await w.get(f"/v1/visits/{visit['visit_id']}", by=w.who(Role.SUPERVISOR, None))
        assert now["agencies"] == [visit["lead_agency_id"]]
        assert {item["agency_id"] for item in now["items"]} == {visit["lead_agency_id"]}
        assert {officer["agency_id"] for officer in now["officers"]} == {visit["lead_agency_id"]}
        told = await w.harness.recorder.wait_for(ConsentAnswered)
        assert (told.answer, told.reason) == ("objected", "本月人手不足")
        assert (await w.merge())["visits"] == 2
        apart = next(v for v in await w.visits(state="proposed") if v["visit_id"] != visit["visit_id"])
        assert (apart["agencies"], apart["day"] != now["day"]) == ([other], True)
        explained = await w.get(f"/v1/visits/{visit['visit_id']}/explanation", by=w.who(Role.SUPERVISOR, None))
        [why] = explained["apart"]
        assert why["conflicts"][0]["code"] == "apart.objection"
        assert (await approve(w, visit)).status_code == 200
        assert w.harness.recorder.of(JointVisitReported) == []


async def test_when_the_initiating_agency_merges_it_asks_the_others(world: Any, make: Any) -> None:
    """A planner who merges proposes in its agency's name: all others are asked, the lead too."""
    async with world("yongzhou") as w:
        for agency_id in (make.MARKET, make.FIRE, make.TOWN):
            await w.accepted(agency_id=agency_id, **MARCH)
        body = {"area": "330802", "from": "2026-03-02", "to": "2026-03-31"}
        job = (await w.post("/v1/merges", body, by=w.who(Role.PLANNER, make.TOWN))).json()
        async with w.client.stream("GET", f"/v1/jobs/{job['job_id']}/events", headers=w.who(Role.PLANNER, make.TOWN)):
            proposed = await w.harness.recorder.wait_for(JointVisitProposed)
        assert (proposed.initiator_agency_id, set(proposed.participants)) == (make.TOWN, {make.MARKET, make.FIRE})


async def test_silence_past_the_period_is_consent(world: Any, make: Any) -> None:
    """The sweep takes silence for consent only after the last working day, once, and the visit may be approved."""
    async with world("yongzhou") as w:
        visit = await joint(w, make.MARKET, make.FIRE)
        db, clock = w.harness.service.db, w.harness.clock
        for day, expected in ((8, 0), (9, 1), (9, 0)):
            clock.set(datetime(2026, 1, day, 1, tzinfo=UTC))
            async with db.write() as session:
                assert await take_silence_for_consent(session, clock.now()) == expected
        told = await w.harness.recorder.wait_for(ConsentAnswered)
        assert told.answer == "silent"
        assert (await approve(w, visit)).status_code == 200
        page = await w.get("/v1/consents?state=silent", by=w.who(Role.SUPERVISOR, None))
        assert "视为同意" in page["items"][0]["reason"]


async def test_a_joint_visit_lies_after_the_period(world: Any, make: Any) -> None:
    """No joint visit on a day before the participants have had their time; one agency's own may be earlier."""
    async with world("yongzhou") as w:
        soon = {"earliest": "2026-01-06", "latest": "2026-01-12"}
        for agency_id in (make.MARKET, make.FIRE):
            await w.accepted(agency_id=agency_id, **soon)
        await w.merge("2026-01-05", "2026-01-31")
        [visit] = await w.visits(state="proposed")
        assert visit["day"] in ("2026-01-09", "2026-01-12")


async def test_inboxes_are_their_agencies_own(world: Any, make: Any) -> None:
    """Others neither read nor answer; an officer does not answer for the agency."""
    async with world("yongzhou") as w:
        visit = await joint(w, make.MARKET, make.FIRE)
        other = make.FIRE if visit["lead_agency_id"] == make.MARKET else make.MARKET
        [asked] = await inbox(w, other)
        path = f"/v1/consents/{asked['consent_id']}"
        assert (await w.get("/v1/consents", by=w.who(Role.PLANNER, make.TOWN)))["items"] == []
        assert (await w.client.get(path, headers=w.who(Role.PLANNER, make.TOWN))).status_code == 404
        assert (await w.post(f"{path}/agree", by=w.who(Role.HEAD, visit["lead_agency_id"]))).status_code == 403
        assert (await w.post(f"{path}/agree", by=w.who(Role.OFFICER, other))).status_code == 403
        assert (await w.post(f"{path}/object", {}, by=w.who(Role.HEAD, other))).status_code == 422
        assert len(await inbox(w, other)) == 1


async def test_a_cancelled_visit_asks_nobody_any_more(world: Any, make: Any) -> None:
    """When the visit is called off its open consents are void."""
    async with world("yongzhou") as w:
        visit = await joint(w, make.MARKET, make.FIRE)
        other = make.FIRE if visit["lead_agency_id"] == make.MARKET else make.MARKET
        [asked] = await inbox(w, other)
        by = w.who(Role.HEAD, visit["lead_agency_id"])
        await w.post(f"/v1/visits/{visit['visit_id']}/cancel", {"reason": "企业停产"}, by=by)
        assert await inbox(w, other) == []
        assert (await answer(w, asked)).json()["code"] == "consent.not_open"


@pytest.mark.clause("YZ-04")
async def test_answers_at_once_close_the_round_once(world: Any, make: Any, storage: Storage) -> None:
    """Participants who answer at the same moment, each several times: each counts once, the regulator is told once."""
    async with world("yongzhou", storage=storage) as w:
        visit = await joint(w, make.MARKET, make.FIRE, make.TOWN)
        asked = [c for a in (make.MARKET, make.FIRE, make.TOWN) for c in await inbox(w, a)]
        assert len(asked) == 2
        answers = await asyncio.gather(*(answer(w, consent) for consent in asked * 5))
        assert [one.status_code for one in answers].count(200) == 2
        assert {one.status_code for one in answers} <= {200, 409, 412}
        reported = await w.harness.recorder.wait_for(JointVisitReported)
        assert (reported.recipient_agency_id, reported.visit_id) == (make.MARKET, visit["visit_id"])
        assert len(w.harness.recorder.of(JointVisitReported)) == 1
        assert len(w.harness.recorder.of(ConsentAnswered)) == 2
        async with w.harness.service.db.read() as session:
            assert await session.scalar(select(func.count()).select_from(JointCopy)) == 1
        assert (await approve(w, visit)).status_code == 200


@pytest.mark.clause("YZ-04")
async def test_consent_objection_and_silence_at_once_leave_one_answer(world: Any, make: Any, storage: Storage) -> None:
    """An agency consents, objects and lets the period run out at one moment: exactly one of the three holds."""
    async with world("yongzhou", storage=storage) as w:
        visit = await joint(w, make.MARKET, make.FIRE)
        other = make.FIRE if visit["lead_agency_id"] == make.MARKET else make.MARKET
        [asked] = await inbox(w, other)
        db, late = w.harness.service.db, w.harness.clock.now() + timedelta(days=30)

        async def sweep() -> None:
            async with db.write() as session:
                await take_silence_for_consent(session, late)

        await asyncio.gather(
            answer(w, asked), answer(w, asked, "人手不足"), sweep(), answer(w, asked), return_exceptions=True
        )
        kept = await w.get(f"/v1/consents/{asked['consent_id']}", by=w.who(Role.SUPERVISOR, None))
        told = await w.harness.recorder.wait_for(ConsentAnswered)
        assert (kept["state"], len(w.harness.recorder.of(ConsentAnswered))) == (told.answer, 1)
        now = await w.get(f"/v1/visits/{visit['visit_id']}", by=w.who(Role.SUPERVISOR, None))
        assert (other in now["agencies"]) == (told.answer != "objected")


async def test_the_regulator_reads_the_joint_plan_without_taking_part(world: Any, make: Any, storage: Storage) -> None:
    """The joint visits of others are readable for the agency that the pack names, and for no other."""
    async with world("yongzhou", storage=storage) as w:
        visit = await joint(w, make.FIRE, make.TOWN)
        for agency_id in (make.FIRE, make.TOWN):
            for consent in await inbox(w, agency_id):
                await answer(w, consent)
        [copy] = (await w.get("/v1/joint-visits", by=w.who(Role.PLANNER, make.MARKET)))["items"]
        assert (copy["visit_id"], copy["agencies"]) == (visit["visit_id"], sorted([make.FIRE, make.TOWN]))
        assert (await w.get("/v1/joint-visits", by=w.who(Role.PLANNER, make.FIRE)))["items"] == []


async def test_a_department_that_joins_asks_those_who_are_there(world: Any, make: Any) -> None:
    """A task that joins another agency's visit is put to that agency, and too late a joining is refused."""
    async with world("yongzhou") as w:
        visit = await joint(w, make.MARKET)
        joined = await w.accepted(agency_id=make.FIRE, join_visit_id=visit["visit_id"], **MARCH)
        assert joined["visit_id"] == visit["visit_id"]
        [asked] = await inbox(w, make.MARKET)
        assert (asked["initiator_id"], asked["visit_id"]) == (make.FIRE, visit["visit_id"])
        assert (await approve(w, visit)).json()["code"] == "visit.consent_open"
        assert (await answer(w, asked)).status_code == 200
        assert (await approve(w, visit)).status_code == 200
        w.harness.clock.set(datetime.fromisoformat(f"{visit['day']}T01:00:00+00:00") - timedelta(days=1))
        late = await w.task(agency_id=make.TOWN, join_visit_id=visit["visit_id"], **MARCH)
        assert (late.status_code, late.json()["code"], late.json()["clause"]) == (
            409,
            "join.no_time_for_consent",
            "YZ-04",
        )
        assert (await w.get(f"/v1/visits/{visit['visit_id']}"))["state"] == "approved"


async def test_who_consented_to_another_day_is_asked_anew(world: Any, make: Any) -> None:
    """A proposed joint visit that the lead moves is put to its participants again; the move is in its history."""
    async with world("yongzhou") as w:
        visit = await joint(w, make.MARKET, make.FIRE)
        other = make.FIRE if visit["lead_agency_id"] == make.MARKET else make.MARKET
        [asked] = await inbox(w, other)
        await answer(w, asked)
        day = "2026-03-04" if visit["day"] != "2026-03-04" else "2026-03-05"
        body, by = {"date": day, "reason": "企业停产检修"}, w.who(Role.PLANNER, visit["lead_agency_id"])
        moved = await w.post(f"/v1/visits/{visit['visit_id']}/reschedule", body, by=by)
        assert moved.status_code == 200, moved.text
        [again] = await inbox(w, other)
        assert (again["visit_id"], again["day"]) == (visit["visit_id"], day)
        assert (await approve(w, visit)).json()["code"] == "visit.consent_open"


async def moving(w: Any, make: Any, *agencies: str) -> tuple[dict[str, Any], str, str]:
    """An approved joint visit for which the lead asked for another day; that day, and the change's path."""
    visit = await joint(w, *(agencies or (make.MARKET, make.FIRE)))
    for agency_id in visit["agencies"]:
        for consent in await inbox(w, agency_id):
            await answer(w, consent)
    visit = (await approve(w, visit)).json()
    day = "2026-03-04" if visit["day"] != "2026-03-04" else "2026-03-05"
    path, by = f"/v1/visits/{visit['visit_id']}", w.who(Role.PLANNER, visit["lead_agency_id"])
    asked = await w.post(f"{path}/reschedule", {"date": day, "reason": "企业停产检修"}, by=by)
    assert asked.status_code == 202, asked.text
    return visit, day, f"{path}/changes/{asked.json()['pending_change']['change_id']}"


def others_of(visit: dict[str, Any]) -> list[str]:
    """The agencies that do not lead."""
    return [agency_id for agency_id in visit["agencies"] if agency_id != visit["lead_agency_id"]]


@pytest.mark.clause("YZ-04")
async def test_another_day_of_an_approved_joint_visit_waits_for_the_others(world: Any, make: Any) -> None:
    """Who consented to one day is asked about the other; before the answer the change is not approved."""
    async with world("yongzhou") as w:
        visit, day, path = await moving(w, make)
        [other] = others_of(visit)
        head = w.who(Role.HEAD, visit["lead_agency_id"])
        told = await w.harness.recorder.wait_for(VisitMoveProposed)
        assert (told.day.isoformat(), told.wanted_day.isoformat()) == (visit["day"], day)
        assert (told.participants, told.due is not None, told.clause) == ((other,), True, "YZ-04")
        refused = await w.post(f"{path}/approve", by=head)
        assert (refused.status_code, refused.json()["code"]) == (409, "visit.consent_open")
        assert await inbox(w, visit["lead_agency_id"]) == []
        [asked] = await inbox(w, other)
        assert (asked["day"], path.endswith(f"/changes/{asked['change_id']}")) == (day, True)
        assert (await answer(w, asked)).json()["state"] == "consented"
        answered = await w.harness.recorder.wait_for(ConsentAnswered, lambda one: one.change_id is not None)
        assert (answered.change_id, answered.answer) == (asked["change_id"], "consented")
        done = await w.post(f"{path}/approve", by=head)
        assert (done.status_code, done.json()["day"]) == (200, day)
        await w.harness.recorder.wait_for(VisitRescheduled)


@pytest.mark.clause("YZ-04")
async def test_an_objection_to_another_day_leaves_the_visit_on_its_day(world: Any, make: Any) -> None:
    """The change is turned down with the reason, the others need not answer, nobody's task leaves the visit."""
    async with world("yongzhou") as w:
        visit, _, path = await moving(w, make, make.MARKET, make.FIRE, make.TOWN)
        first, second = others_of(visit)
        [asked], [left] = await inbox(w, first), await inbox(w, second)
        assert (await answer(w, asked, "当日无人可派")).json()["state"] == "objected"
        assert await inbox(w, second) == []
        assert (await answer(w, left)).json()["code"] == "consent.not_open"
        now = await w.get(f"/v1/visits/{visit['visit_id']}", by=w.who(Role.SUPERVISOR, None))
        assert [now[name] for name in ("day", "code", "agencies", "state", "pending_change")] == [
            visit["day"],
            visit["code"],
            visit["agencies"],
            "approved",
            None,
        ]
        kept = (await w.get(f"/v1/visits/{visit['visit_id']}/history", by=w.who(Role.SUPERVISOR, None)))["items"][-1]
        assert (kept["state"], kept["remark"]) == ("refused", f"{first}局不同意改期：当日无人可派")
        late = await w.post(f"{path}/approve", by=w.who(Role.HEAD, visit["lead_agency_id"]))
        assert late.json()["code"] == "visit.change_decided"
        explained = await w.get(f"/v1/visits/{visit['visit_id']}/explanation", by=w.who(Role.SUPERVISOR, None))
        assert {one["state"] for one in explained["consents"]} == {"consented"}


@pytest.mark.clause("YZ-04")
async def test_silence_about_another_day_is_consent_and_a_withdrawn_change_asks_nobody(world: Any, make: Any) -> None:
    """Withdrawn, the change's consents are void; asked for again, the sweep takes silence for consent to it."""
    async with world("yongzhou") as w:
        visit, day, path = await moving(w, make)
        [other] = others_of(visit)
        planner, head = w.who(Role.PLANNER, visit["lead_agency_id"]), w.who(Role.HEAD, visit["lead_agency_id"])
        assert (await w.post(f"{path}/withdraw", {"reason": "企业照常生产"}, by=planner)).status_code == 200
        assert await inbox(w, other) == []
        body = {"date": day, "reason": "企业停产检修"}
        asked = await w.post(f"/v1/visits/{visit['visit_id']}/reschedule", body, by=planner)
        path = f"/v1/visits/{visit['visit_id']}/changes/{asked.json()['pending_change']['change_id']}"
        w.harness.clock.set(datetime(2026, 1, 9, 1, tzinfo=UTC))
        await w.harness.service.sweep()
        silent = await w.harness.recorder.wait_for(ConsentAnswered, lambda one: one.answer == "silent")
        assert path.endswith(f"/changes/{silent.change_id}")
        done = await w.post(f"{path}/approve", by=head)
        assert (done.status_code, done.json()["day"]) == (200, day), done.text


async def test_where_the_pack_has_no_round_the_others_are_told_of_another_day(world: Any, make: Any) -> None:
    """Nobody is asked; the event names them before the change is approved. Who goes alone tells nobody."""
    async with world("quzhou") as w:
        visit, day, path = await moving(w, make)
        told = await w.harness.recorder.wait_for(VisitMoveProposed)
        assert (told.participants, told.due, told.wanted_day.isoformat()) == (tuple(others_of(visit)), None, day)
        assert await inbox(w, told.participants[0]) == []
        done = await w.post(f"{path}/approve", by=w.who(Role.HEAD, visit["lead_agency_id"]))
        assert (done.status_code, done.json()["day"]) == (200, day)
        alone = await w.approved(enterprise_id=make.E2)
        await w.changed(alone, "reschedule", {"date": day, "reason": "企业停产检修"})
        assert len(w.harness.recorder.of(VisitMoveProposed)) == 1


@pytest.mark.clause("YZ-04")
async def test_answers_and_approval_of_another_day_at_once_agree(world: Any, make: Any, storage: Storage) -> None:
    """Consent, objection and approvals at one moment: moved with consent, or turned down and left where it was."""
    async with world("yongzhou", storage=storage) as w:
        visit, day, path = await moving(w, make)
        [asked] = await inbox(w, others_of(visit)[0])
        head = w.who(Role.HEAD, visit["lead_agency_id"])
        answers = await asyncio.gather(
            answer(w, asked),
            w.post(f"{path}/approve", by=head),
            answer(w, asked, "当日无人可派"),
            w.post(f"{path}/approve", by=head),
        )
        assert [answers[0].status_code, answers[2].status_code].count(200) == 1
        by = w.who(Role.SUPERVISOR, None)
        state = (await w.get(f"/v1/consents/{asked['consent_id']}", by=by))["state"]
        assert state == ("consented" if answers[0].status_code == 200 else "objected")
        approved = [one.status_code for one in answers[1::2]].count(200)
        now = await w.get(f"/v1/visits/{visit['visit_id']}", by=by)
        assert (now["day"] == day) is (approved == 1)
        assert approved <= (state == "consented")
        assert (now["pending_change"] is None) is (state == "objected" or approved == 1)
