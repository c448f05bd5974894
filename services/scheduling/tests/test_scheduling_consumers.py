"""What scheduling does when others' facts change: substitutes, withdrawn agencies, finished visits, lapsed days."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from wurao.common.auth import Role
from wurao.common.codes import KeyRing
from wurao.common.contracts.checkin import InspectionStarted
from wurao.common.contracts.registry import (
    AgencyWithdrawn,
    ItemCancelled,
    OfficerExited,
    OfficerReinstated,
    OfficerSuspended,
)
from wurao.common.contracts.scheduling import (
    ActionKeyPublished,
    TriggeredBeyondReason,
    VisitApproved,
    VisitCancelled,
    VisitRescheduled,
)
from wurao.common.testing import running
from wurao.scheduling.app import build
from wurao.scheduling.tables import ActionKey, CapCounter


def exited(officer_id: str, version: int = 2) -> OfficerExited:
    """An officer left for good."""
    return OfficerExited(
        officer_id=officer_id,
        agency_id="330802-market",
        reason="考核不合格",
        exited_on=date(2026, 1, 5),
        version=version,
    )


@pytest.mark.clause("YZ-10")
async def test_exited_officer_is_replaced_and_the_code_renewed(world: Any) -> None:
    """After an exit the visit has the next officer by ticket, a new code, and the old one revoked."""
    async with world("yongzhou") as w:
        visit = await w.approved()
        listed = [officer["officer_id"] for officer in visit["officers"]]
        [spare] = {f"330802-market-o{n}" for n in (1, 2, 3)} - set(listed)
        await w.harness.deliver(exited(listed[0]))
        event = await w.harness.recorder.wait_for(VisitRescheduled)
        assert {officer.officer_id for officer in event.officers} == {listed[1], spare}
        assert event.revoked_code_id == visit["code"]["code_id"]
        now = await w.get(f"/v1/visits/{visit['visit_id']}")
        assert (now["state"], now["code"]["code_id"]) == ("approved", event.code_id)


@pytest.mark.clause("YZ-10")
async def test_visit_without_substitute_goes_back_and_its_code_is_revoked(world: Any, make: Any) -> None:
    """When nobody is left the visit waits for approval again; with a new officer it is approved with a new code."""
    async with world("yongzhou") as w:
        visit = await w.approved()
        listed = [officer["officer_id"] for officer in visit["officers"]]
        [spare] = {f"330802-market-o{n}" for n in (1, 2, 3)} - set(listed)
        await w.harness.deliver(exited(spare), exited(listed[0]))
        event = await w.harness.recorder.wait_for(VisitCancelled)
        assert event.visit_id == visit["visit_id"]
        now = await w.get(f"/v1/visits/{visit['visit_id']}")
        assert (now["state"], now["code"]) == ("proposed", None)
        path, head = f"/v1/visits/{visit['visit_id']}", w.who(Role.HEAD)
        refused = await w.post(f"{path}/approve", by=head)
        assert (refused.status_code, refused.json()["clause"]) == (409, "PL-42")
        await w.harness.deliver(make.officer(make.MARKET, 9))
        await w.post(f"{path}/officers", {"add": ["330802-market-o9"], "reason": "增派"})
        assert (await w.post(f"{path}/approve", by=head)).status_code == 200
        again = await w.harness.recorder.wait_for(VisitApproved, lambda e: e.version > event.version)
        assert again.code_id != visit["code"]["code_id"]


@pytest.mark.clause("YZ-10")
async def test_exited_officer_is_drawn_no_more(world: Any) -> None:
    """Neither draw nor assignment takes an officer who left."""
    async with world("yongzhou") as w:
        await w.harness.deliver(exited("330802-market-o1"))
        visit = await w.approved()
        assert {officer["officer_id"] for officer in visit["officers"]} == {"330802-market-o2", "330802-market-o3"}
        body = {"remove": ["330802-market-o2"], "add": ["330802-market-o1"], "reason": "换人"}
        refused = await w.post(f"/v1/visits/{visit['visit_id']}/officers", body, by=w.who(Role.HEAD))
        assert (refused.status_code, refused.json()["clause"]) == (409, "YZ-10")


async def test_suspension_that_ends_before_the_visit_changes_nothing(world: Any) -> None:
    """Only a suspension over the visit's day takes the officer out; reinstated officers are drawn again."""
    async with world("quzhou") as w:
        visit = await w.approved()
        officer_id = visit["officers"][0]["officer_id"]
        suspended = OfficerSuspended(
            officer_id=officer_id, agency_id="330802-market", reason="投诉属实", until=date(2026, 2, 1), version=2
        )
        await w.harness.deliver(suspended)
        same = await w.get(f"/v1/visits/{visit['visit_id']}")
        assert same["code"] == visit["code"]
        await w.harness.deliver(suspended.model_copy(update={"until": None, "version": 3}))
        changed = await w.get(f"/v1/visits/{visit['visit_id']}")
        assert officer_id not in [officer["officer_id"] for officer in changed["officers"]]
        await w.harness.deliver(
            OfficerReinstated(officer_id=officer_id, agency_id="330802-market", reason="期满", version=4)
        )
        body = {"add": [officer_id], "reason": "复岗"}
        assert len((await w.changed(visit, "officers", body))["officers"]) == 3


async def test_older_and_repeated_events_change_nothing(world: Any, make: Any) -> None:
    """A replica keeps the newest version it has seen."""
    async with world("quzhou", make.item(make.MARKET, "special", law="", version=5)) as w:
        await w.harness.deliver(make.item(make.MARKET, "special", version=4))
        refused = await w.task(plan_id=await w.plan(["330802-market-random"]))
        assert "item.no_basis" in [r["code"] for r in refused.json()["refusals"]]


@pytest.mark.clause("DT-01")
async def test_withdrawn_agency_loses_its_tasks_and_visits(world: Any, make: Any) -> None:
    """Its tasks are cancelled, its joint visit dissolved; the other agency's task is open again and merges anew."""
    async with world("dingtao") as w:
        await w.accepted()
        await w.accepted(agency_id=make.FIRE)
        await w.accepted(agency_id=make.FIRE, enterprise_id=make.E3, earliest="2026-06-01", latest="2026-06-30")
        await w.merge()
        [visit] = await w.visits()
        assert len(visit["agencies"]) == 2
        await w.harness.deliver(
            AgencyWithdrawn(agency_id=make.FIRE, reason="机构改革", withdrawn_on=date(2026, 1, 5), version=2)
        )
        await w.harness.recorder.wait_for(VisitCancelled)
        states = {
            t["agency_id"]: t["state"] for t in (await w.get("/v1/tasks", by=w.who(Role.SUPERVISOR, None)))["items"]
        }
        assert states == {make.MARKET: "open", make.FIRE: "cancelled"}
        assert (await w.merge())["visits"] == 1
        refused = await w.task(
            agency_id=make.FIRE, plan_id=None, origin="triggered", ground="ecology", source_record="1"
        )
        assert refused.json()["clause"] == "DT-01"


@pytest.mark.clause("QZ-03")
async def test_cancelled_item_makes_no_new_task(world: Any, make: Any) -> None:
    """After its cancellation an item is refused."""
    async with world("quzhou") as w:
        plan_id = await w.plan()
        await w.harness.deliver(
            ItemCancelled(
                item_id="330802-market-special",
                agency_id=make.MARKET,
                reason="长期未使用",
                cancelled_on=date(2026, 1, 5),
                version=2,
            )
        )
        refused = await w.task(plan_id=plan_id)
        assert (refused.json()["code"], refused.json()["clause"]) == ("item.cancelled", "QZ-03")


async def test_visit_follows_check_in(world: Any, make: Any) -> None:
    """Entered, then finished: the visit, its task, and the result that others recognise."""
    async with world("yongzhou") as w:
        visit = await w.approved()
        started = InspectionStarted(
            entry_id="entry-1",
            visit_id=visit["visit_id"],
            enterprise_id=make.E1,
            area="330802001",
            agencies=(make.MARKET,),
            officers=(),
            mode="scan",
            started_at=datetime(2026, 3, 10, 1, tzinfo=UTC),
            version=1,
        )
        await w.harness.deliver(started)
        assert (await w.get(f"/v1/visits/{visit['visit_id']}"))["state"] == "started"
        done = {"visit_id": visit["visit_id"], "finished_at": datetime(2026, 3, 10, 2, tzinfo=UTC)}
        await w.harness.deliver(make.finished(["330802-market-special"], **done))
        assert (await w.get(f"/v1/visits/{visit['visit_id']}"))["state"] == "finished"
        assert [task["state"] for task in (await w.get("/v1/tasks"))["items"]] == ["done"]
        assert (await w.task(earliest="2026-04-01", latest="2026-04-30")).json()["clause"] == "YZ-07"


@pytest.mark.clause("QZ-17")
async def test_entry_without_a_visit_counts_as_triggered(world: Any, make: Any) -> None:
    """Exception entries take places of the triggered counter, not of the cap."""
    entries = [make.finished([], entry_id=f"entry-{n}") for n in range(4)]
    async with world("quzhou", *entries) as w:
        refused = await w.task(origin="triggered", ground="complaint", source_record="1", plan_id=None)
        assert refused.json()["code"] == "triggered.too_often"
        assert [(await w.task()).status_code for _ in range(3)] == [201, 201, 409]


@pytest.mark.clause("QZ-17")
async def test_entries_beyond_reason_are_told_without_a_head(world: Any, make: Any) -> None:
    """The fifth entry on an exception in a year is told to supervision once, under its entry."""
    entries = [make.finished([], entry_id=f"entry-{n}") for n in range(5)]
    async with world("quzhou", *entries) as w:
        event = await w.harness.recorder.wait_for(TriggeredBeyondReason)
        assert (event.entry_id, event.taken, event.reasonable, event.year) == ("entry-4", 5, 4, 2026)
        assert (event.agency_id, event.clause) == (make.MARKET, "QZ-17")
        assert len(w.harness.recorder.of(TriggeredBeyondReason)) == 1


async def test_visit_that_nobody_entered_lapses(world: Any) -> None:
    """The day after, the code is revoked; the task is open again while its days last, then its place is free."""
    async with world("quzhou") as w:
        visit = await w.approved(latest="2026-03-20")
        day = date.fromisoformat(visit["day"])
        w.harness.clock.set(datetime(day.year, day.month, day.day, 20, tzinfo=UTC))
        await w.harness.service.sweep()
        event = await w.harness.recorder.wait_for(VisitCancelled)
        assert event.reason == "逾期未实施"
        assert (await w.get(f"/v1/visits/{visit['visit_id']}"))["state"] == "lapsed"
        w.harness.clock.set(datetime(2026, 3, 21, 1, tzinfo=UTC))
        await w.harness.service.sweep()
        assert [task["state"] for task in (await w.get("/v1/tasks"))["items"]] == ["lapsed"]
        async with w.harness.service.db.read() as session:
            assert await session.scalar(select(func.sum(CapCounter.n))) == 0


async def test_keys_survive_a_restart_and_are_announced_once(tmp_path: Path) -> None:
    """The ring is made on the first start, readable by its owner only, and announced once for each key."""
    path = tmp_path / "scheduling-keys.json"
    async with running(build, "scheduling", tmp_path) as harness:
        announced = await harness.recorder.wait_for(ActionKeyPublished)
        keys = (await harness.client.get("/v1/public/keys")).json()["keys"]
    assert path.stat().st_mode & 0o077 == 0
    async with running(build, "scheduling", tmp_path) as harness:
        assert (await harness.client.get("/v1/public/keys")).json()["keys"] == keys
        ring = KeyRing.load(path)
        kid = ring.rotate(harness.clock.now() + timedelta(days=1))
        ring.save(path)
    async with running(build, "scheduling", tmp_path) as harness:
        second = await harness.recorder.wait_for(ActionKeyPublished)
        assert (announced.kid, second.kid) == (keys[0]["kid"], kid)
        async with harness.service.db.read() as session:
            assert await session.scalar(select(func.count()).select_from(ActionKey)) == 2
