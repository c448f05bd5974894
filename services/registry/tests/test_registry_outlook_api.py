"""Grades as they were and as they might be, over HTTP; the monthly renewal."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from wurao.common.auth import Role
from wurao.common.clock import SHANGHAI
from wurao.common.contracts.registry import EnterpriseGraded
from wurao.common.platform import JobRow
from wurao.common.testing import Harness, eventually
from wurao.common.uscc import check_character
from wurao.registry.repository.bulk import insert_all
from wurao.registry.tables import Enterprise, FactRow, GradeRow
from wurao.registry.usecases.grading import grade, occasion

HEADER = "enterprise_id,name,kind,industry,size,area,address,registered_on,park,tags\n"
FACTS = "fact_id,enterprise_id,indicator,value,source,occurred_on,evidence,expires_on\n"


def uscc(number: int) -> str:
    """A valid code."""
    first = f"91330802MA{number:07d}"
    return first + check_character(first)


async def shop(load: Any, *facts: str) -> str:
    """One enterprise with facts given as `id,indicator,value,day,until`."""
    name = uscc(1)
    await load("enterprises", HEADER + f"{name},第1店,company,H6210,micro,330802001,1号,,,\n")
    rows = [line.split(",") for line in facts]
    lines = [
        f"{key},{name},{indicator},{value},市监局,{day},决定书,{until}\n" for key, indicator, value, day, until in rows
    ]
    if lines:
        await load("facts", FACTS + "".join(lines))
    return name


async def get(registry: Harness, headers: dict[str, str], path: str, **query: str) -> Any:
    """The JSON of a path that answers."""
    answer = await registry.client.get(path, headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_simulator_shows_indicator_by_indicator_what_a_repair_does(
    registry: Harness, platform: dict[str, str], load: Any, enforce: Any
) -> None:
    """Without the breach and with a standard the score and the grade rise, said in Chinese; nothing is kept."""
    await enforce("linxia")
    name = await shop(
        load, "breach,serious_breach,1,2025-06-01,", "p1,penalties_24m,1,2025-06-01,", "p2,penalties_24m,1,2025-07-01,"
    )
    own = registry.headers(Role.ENTERPRISE, enterprise_id=name)
    body = {
        "leave_out": ["breach", "p1"],
        "add": [{"indicator": "safety_standard_level", "value": 3, "occurred_on": "2026-01-05"}],
    }
    path = f"/v1/enterprises/{name}/grade/simulate"
    answer = await registry.client.post(path, headers=own, json=body)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    changes = {row["indicator"]: row for row in found["indicators"]}
    assert (changes["penalties_24m"]["value_before"], changes["penalties_24m"]["value_after"]) == (2, 1)
    gain = sum(row["points_after"] - row["points_before"] for row in found["indicators"])
    assert found["after"]["score"] - found["before"]["score"] == gain > 0
    assert found["before"]["grade"] == "poor"
    assert found["after"]["grade"] != "poor"
    assert [rule["indicator"] for rule in found["before"]["hard_rules"]] == ["serious_breach"]
    assert found["after"]["hard_rules"] == []
    assert found["sentences"][0].startswith("现状：")
    assert found["sentences"][-1].startswith("测算：")
    assert any("由2变为1" in sentence for sentence in found["sentences"])
    assert (await get(registry, own, f"/v1/enterprises/{name}/facts"))["items"][2:] != []
    assert (await get(registry, own, f"/v1/enterprises/{name}/grade"))["assessed"] == "poor"
    assert registry.recorder.of(EnterpriseGraded) == []


async def test_the_simulator_refuses_what_it_cannot_tell(
    registry: Harness, platform: dict[str, str], load: Any
) -> None:
    """An unknown fact, a past day and another enterprise's caller are refused."""
    name = await shop(load)
    path = f"/v1/enterprises/{name}/grade/simulate"
    other = registry.headers(Role.ENTERPRISE, enterprise_id=uscc(2))
    assert (await registry.client.post(path, headers=platform, json={"leave_out": ["x"]})).status_code == 404
    assert (await registry.client.post(path, headers=platform, json={"on": "2026-01-04"})).status_code == 422
    assert (await registry.client.post(path, headers=platform, json={"add": [{"value": 1}]})).status_code == 422
    assert (await registry.client.post(path, headers=other, json={})).status_code == 404
    assert (await registry.client.post(path, headers=platform, json={})).status_code == 200


async def test_the_outlook_names_the_day_and_the_fewest_facts(
    registry: Harness, platform: dict[str, str], load: Any, enforce: Any
) -> None:
    """The enterprise sees what each fact does, from which day its grade is better by itself, and the shortest way."""
    await enforce("yongzhou")
    name = await shop(
        load,
        "breach,serious_breach,1,2025-06-01,2026-02-10",
        "jobs,jobs,3,2025-06-01,",
        "old,jobs,3,2024-06-01,2025-01-01",
    )
    own = registry.headers(Role.ENTERPRISE, enterprise_id=name)
    found = await get(registry, own, f"/v1/enterprises/{name}/grade/outlook")
    assert found["now"]["grade"] == "poor"
    assert (found["improves"]["on"], found["improves"]["grade"]) == ("2026-02-11", "excellent")
    assert (found["fewest"]["fact_ids"], found["fewest"]["grade"]) == (["breach"], "excellent")
    assert {row["fact_id"] for row in found["facts"]} == {"breach", "jobs"}
    told = {row["fact_id"]: row["sentence"] for row in found["facts"]}
    assert "该记录计至2026-02-10" in told["breach"]
    assert "不影响结果" in told["jobs"]
    registry.clock.set(datetime(2026, 2, 11, 3, 0, tzinfo=UTC))
    after = await get(registry, own, f"/v1/enterprises/{name}/grade/outlook")
    assert (after["now"]["grade"], after["improves"], after["fewest"]) == ("excellent", None, None)
    assert "已是最好等级" in after["sentences"]


async def test_the_outlook_says_from_which_day_a_fact_may_be_repaired(registry: Harness, load: Any) -> None:
    """A penalty after its shortest display; not what ends by itself before, nor what is not adverse."""
    name = await shop(
        load,
        "fine,penalties_24m,1,2025-11-01,",
        "brief,penalties_24m,1,2025-12-01,2026-02-10",
        "jobs,jobs,3,2025-06-01,",
    )
    own = registry.headers(Role.ENTERPRISE, enterprise_id=name)
    path = f"/v1/enterprises/{name}/grade/outlook"
    found = {fact["fact_id"]: fact for fact in (await get(registry, own, path))["facts"]}
    assert {key: fact["repair_from"] for key, fact in found.items()} == {
        "fine": "2026-02-02",
        "brief": None,
        "jobs": None,
    }
    assert "2026-02-02起可以申请信用修复" in found["fine"]["sentence"]


async def test_a_grade_is_told_as_it_was_known_then(
    registry: Harness, platform: dict[str, str], load: Any, enforce: Any
) -> None:
    """For any day and any moment the answer is that of a list kept by hand; the pages hold the whole history."""
    await enforce("yongzhou")
    name, chance = await shop(load), random.Random(7)  # noqa: S311 - the same story each time
    start, kept = datetime(2026, 1, 5, 2, 0, tzinfo=UTC), []
    for step in range(25):
        now = start + timedelta(hours=36 * step)
        today = now.astimezone(SHANGHAI).date()
        async with registry.service.db.write() as session:
            await insert_all(session, FactRow, [breach(name, f"f{step}", today, chance.randint(0, 1), now)])
            ahead = timedelta(days=chance.choice([0, 0, 0, 10]))
            if await grade(session, [name], occasion("fact", today + ahead, now)):
                row = (await session.scalars(select(GradeRow).order_by(GradeRow.grade_id.desc()).limit(1))).one()
                kept.append((row.known_at, row.in_force_from, row.grade, row.reasons))
    assert len(kept) > 5
    for _ in range(60):
        on = date(2026, 1, 1) + timedelta(days=chance.randint(0, 50))
        known_at = start + timedelta(hours=chance.randint(-40, 40 * 36))
        expected = [row for row in kept if row[0] <= known_at and row[1] <= on]
        query = {"on": on.isoformat(), "known_at": known_at.isoformat()}
        found = (await get(registry, platform, f"/v1/enterprises/{name}/grade", **query))["grade"]
        assert (found and (found["grade"], found["reasons"])) == (expected[-1][2:] if expected else None)
    first_day = kept[0][0].astimezone(SHANGHAI).date().isoformat()
    by_day = await get(registry, platform, f"/v1/enterprises/{name}/grade", on="2026-03-01", known_at=first_day)
    assert by_day["grade"]["grade"] == kept[0][2]
    cursor: dict[str, str] = {}
    pages = []
    while True:
        page = await get(registry, platform, f"/v1/enterprises/{name}/grades", limit="4", **cursor)
        pages += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert [row["grade"] for row in pages] == [row[2] for row in reversed(kept)]


def breach(name: str, key: str, day: date, value: int, now: datetime) -> dict[str, Any]:
    """A state of one day: in serious breach or not any more."""
    return {
        "fact_id": key,
        "enterprise_id": name,
        "indicator": "serious_breach",
        "value": value,
        "source": "市监局",
        "occurred_on": day,
        "evidence": "",
        "expires_on": None,
        "counts_until": None,
        "lapsed": False,
        "origin": "import",
        "origin_version": 1,
        "recorded_at": now,
    }


async def test_a_moment_says_its_offset_and_its_century(registry: Harness, platform: dict[str, str], load: Any) -> None:
    """An instant without offset or out of all bounds is malformed; a day needs no offset."""
    name = await shop(load)
    path = f"/v1/enterprises/{name}/grade"
    for bad in ("2026-01-05T08:30:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        answer = await registry.client.get(path, headers=platform, params={"known_at": bad})
        assert answer.status_code == 422, bad
    assert (await get(registry, platform, path, known_at="2026-01-05"))["grade"] is None


@pytest.mark.parametrize("graded", [True, False])
async def test_a_list_is_renewed_once_a_month(
    registry: Harness, platform: dict[str, str], load: Any, enforce: Any, graded: bool
) -> None:
    """A graded list gets one job in each month, asked for by person or by rhythm; one never graded waits."""
    await enforce("linxia")
    await shop(load)
    if graded:
        answer = await registry.client.post("/v1/gradings", headers=platform, json={"area": "330802"})
        assert answer.status_code == 202

        async def known() -> bool:
            async with registry.service.db.read() as session:
                return (await session.scalars(select(Enterprise.grade))).one() is not None

        await eventually(known)
    assert (await registry.service.sweep())["renew_grades"] == 0
    registry.clock.set(datetime(2026, 2, 1, 3, 0, tzinfo=UTC))
    assert [(await registry.service.sweep())["renew_grades"] for _ in range(2)] == [int(graded), 0]
    registry.clock.set(datetime(2026, 4, 20, 3, 0, tzinfo=UTC))
    assert [(await registry.service.sweep())["renew_grades"] for _ in range(2)] == [int(graded), 0]
    async with registry.service.db.read() as session:
        jobs = (await session.scalars(select(JobRow).where(JobRow.kind == "grading", JobRow.owner == "registry"))).all()
    assert [job.parameters["in_force_from"] for job in jobs] == ["2026-02-01", "2026-04-20"] * graded
