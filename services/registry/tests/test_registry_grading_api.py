"""Facts and grades over HTTP: graded by job, regraded by facts, explained."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from wurao.common.auth import Role
from wurao.common.contracts.registry import EnterpriseGraded
from wurao.common.testing import Harness, eventually
from wurao.common.uscc import check_character

Load = Callable[..., Awaitable[dict[str, Any]]]

HEADER = "enterprise_id,name,kind,industry,size,area,address,registered_on,park,tags\n"
FACTS = "fact_id,enterprise_id,indicator,value,source,occurred_on,evidence,expires_on\n"


def uscc(number: int) -> str:
    """A valid code."""
    first = f"91330802MA{number:07d}"
    return first + check_character(first)


def fact(key: str, number: int, indicator: str, value: int, occurred: str = "2025-06-01", until: str = "") -> str:
    """A line of facts.csv."""
    return f"{key},{uscc(number)},{indicator},{value},柯城区市场监督管理局,{occurred},决定书1号,{until}\n"


async def enter(load: Load, count: int, *facts: str) -> None:
    """Enterprises 1 to `count` with these facts."""
    rows = [f"{uscc(n)},第{n}店,company,H6210,micro,330802001,1号,,,\n" for n in range(1, count + 1)]
    await load("enterprises", HEADER + "".join(rows))
    if facts:
        await load("facts", FACTS + "".join(facts))


async def activate(registry: Harness, headers: dict[str, str], pack: str) -> None:
    """Put a pack into force in the county."""
    body = {"pack": pack, "area": "330802", "effective_from": "2025-12-01", "reason": "测试"}
    proposed = await registry.client.post("/v1/packs/activations", headers=headers, json=body)
    second = registry.headers(Role.SUPERVISOR, subject="approver", area="330802")
    url = f"{proposed.headers['Location']}/approve"
    assert (await registry.client.post(url, headers=second, json={})).status_code == 200


async def grade_all(registry: Harness, headers: dict[str, str], **body: str) -> dict[str, Any]:
    """Grade the county; the job when it is done."""
    answer = await registry.client.post("/v1/gradings", headers=headers, json={"area": "330802", **body})
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = {}

    async def ended() -> bool:
        job.update((await registry.client.get(answer.headers["Location"], headers=headers)).json())
        return job["state"] in ("done", "failed")

    await eventually(ended)
    assert job["state"] == "done", job
    return job


async def shown(registry: Harness, headers: dict[str, str], number: int) -> dict[str, Any]:
    """An enterprise's explained grade."""
    answer = await registry.client.get(f"/v1/enterprises/{uscc(number)}/grade", headers=headers)
    assert answer.status_code == 200, answer.text
    grade: dict[str, Any] = answer.json()
    return grade


async def post(registry: Harness, headers: dict[str, str], number: int, **body: Any) -> dict[str, Any]:
    """Enter one fact."""
    given = {"source": "柯城区市场监督管理局", "occurred_on": "2026-01-04", "evidence": "决定书2号", **body}
    answer = await registry.client.post(f"/v1/enterprises/{uscc(number)}/facts", headers=headers, json=given)
    assert answer.status_code == 201, answer.text
    recorded: dict[str, Any] = answer.json()
    assert (await registry.client.get(answer.headers["Location"], headers=headers)).json() == recorded["fact"]
    return recorded


@pytest.mark.clause("YZ-08")
@pytest.mark.pack("yongzhou")
async def test_three_levels_get_three_ratios_caps_and_measures(
    registry: Harness, platform: dict[str, str], load: Load
) -> None:
    """Excellent, medium and poor enterprises get three sampling ratios, yearly caps and sets of measures."""
    await activate(registry, platform, "yongzhou")
    await enter(load, 3, fact("a", 2, "penalties_24m", 2), fact("b", 3, "serious_breach", 1))
    job = await grade_all(registry, platform)
    assert (job["result"]["graded"], job["result"]["changed"]) == (3, 3)
    assert job["result"]["grades"] == {"excellent": 1, "medium": 1, "poor": 1}
    assert (job["done"], job["total"]) == (3, 3)
    grades = [await shown(registry, platform, number) for number in (1, 2, 3)]
    assert [grade["label"] for grade in grades] == ["优秀", "中等", "差"]
    assert [grade["sampling_permille"] for grade in grades] == [10, 50, 250]
    assert [grade["yearly_cap"] for grade in grades] == [1, 2, 4]
    assert [grade["measures"][0] for grade in grades] == ["轻度监管", "适度监管", "重度监管"]
    assert {grade["clause"] for grade in grades} == {"YZ-08"}
    await registry.recorder.wait_for(EnterpriseGraded, lambda event: event.enterprise_id == uscc(3))
    assert {event.grade for event in registry.recorder.of(EnterpriseGraded)} == {"excellent", "medium", "poor"}


@pytest.mark.clause("CX-12")
@pytest.mark.pack("cangxian")
async def test_four_factors_are_explained_in_each_score(
    registry: Harness, platform: dict[str, str], load: Load
) -> None:
    """The grade explains lawful operation, risk control, technology and social contribution, fact by fact."""
    await activate(registry, platform, "cangxian")
    facts = (
        fact("a", 1, "penalties_24m", 1),
        fact("b", 1, "safety_standard_level", 3),
        fact("c", 1, "high_tech", 1),
        fact("d", 1, "tax_band", 4),
    )
    await enter(load, 1, *facts)
    await grade_all(registry, platform)
    grade = await shown(registry, platform, 1)
    assert {row["label"]: row["points"] for row in grade["factors"]} == {
        "合法经营": -600,
        "风险管控": 900,
        "科技水平": 500,
        "社会贡献": 600,
    }
    assert grade["score"] == grade["base"] + sum(row["points"] for row in grade["factors"]) == 8400
    assert (grade["grade"], grade["clause"], grade["in_force_from"]) == ("B", "CX-12", None)
    penalty = next(row for row in grade["indicators"] if row["indicator"] == "penalties_24m")
    assert penalty["reason"] == "近24个月处罚次数：1，-6分"
    assert [(f["fact_id"], f["counts_until"]) for f in penalty["facts"]] == [("a", "2026-06-01")]
    for factor in ("合法经营", "风险管控", "科技水平", "社会贡献"):
        assert any(factor in reason for reason in grade["reasons"])


@pytest.mark.clause("LX-10")
@pytest.mark.pack("linxia")
async def test_a_new_fact_changes_grade_and_ratio_and_history_says_why(
    registry: Harness, platform: dict[str, str], load: Load
) -> None:
    """One fact regrades at once, its last day regrades back, and the history keeps the reason of each."""
    await activate(registry, platform, "linxia")
    await enter(load, 1, fact("a", 1, "safety_standard_level", 3))
    await grade_all(registry, platform)
    before = await shown(registry, platform, 1)
    assert (before["grade"], before["sampling_permille"]) == ("excellent", 10)
    recorded = await post(registry, platform, 1, indicator="penalties_24m", value=1, expires_on="2026-03-31")
    assert (recorded["grade"], recorded["changed"]) == ("medium", True)
    event = await registry.recorder.wait_for(EnterpriseGraded, lambda event: event.grade == "medium")
    assert (event.previous, event.sampling_permille, event.in_force_from) == ("excellent", 40, date(2026, 1, 5))
    assert any("近24个月处罚次数：1" in reason for reason in event.reasons)
    registry.clock.set(datetime(2026, 3, 31, 3, 0, tzinfo=UTC))
    assert (await registry.service.sweep())["expire_facts"] == 0
    registry.clock.set(datetime(2026, 4, 1, 3, 0, tzinfo=UTC))
    assert (await registry.service.sweep())["expire_facts"] == 1
    after = await shown(registry, platform, 1)
    assert (after["grade"], after["in_force_from"], after["due"]) == ("excellent", "2026-04-01", False)
    history = [(row["grade"], row["previous"], row["cause"]) for row in after["history"]]
    assert history == [
        ("excellent", "medium", "expiry"),
        ("medium", "excellent", "fact"),
        ("excellent", None, "grading"),
    ]
    back = await registry.recorder.wait_for(EnterpriseGraded, lambda found: found.version > event.version)
    assert back.grade == "excellent"


async def test_grading_again_announces_only_changes(registry: Harness, platform: dict[str, str], load: Load) -> None:
    """A repeated grading changes nothing; facts by import regrade those that hold a grade."""
    await enter(load, 2)
    await grade_all(registry, platform)
    assert (await grade_all(registry, platform))["result"]["changed"] == 0
    await load("facts", FACTS + fact("a", 2, "serious_breach", 1))
    event = await registry.recorder.wait_for(EnterpriseGraded, lambda event: event.grade == "D")
    assert event.enterprise_id == uscc(2)
    assert len(registry.recorder.of(EnterpriseGraded)) == 3


async def test_a_pack_that_takes_over_makes_a_grading_due(
    registry: Harness, platform: dict[str, str], load: Load
) -> None:
    """The announced grade stays in force under a new pack until the next grading, and the answer says so."""
    await enter(load, 1)
    await grade_all(registry, platform)
    await activate(registry, platform, "yongzhou")
    grade = await shown(registry, platform, 1)
    assert (grade["grade"], grade["assessed"], grade["due"]) == ("A", "excellent", True)
    await grade_all(registry, platform)
    grade = await shown(registry, platform, 1)
    assert (grade["grade"], grade["previous"], grade["due"]) == ("excellent", "A", False)


async def test_an_ungraded_enterprise_shows_what_its_facts_come_to(
    registry: Harness, platform: dict[str, str], load: Load
) -> None:
    """Before the first grading the assessment is shown as not in force."""
    await enter(load, 1)
    grade = await shown(registry, platform, 1)
    assert (grade["grade"], grade["in_force_from"], grade["due"], grade["history"]) == ("A", None, True, [])


async def test_next_years_grades_wait_for_their_day(registry: Harness, platform: dict[str, str], load: Load) -> None:
    """A grading for a later day leaves today's grade in force; a past day is refused."""
    await enter(load, 1, fact("a", 1, "penalties_24m", 5, until="2026-06-30"))
    await grade_all(registry, platform)
    assert (await shown(registry, platform, 1))["grade"] == "C"
    await grade_all(registry, platform, in_force_from="2026-07-01")
    event = await registry.recorder.wait_for(EnterpriseGraded, lambda event: event.in_force_from > date(2026, 6, 30))
    assert event.grade == "A"
    assert (await shown(registry, platform, 1))["grade"] == "C"
    registry.clock.set(datetime(2026, 7, 1, 3, 0, tzinfo=UTC))
    assert (await shown(registry, platform, 1))["grade"] == "A"
    answer = await registry.client.post(
        "/v1/gradings", headers=platform, json={"area": "330802", "in_force_from": "2026-06-30"}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "grading.bad_date")


async def test_facts_at_once_all_count(registry: Harness, platform: dict[str, str], load: Load) -> None:
    """Ten facts entered at the same time for one enterprise all count, and versions stay in order."""
    await activate(registry, platform, "quzhou")
    await enter(load, 1)
    await grade_all(registry, platform)
    await asyncio.gather(*(post(registry, platform, 1, indicator="complaints_proven", value=1) for _ in range(10)))
    grade = await shown(registry, platform, 1)
    complaints = next(row for row in grade["indicators"] if row["indicator"] == "complaints_proven")
    assert (complaints["value"], len(complaints["facts"]), grade["due"]) == (10, 10, False)
    versions = [event.version for event in registry.recorder.of(EnterpriseGraded)]
    assert versions == sorted(set(versions))


async def test_bad_facts_are_refused(registry: Harness, platform: dict[str, str], load: Load) -> None:
    """Unknown indicators, impossible values and days, and NUL are malformed; the same body without them is good."""
    await enter(load, 1)
    body = {"indicator": "jobs", "value": 3, "source": "人社局", "occurred_on": "2026-01-05", "evidence": "社保"}
    bad: list[dict[str, Any]] = [
        {"indicator": "beauty"},
        {"value": True},
        {"value": -1},
        {"value": 10**30},
        {"occurred_on": "2026-01-06"},
        {"occurred_on": "0001-01-01"},
        {"expires_on": "9999-12-31"},
        {"evidence": "a\0b"},
    ]
    path = f"/v1/enterprises/{uscc(1)}/facts"
    for change in bad:
        answer = await registry.client.post(path, headers=platform, json=body | change)
        assert answer.status_code == 422, change
    assert (await registry.client.post(path, headers=platform, json=body)).status_code == 201


async def test_grading_stays_within_the_callers_area(registry: Harness, platform: dict[str, str], load: Load) -> None:
    """A supervisor grades no other area, and an agency elsewhere enters no facts."""
    await enter(load, 1)
    elsewhere = registry.headers(Role.SUPERVISOR, agency_id="justice", area="330803")
    answer = await registry.client.post("/v1/gradings", headers=elsewhere, json={"area": "330802"})
    assert (answer.status_code, answer.json()["code"]) == (403, "other_area")
    planner = registry.headers(Role.PLANNER, agency_id="other", area="330803")
    body = {"indicator": "jobs", "value": 3, "source": "人社局", "occurred_on": "2026-01-05", "evidence": "社保"}
    answer = await registry.client.post(f"/v1/enterprises/{uscc(1)}/facts", headers=planner, json=body)
    assert answer.status_code == 404
