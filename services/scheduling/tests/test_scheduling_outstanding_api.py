"""Filings in time whose approval or note stays out: told once, and told again when it comes."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from wurao.common.auth import Role
from wurao.common.contracts.plans import ApprovalCame, ApprovalOverdue
from wurao.common.workdays import CalendarUnknown
from wurao.local.plugin import Storage
from wurao.scheduling.tables import Filing
from wurao.scheduling.usecases import outstanding


async def go_to(w: Any, moment: str) -> None:
    """Move to a moment in China and sweep twice: nothing is told twice."""
    w.harness.clock.set(datetime.fromisoformat(f"{moment}+08:00"))
    for _ in range(2):
        await w.harness.service.sweep()


async def emergency(w: Any, make: Any, **changes: Any) -> str:
    """The path of a filing of an inspection that ended an hour ago."""
    now = w.harness.clock.now()
    body = {
        "enterprise_id": make.E1,
        "agency_id": make.MARKET,
        "ground": "emergency",
        "source_record": "值班记录1",
        "officer_ids": ["330802-market-o1", "330802-market-o2"],
        "item_ids": ["330802-market-special"],
        "began_at": (now - timedelta(hours=2)).isoformat(),
        "ended_at": (now - timedelta(hours=1)).isoformat(),
        "entry_id": "entry-7",
    }
    answer = await w.post("/v1/filings", body | changes, by=w.who(Role.OFFICER))
    assert answer.status_code == 201, answer.text
    return f"/v1/filings/{answer.json()['filing_id']}"


@pytest.mark.clause("QZ-10")
async def test_a_filing_in_time_that_nobody_approves_is_told_until_somebody_does(
    world: Any, make: Any, storage: Storage
) -> None:
    """Filed on Monday, approval is due by the end of Tuesday; on Wednesday it is told, and its coming is told, too."""
    async with world("quzhou", storage=storage) as w:
        path = await emergency(w, make)
        await go_to(w, "2026-01-06T23:59:59")
        assert w.harness.recorder.of(ApprovalOverdue) == []
        await go_to(w, "2026-01-07T00:00:01")
        told = await w.harness.recorder.wait_for(ApprovalOverdue)
        assert (told.subject, told.agency_id, told.enterprise_id, told.clause) == (
            "filing",
            make.MARKET,
            make.E1,
            "QZ-10",
        )
        assert f"/v1/filings/{told.subject_id}" == path
        assert told.message == "先行检查已经报备，但未在2026-01-06前补办批准和行政行为码"
        assert (await w.post(f"{path}/approve", by=w.who(Role.HEAD))).status_code == 200
        came = await w.harness.recorder.wait_for(ApprovalCame)
        assert (came.overdue_id, came.reason) == (told.overdue_id, "已经补办批准和行政行为码")
        await go_to(w, "2026-01-20T12:00:00")
        assert len(w.harness.recorder.of(ApprovalOverdue)) == 1


@pytest.mark.clause("CX-06")
async def test_nothing_is_told_where_no_approval_follows(world: Any, make: Any) -> None:
    """Cang County knows no approval afterwards, so none is out."""
    async with world("cangxian") as w:
        now = w.harness.clock.now()
        await emergency(w, make, began_at=now.isoformat(), ended_at=(now + timedelta(hours=1)).isoformat())
        await go_to(w, "2026-01-20T12:00:00")
        assert w.harness.recorder.of(ApprovalOverdue) == []


@pytest.mark.clause("QZ-10")
async def test_what_came_in_time_or_is_under_way_is_not_told(world: Any, make: Any) -> None:
    """An approval in time is no news, and an inspection that has not ended owes none yet."""
    async with world("quzhou") as w:
        path = await emergency(w, make)
        assert (await w.post(f"{path}/approve", by=w.who(Role.HEAD))).status_code == 200
        await emergency(w, make, entry_id="entry-8", ended_at=None)
        await go_to(w, "2026-01-20T12:00:00")
        assert w.harness.recorder.of(ApprovalOverdue) == w.harness.recorder.of(ApprovalCame) == []


@pytest.mark.parametrize("decision", ["noted", "returned"])
async def test_a_plan_that_its_office_leaves_lying_is_told_until_it_decides(
    world: Any, make: Any, decision: str
) -> None:
    """Five working days after the filing the office is late; whatever it decides ends that, once for each filing."""
    async with world("dingtao") as w:
        plan_id = await w.plan(publish=False)
        await w.approve_plan(plan_id)
        assert (await w.post(f"/v1/plans/{plan_id}/file")).json()["late"] is False
        await go_to(w, "2026-01-12T12:00:00")
        assert w.harness.recorder.of(ApprovalOverdue) == []
        await go_to(w, "2026-01-13T00:00:01")
        told = await w.harness.recorder.wait_for(ApprovalOverdue)
        assert (told.subject, told.subject_id, told.agency_id) == ("plan", plan_id, None)
        assert told.message == "检查计划“2026年度检查计划”已经报备，未在2026-01-12前办结备案，现由司法行政部门办理"
        body = {"decision": decision, "remark": "补充检查频次"}
        answer = await w.post(f"/v1/plans/{plan_id}/filing-decisions", body, by=w.who(Role.SUPERVISOR, None))
        assert answer.status_code == 200, answer.text
        came = await w.harness.recorder.wait_for(ApprovalCame)
        assert came.overdue_id == told.overdue_id
        if decision == "returned":
            await w.post(f"/v1/plans/{plan_id}/file")
            await go_to(w, "2026-01-30T12:00:00")
            again = await w.harness.recorder.wait_for(ApprovalOverdue, lambda one: one != told)
            assert again.overdue_id != told.overdue_id


async def test_a_period_into_a_year_without_a_calendar_hinders_no_other(world: Any, make: Any) -> None:
    """What was filed in the last days of 2026 is not due in that year; what is due then is told all the same."""
    async with world("dingtao") as w:
        late, last = [await w.plan(publish=False, kind=kind) for kind in ("annual", "quarterly")]
        for plan_id, day in ((late, "2026-12-21"), (last, "2026-12-30")):
            await w.approve_plan(plan_id)
            w.harness.clock.set(datetime.fromisoformat(f"{day}T09:00:00+08:00"))
            assert (await w.post(f"/v1/plans/{plan_id}/file")).status_code == 200
        async with w.harness.service.db.write() as session:
            assert await outstanding.tell(session, datetime.fromisoformat("2026-12-31T12:00:00+08:00")) == 1
        async with w.harness.service.db.write() as session:
            with pytest.raises(CalendarUnknown):
                await outstanding.tell(session, datetime.fromisoformat("2027-01-01T12:00:00+08:00"))
        assert (await w.harness.recorder.wait_for(ApprovalOverdue)).subject_id == late


async def test_a_pack_may_do_without_the_offices_period(world: Any, make: Any) -> None:
    """Set to nothing it holds the office to no day, and the watch over the others goes on."""
    async with world("dingtao", make.activated("dingtao", {"plan.filing_decision_working_days": 0})) as w:
        plan_id = await w.plan(publish=False)
        await w.approve_plan(plan_id)
        assert (await w.post(f"/v1/plans/{plan_id}/file")).status_code == 200
        await go_to(w, "2026-01-30T12:00:00")
        assert w.harness.recorder.of(ApprovalOverdue) == []


@pytest.mark.clause("CX-05")
async def test_who_must_check_before_the_office_is_named_as_long_as_it_has_not(world: Any, make: Any) -> None:
    """An office that cannot act yet is not blamed for a line that leaves a filing lying."""
    async with world("cangxian", make.agency("330802-development", line="development")) as w:
        body = make.plan_body(items=["330802-market-random"], kind="quarterly")
        body |= {"period_from": "2026-04-01", "period_to": "2026-06-30"}
        plan_id = (await w.post("/v1/plans", body)).json()["plan_id"]
        await w.approve_plan(plan_id)
        w.harness.clock.set(datetime.fromisoformat("2026-03-18T09:00:00+08:00"))
        assert (await w.post(f"/v1/plans/{plan_id}/file")).status_code == 200
        await go_to(w, "2026-03-26T12:00:00")
        told = await w.harness.recorder.wait_for(ApprovalOverdue)
        assert (told.subject, told.message) == (
            "plan",
            "检查计划“2026年度检查计划”已经报备，未在2026-03-25前办结备案，现由市场监管部门办理",
        )


@pytest.mark.clause("QZ-10")
async def test_the_watch_reads_no_further_for_more_filings(world: Any, make: Any) -> None:
    """Its statements do not grow with the filings, and what ended years ago is not looked at any more."""
    async with world("quzhou") as w:
        now = datetime.fromisoformat("2026-01-09T12:00:00+08:00")
        w.harness.clock.set(now)
        few = await watched(w, [filing(make, f"a{number}", now - timedelta(days=4)) for number in range(2)])
        many = await watched(w, [filing(make, f"b{number}", now - timedelta(days=4)) for number in range(40)])
        assert (few[0], many[0]) == (2, 40)
        assert many[1] <= few[1]
        assert (await watched(w, [filing(make, "c", now - timedelta(days=700))]))[0] == 0


def filing(make: Any, filing_id: str, ended_at: datetime) -> Filing:
    """An inspection that was filed in time and that nobody approved."""
    return Filing(
        filing_id=filing_id,
        agency_id=make.MARKET,
        enterprise_id=make.E1,
        area="330802001",
        ground="emergency",
        source_record="值班记录1",
        officers=[],
        item_ids=["330802-market-special"],
        entry_id=f"entry-{filing_id}",
        began_at=ended_at - timedelta(hours=1),
        ended_at=ended_at,
        filed_at=ended_at,
        filed_by="officer",
        after_the_fact=False,
        late=False,
        clause="QZ-10",
        reckoning=[],
    )


async def watched(w: Any, filings: list[Filing]) -> tuple[int, int]:
    """How many of further filings the watch tells of, and in how many statements."""
    db, statements = w.harness.service.db, 0

    async with db.write() as session:
        session.add_all(filings)
        await session.flush()
        own = (await session.connection()).sync_connection

        def count(connection: Any, *_: Any) -> None:
            nonlocal statements
            statements += connection is own

        event.listen(db.engine.sync_engine, "before_cursor_execute", count)
        told = await outstanding.tell(session, w.harness.clock.now())
        event.remove(db.engine.sync_engine, "before_cursor_execute", count)
    return told, statements


async def test_watch_and_approval_at_once_agree(world: Any, make: Any, storage: Storage) -> None:
    """Whoever is first, what is told to be out is told to have come."""
    async with world("quzhou", storage=storage) as w:
        paths = [await emergency(w, make, entry_id=f"entry-{number}") for number in range(8)]
        w.harness.clock.set(datetime.fromisoformat("2026-01-09T12:00:00+08:00"))
        watched = asyncio.create_task(w.harness.service.sweep())
        answers = await asyncio.gather(*(w.post(f"{path}/approve", by=w.who(Role.HEAD)) for path in paths))
        await watched
        assert {answer.status_code for answer in answers} == {200}
        await w.harness.service.sweep()
        told = {one.overdue_id for one in w.harness.recorder.of(ApprovalOverdue)}
        for overdue_id in told:
            await w.harness.recorder.wait_for(ApprovalCame, lambda one, wanted=overdue_id: one.overdue_id == wanted)
