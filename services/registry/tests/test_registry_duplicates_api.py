"""Duplicates over HTTP: proposed with reasons, dismissed for good, merged whole, undone whole."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from wurao.common.auth import Role
from wurao.common.contracts.penalty import PenaltyDecided
from wurao.common.contracts.registry import EnterpriseGraded, EnterpriseRegistered
from wurao.common.testing import Harness, eventually, running
from wurao.common.uscc import check_character
from wurao.local.plugin import Storage
from wurao.registry.app import build

Json = dict[str, Any]
BECAUSE = {"reason": "核对营业执照，系同一主体"}


def uscc(organisation: str, district: str = "330802") -> str:
    """A valid code of an organisation, by the district that registered it."""
    first = f"91{district}{organisation}"
    return first + check_character(first)


OLD, NEW, OTHER = uscc("MA28F0001", "330824"), uscc("MA28F0001"), uscc("MA28F0002")


def penalty(enterprise_id: str) -> PenaltyDecided:
    """A fine."""
    return PenaltyDecided(
        case_id="c1",
        case_no="柯市监罚〔2026〕1号",
        enterprise_id=enterprise_id,
        agency_id="market",
        area="330802",
        procedure="ordinary",
        violation="v1",
        outcome="ordinary",
        fine_fen=100_00,
        kinds=("fine",),
        educated=True,
        decided_on=date(2026, 1, 3),
        officers=(),
        version=1,
    )


class Desk:
    """The county's desk."""

    def __init__(self, registry: Harness, area: str = "330802") -> None:
        self.registry = registry
        self.headers = registry.headers(Role.PLATFORM, area=area)

    async def post(self, path: str, body: Json, status: int = 200) -> Json:
        """The answer to a POST."""
        answer = await self.registry.client.post(f"/v1/{path}", json=body, headers=self.headers)
        assert answer.status_code == status, answer.text
        found: Json = answer.json()
        return found

    async def get(self, path: str) -> Any:
        """What is there."""
        answer = await self.registry.client.get(f"/v1/{path}", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def register(self, enterprise_id: str, name: str, address: str = "府山街道上街1号") -> None:
        """Register a small company."""
        body = {
            "enterprise_id": enterprise_id,
            "name": name,
            "kind": "company",
            "industry": "C1391",
            "size": "small",
            "area": "330802001",
            "address": address,
        }
        await self.post("enterprises", body, 201)

    async def fact(self, enterprise_id: str, day: str) -> str:
        """A penalty on record."""
        body = {
            "indicator": "penalties_24m",
            "value": 1,
            "source": "市场监管局",
            "occurred_on": day,
            "evidence": "决定书",
        }
        made = await self.post(f"enterprises/{enterprise_id}/facts", body, 201)
        return str(made["fact"]["fact_id"])

    async def propose(self) -> Json:
        """What a search for duplicates comes to."""
        job = await self.post("duplicates/search", {"area": "330802"}, 202)

        async def done() -> bool:
            found = await self.get(f"jobs/{job['job_id']}")
            assert found["state"] != "failed", found
            return bool(found["state"] == "done")

        await eventually(done)
        found = await self.get(f"jobs/{job['job_id']}")
        result: Json = found["result"]
        return result


@pytest.fixture
async def desk(storage: Storage, tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk of a registry on each kind of database."""
    async with running(
        build, "registry", tmp_path, database_url=storage.url, migration_url=storage.migration_url
    ) as registry:
        yield Desk(registry)


async def test_duplicates_are_proposed_with_reasons_and_dismissed_for_good(desk: Desk) -> None:
    """Name, address, organisation code and old code each propose; what was dismissed or proposed does not come back."""
    await desk.register(OLD, "衢州信源食品有限公司")
    await desk.register(NEW, "衢州信源 食品有限公司", "衢江区别处9号")
    await desk.register(OTHER, "信源食品厂")
    far = uscc("MA28F0003")
    await desk.register(far, "毫不相干运输有限公司", "另一街道3号")
    for enterprise_id in (OTHER, far):
        await desk.post(f"enterprises/{enterprise_id}/former-codes", {"code": "330802000012345", "reason": "旧照"})
    assert await desk.propose() == {"area": "330802", "pairs": 3, "new": 3}
    listed = (await desk.get("duplicates"))["items"]
    grounds = {(item["first_id"], item["second_id"]): item["grounds"] for item in listed}
    assert grounds == {
        tuple(sorted((OLD, NEW))): ["same_organisation_code", "same_name"],
        tuple(sorted((OTHER, far))): ["same_former_code"],
        tuple(sorted((OLD, OTHER))): ["same_address"],
    }
    wrong = next(item for item in listed if item["grounds"] == ["same_former_code"])
    assert "330802000012345" in wrong["reasons"][0]
    beside = await desk.get(f"duplicates/{wrong['proposal_id']}")
    assert {each["enterprise_id"] for each in beside["enterprises"]} == {OTHER, far}
    dismissed = await desk.post(f"duplicates/{wrong['proposal_id']}/dismiss", {"reason": "旧号录入有误"})
    assert (dismissed["state"], dismissed["decision_reason"]) == ("dismissed", "旧号录入有误")
    again = await desk.post(f"duplicates/{wrong['proposal_id']}/dismiss", {"reason": "旧号录入有误"}, 409)
    assert again["code"] == "duplicate.decided"
    assert await desk.propose() == {"area": "330802", "pairs": 3, "new": 0}
    assert len((await desk.get("duplicates"))["items"]) == 2
    assert (await Desk(desk.registry, "330803").get("duplicates"))["items"] == []


async def test_a_merge_loses_nothing_and_its_undoing_gives_all_back(desk: Desk) -> None:
    """Facts, premises, names, codes and history reach the survivor, which is regraded; undoing restores both."""
    await desk.register(OLD, "衢州信源食品有限公司")
    await desk.register(NEW, "衢州新源食品有限公司")
    await desk.propose()
    mine, theirs = await desk.fact(NEW, "2026-01-02"), await desk.fact(OLD, "2025-12-20")
    await desk.post(f"enterprises/{OLD}/premises", {"premises_id": "p1", "name": "仓库", "area": "330802001"}, 201)
    score = {each: (await desk.get(f"enterprises/{each}"))["score"] for each in (OLD, NEW)}

    merge = await desk.post("merges", {"merged_id": OLD, "survivor_id": NEW} | BECAUSE, 201)
    assert (merge["facts"], merge["premises"], merge["codes"]) == ([theirs], ["p1"], [OLD])
    survivor, merged = await desk.get(f"enterprises/{NEW}"), await desk.get(f"enterprises/{OLD}")
    assert (merged["merged_into"], merged["status"]) == (NEW, "deregistered")
    assert [(name["name"], name["source_id"]) for name in survivor["former_names"]] == [("衢州信源食品有限公司", OLD)]
    assert ([each["premises_id"] for each in survivor["premises"]], survivor["former_codes"]) == (["p1"], [OLD])
    assert survivor["score"] < score[NEW]
    facts = (await desk.get(f"enterprises/{NEW}/facts"))["items"]
    assert {fact["fact_id"] for fact in facts} == {mine, theirs}
    for text in ("信源食品", "新源", "xysp", OLD, OLD[:12], NEW):
        found = (await desk.get(f"enterprises?q={text}"))["items"]
        assert [each["enterprise_id"] for each in found] == [NEW], text
    assert [each["enterprise_id"] for each in (await desk.get("enterprises"))["items"]] == [NEW]
    verbs = [deed["verb"] for deed in (await desk.get(f"enterprises/{NEW}/history"))["items"]]
    assert sorted(verbs) == ["merged", "premises_added", "registered", "registered", "took_over"]
    events = desk.registry.recorder
    told = await events.wait_for(EnterpriseRegistered, lambda event: event.merged_into is not None)
    assert (told.enterprise_id, told.merged_into, told.status, told.premises) == (OLD, NEW, "deregistered", ())
    heir = await events.wait_for(EnterpriseRegistered, lambda event: event.enterprise_id == NEW and event.version > 1)
    assert [place.premises_id for place in heir.premises] == ["p1"]
    graded = [event for event in events.of(EnterpriseGraded) if event.enterprise_id == NEW]
    assert [event.version for event in graded] == sorted({event.version for event in graded})
    assert (await desk.get("duplicates?state=merged"))["items"][0]["decided_by"] == "platform"

    body = {"indicator": "jobs", "value": 3, "source": "人社局", "occurred_on": "2026-01-02", "evidence": "名册"}
    shut = await desk.post(f"enterprises/{OLD}/facts", body, 409)
    assert (shut["code"], shut["alternatives"]) == ("enterprise.merged", [f"记入 {NEW}"])
    await desk.registry.deliver(penalty(OLD))
    held = (await desk.get(f"enterprises/{NEW}/facts"))["items"]
    assert {fact["fact_id"] for fact in held} == {mine, theirs, "penalty-c1"}

    twice = await desk.post("merges", {"merged_id": OLD, "survivor_id": NEW} | BECAUSE, 409)
    assert twice["code"] == "merge.already"
    await desk.register(OTHER, "第三方有限公司")
    onto = await desk.post("merges", {"merged_id": OTHER, "survivor_id": OLD} | BECAUSE, 409)
    assert (onto["code"], onto["alternatives"]) == ("merge.survivor_gone", [f"并入 {NEW}"])
    itself = await desk.post("merges", {"merged_id": NEW, "survivor_id": NEW} | BECAUSE, 409)
    assert itself["code"] == "merge.itself"

    later = await desk.post("merges", {"merged_id": NEW, "survivor_id": OTHER} | BECAUSE, 201)
    first = await desk.post(f"merges/{merge['merge_id']}/undo", {"reason": "核查有误"}, 409)
    assert first["code"] == "merge.later_first"
    assert sorted(later["facts"]) == sorted([mine, theirs, "penalty-c1"])
    await desk.post(f"merges/{later['merge_id']}/undo", {"reason": "核查有误"})
    undone = await desk.post(f"merges/{merge['merge_id']}/undo", {"reason": "核查有误"})
    assert (undone["undone_by"], undone["undone_reason"]) == ("platform", "核查有误")
    assert (await desk.post(f"merges/{merge['merge_id']}/undo", {"reason": "核查有误"}, 409))["code"] == "merge.undone"
    for each, kept, places in ((OLD, {theirs}, ["p1"]), (NEW, {mine, "penalty-c1"}, [])):
        shown = await desk.get(f"enterprises/{each}")
        assert (shown["status"], shown["merged_into"], shown["former_names"], shown["former_codes"]) == (
            "registered",
            None,
            [],
            [],
        )
        assert (shown["score"] == score[each]) == (each == OLD)
        assert [place["premises_id"] for place in shown["premises"]] == places
        assert {fact["fact_id"] for fact in (await desk.get(f"enterprises/{each}/facts"))["items"]} == kept
    found = (await desk.get("enterprises?q=信源食品"))["items"]
    assert [each["enterprise_id"] for each in found] == [OLD]
    assert (await desk.propose())["new"] == 0
    verbs = [deed["verb"] for deed in (await desk.get(f"enterprises/{OLD}/history"))["items"]]
    assert verbs == ["unmerged", "merged", "premises_added", "registered"]


async def test_of_two_merges_at_once_one_succeeds(desk: Desk) -> None:
    """Two clerks merge the same pair in opposite directions: one record remains, whole."""
    await desk.register(OLD, "衢州信源食品有限公司")
    await desk.register(NEW, "衢州新源食品有限公司")
    bodies = [{"merged_id": OLD, "survivor_id": NEW} | BECAUSE, {"merged_id": NEW, "survivor_id": OLD} | BECAUSE]
    client = desk.registry.client
    answers = await asyncio.gather(*(client.post("/v1/merges", json=body, headers=desk.headers) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    listed = (await desk.get("enterprises"))["items"]
    assert [each["enterprise_id"] for each in listed] == [
        next(answer.json()["survivor_id"] for answer in answers if answer.status_code == 201)
    ]
