"""Packs over HTTP: uploaded, proposed by one person, decided by another, in force by date."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from wurao.common.auth import Role
from wurao.common.contracts.registry import PackActivated, PackWithdrawn
from wurao.common.testing import Harness, running
from wurao.local.plugin import Storage
from wurao.registry.app import build
from wurao.registry.tables import PackActivation

AREA = "330802"
URL = "/v1/packs/activations"

SIXTH = """\
pack: sixth
title: 第六县
area: "330802"
inherits: national
source: {id: SX, number: 第六号, from: 2025-03-01}
parameters:
  cap.on_site_per_year:
    unit: visits/year
    values:
      - {value: 3, from: 2025-03-01, to: 2026-07-01, clause: SX-01, cite: 第六号 第1条}
      - {value: 1, from: 2026-07-01, clause: SX-01, cite: 第六号 第1条}
"""


@pytest.fixture
def second(registry: Harness) -> dict[str, str]:
    """The headers of the person who decides."""
    return registry.headers(Role.SUPERVISOR, subject="second", area=AREA)


async def propose(registry: Harness, who: dict[str, str], pack: str, day: str, **more: Any) -> dict[str, Any]:
    """A proposal that is accepted."""
    body = {"pack": pack, "area": AREA, "effective_from": day, "reason": "按文件施行", **more}
    answer = await registry.client.post(URL, headers=who, json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def decide(
    registry: Harness, who: dict[str, str], proposal: dict[str, Any], verb: str = "approve"
) -> tuple[int, Any]:
    """The status and the body of an answer to a decision."""
    url = f"{URL}/{proposal['activation_id']}/{verb}"
    body = {"note": "同意"} if verb == "approve" else {"reason": "另行研究"}
    answer = await registry.client.post(url, headers=who, json=body)
    return answer.status_code, answer.json()


async def cap(registry: Harness, on: str) -> tuple[Any, str]:
    """The yearly cap in force in the county on a day, and its clause."""
    answer = await registry.client.get("/v1/packs/effective", params={"area": AREA, "on": on})
    [found] = [rule for rule in answer.json() if rule["name"] == "cap.on_site_per_year"]
    return found["value"], found["clause"]


async def test_two_persons_put_a_pack_into_force(
    registry: Harness, platform: dict[str, str], second: dict[str, str]
) -> None:
    """Who proposed cannot approve; another person can, and both are in the event; nobody decides twice."""
    proposal = await propose(registry, platform, "quzhou", "2026-01-05")
    assert (proposal["standing"], proposal["standing_label"]) == ("proposed", "待另一人批准")
    assert await cap(registry, "2026-01-05") == (None, "BE-54")
    status, problem = await decide(registry, platform, proposal)
    assert (status, problem["code"], problem["alternatives"]) == (
        409,
        "pack.two_persons",
        ["请另一名有权人员批准或者驳回"],
    )
    assert (await decide(registry, platform, proposal, "reject"))[1]["code"] == "pack.two_persons"
    status, approved = await decide(registry, second, proposal)
    assert (status, approved["standing"], approved["decided_by"]) == (200, "in_force", "second")
    event = await registry.recorder.wait_for(PackActivated)
    assert (event.pack, event.area, event.approved_by) == ("quzhou", AREA, ("platform", "second"))
    assert await cap(registry, "2026-01-05") == (2, "QZ-16")
    for verb in ("approve", "reject"):
        assert (await decide(registry, second, proposal, verb))[1]["code"] == "pack.not_open"


async def test_a_past_date_answers_from_the_pack_in_force_then(
    registry: Harness, platform: dict[str, str], second: dict[str, str]
) -> None:
    """Of two packs in turn each governs its own days; the one to come is scheduled and the history shows all."""
    for pack, day in (("quzhou", "2026-01-01"), ("cangxian", "2026-03-01")):
        assert (await decide(registry, second, await propose(registry, platform, pack, day)))[0] == 200
    turned_down = await propose(registry, platform, "linxia", "2026-02-01")
    assert (await decide(registry, second, turned_down, "reject"))[1]["standing"] == "rejected"
    assert [await cap(registry, day) for day in ("2025-12-31", "2026-01-01", "2026-02-28", "2026-03-01")] == [
        (None, "BE-54"),
        (2, "QZ-16"),
        (2, "QZ-16"),
        (None, "BE-54"),
    ]
    answer = await registry.client.get(URL, headers=platform, params={"area": f"{AREA}001"})
    assert [(each["pack"], each["standing"], each["proposed_by"]) for each in answer.json()] == [
        ("cangxian", "scheduled", "platform"),
        ("linxia", "rejected", "platform"),
        ("quzhou", "in_force", "platform"),
    ]
    registry.clock.advance(timedelta(days=60))
    answer = await registry.client.get(URL, headers=platform, params={"area": AREA})
    assert [each["standing"] for each in answer.json()] == ["in_force", "rejected", "past"]


async def test_replacing_keeps_the_replaced_pack_on_record(
    registry: Harness, platform: dict[str, str], second: dict[str, str]
) -> None:
    """A second approval for the same day takes the first one's place, and both stay readable with their persons."""
    first = await propose(registry, platform, "quzhou", "2026-02-01")
    await decide(registry, second, first)
    other = await propose(registry, platform, "yongzhou", "2026-02-01")
    answer = await registry.client.get(f"{URL}/{other['activation_id']}/changes", headers=second)
    [late] = [change for change in answer.json() if change["name"] == "filing.makeup_working_days"]
    assert (late["label"], late["before"], late["after"]) == ("事后补办期限", "1 个工作日", "未规定")
    assert late["before_source"].startswith("衢政办发〔2025〕16号 二(一)7（QZ-10）")
    await decide(registry, second, other)
    answer = await registry.client.get(f"{URL}/{first['activation_id']}", headers=platform)
    assert (answer.json()["standing"], answer.json()["ended_because"]) == (
        "replaced",
        "由永州市（永优组办发〔2023〕5号）替换",
    )
    events = registry.recorder.of(PackActivated)
    await registry.recorder.wait_for(PackActivated, lambda event: event.pack == "yongzhou")
    assert [event.version for event in events] == sorted({event.version for event in events})


async def test_a_scheduled_pack_can_be_withdrawn_before_its_day(
    registry: Harness, platform: dict[str, str], second: dict[str, str]
) -> None:
    """What is approved for a day to come may be taken back until then; what acts may not."""
    scheduled = await propose(registry, platform, "quzhou", "2026-02-01")
    await decide(registry, second, scheduled)
    assert await cap(registry, "2026-02-01") == (2, "QZ-16")
    status, withdrawn = await decide(registry, platform, scheduled, "withdraw")
    assert (status, withdrawn["standing"], withdrawn["ended_by"]) == (200, "withdrawn", "platform")
    event = await registry.recorder.wait_for(PackWithdrawn)
    [activated] = registry.recorder.of(PackActivated)
    assert event.version > activated.version
    assert await cap(registry, "2026-02-01") == (None, "BE-54")
    again = await propose(registry, platform, "quzhou", "2026-02-01")
    assert (await decide(registry, second, again))[0] == 200
    assert await cap(registry, "2026-02-01") == (2, "QZ-16")
    registry.clock.advance(timedelta(days=27))
    assert (await decide(registry, second, again, "withdraw"))[1]["code"] == "pack.already_in_force"


@pytest.mark.parametrize(
    ("pack", "day", "reason", "code"),
    [
        ("quzhou", "2025-05-11", "追溯", "pack.before_its_document"),
        ("quzhou", "2026-01-04", " ", "pack.backdated_needs_reason"),
        ("nowhere", "2026-01-05", "x", "not_found"),
    ],
)
async def test_impossible_days_are_refused(
    registry: Harness, platform: dict[str, str], pack: str, day: str, reason: str, code: str
) -> None:
    """No pack acts before its document does; a past day needs a reason; a pack must exist."""
    body = {"pack": pack, "area": AREA, "effective_from": day, "reason": reason}
    answer = await registry.client.post(URL, headers=platform, json=body)
    assert answer.json()["code"] == code


async def test_packs_take_effect_within_the_callers_area_only(
    registry: Harness, platform: dict[str, str], second: dict[str, str]
) -> None:
    """A county proposes for itself alone, and a neighbour's supervisor decides nothing for it."""
    answers = [
        await registry.client.post(
            URL, headers=platform, json={"pack": "quzhou", "area": area, "effective_from": "2026-01-05"}
        )
        for area in ("330800", "000000", "330803", AREA)
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403, 201]
    neighbour = registry.headers(Role.SUPERVISOR, subject="neighbour", area="330803")
    assert (await decide(registry, neighbour, answers[-1].json()))[1]["code"] == "other_area"
    planner = registry.headers(Role.PLANNER, agency_id="market", area=AREA)
    assert (await decide(registry, planner, answers[-1].json()))[1]["code"] == "no_permission"


async def test_an_uploaded_pack_acts_like_a_shipped_one(
    registry: Harness, platform: dict[str, str], second: dict[str, str]
) -> None:
    """One YAML is a jurisdiction: uploaded, listed, approved, in force by the dates it states; its clause is cited."""
    headers = platform | {"content-type": "application/yaml"}
    first = await registry.client.post("/v1/packs", headers=headers, content=SIXTH)
    again = await registry.client.post("/v1/packs", headers=headers, content="# 同一内容\n" + SIXTH)
    assert (first.status_code, again.json()["digest"]) == (201, first.json()["digest"])
    listed = (await registry.client.get("/v1/packs")).json()
    assert [(pack["name"], pack["title"], pack["uploaded_by"]) for pack in listed if pack["uploaded_by"]] == [
        ("sixth", "第六县", "platform")
    ]
    registry.clock.set(registry.clock.now() + timedelta(minutes=1))
    revised = await registry.client.post("/v1/packs", headers=headers, content=SIXTH.replace("value: 3", "value: 4"))
    proposal = await propose(registry, platform, "sixth", "2026-01-05", digest=first.json()["digest"])
    await decide(registry, second, proposal)
    newest = await propose(registry, platform, "sixth", "2026-02-01")
    assert newest["digest"] == revised.json()["digest"]
    await decide(registry, second, newest)
    assert [await cap(registry, day) for day in ("2026-01-05", "2026-02-01", "2026-07-01")] == [
        (3, "SX-01"),
        (4, "SX-01"),
        (1, "SX-01"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "words"),
    [
        ("value: 3", "value: three", "pack.faulty", "line_10", "应为整数"),
        (", cite: 第六号 第1条}", "}", "pack.faulty", "line_10", "缺少 cite"),
        ("from: 2026-07-01", "from: 2026-06-30", "pack.faulty", "line_11", "在同一天都有效"),
        ("title:", "titel:", "pack.faulty", "line_2", "不认识的项 titel"),
        ("330802", "330803", "other_area", "", ""),
    ],
)
async def test_a_faulty_upload_is_told_line_by_line(
    registry: Harness, platform: dict[str, str], old: str, new: str, code: str, line: str, words: str
) -> None:
    """A faulty text and one of another area are refused and nothing is kept."""
    headers = platform | {"content-type": "application/yaml"}
    answer = await registry.client.post("/v1/packs", headers=headers, content=SIXTH.replace(old, new, 1))
    assert answer.json()["code"] == code
    if line:
        [field] = answer.json()["fields"]
        assert field["code"] == line
        assert words in field["message"]
    assert len((await registry.client.get("/v1/packs")).json()) == 6


@pytest.mark.parametrize(("body", "status"), [(b"\xff\xfe", 422), (b"#" * 1024 * 1025, 413)])
async def test_uploads_are_bounded_text(registry: Harness, platform: dict[str, str], body: bytes, status: int) -> None:
    """Bytes that are no text, and more than a mebibyte, are refused."""
    assert (await registry.client.post("/v1/packs", headers=platform, content=body)).status_code == status


async def test_a_pack_that_services_cannot_read_is_refused(registry: Harness, platform: dict[str, str]) -> None:
    """A pack without parents lacks what services need: the refusal names each parameter and who reads it."""
    headers = platform | {"content-type": "application/yaml"}
    alone = SIXTH.replace("inherits: national\n", "").replace("    unit", "    label: 次数上限\n    unit")
    assert (await registry.client.post("/v1/packs", headers=headers, content=alone)).status_code == 201
    body = {"pack": "sixth", "area": AREA, "effective_from": "2026-01-05", "reason": "测试"}
    answer = await registry.client.post(URL, headers=platform, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "pack.incomplete")
    told = {field["field"]: field["message"] for field in answer.json()["fields"]}
    assert "入企核验" in told["entry.min_officers"]
    assert "cap.on_site_per_year" not in told


async def test_of_approvals_at_once_one_pack_acts(storage: Storage, tmp_path: Path) -> None:
    """Ten proposals for one day, each approved twice at once: the versions rise, and one is approved in the end."""
    async with running(
        build, "registry", tmp_path, database_url=storage.url, migration_url=storage.migration_url
    ) as harness:
        proposer = harness.headers(Role.PLATFORM, area=AREA)
        deciders = [harness.headers(Role.SUPERVISOR, subject=f"second-{number}", area=AREA) for number in range(2)]
        names = ["quzhou", "yongzhou", "linxia", "dingtao", "cangxian"] * 2
        proposals = [await propose(harness, proposer, name, "2026-02-01") for name in names]
        answers = await asyncio.gather(
            *(decide(harness, second, proposal) for proposal in proposals for second in deciders)
        )
        approvals = [body for status, body in answers if status == 200]
        assert len(approvals) == len(proposals)
        assert {status for status, _ in answers} <= {200, 409, 412}
        listed = (await harness.client.get(URL, headers=proposer, params={"area": AREA})).json()
        assert sorted(each["state"] for each in listed) == ["approved"] + ["replaced"] * 9
        [acting] = [each for each in listed if each["state"] == "approved"]
        await harness.recorder.wait_for(PackActivated, lambda event: event.version == len(proposals))
        events = harness.recorder.of(PackActivated)
        assert [event.version for event in events] == list(range(1, len(proposals) + 1))
        assert events[-1].digest == acting["digest"]


async def test_the_database_knows_two_persons(storage: Storage, tmp_path: Path) -> None:
    """Even a statement past the rules cannot make one person propose and approve."""
    async with running(
        build, "registry", tmp_path, database_url=storage.url, migration_url=storage.migration_url
    ) as harness:
        proposer = harness.headers(Role.PLATFORM, area=AREA)
        await propose(harness, proposer, "quzhou", "2026-02-01")
        statement = update(PackActivation).values(decided_by="platform")
        with pytest.raises(IntegrityError, match="two_persons"):
            async with harness.service.db.write() as session:
                await session.execute(statement)
