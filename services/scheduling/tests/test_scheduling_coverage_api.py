"""Whole coverage of special fields: due, told once, caught up with; figures; sweeps at once."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.auth import Role
from wurao.common.contracts.scheduling import InspectionCaughtUp, InspectionOverdue
from wurao.common.contracts.shared import OfficerRef
from wurao.local.plugin import Storage
from wurao.scheduling.domain.coverage import due_on, field_of

DAYS = st.dates(date(2020, 1, 1), date(2090, 12, 31))


@given(DAYS, st.none() | DAYS, st.integers(1, 60))
def test_a_period_ends_so_many_months_later(since: date, last: date | None, months: int) -> None:
    """Counted on the calendar, from the last inspection or from the beginning of the watch."""
    assert due_on(since, last, months) == (last or since) + relativedelta(months=months)


def test_the_first_field_counts() -> None:
    """In the order of the pack; none where there is none."""
    fields = ("special_industry", "key_area")
    assert field_of(("key_area", "special_industry"), fields) == "special_industry"
    assert field_of(("white_list",), fields) is None


async def at(w: Any, day: str) -> None:
    """Move the clock and let what is due happen."""
    w.harness.clock.set(datetime.fromisoformat(f"{day}T09:00:00+08:00"))
    await w.harness.service.sweep()


def call(make: Any, day: datetime) -> Any:
    """An inspection of the enterprise that ended on a day."""
    officers = (OfficerRef(officer_id=f"{make.MARKET}-o1", agency_id=make.MARKET),)
    entry_id = f"entry-{day:%Y%m%d}"
    return make.finished([], entry_id=entry_id, officers=officers, started_at=day, finished_at=day)


async def test_due_but_not_inspected_is_told_once_and_settled_by_an_inspection(world: Any, make: Any) -> None:
    """A year after the watch began it is overdue, once; the inspection settles it and begins a new year."""
    special = make.enterprise(make.E1, tags=("special_industry",), version=2)
    async with world("quzhou", special) as w:
        await at(w, "2026-03-01")
        await at(w, "2027-03-01")
        assert w.harness.recorder.of(InspectionOverdue) == []
        await at(w, "2027-03-02")
        await at(w, "2027-03-03")
        event = await w.harness.recorder.wait_for(InspectionOverdue)
        assert (event.enterprise_id, event.field, event.clause) == (make.E1, "special_industry", "BE-54")
        assert event.due == date(2027, 3, 1)
        watcher = w.who(Role.SUPERVISOR, None)
        [field] = (await w.get("/v1/coverage?area=330802", by=watcher))["fields"]
        assert field == {"field": "special_industry", "enterprises": 1, "inspected": 0, "overdue": 1}
        [overdue] = (await w.get("/v1/coverage/overdue?area=330802", by=watcher))["items"]
        assert (overdue["enterprise_id"], overdue["due_on"]) == (make.E1, "2027-03-01")
        await w.harness.deliver(call(make, datetime(2027, 3, 4, 2, tzinfo=UTC)))
        settled = await w.harness.recorder.wait_for(InspectionCaughtUp)
        assert (settled.enterprise_id, settled.due) == (make.E1, date(2027, 3, 1))
        [field] = (await w.get("/v1/coverage?area=330802", by=watcher))["fields"]
        assert (field["inspected"], field["overdue"]) == (1, 0)
        assert len(w.harness.recorder.of(InspectionOverdue)) == 1


async def test_who_left_the_field_is_not_told(world: Any, make: Any) -> None:
    """The period runs from the inspection known before the watch; without the tag nothing is due."""
    special = [make.enterprise(one, tags=("key_area",), version=2) for one in (make.E1, make.E2)]
    async with world("quzhou", *special, call(make, datetime(2026, 2, 10, 2, tzinfo=UTC))) as w:
        await at(w, "2026-03-01")
        await w.harness.deliver(make.enterprise(make.E2, version=3))
        await at(w, "2027-02-11")
        await at(w, "2027-03-05")
        await w.harness.recorder.wait_for(InspectionOverdue)
        assert [event.enterprise_id for event in w.harness.recorder.of(InspectionOverdue)] == [make.E1]


@pytest.mark.parametrize(
    ("now", "reason"), [({"status": "deregistered", "tags": ("key_area",)}, "企业已经歇业或者注销"), ({}, "不再属于")]
)
async def test_nobody_owes_an_inspection_to_who_left(world: Any, make: Any, now: dict[str, Any], reason: str) -> None:
    """An overdue enterprise that is deregistered or leaves the field is settled, and counted no more."""
    special = make.enterprise(make.E1, tags=("key_area",), version=2)
    async with world("quzhou", special) as w:
        await at(w, "2026-03-01")
        await at(w, "2027-03-02")
        told = await w.harness.recorder.wait_for(InspectionOverdue)
        await w.harness.deliver(make.enterprise(make.E1, version=3, **now))
        settled = await w.harness.recorder.wait_for(InspectionCaughtUp)
        assert (settled.enterprise_id, settled.due, settled.area) == (make.E1, told.due, told.area)
        assert settled.reason.startswith(reason)
        watcher = w.who(Role.SUPERVISOR, None)
        assert (await w.get("/v1/coverage?area=330802", by=watcher))["fields"] == []
        assert (await w.get("/v1/coverage/overdue?area=330802", by=watcher))["items"] == []
        await w.harness.deliver(make.enterprise(make.E1, tags=("key_area",), version=4))
        await at(w, "2027-03-03")
        assert (told.since, settled.since) == (date(2026, 3, 1), date(2026, 3, 1))
        [field] = (await w.get("/v1/coverage?area=330802", by=watcher))["fields"]
        assert (field["enterprises"], field["overdue"]) == (1, 0)


async def test_an_enterprise_is_watched_where_it_is_now(world: Any, make: Any) -> None:
    """Who moved away, or into another field, is counted there at once."""
    special = make.enterprise(make.E1, tags=("key_area",), version=2)
    async with world("quzhou", special) as w:
        await at(w, "2026-03-01")
        tags = ("special_industry",)
        await w.harness.deliver(make.enterprise(make.E1, area="330803002", tags=tags, version=3))
        watcher = w.harness.headers(Role.SUPERVISOR, subject="city", area="330800")
        assert (await w.get("/v1/coverage?area=330802", by=watcher))["fields"] == []
        [field] = (await w.get("/v1/coverage?area=330803", by=watcher))["fields"]
        assert (field["field"], field["enterprises"]) == ("special_industry", 1)


async def test_an_area_is_looked_through_once_a_day_and_under_its_own_pack(world: Any, make: Any) -> None:
    """Enterprises new to a field are watched from the next day on; a place with its own pack by that pack."""
    nothing = make.activated("quzhou", {"coverage.fields": []})
    above = make.activated("quzhou").model_copy(update={"area": "330800"})
    far = make.enterprise(make.FAR, area="330803002", tags=("key_area",), version=2)
    near = make.enterprise(make.E1, tags=("key_area",), version=2)
    async with world("quzhou", nothing, above) as w:
        await at(w, "2026-03-01")
        await w.harness.deliver(far, near)
        await at(w, "2026-03-01")
        watcher = w.harness.headers(Role.SUPERVISOR, subject="city", area="330800")
        assert (await w.get("/v1/coverage?area=330800", by=watcher))["fields"] == []
        await at(w, "2026-03-02")
        [field] = (await w.get("/v1/coverage?area=330800", by=watcher))["fields"]
        assert field["enterprises"] == 1
        assert (await w.get("/v1/coverage?area=330802", by=watcher))["fields"] == []


async def test_coverage_is_for_those_who_watch_the_area(world: Any) -> None:
    """Neither agencies nor watchers of other areas read it."""
    async with world("quzhou") as w:
        for path in ("/v1/coverage", "/v1/coverage/overdue"):
            assert (await w.client.get(f"{path}?area=330802", headers=w.who(Role.PLANNER))).status_code == 403
            other = await w.client.get(f"{path}?area=330803", headers=w.who(Role.SUPERVISOR, None))
            assert other.status_code == 403


async def test_sweeps_at_once_tell_once(world: Any, make: Any, postgres_storage: Callable[[], Storage]) -> None:
    """Several sweeps at once tell of each enterprise once."""
    special = [make.enterprise(one, tags=("special_industry",), version=2) for one in (make.E1, make.E2, make.E3)]
    async with world("quzhou", *special, storage=postgres_storage()) as w:
        await at(w, "2026-03-01")
        w.harness.clock.set(datetime.fromisoformat("2027-04-01T09:00:00+08:00"))
        await asyncio.gather(*(w.harness.service.sweep() for _ in range(4)))
        for enterprise_id in (make.E1, make.E2, make.E3):
            await w.harness.recorder.wait_for(InspectionOverdue, lambda e, one=enterprise_id: e.enterprise_id == one)
        assert len(w.harness.recorder.of(InspectionOverdue)) == 3
