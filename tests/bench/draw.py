"""Draw 1 in 100 of a pool with officers and proof, from file to file, beside hashing the pool's ids once.

The peer hashes ids that lie ready in memory in a plain hashlib loop and keeps nothing. The product reads and checks
four files, freezes them, computes every ticket, draws officers, and writes the result; its verifier does all of that
again and compares byte by byte.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from random import Random

from tests.bench.harness import Result, alone, arguments, compare, report

from wurao.scheduling.domain import draw as rules
from wurao.scheduling.domain.draw import sheets

GOAL, GOAL_VERIFY, GOAL_MIB, GOAL_GROWTH, GOAL_ONE = 3.0, 3.0, 4096.0, 1.15, 1.0
SEED = "5eed" * 16
STRATA, LINES, OFFICERS, CONFLICTS = 4, 20, 30_000, 20_000
CHECKS = 2_000


def ids(scale: int) -> list[str]:
    """Credit codes of a province."""
    return [f"9133{number * 7919 % 10**14:014d}" for number in range(scale)]


def make(folder: Path, scale: int) -> Path:
    """The four files of a draw."""
    random = Random(scale)  # noqa: S311 - any pool will do
    pool = ids(scale)
    pairs = {(random.choice(pool), f"o{random.randrange(OFFICERS)}") for _ in range(CONFLICTS)}
    spec = {
        "draw_id": "bench",
        "ratio": {f"G{n}": 0.01 for n in range(STRATA)},
        "officers_per_visit": 2,
        "line": {f"G{n}": f"line{n}" for n in range(STRATA)},
    }
    files = {
        rules.POOL: sheets.write(rules.POOL, ((one, f"G{random.randrange(STRATA)}") for one in pool)),
        rules.OFFICERS: sheets.write(
            rules.OFFICERS, ((f"o{n}", f"line{n % LINES}", str(max(4, scale // 50_000))) for n in range(OFFICERS))
        ),
        rules.CONFLICTS: sheets.write(rules.CONFLICTS, pairs),
        rules.SPEC: json.dumps(spec, indent=1).encode(),
    }
    folder.mkdir()
    for name, raw in files.items():
        (folder / name).write_bytes(raw)
    return folder


def _read(folder: Path) -> Mapping[str, bytes]:
    return {name: (folder / name).read_bytes() for name in rules.FILES}


def product(folder: Path) -> float:
    """Seconds of a draw from file to file."""
    began = time.perf_counter()
    inputs = rules.read(_read(folder))
    outcome = rules.hold(inputs, SEED)
    (folder / rules.DRAW).write_bytes(rules.write(outcome, inputs.frozen))
    seconds = time.perf_counter() - began
    assert len(outcome.drawn) >= len(inputs.pool) // 100
    return seconds


def verifier(folder: Path) -> float:
    """Seconds of a verification from files."""
    began = time.perf_counter()
    verdict = rules.verify(_read(folder), (folder / rules.DRAW).read_bytes())
    seconds = time.perf_counter() - began
    assert not verdict.faults
    return seconds


def peer(scale: int) -> float:
    """Seconds of hashing all ids once."""
    pool = ids(scale)
    began = time.perf_counter()
    for one in pool:
        sha256(one.encode()).hexdigest()
    return time.perf_counter() - began


def one(folder: Path) -> float:
    """Milliseconds of checking one enterprise against a published result."""
    claimed = json.loads((folder / rules.DRAW).read_bytes())
    last = {stratum["stratum"]: stratum["last"] for stratum in claimed["strata"]}
    rows = [line.split(",") for line in (folder / rules.POOL).read_text().splitlines()[1 : CHECKS + 1]]
    began = time.perf_counter()
    for enterprise_id, stratum in rows:
        rules.won(claimed["seed"], claimed["draw_id"], stratum, last[stratum], enterprise_id)
    return (time.perf_counter() - began) / len(rows) * 1000


def main(scale: int = 5_000_000, rounds: int = 5, target: Path | None = None) -> int:
    """The exit status; `scale` enterprises against a quarter of them."""
    with tempfile.TemporaryDirectory() as home:
        whole, quarter = make(Path(home) / "whole", scale), make(Path(home) / "quarter", scale // 4)
        peaks: list[float] = []
        growth: list[float] = []

        def held() -> float:
            small, _ = alone(product, quarter)
            seconds, peak = alone(product, whole)
            peaks.append(peak)
            growth.append(seconds / (small * 4))
            return seconds

        def bare() -> float:
            return alone(peer, scale)[0]

        ratio = compare(f"draw 1 % of {scale:,} with officers and proof", held, bare, goal=GOAL, rounds=rounds)
        again = compare("verify it", lambda: alone(verifier, whole)[0], bare, goal=GOAL_VERIFY, rounds=rounds)
        single = [one(whole) for _ in range(rounds)]
    grown = Result(
        "time per enterprise against a quarter", statistics.median(growth), GOAL_GROWTH, details={"x": growth}
    )
    peak = Result("peak memory", max(peaks), GOAL_MIB, "MiB", {"MiB": peaks})
    checked = Result("check one enterprise", statistics.median(single), GOAL_ONE, "ms", {"ms": single})
    return report([ratio, again, grown, peak, checked], target)


if __name__ == "__main__":
    given = arguments(5_000_000, 5)
    sys.exit(main(given.scale, given.rounds, given.json))
