"""Which version of the law applies when it changes between act and decision, over HTTP."""

from datetime import date
from typing import Any

import pytest

from wurao.common.contracts.registry import PackActivated
from wurao.common.packs import Pack, load_pack

CHANGED = "2026-01-10"
VIOLATION = "fire.exit_blocked"


def amended(change: dict[str, Any] | None) -> Pack:
    """The national pack with one benchmark changed (None: repealed) from 10 January 2026 on."""
    document = load_pack("national").to_document()
    [old] = document["parameters"]["penalty.benchmarks"]["values"]
    entries = [
        entry | change if change and entry["violation"] == VIOLATION else entry
        for entry in old["value"]
        if change is not None or entry["violation"] != VIOLATION
    ]
    new = old | {"since": CHANGED, "value": entries, "line": old["line"] + 1}
    document["parameters"]["penalty.benchmarks"]["values"] = [old | {"until": CHANGED}, new]
    return Pack.from_document(document)


def thirds(low: int, high: int) -> dict[str, Any]:
    """A range in three equal tiers."""
    step = (high - low) // 3
    bounds = [low, low + step, low + 2 * step, high]
    names = ("slight", "ordinary", "serious")
    tiers = [
        {"name": name, "min_fen": bounds[i], "max_fen": bounds[i + 1], "goods_permille": None}
        for i, name in enumerate(names)
    ]
    return {"min_fen": low, "max_fen": high, "tiers": tiers}


@pytest.mark.clause("PL-37")
@pytest.mark.parametrize(
    ("change", "outcome", "version", "expected"),
    [
        (thirds(100_000, 400_000), "ordinary", "decision", (200_000, 300_000)),
        (thirds(6_000_000, 9_000_000), "ordinary", "act", (1_850_000, 3_650_000)),
        ({"kinds": ["fine", "suspension"]}, "ordinary", "act", (1_850_000, 3_650_000)),
        (None, "no_violation", "decision", (0, 0)),
    ],
    ids=["lighter", "heavier", "graver-kind", "repealed"],
)
async def test_lighter_version_applies(
    desk: Any, change: dict[str, Any] | None, outcome: str, version: str, expected: tuple[int, int]
) -> None:
    """The law of the act applies, unless the law of the decision is lighter or punishes no more."""
    pack = amended(change)
    await desk.harness.deliver(
        PackActivated(
            area="330802",
            pack="national",
            digest=pack.digest,
            effective_from=date(2025, 1, 1),
            document=pack.to_document(),
            approved_by=("a", "b"),
            version=1,
        )
    )
    case_id = await desk.case(VIOLATION)
    before = await desk.get(f"cases/{case_id}/proposal", desk.officer())
    assert (before["outcome"], before["version"]) == ("ordinary", "act")
    desk.advance(10)
    found = await desk.get(f"cases/{case_id}/proposal", desk.officer())
    assert (found["outcome"], found["version"]) == (outcome, version)
    assert (found["range"]["min_fen"], found["range"]["max_fen"]) == expected
    assert ("PL-37" in [reason["clause"] for reason in found["reasons"]]) == (version == "decision")


@pytest.mark.clause("PL-37")
async def test_act_after_a_change_knows_only_the_new_law(desk: Any) -> None:
    """An act done after a benchmark became heavier is judged by the heavier one."""
    pack = amended(thirds(6_000_000, 9_000_000))
    await desk.harness.deliver(
        PackActivated(
            area="330802",
            pack="national",
            digest=pack.digest,
            effective_from=date(2025, 1, 1),
            document=pack.to_document(),
            approved_by=("a", "b"),
            version=1,
        )
    )
    desk.advance(5)
    found = await desk.get(f"cases/{await desk.case(VIOLATION)}/proposal", desk.officer())
    assert found["range"] == {"min_fen": 7_000_000, "max_fen": 8_000_000}
