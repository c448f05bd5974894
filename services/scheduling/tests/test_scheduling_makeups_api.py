"""Approval and code that follow an inspection which could not wait (QZ-10)."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from wurao.common.auth import Role
from wurao.common.contracts.checkin import InspectionStarted
from wurao.common.contracts.scheduling import VisitApproved
from wurao.local.plugin import Storage


async def filed(w: Any, make: Any, **changes: Any) -> dict[str, Any]:
    """A filing of an inspection that began two hours ago and ended one hour ago."""
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
    return dict(answer.json())


@pytest.mark.clause("QZ-10")
@pytest.mark.parametrize(("days", "late"), [(0, False), (9, True)])
async def test_approval_and_code_follow_linked_to_entry_and_filing(
    world: Any, make: Any, days: int, late: bool
) -> None:
    """The visit is over, its code bound to the hours that were; after the due date the approval is marked late."""
    async with world("quzhou") as w:
        filing = await filed(w, make)
        assert any("24时届满" in sentence for sentence in filing["reckoning"])
        w.harness.clock.advance(timedelta(days=days))
        path = f"/v1/filings/{filing['filing_id']}"
        answer = await w.post(f"{path}/approve", by=w.who(Role.HEAD))
        assert answer.status_code == 200, answer.text
        visit = answer.json()
        assert (visit["state"], visit["makeup_for"]) == ("finished", "entry-7")
        assert visit["code"] is not None
        for edge, moment in (("opens", "began_at"), ("closes", "ended_at")):
            assert datetime.fromisoformat(visit["window"][edge]) == datetime.fromisoformat(filing[moment])
        event = await w.harness.recorder.wait_for(VisitApproved)
        assert (event.makeup_for, event.filing_id, event.makeup_late) == ("entry-7", filing["filing_id"], late)
        assert event.makeup_due == datetime.fromisoformat(filing["due"])
        kept = await w.get(path)
        assert (kept["visit_id"], kept["approved_late"]) == (visit["visit_id"], late)
        again = await w.post(f"{path}/approve", by=w.who(Role.HEAD))
        assert (again.status_code, again.json()["code"]) == (409, "filing.approved_already")


@pytest.mark.clause("LX-01")
async def test_who_filed_or_went_does_not_approve_afterwards(world: Any, make: Any) -> None:
    """The filer and an officer who was there are refused by any account; another agency's head is no head here."""
    async with world("quzhou") as w:
        filing = await filed(w, make)
        path = f"/v1/filings/{filing['filing_id']}/approve"
        filer = w.who(Role.HEAD, subject=f"{Role.OFFICER}-{make.MARKET}")
        went = w.harness.headers(
            Role.HEAD, subject="x", agency_id=make.MARKET, area="330802", officer_id="330802-market-o2"
        )
        for by in (filer, went):
            refused = await w.post(path, by=by)
            assert (refused.status_code, refused.json()["code"]) == (403, "filing.self_approval")
        assert (await w.post(path, by=w.who(Role.HEAD, make.FIRE))).status_code == 403
        nobody_entered = await filed(w, make, entry_id=None)
        unknown = await w.post(f"/v1/filings/{nobody_entered['filing_id']}/approve", by=w.who(Role.HEAD))
        assert (unknown.status_code, unknown.json()["code"]) == (409, "filing.no_entry")


async def test_what_is_made_up_takes_no_day(world: Any, make: Any) -> None:
    """An emergency on the day of a visit hinders neither, and no sweep lets it lapse."""
    async with world("quzhou") as w:
        visit = await w.approved()
        w.harness.clock.set(datetime.fromisoformat(f"{visit['day']}T12:00:00+08:00"))
        filing = await filed(w, make)
        answer = await w.post(f"/v1/filings/{filing['filing_id']}/approve", by=w.who(Role.HEAD))
        assert (answer.status_code, answer.json()["day"]) == (200, visit["day"]), answer.text
        w.harness.clock.advance(timedelta(days=3))
        await w.harness.service.sweep()
        assert sorted(one["state"] for one in await w.visits()) == ["finished", "lapsed"]


async def test_filing_learns_its_entry_and_its_end(world: Any, make: Any) -> None:
    """Officers who enter on a filing tie it to their entry; the end of the inspection ends what was approved."""
    async with world("quzhou") as w:
        now = w.harness.clock.now()
        filing = await filed(w, make, entry_id=None, began_at=now.isoformat(), ended_at=None)
        started = InspectionStarted(
            entry_id="entry-9",
            enterprise_id=make.E1,
            area="330802001",
            agencies=(make.MARKET,),
            officers=(),
            mode="exception",
            ground="emergency",
            filing_id=filing["filing_id"],
            started_at=now,
            version=1,
        )
        await w.harness.deliver(started)
        path = f"/v1/filings/{filing['filing_id']}"
        assert (await w.get(path))["entry_id"] == "entry-9"
        visit = (await w.post(f"{path}/approve", by=w.who(Role.HEAD))).json()
        assert visit["state"] == "started"
        await w.harness.deliver(make.finished(["330802-market-special"], entry_id="entry-9"))
        assert (await w.get(f"/v1/visits/{visit['visit_id']}"))["state"] == "finished"
        assert (await w.get(path))["ended_at"] is not None


async def test_ten_approvals_of_one_filing_give_one_code(world: Any, make: Any, storage: Storage) -> None:
    """Exactly one passes and is told of."""
    async with world("quzhou", storage=storage) as w:
        filing = await filed(w, make)
        path = f"/v1/filings/{filing['filing_id']}/approve"
        heads = [w.who(Role.HEAD, subject=f"head-{number}") for number in range(10)]
        answers = await asyncio.gather(*(w.post(path, by=by) for by in heads))
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
        await w.harness.recorder.wait_for(VisitApproved)
        assert len(w.harness.recorder.of(VisitApproved)) == 1
