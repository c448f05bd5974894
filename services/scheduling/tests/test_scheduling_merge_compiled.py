"""The engine's functions compiled and as they stand: the same plan, with few officers and with many."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from wurao.scheduling.domain.merge import compiled
from wurao.scheduling.domain.merge.grouping import Tasks
from wurao.scheduling.domain.merge.solver import Solved, cost, solve
from wurao.scheduling.domain.merge.visits import UNLIMITED
from wurao.scheduling.domain.merge.work import ROWS

ENTERPRISES, AGENCIES, DAYS = 60, 6, 40


def instance(seed: int) -> Tasks:
    """Some hundred tasks at enterprises of one district, a few of them with premises of their own."""
    chance = np.random.default_rng(seed)
    counts = chance.integers(1, 9, ENTERPRISES)
    size = int(counts.sum())
    rows = np.zeros(size, ROWS)
    length = chance.integers(1, 20, size)
    rows["first"] = (chance.random(size) * (DAYS - length)).astype(np.int32)
    rows["last"] = rows["first"] + length
    rows["agency"] = chance.integers(0, AGENCIES, size)
    rows["minutes"] = chance.choice([30, 60, 90], size)
    rows["officers"] = chance.integers(1, 4, size)
    rows["place"] = chance.choice([-1, -1, -1, 0, 1], size)
    rows["owner"] = np.repeat(np.arange(ENTERPRISES), counts)
    order = np.lexsort((rows["first"], rows["last"], rows["owner"]))
    return Tasks(np.concatenate([[0], np.cumsum(counts)]), rows[order], np.array([4, 240, 8]))


@pytest.mark.parametrize("officers", [UNLIMITED, 6, 3])
@pytest.mark.parametrize("seed", range(3))
def test_compiled_functions_give_the_plan_that_plain_ones_give(officers: int, seed: int) -> None:
    """Days and bounds are equal, also for a plan that is made again from another."""
    tasks = instance(seed)
    room = np.full((AGENCIES, DAYS), officers, np.int32)
    start, blocked = np.zeros(ENTERPRISES + 1, np.int64), np.zeros(0, np.int32)

    def solved(previous: np.ndarray[tuple[int], np.dtype[np.int32]] | None = None) -> list[Solved]:
        return [
            solve(tasks, room.copy(), start, blocked, previous, does=does)
            for does in (compiled.plain(), compiled.compiled())
        ]

    plain, fast = solved()
    again, fast_again = solved(plain.day)
    for one, other in ((plain, fast), (again, fast_again)):
        assert one.day.tolist() == other.day.tolist()
        assert one.bounds.tolist() == other.bounds.tolist()
        assert one.visits == other.visits
    assert (plain.day >= 0).any()


@pytest.mark.parametrize("officers", [UNLIMITED, 6])
@pytest.mark.parametrize("seed", range(3))
def test_keeping_an_earlier_plan_costs_no_visit(officers: int, seed: int) -> None:
    """A plan of some hundred tasks of which every third was cancelled is no worse than one made afresh."""
    tasks = instance(seed)
    room = np.full((AGENCIES, DAYS), officers, np.int32)
    start, blocked = np.zeros(ENTERPRISES + 1, np.int64), np.zeros(0, np.int32)
    before = solve(tasks, room, start, blocked).day
    stays = np.arange(tasks.rows.size) % 3 > 0
    fewer = tasks._replace(start=np.concatenate([[0], np.cumsum(stays)])[tasks.start], rows=tasks.rows[stays])
    fresh, again = (solve(fewer, room, start, blocked, previous) for previous in (None, before[stays]))
    assert cost(again, None) <= cost(fresh, None)


def test_officers_without_limit_are_never_used_up() -> None:
    """More than a thousand million of them on one day."""
    size = 120_000
    rows = np.zeros(size, ROWS)
    rows["owner"], rows["place"], rows["minutes"], rows["officers"] = np.arange(size), -1, 60, 10_000
    tasks = Tasks(np.arange(size + 1), rows, np.array([4, 240, 10_000]))
    room = np.full((1, 1), UNLIMITED, np.int32)
    found = solve(tasks, room, np.zeros(size + 1, np.int64), np.zeros(0, np.int32), effort=1)
    assert (found.day == 0).all()


OUTER = "from inner import inner\n\ndef outer(x):\n    return inner(x) * 10\n"
RUN = """
import inner, outer
from wurao.scheduling.domain.merge import compiled
compiled.MODULES = (inner, outer)
print(compiled.compiled().outer(1))
"""


def outer_of_one(folder: Path, inner: str, **environment: str) -> str:
    """What two modules give that are compiled as those of the engine are, in a process of its own."""
    (folder / "inner.py").write_text(f"def inner(x):\n    return {inner}\n", encoding="utf-8")
    if not (folder / "outer.py").exists():
        (folder / "outer.py").write_text(OUTER, encoding="utf-8")
    known = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    done = subprocess.run(
        [sys.executable, "-B", "-c", RUN],
        env={**known, "PYTHONPATH": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or done.stderr


def test_a_function_is_compiled_anew_when_one_that_it_calls_is_another(tmp_path: Path) -> None:
    """What was kept of the caller, whose file is the same, is not taken for it."""
    kept = str(tmp_path / "kept")
    assert outer_of_one(tmp_path, "x + 1", NUMBA_CACHE_DIR=kept) == "20"
    assert outer_of_one(tmp_path, "x + 100", NUMBA_CACHE_DIR=kept) == "1010"


def test_functions_are_compiled_where_nothing_can_be_kept(tmp_path: Path) -> None:
    """No folder to keep them in: compiled for this process."""
    assert outer_of_one(tmp_path, "x + 1", NUMBA_CACHE_LOCATOR_CLASSES="UserProvidedCacheLocator") == "20"
