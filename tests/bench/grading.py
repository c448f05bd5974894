"""Grade every enterprise of a list with twelve indicators, scores and reasons stored, beside a bare program.

The peer gets the values ready in a file, scores them in polars and writes the same rows (grades, enterprises'
columns, outbox) by COPY and one UPDATE to a copy of the same database, with all sentences and events ready-made.
The product reads 12 facts an enterprise from the database and makes everything itself.
"""

import asyncio
import secrets
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import asyncpg
import polars as pl
from tests.bench.harness import Result, alone, arguments, compare, report

from wurao.common.clock import ManualClock
from wurao.common.db import Database
from wurao.common.ids import new_id
from wurao.common.jobs import Progress
from wurao.common.migrate import upgrade
from wurao.common.packs import load_pack
from wurao.common.platform import PackRow
from wurao.local.postgres import PostgresServer
from wurao.local.servers import provide_postgres
from wurao.registry.domain.facts import READINGS
from wurao.registry.usecases.whole_list import grading_job

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
TODAY = date(2026, 1, 5)
AREA = "330800"
GOAL, GOAL_GROWTH, GOAL_MIB = 3.0, 1.3, 2048.0

# Each indicator: points, upper bound, and an SQL expression of `n` for the value.
LINES = {
    "penalties_24m": (-600, 5, "(n % 97 = 0)::int + (n % 89 = 0)::int"),
    "abnormal_listing": (-1500, 1, "(n % 53 = 0)::int"),
    "annual_report_missed": (-400, 3, "(n % 41 = 0)::int"),
    "complaints_proven": (-300, 5, "n % 7 / 6 + n % 11 / 10"),
    "accidents_36m": (-900, 3, "(n % 997 = 0)::int"),
    "safety_standard_level": (100, 3, "n % 4"),
    "hazards_rectified_permille": (1, 1000, "900 + n % 101"),
    "high_tech": (200, 1, "(n % 13 = 0)::int"),
    "rd_permille": (5, 100, "n % 60"),
    "tax_band": (100, 5, "n % 6"),
    "jobs": (1, 300, "1 + n % 500 * (n % 3)"),
    "serious_breach": (-500, 1, "(n % 503 = 0)::int"),
}
ENTERPRISE = "'91330802' || lpad(n::text, 10, '0')"
CHANGED = ("scheme", "grade", "score", "sampling_permille", "yearly_cap", "grade_clause", "graded_from", "version")


@dataclass(frozen=True)
class Lists:
    """A server with a filled database, of which each run gets a copy."""

    server: PostgresServer
    filled: str

    def copy(self) -> str:
        """The name of a fresh copy."""
        name = f"bench_{secrets.token_hex(4)}"
        self.server.execute(f"create database {name} template {self.filled} strategy file_copy")
        return name


def scheme() -> dict[str, Any]:
    """The national pack's document with a score card of all twelve indicators."""
    document = load_pack("national").to_document()
    for dated in document["parameters"]["grade.scheme"]["values"]:
        dated["value"]["base"] = 7500
        dated["value"]["indicators"] = [
            {"indicator": name, "factor": next(iter(dated["value"]["factors"])), "points": points, "lo": 0, "hi": hi}
            for name, (points, hi, _) in LINES.items()
        ]
    return document


async def _fill(url: str, plain: str, scale: int) -> None:
    assert set(LINES) == set(READINGS)
    await upgrade("registry", url)
    database = Database(url, source="/wurao/registry")
    async with database.write() as session:
        session.add(
            PackRow(
                area=AREA,
                effective_from=TODAY,
                pack="bench",
                digest="bench",
                document=scheme(),
                approved_by=["甲", "乙"],
                version=1,
            )
        )
    await database.dispose()
    connection = await asyncpg.connect(plain)
    try:
        await connection.execute(
            "insert into enterprises (enterprise_id, name, kind, industry, size, area, address, park, tags, status,"  # noqa: S608
            f" version) select {ENTERPRISE}, '第' || n || '号商贸有限公司', 'company', 'H6210', 'micro',"
            " '330802' || lpad((1 + n % 40)::text, 3, '0'), n || '号', '', '[]', 'registered', 1"
            f" from generate_series(1, {scale}) n"
        )
        indexes = await connection.fetch(
            "select indexname, indexdef from pg_indexes where tablename = 'facts' and indexname like 'ix%'"
        )
        for index in indexes:
            await connection.execute(f"drop index {index['indexname']}")
        for indicator, (_, _, value) in LINES.items():
            await connection.execute(
                "insert into facts (fact_id, enterprise_id, indicator, value, source, occurred_on, evidence, lapsed,"  # noqa: S608
                f" origin, origin_version, recorded_at) select '{indicator}-' || lpad(n::text, 10, '0'),"
                f" {ENTERPRISE}, '{indicator}', {value}, '市场监督管理局', date '2025-01-01' + n % 300, '', false,"
                " 'import', 1, now()"
                f" from generate_series(1, {scale}) n where n % 50 <> 7"
            )
        for index in indexes:
            await connection.execute(index["indexdef"])
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()


def fill(server: PostgresServer, scale: int) -> Lists:
    """A database with so many enterprises and twelve facts for 98 of 100."""
    name = f"filled_{secrets.token_hex(4)}"
    server.create_database(name)
    asyncio.run(_fill(server.url(name), server.url(name, driver=None), scale))
    return Lists(server, name)


def product(url: str) -> float:
    """Seconds that the grading job takes."""
    return asyncio.run(_product(url))


async def _product(url: str) -> float:
    database = Database(url, source="/wurao/registry")
    try:
        job = grading_job(ManualClock(NOW))
        began = time.perf_counter()
        done = await job({"area": AREA, "in_force_from": TODAY.isoformat()}, Progress(database, new_id()))
        seconds = time.perf_counter() - began
        assert done["graded"] == done["changed"] > 0
        again = await job({"area": AREA, "in_force_from": TODAY.isoformat()}, Progress(database, new_id()))
        assert again["changed"] == 0
        return seconds
    finally:
        await database.dispose()


async def _keep(url: str, folder: Path) -> None:
    """Keep what a graded database holds, and the values behind it, for the peer."""
    connection = await asyncpg.connect(url)
    kept = {
        "grades": "select * from grades",
        "outbox": "select topic, key, headers, body, recorded_at, attempts from outbox",
        "enterprises": f"select enterprise_id, {', '.join(CHANGED)} from enterprises",  # noqa: S608
    }
    try:
        for name, query in kept.items():
            await connection.copy_from_query(query, output=folder / f"{name}.csv", format="csv")
        sums = ", ".join(f"sum(value) filter (where indicator = '{name}')" for name in LINES)
        query = f"select enterprise_id, {sums} from facts group by 1"  # noqa: S608
        await connection.copy_from_query(query, output=folder / "values.csv", format="csv")
    finally:
        await connection.close()
    columns = ["enterprise_id", *LINES]
    pl.read_csv(folder / "values.csv", has_header=False, new_columns=columns).write_parquet(folder / "values.parquet")


def peer(url: str, folder: Path) -> float:
    """Seconds of the bare computation and the bare writing."""
    return asyncio.run(_peer(url, folder))


async def _peer(url: str, folder: Path) -> float:
    connection = await asyncpg.connect(url)
    try:
        began = time.perf_counter()
        values = pl.read_parquet(folder / "values.parquet")
        points = [pl.col(name).fill_null(0).clip(0, hi) * points for name, (points, hi, _) in LINES.items()]
        scores = values.select("enterprise_id", (7500 + pl.sum_horizontal(points)).alias("score"))
        level = pl.when(pl.col("score") >= 8500).then(pl.lit("A")).when(pl.col("score") >= 7000).then(pl.lit("B"))
        graded = scores.with_columns(grade=level.when(pl.col("score") >= 5000).then(pl.lit("C")).otherwise(pl.lit("D")))
        assert graded.height
        columns = ", ".join(("enterprise_id", *CHANGED))
        async with connection.transaction():
            await connection.execute(f"create temp table fresh as select {columns} from enterprises with no data")  # noqa: S608
            await _copy(connection, "fresh", folder / "enterprises.csv")
            await connection.execute("analyze fresh")
            sets = ", ".join(f"{name} = fresh.{name}" for name in CHANGED)
            await connection.execute(
                f"update enterprises set {sets} from fresh where fresh.enterprise_id = enterprises.enterprise_id"  # noqa: S608
            )
            await _copy(connection, "grades", folder / "grades.csv")
            await _copy(
                connection,
                "outbox",
                folder / "outbox.csv",
                ["topic", "key", "headers", "body", "recorded_at", "attempts"],
            )
        return time.perf_counter() - began
    finally:
        await connection.close()


async def _copy(connection: Any, table: str, file: Path, columns: list[str] | None = None) -> None:
    await connection.copy_to_table(table, source=BytesIO(file.read_bytes()), columns=columns, format="csv")


def run_product(lists: Lists) -> tuple[float, float]:
    """Seconds and peak MiB on a fresh copy."""
    name = lists.copy()
    try:
        return alone(product, lists.server.url(name))
    finally:
        lists.server.drop_database(name)


def run_peer(lists: Lists, folder: Path) -> float:
    """Seconds on a fresh copy."""
    name = lists.copy()
    try:
        return alone(peer, lists.server.url(name, driver=None), folder)[0]
    finally:
        lists.server.drop_database(name)


def prepare(lists: Lists, folder: Path) -> None:
    """Let the product grade once, and keep what it wrote for the peer."""
    name = lists.copy()
    alone(product, lists.server.url(name))
    asyncio.run(_keep(lists.server.url(name, driver=None), folder))
    lists.server.drop_database(name)


def main(scale: int = 1_000_000, rounds: int = 5, target: Path | None = None) -> int:
    """The exit status; `scale` enterprises against a tenth of them."""
    with ExitStack() as stack:
        server = stack.enter_context(provide_postgres())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        whole, tenth = fill(server, scale), fill(server, scale // 10)
        prepare(whole, folder)
        peaks: list[float] = []
        growth: list[float] = []

        def one() -> float:
            small, _ = run_product(tenth)
            seconds, peak = run_product(whole)
            peaks.append(peak)
            growth.append(seconds / (small * 10))
            return seconds

        ratio = compare(f"grade {scale:,} × 12", one, lambda: run_peer(whole, folder), goal=GOAL, rounds=rounds)
        for name in (whole.filled, tenth.filled):
            server.drop_database(name)
    grown = Result("time per enterprise against a tenth", statistics.median(growth), GOAL_GROWTH, details={"x": growth})
    peak = Result("peak memory", max(peaks), GOAL_MIB, "MiB", {"MiB": peaks})
    return report([ratio, grown, peak], target)


if __name__ == "__main__":
    given = arguments(1_000_000, 5)
    sys.exit(main(given.scale, given.rounds, given.json))
