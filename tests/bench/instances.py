"""Instances for merging, drawn from a seed: tasks and officers as CSV, of five shapes."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from wurao.common.workdays import WorkCalendar

START, END = date(2026, 1, 1), date(2026, 12, 31)
AGENCIES = 20


@dataclass(frozen=True)
class Shape:
    """How tasks lie: how many an enterprise has, their windows in calendar days, and how much officers are used.

    `districts` divide enterprises; each has its own agencies. `peak` draws windows towards the middle of the year.
    """

    name: str
    per_enterprise: int = 5
    shortest: int = 7
    longest: int = 90
    use: float | None = None
    peak: bool = False
    uneven: bool = False


SHAPES = (
    Shape("even"),
    Shape("short windows", shortest=1, longest=14),
    Shape("many tasks at each enterprise", per_enterprise=12, shortest=30, longest=180),
    Shape("few large enterprises among small ones", uneven=True),
    Shape("windows in the middle of the year", peak=True),
    Shape("officers used to 74%", use=0.74),
    Shape("officers used to 80%", use=0.80),
    Shape("officers used to 90%", use=0.90),
)


def write(shape: Shape, tasks: int, folder: Path) -> tuple[Path, Path | None]:
    """tasks.csv, and capacity.csv where officers are limited."""
    chance = np.random.default_rng(2026)
    owner = _owners(shape, tasks, chance)
    size = owner.size
    districts = max(1, size // 20_000)
    district = chance.integers(0, districts, int(owner.max()) + 1)[owner]
    agency = district * AGENCIES + chance.integers(0, AGENCIES, size)
    days = (END - START).days + 1
    length = chance.integers(shape.shortest, shape.longest + 1, size)
    where = chance.beta(3, 3, size) if shape.peak else chance.random(size)
    earliest = (where * (days - length + 1)).astype(np.int64)
    frame = pl.DataFrame(
        {
            "task_id": _ids("t", np.arange(size), 8),
            "enterprise_id": _ids("9133", owner, 14),
            "agency_id": _ids("a", agency, 5),
            "items": _ids("i", chance.integers(0, 300, size), 3),
            "earliest": _dates(earliest),
            "latest": _dates(earliest + length - 1),
            "minutes": chance.choice([30, 45, 60], size),
            "officers": np.full(size, 2),
        }
    ).sample(fraction=1.0, shuffle=True, seed=7)
    path = folder / "tasks.csv"
    frame.write_csv(path)
    return path, _capacity(shape, size, districts * AGENCIES, chance, folder) if shape.use else None


def _owners(shape: Shape, tasks: int, chance: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    enterprises = tasks // shape.per_enterprise
    if not shape.uneven:
        return np.repeat(np.arange(enterprises), shape.per_enterprise)
    counts = np.minimum(1 + chance.pareto(1.2, enterprises), 40).astype(np.int64)
    return np.repeat(np.arange(enterprises), counts)


def _capacity(shape: Shape, size: int, agencies: int, chance: np.random.Generator, folder: Path) -> Path:
    assert shape.use is not None
    calendar = WorkCalendar()
    days = [START + timedelta(days=n) for n in range((END - START).days + 1)]
    worked = [day for day in days if calendar.is_workday(day)]
    mean = size / agencies / len(worked) / shape.use
    pairs = np.floor(mean + chance.random(agencies * len(worked))).astype(np.int64)
    path = folder / "capacity.csv"
    pl.DataFrame(
        {
            "agency_id": _ids("a", np.repeat(np.arange(agencies), len(worked)), 5),
            "date": [day.isoformat() for day in worked] * agencies,
            "officer_days": pairs * 2,
        }
    ).write_csv(path)
    return path


def _ids(prefix: str, numbers: np.ndarray[tuple[int], np.dtype[np.int64]], width: int) -> pl.Series:
    return (prefix + pl.Series(numbers).cast(pl.String).str.zfill(width)).rename("")


def _dates(offsets: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pl.Series:
    return pl.Series(np.datetime64(START, "D") + offsets.astype("timedelta64[D]"))
