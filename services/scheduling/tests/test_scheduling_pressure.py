"""Options ahead of the documents: how often all agencies may come, the white list, officers who find nothing."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.auth import Role
from wurao.common.contracts.shared import OfficerRef
from wurao.common.packs import load_pack
from wurao.scheduling.domain.gate import pressure
from wurao.scheduling.domain.people import Call, resting
from wurao.scheduling.domain.policy import Policy

PACK = load_pack("quzhou")
OFF = Policy.of(PACK, date(2026, 3, 2))
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


def limited(**limits: int) -> Policy:
    """The pack with some limits on."""
    sample = OFF.cap.on_site_per_year
    assert sample is not None
    made = {name: sample.model_copy(update={"value": value}) for name, value in limits.items()}
    return replace(OFF, pressure=OFF.pressure.model_copy(update=made))


@given(DAYS, st.lists(DAYS, max_size=12), st.integers(1, 3), st.integers(1, 4), st.integers(1, 6))
def test_a_day_is_full_just_when_a_period_has_its_number(
    day: date, others: list[date], per_week: int, per_month: int, per_year: int
) -> None:
    """Week, month and year by the calendar; each limit that is reached gives its own refusal."""
    found = {
        r.code
        for r in pressure.full_on(day, others, limited(per_week=per_week, per_month=per_month, per_year=per_year))
    }
    monday = day - timedelta(days=day.weekday())
    week = sum(monday <= other < monday + timedelta(days=7) for other in others)
    month = sum((other.year, other.month) == (day.year, day.month) for other in others)
    assert ("pressure.week_full" in found) is (week >= per_week)
    assert ("pressure.month_full" in found) is (month >= per_month)
    assert ("pressure.year_full" in found) is (len(others) >= per_year)
    assert pressure.full_on(day, others, OFF) == []


@given(st.lists(st.tuples(DAYS, st.booleans()), max_size=8, unique_by=lambda pair: pair[0]), st.integers(1, 3))
def test_who_finds_nothing_again_and_again_rests_for_a_year(calls: list[tuple[date, bool]], most: int) -> None:
    """Only the last so many count, only if all found nothing, and until a year after the first of them."""
    found = resting([Call("o1", day, clean) for day, clean in calls], most)
    last = sorted(calls)[-most:]
    worn = len(last) == most and all(clean for _, clean in last)
    assert bool(found) is worn
    for one in found:
        assert (one.since, one.until) == (last[-1][0], last[0][0] + timedelta(days=365))


async def test_a_week_bears_so_many_visits_of_all_agencies(world: Any, make: Any) -> None:
    """With the week full another agency is refused, told which visit it may join and from when it may come."""
    options = {"pressure.per_week": 1}
    async with world("quzhou", make.activated("quzhou", options)) as w:
        visit = await w.approved(earliest="2026-03-09", latest="2026-03-13")
        window = {"earliest": "2026-03-09", "latest": "2026-03-13"}
        answer = await w.task(agency_id=make.FIRE, **window)
        assert answer.status_code == 409, answer.text
        [refusal] = answer.json()["refusals"]
        assert (refusal["code"], refusal["clause"]) == ("pressure.week_full", "BE-54")
        assert refusal["ways"] == [
            {"kind": "join_visit", "visit_id": visit["visit_id"], "day": visit["day"]},
            {"kind": "wait", "day": "2026-03-16"},
            {"kind": "off_site"},
        ]
        assert (await w.task(agency_id=make.FIRE, earliest="2026-03-09", latest="2026-03-16")).status_code == 201
        joined = await w.task(agency_id=make.FIRE, join_visit_id=visit["visit_id"], **window)
        assert joined.status_code == 201, joined.text


async def test_a_visit_is_not_approved_into_a_full_week(world: Any, make: Any) -> None:
    """Two visits proposed into one week: one is approved, the other must move."""
    options = {"pressure.per_week": 1}
    async with world("quzhou", make.activated("quzhou", options)) as w:
        await w.accepted(earliest="2026-03-09", latest="2026-03-09")
        await w.accepted(agency_id=make.FIRE, earliest="2026-03-10", latest="2026-03-10")
        await w.merge()
        first, second = await w.visits(state="proposed")
        for visit, status in ((first, 200), (second, 409)):
            head = w.who(Role.HEAD, visit["lead_agency_id"])
            answer = await w.post(f"/v1/visits/{visit['visit_id']}/approve", by=head)
            assert answer.status_code == status, answer.text
        assert "pressure.week_full" in {refusal["code"] for refusal in answer.json()["refusals"]}


async def test_a_visit_is_not_moved_into_a_full_week(world: Any, make: Any) -> None:
    """A visit that is approved or proposed stays out of a week that is full; its own day counts not against it."""
    options = {"pressure.per_week": 1}
    async with world("quzhou", make.activated("quzhou", options)) as w:
        await w.approved(earliest="2026-03-09", latest="2026-03-13")
        visit = await w.approved(agency_id=make.FIRE, earliest="2026-03-16", latest="2026-03-20")
        near = "2026-03-18" if visit["day"] != "2026-03-18" else "2026-03-19"
        path, by = f"/v1/visits/{visit['visit_id']}/reschedule", w.who(Role.PLANNER, make.FIRE)
        full = await w.post(path, {"date": "2026-03-12", "reason": "企业停产检修"}, by=by)
        assert "pressure.week_full" in {refusal["code"] for refusal in full.json()["refusals"]}
        moved = await w.post(path, {"date": near, "reason": "企业停产检修"}, by=by)
        assert moved.status_code == 202, moved.text


async def test_what_the_gate_lets_pass_on_a_trigger_approval_lets_pass(world: Any, make: Any) -> None:
    """A planned task on a complaint, outside the pressure by the gate, is approved into a full week."""
    options = {"pressure.per_week": 1}
    async with world("quzhou", make.activated("quzhou", options)) as w:
        await w.approved(earliest="2026-03-09", latest="2026-03-09")
        lead = {"ground": "complaint", "source_record": "12345-1"}
        await w.approved(agency_id=make.FIRE, earliest="2026-03-10", latest="2026-03-10", **lead)


async def test_the_white_list_is_inspected_on_a_trigger_only(world: Any, make: Any) -> None:
    """A planned task is refused with the grounds that would do; a complaint is followed up."""
    listed = make.enterprise(make.E1, tags=("white_list",), version=2)
    options = {"pressure.white_list_triggered_only": True}
    async with world("quzhou", make.activated("quzhou", options), listed) as w:
        refusal = {r["code"]: r for r in (await w.task()).json()["refusals"]}["pressure.white_list"]
        assert {"kind": "ground", "ground": "complaint"} in refusal["ways"]
        triggered = {"origin": "triggered", "ground": "complaint", "source_record": "12345-1"}
        assert (await w.task(**triggered)).status_code == 201
        assert (await w.task(enterprise_id=make.E2)).status_code == 201


async def test_a_matter_is_asked_for_once_while_its_task_is_open(world: Any, make: Any) -> None:
    """The same items in overlapping days are refused with the ways out; what differs or joins its visit passes."""
    options = {"pressure.same_matter_once": True, "cap.on_site_per_year": 9, "merge.max_minutes": 400}
    async with world("quzhou", make.activated("quzhou", options)) as w:
        both = ["330802-market-special", "330802-market-random"]
        await w.accepted(item_ids=both, earliest="2026-03-02", latest="2026-03-13")
        overlapping = {"earliest": "2026-03-13", "latest": "2026-03-31"}
        lead = {"origin": "triggered", "ground": "complaint", "source_record": "12345-1"}
        body = make.task_body(plan_id=w.published[make.MARKET]) | overlapping
        [said] = (await w.post("/v1/preflight", {"requests": [body]})).json()["verdicts"]
        answer = await w.task(**overlapping)
        [refusal] = answer.json()["refusals"]
        assert (answer.status_code, refusal["code"], refusal["clause"]) == (409, "pressure.same_matter", "BE-54")
        assert refusal["ways"] == [{"kind": "wait", "day": "2026-03-14"}]
        assert said["refusals"] == [refusal]
        for other in (
            {"earliest": "2026-03-14", "latest": "2026-03-31"},
            {"enterprise_id": make.E2},
            {"agency_id": make.FIRE},
            lead,
            lead | {"item_ids": ["330802-market-random"]},
        ):
            assert (await w.task(**overlapping | other)).status_code == 201, other
        assert (await w.task(**overlapping | lead)).json()["code"] == "pressure.same_matter"
        await w.merge()
        visit = next(v for v in await w.visits(enterprise_id=make.E1) if v["day"] <= "2026-03-13")
        refusal = (await w.task(**overlapping | {"earliest": "2026-03-02"})).json()["refusals"][0]
        assert {"kind": "join_visit", "visit_id": visit["visit_id"], "day": visit["day"]} in refusal["ways"]
        joining = {"earliest": "2026-03-02", "latest": "2026-03-13", "join_visit_id": visit["visit_id"]}
        joined = await w.task(**joining)
        assert joined.status_code == 201, joined.text


async def test_whoever_found_nothing_twice_is_drawn_no_more(world: Any, make: Any) -> None:
    """Of three officers the one with two visits without a finding stays out of the draw; he goes where he was not."""
    who = (OfficerRef(officer_id=f"{make.MARKET}-o1", agency_id=make.MARKET),)
    calls = [make.finished([], entry_id=f"e{number}", officers=who, version=2) for number in (1, 2)]
    options = {"pressure.clean_visits_of_an_officer": 2}
    async with world("quzhou", make.activated("quzhou", options), *calls) as w:
        await w.accepted()
        await w.merge()
        [visit] = await w.visits(state="proposed")
        assert {o["officer_id"] for o in visit["officers"]} == {f"{make.MARKET}-o2", f"{make.MARKET}-o3"}


@pytest.mark.parametrize("parameter", ["per_day", "per_week", "per_month", "per_year", "clean_visits_of_an_officer"])
def test_options_are_off_in_every_pack(parameter: str) -> None:
    """No shipped pack sets one: the documents do not ask for them."""
    for name in ("national", "yongzhou", "dingtao", "linxia", "quzhou", "cangxian"):
        section = Policy.of(load_pack(name), date(2026, 3, 2)).pressure
        assert getattr(section, parameter) is None
        assert section.white_list_triggered_only.value is False
        assert section.same_matter_once.value is False
