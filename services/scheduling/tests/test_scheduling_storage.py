"""The last place in the year, on both databases: whatever the race, it is given once."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from wurao.common.auth import Role
from wurao.local.plugin import Storage
from wurao.scheduling.domain.gate import TaskRequest
from wurao.scheduling.repository import caps, facts
from wurao.scheduling.tables import CapCounter, Task
from wurao.scheduling.usecases import tasks

NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)


@pytest.mark.clause("QZ-16")
async def test_fifty_at_once_for_the_last_place(world: Any, storage: Storage) -> None:
    """Fifty requests race for the last free place under the cap: exactly one is accepted."""
    async with world("quzhou", storage=storage) as w:
        await w.accepted()
        answers = await asyncio.gather(*(w.task() for _ in range(50)))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 49
        assert {a.json()["clause"] for a in answers if a.status_code == 409} == {"QZ-16"}
        async with w.harness.service.db.read() as session:
            assert await session.scalar(select(func.sum(CapCounter.n))) == 2
            assert await session.scalar(select(func.count()).select_from(Task)) == 2


@pytest.mark.clause("QZ-16")
async def test_place_taken_since_the_facts_were_read_is_refused(world: Any, make: Any, storage: Storage) -> None:
    """Two requests judged by the same facts, both permitted: the second finds the place taken."""
    async with world("quzhou", storage=storage) as w:
        await w.accepted()
        request = TaskRequest(
            agency_id=make.MARKET,
            enterprise_id=make.E1,
            item_ids=("330802-market-special",),
            earliest=date(2026, 3, 2),
            latest=date(2026, 3, 31),
            origin="plan",
            plan_id=w.published[make.MARKET],
            ground="special_industry",
        )
        async with w.harness.service.db.write() as session:
            [(found, policy)] = await facts.load(session, [request], date(2026, 1, 5))
            first = await tasks.admit(session, request, found, policy, by="a", now=NOW)
            second = await tasks.admit(session, request, found, policy, by="b", now=NOW)
        assert isinstance(first, Task)
        assert isinstance(second, tuple)
        assert (second[0].code, second[0].clause) == ("cap.on_site_full", "QZ-16")


async def test_places_are_taken_to_the_limit_and_given_back(world: Any, storage: Storage) -> None:
    """A place is had while fewer than the limit are taken; giving back never goes below none."""
    place = caps.Place("on_site", "a", "e", 2026)
    async with world("quzhou", storage=storage) as w, w.harness.service.db.write() as session:
        assert [await caps.take(session, place, 2) for _ in range(3)] == [True, True, False]
        assert await caps.take(session, place, None)
        for _ in range(5):
            await caps.give_back(session, place)
        assert (await caps.taken(session, ["e"]))[place] == 0


async def test_the_way_from_draw_to_code_with_every_reader(world: Any, make: Any, storage: Storage) -> None:
    """Draw, merge, approval, and what agencies, supervisors and the public may read of it."""
    async with world("yongzhou", make.graded(make.E1, "good", 1000), storage=storage) as w:
        proof = await w.draw(await w.plan(), ["330802-market-random"])
        assert (await w.merge())["visits"] == len(proof["tickets"])
        [visit] = await w.visits(enterprise_id=make.E1)
        answer = await w.post(f"/v1/visits/{visit['visit_id']}/approve", by=w.who(Role.HEAD))
        assert answer.status_code == 200, answer.text
        assert answer.json()["kind"] == "random"
        own, other = w.who(Role.OFFICER), w.who(Role.OFFICER, make.FIRE)
        path = f"/v1/visits/{visit['visit_id']}"
        assert (await w.get(path, by=own))["code"] == answer.json()["code"]
        assert (await w.client.get(path, headers=other)).status_code == 404
        assert len((await w.get("/v1/visits", by=own))["items"]) == len(proof["tickets"])
        assert (await w.get("/v1/visits", by=other))["items"] == []
        assert (await w.get("/v1/tasks", by=other))["items"] == []
        assert (await w.client.get("/v1/public/plans")).json()["items"]
        public = (await w.client.get(f"/v1/public/draws/{proof['draw_id']}")).json()
        assert public["seed"] == proof["seed"]
