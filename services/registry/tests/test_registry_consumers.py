"""What events of other services do in the registry."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from wurao.common.contracts.penalty import PenaltyDecided
from wurao.common.contracts.registry import EnterpriseGraded, OfficerExited, OfficerSuspended
from wurao.common.contracts.shared import OfficerRef
from wurao.common.contracts.supervision import OfficerSanctioned
from wurao.common.testing import Harness
from wurao.common.uscc import check_character

Load = Callable[..., Awaitable[dict[str, Any]]]
Enforce = Callable[[str], Awaitable[None]]

USCC = "91330802MA0000001" + check_character("91330802MA0000001")
ENTERPRISE = "enterprise_id,name,kind,industry,size,area,address\n" + f"{USCC},甲店,company,H6210,micro,330802001,1号\n"
OFFICERS = (
    "officer_id,name,agency_id,kind,certificate_no,valid_from,valid_to,trained,examined,in_post\n"
    "o1,张三,market,officer,C1,2024-01-01,2028-12-31,true,true,true\n"
)
NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)


def decided(case: str = "c1", outcome: str = "ordinary", version: int = 1, fine_fen: int = 100_000) -> PenaltyDecided:
    """A decision on the enterprise."""
    return PenaltyDecided.model_validate(
        {
            "case_id": case,
            "case_no": "柯市监罚〔2026〕1号",
            "enterprise_id": USCC,
            "agency_id": "market",
            "area": "330802",
            "procedure": "ordinary",
            "violation": "food.label_defect",
            "outcome": outcome,
            "fine_fen": fine_fen,
            "kinds": (),
            "educated": True,
            "decided_on": date(2026, 1, 5),
            "officers": (OfficerRef(officer_id="o1", agency_id="market"),),
            "version": version,
        }
    )


def sanctioned(decision: str, sanction: str = "suspend", officer: str = "o1") -> OfficerSanctioned:
    """An accountability decision on an officer."""
    return OfficerSanctioned.model_validate(
        {
            "officer_id": officer,
            "agency_id": "market",
            "sanction": sanction,
            "until": date(2026, 2, 5) if sanction == "suspend" else None,
            "decision_id": decision,
            "reason": "未报备擅自入企",
            "decided_at": NOON,
            "version": 1,
        }
    )


async def penalties(registry: Harness, headers: dict[str, str]) -> list[dict[str, Any]]:
    """The facts on penalties that the registry keeps."""
    answer = await registry.client.get(f"/v1/enterprises/{USCC}/facts", headers=headers)
    facts: list[dict[str, Any]] = answer.json()["items"]
    return [fact for fact in facts if fact["indicator"] == "penalties_24m"]


async def test_a_penalty_counts_once_until_its_display_is_over(
    registry: Harness, platform: dict[str, str], load: Load
) -> None:
    """A decision becomes one fact with source however often it arrives, and counts no longer than it is shown."""
    await load("enterprises", ENTERPRISE)
    await registry.deliver(decided())
    await registry.deliver(decided())
    [fact] = await penalties(registry, platform)
    assert (fact["value"], fact["source"], fact["counts_until"]) == (1, "柯城区市场监督管理局", "2027-01-05")
    assert "柯市监罚〔2026〕1号" in fact["evidence"]
    event = await registry.recorder.wait_for(EnterpriseGraded)
    assert (event.grade, event.score, len(registry.recorder.of(EnterpriseGraded))) == ("B", 8400, 1)
    registry.clock.set(datetime(2027, 1, 5, 3, 0, tzinfo=UTC))
    assert (await registry.service.sweep())["restore_credit"] == 0
    registry.clock.set(datetime(2027, 1, 6, 3, 0, tzinfo=UTC))
    assert (await registry.service.sweep())["restore_credit"] == 1
    await registry.recorder.wait_for(EnterpriseGraded, lambda event: event.grade == "A")


async def test_who_was_not_penalised_keeps_a_clean_record(
    registry: Harness, platform: dict[str, str], load: Load
) -> None:
    """Exempt, waived and unproven acts leave no fact and no grade."""
    await load("enterprises", ENTERPRISE)
    outcomes = ("exempt", "waived", "no_fault", "no_violation", "transferred")
    await registry.deliver(*(decided(outcome, outcome, fine_fen=0) for outcome in outcomes))
    assert await penalties(registry, platform) == []
    assert registry.recorder.of(EnterpriseGraded) == []


async def test_a_corrected_decision_replaces_the_earlier_one(
    registry: Harness, platform: dict[str, str], load: Load
) -> None:
    """A later version that imposes nothing takes the count back; an older version changes nothing."""
    await load("enterprises", ENTERPRISE)
    await registry.deliver(decided(version=5))
    await registry.deliver(decided(outcome="exempt", fine_fen=0, version=6))
    await registry.deliver(decided(version=5))
    [fact] = await penalties(registry, platform)
    assert (fact["value"], fact["ended"]) == (1, "withdrawn")
    await registry.recorder.wait_for(EnterpriseGraded, lambda event: event.grade == "A")


async def test_a_penalty_waits_for_its_enterprise(registry: Harness, platform: dict[str, str], load: Load) -> None:
    """A decision that comes before the enterprise is kept and counts at its first grading."""
    await registry.deliver(decided())
    await load("enterprises", ENTERPRISE)
    [fact] = await penalties(registry, platform)
    assert fact["value"] == 1


@pytest.mark.clause("DT-18")
@pytest.mark.pack("dingtao")
async def test_a_sanction_decided_elsewhere_blocks_the_officer_here(
    registry: Harness, platform: dict[str, str], load: Load, enforce: Enforce
) -> None:
    """A suspension by supervision is carried out once and named; a revocation ends the certificate for good."""
    await enforce("dingtao")
    await load("officers", OFFICERS)
    await registry.deliver(sanctioned("d1"))
    await registry.deliver(sanctioned("d1"))
    [verdict] = (
        await registry.client.post("/v1/officers/verify", headers=platform, json={"officer_ids": ["o1"]})
    ).json()
    assert (verdict["valid"], verdict["code"], verdict["clause"]) == (False, "officer.suspended", "DT-18")
    event = await registry.recorder.wait_for(OfficerSuspended)
    assert (event.decision_id, event.until, event.version) == ("d1", date(2026, 2, 5), 2)
    await registry.deliver(sanctioned("d2", "revoke"))
    await registry.deliver(sanctioned("d3"))
    exited = await registry.recorder.wait_for(OfficerExited)
    assert exited.version == 3
    assert len(registry.recorder.of(OfficerSuspended)) == 1
    officer = (await registry.client.get("/v1/officers/o1", headers=platform)).json()
    assert officer["standing"] == "exited"


async def test_a_sanction_on_an_unknown_officer_is_set_aside_until_it_can_be_carried_out(
    registry: Harness, platform: dict[str, str], load: Load
) -> None:
    """It becomes a dead letter, does not stop others, and is carried out by replay once the officer is known."""
    await registry.deliver(sanctioned("d1"))
    [letter] = (await registry.client.get("/v1/dead-letters", headers=platform)).json()
    await load("officers", OFFICERS)
    answer = await registry.client.post(f"/v1/dead-letters/{letter['event_id']}/replay", headers=platform)
    assert answer.status_code == 204, answer.text
    officer = (await registry.client.get("/v1/officers/o1", headers=platform)).json()
    assert officer["standing"] == "suspended"
