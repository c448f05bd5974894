"""Merging at a million tasks, file in to file out, against polars reading the tasks and writing the visits.

Beside it the quality of plans on instances of several shapes: visits to the certified bound, tasks left unserved.
"""

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import polars as pl
from tests.bench import harness
from tests.bench.instances import SHAPES, Shape, write

from wurao.embedded.merge_cli import Report, merge_files
from wurao.scheduling.domain.merge import Limits

SCALE, ROUNDS = 1_000_000, 5
RATIO, GROWTH = 4.0, 1.3
LIMITS = Limits(agencies=4, minutes=240, officers=8)
LOOSE = replace(SHAPES[0], name="loose officers", use=0.3)
QUALITY = {"few large enterprises among small ones": 1.002, "officers used to 80%": 1.005, "officers used to 90%": 1.05}
"""Visits to the bound where officers are short; elsewhere, and at 74 %, 1.001."""
UNSERVED = {"officers used to 90%": 0.003}


def main(scale: int = SCALE, rounds: int = ROUNDS, target: Path | None = None) -> int:
    """The exit status: 0 within the goals."""
    with tempfile.TemporaryDirectory() as folder:
        results = [*_speed(Path(folder), scale, rounds)]
        for shape in SHAPES:
            results += _quality(shape, scale, Path(folder))
        return harness.report(results, target)


def _speed(folder: Path, scale: int, rounds: int) -> list[harness.Result]:
    whole, tenth = folder / "whole", folder / "tenth"
    for place, tasks in ((whole, scale), (tenth, scale // 10)):
        place.mkdir()
        write(LOOSE, tasks, place)
        merged(place)  # compiled and warm

    def peer() -> float:
        visits = pl.read_csv(whole / "visits.csv")
        began = time.perf_counter()
        pl.read_csv(whole / "tasks.csv")
        visits.write_csv(folder / "peer.csv")
        return time.perf_counter() - began

    ratio = harness.compare(f"merge of {scale:,}", lambda: merged(whole)[0], peer, goal=RATIO, rounds=rounds)
    growth = harness.compare(
        f"a task at {scale:,} against {scale // 10:,}",
        lambda: merged(whole)[0],
        lambda: merged(tenth)[0] * 10,
        goal=GROWTH,
        rounds=rounds,
    )
    return [ratio, growth]


def merged(folder: Path) -> tuple[float, Report]:
    """The product, from its files to its files: seconds, and its report."""
    capacity = folder / "capacity.csv"
    began = time.perf_counter()
    report = merge_files(folder / "tasks.csv", capacity if capacity.exists() else None, LIMITS, folder)
    return time.perf_counter() - began, report


def _quality(shape: Shape, scale: int, folder: Path) -> list[harness.Result]:
    place = folder / shape.name
    place.mkdir()
    write(shape, scale, place)
    seconds, report = merged(place)
    with (place / "unserved.csv").open(encoding="utf-8") as file:
        possible = sum("officers_busy" in line or "crowded" in line for line in file)
    details: dict[str, list[float]] = {name: [report[name]] for name in ("tasks", "visits", "lower_bound")}
    details["seconds"] = [seconds]
    return [
        harness.Result(
            f"{shape.name}: visits to bound",
            report["visits"] / max(1, report["lower_bound"]),
            QUALITY.get(shape.name, 1.001),
            details=details,
        ),
        harness.Result(
            f"{shape.name}: unserved",
            possible / report["tasks"],
            UNSERVED.get(shape.name, 0.0),
            unit="of tasks",
        ),
    ]


if __name__ == "__main__":
    given = harness.arguments(SCALE, ROUNDS)
    sys.exit(main(given.scale, given.rounds, given.json))
