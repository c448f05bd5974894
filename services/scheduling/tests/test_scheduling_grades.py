"""Grades act from their day: the replica agrees with every announcement ever made, on both databases."""

import random
from datetime import date, timedelta
from typing import Any

import pytest

from wurao.common.contracts.registry import EnterpriseGraded
from wurao.local.plugin import Storage
from wurao.scheduling.repository import grades, replicas

FIRST = date(2025, 12, 1)


def announced(make: Any, version: int, grade: str, in_force_from: date) -> EnterpriseGraded:
    """A grade of the first enterprise."""
    event: EnterpriseGraded = make.graded(make.E1, grade, version=version)
    return event.model_copy(update={"in_force_from": in_force_from})


@pytest.mark.clause("CX-13")
async def test_a_grade_announced_for_january_does_not_act_in_december(world: Any, make: Any, storage: Storage) -> None:
    """On each day the grade is the one announced last of those whose day has come, whatever was kept or forgotten."""
    chance = random.Random(13)  # noqa: S311 - a repeatable history, nothing secret
    async with world("cangxian", storage=storage) as w, w.harness.service.db.write() as session:
        model: list[EnterpriseGraded] = []
        for version in range(3, 63):
            today = FIRST + timedelta(days=version)
            day = today + timedelta(days=chance.choice((0, 0, 1, 5, 20)))
            event = announced(make, version, f"grade {version}", day)
            model.append(event)
            await grades.keep(session, event, today)
            await grades.keep(session, chance.choice(model), today)
            for ahead in range(0, 25, 3):
                on = today + timedelta(days=ahead)
                acting = [known for known in model if known.in_force_from <= on]
                expected = max(acting, key=lambda known: known.version).grade if acting else None
                found = await replicas.enterprises(session, [make.E1], on)
                assert found[make.E1].grade == expected
                pooled = {row[0]: row[2] for row in await replicas.pool(session, found[make.E1].area, on)}
                assert pooled[make.E1] == expected


@pytest.mark.clause("CX-13")
async def test_the_announced_day_is_waited_for(world: Any, make: Any) -> None:
    """Announced over the bus in December, an A class exempts nobody before 1 January."""
    async with world("cangxian", make.graded(make.E1, "B")) as w:
        await w.harness.deliver(announced(make, 3, "A", date(2027, 1, 1)))
        async with w.harness.service.db.read() as session:
            for on, grade in ((date(2026, 12, 31), "B"), (date(2027, 1, 1), "A")):
                assert (await replicas.enterprises(session, [make.E1], on))[make.E1].grade == grade
