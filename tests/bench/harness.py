"""Benches: product and bare peer in turn on the same machine; ratios count, seconds only inform.

A bench gives two sides that each run once and return the seconds of what is measured (making things ready is not).
The result is the median of the ratios of the rounds, printed beside the time of a fixed Python loop, which shows how
busy the machine was. Beyond a goal the exit status is 1.
"""

import argparse
import json
import multiprocessing
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import ParamSpec, TypeVar

from rich.console import Console
from rich.table import Table

P = ParamSpec("P")
T = TypeVar("T")
Side = Callable[[], float]

CALIBRATION_STEPS = 2_000_000


@dataclass
class Result:
    """One line of the report: a ratio (or a figure) and the most that it may be."""

    name: str
    value: float
    goal: float
    unit: str = "x"
    details: dict[str, list[float]] = field(default_factory=dict)

    @property
    def within(self) -> bool:
        """Tell whether the goal is kept."""
        return self.value <= self.goal


def calibration() -> float:
    """Milliseconds of a fixed loop."""
    began = time.perf_counter()
    total = 0
    for step in range(CALIBRATION_STEPS):
        total += step & 7
    return (time.perf_counter() - began) * 1000


def compare(name: str, product: Side, peer: Side, *, goal: float, rounds: int) -> Result:
    """Product and peer in turn; the median of product's seconds over peer's, round by round."""
    details: dict[str, list[float]] = {"product_s": [], "peer_s": [], "calibration_ms": []}
    for number in range(rounds):
        details["calibration_ms"].append(calibration())
        sides = [("product_s", product), ("peer_s", peer)]
        for key, side in sides if number % 2 == 0 else reversed(sides):
            details[key].append(side())
    ratios = [one / other for one, other in zip(details["product_s"], details["peer_s"], strict=True)]
    return Result(name, statistics.median(ratios), goal, details=details)


def alone(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> tuple[T, float]:
    """Run a function of a module in a process of its own; its result, and the process's peak memory in MiB."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as one:
        return one.submit(_measured, function, args, kwargs).result()


def _measured(function: Callable[..., T], args: Sequence[object], kwargs: dict[str, object]) -> tuple[T, float]:
    return function(*args, **kwargs), peak_mib()


def peak_mib() -> float:
    """Most memory that this process ever held, in MiB; getrusage would count its parent's, too."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def report(results: Sequence[Result], target: Path | None = None) -> int:
    """Print the results, keep them as JSON if asked to; the exit status."""
    table = Table("bench", "median", "goal", "rounds")
    for result in results:
        rounds = "; ".join(f"{key} {' '.join(f'{x:.2f}' for x in values)}" for key, values in result.details.items())
        colour = "green" if result.within else "red"
        figure = f"[{colour}]{result.value:.2f} {result.unit}[/]"
        table.add_row(result.name, figure, f"≤ {result.goal:g} {result.unit}", rounds)
    Console(width=150).print(table)
    if target is not None:
        target.write_text(json.dumps([asdict(result) for result in results], indent=1, ensure_ascii=False))
    return int(not all(result.within for result in results))


def arguments(scale: int, rounds: int) -> argparse.Namespace:
    """`--scale` (rows), `--rounds`, `--json`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=int, default=scale)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()
