"""Search among ten times as many enterprises: the slowest of twenty searches stays as fast, on both databases.

The texts are what people type: common and rare pieces of names, single characters, legal forms, initials, codes,
former wording; callers of a prefecture, of a county with a tenth of the enterprises, and of a township; filters.
Each side is measured in turn, so that a busy machine slows both.
"""

import asyncio
import csv
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path

import asyncpg
from tests.bench.harness import Result, arguments, calibration, report

from wurao.common.auth import Principal, Role
from wurao.common.db import Database
from wurao.common.migrate import upgrade
from wurao.embedded.sample.agencies import agencies
from wurao.embedded.sample.enterprises import BLOCK, EnterpriseMaker
from wurao.embedded.sample.places import place
from wurao.local.servers import provide_postgres
from wurao.registry.domain.search import search_row
from wurao.registry.repository.enterprise_search import Filters
from wurao.registry.usecases.enterprise_search import search

COUNTY, NEIGHBOUR, SEED = "330802", "330803", 2026
GOAL = 1.5
COLUMNS = "enterprise_id,name,kind,industry,size,area,address,registered_on,park,tags,status,version"
SEARCHED = ("enterprise_id", "name_key", "grams")

COMMON = ("柯城区", "有限公司", "公司", "超市", "面馆", "信息技术", "回收", "衢州市", "专业合作社", "柯", "店", "诚")
RARE = ("魑魅", "犇", "区有", "鑫鑫", "龙游县", "司限")
LETTERS = ("kcq", "kc", "wjf", "xhyjd", "qzsyxgs", "zzzzz", "91330802", "9233080", "92330802MA")
SCOPES = ("330800", COUNTY, NEIGHBOUR, "330802003")
FILTERS = (Filters(), Filters(), Filters(tag="key_area"), Filters(industry="H", size="micro"))

Row = tuple[str, ...]
Case = tuple[str, str, Filters]


def rows_of(scale: int) -> Iterator[Row]:
    """Enterprises of the sample county, every tenth of them moved to its neighbour."""
    maker = EnterpriseMaker(place(COUNTY), agencies(place(COUNTY), 40), SEED)
    for number in range(0, scale, BLOCK):
        for at, line in enumerate(maker.block(number // BLOCK, min(BLOCK, scale - number)).enterprises):
            row = line.rstrip("\n").split(",")
            if at % 10 == 0:
                row[5] = NEIGHBOUR + row[5][6:]
            yield tuple(row)


def cases(rows: list[Row], count: int) -> list[Case]:
    """A fixed mix of searches: common and rare texts, pieces of real names, initials and codes."""
    chance = random.Random(7)  # noqa: S311 - nobody is to guess anything
    texts = [*COMMON, *RARE, *LETTERS]
    for row in chance.sample(rows, count):
        name = row[1]
        at = chance.randrange(max(1, len(name) - 4))
        texts += [name[at : at + chance.choice((2, 2, 2, 3, 4))], name if chance.random() < 0.3 else row[0][:14]]
    return [(text, SCOPES[at % len(SCOPES)], FILTERS[at // 3 % len(FILTERS)]) for at, text in enumerate(texts)]


def _values(row: Row) -> Row:
    """The columns of an enterprise, tags as JSON."""
    return (*row[:9], json.dumps(row[9].split(";") if row[9] else []), "registered", "1")


async def _fill_postgres(url: str, plain: str, rows: list[Row]) -> None:
    await upgrade("registry", url)
    connection = await asyncpg.connect(plain)
    try:
        lines = StringIO()
        csv.writer(lines, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(map(_values, rows))
        await _copy(connection, "enterprises", COLUMNS.split(","), lines.getvalue())
        for at in range(0, len(rows), 100_000):
            made = (search_row(row[0], row[1], row[5]) for row in rows[at : at + 100_000])
            await connection.copy_records_to_table(
                "enterprise_search", records=[tuple(row.values()) for row in made], columns=SEARCHED
            )
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()


async def _copy(connection: asyncpg.Connection, table: str, columns: list[str], lines: str) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(lines), 1 << 20):
            yield lines[at : at + (1 << 20)].encode()

    await connection.copy_to_table(table, source=pieces(), columns=columns, format="csv")


async def _fill_sqlite(path: Path, rows: list[Row]) -> None:
    await upgrade("registry", f"sqlite+aiosqlite:///{path}")
    with sqlite3.connect(path) as connection:
        marks = ",".join("?" * 12)
        connection.executemany(
            f"insert into enterprises ({COLUMNS}) values ({marks})",  # noqa: S608
            map(_values, rows),
        )
        connection.executemany(
            "insert into enterprise_search (enterprise_id, name_key, grams) values (?, ?, ?)",
            (tuple(search_row(row[0], row[1], row[5]).values()) for row in rows),
        )
    connection.close()


async def _measure(database: Database, mix: list[Case]) -> list[float]:
    """Milliseconds of each search, sessions included."""
    took = []
    for text, area, filters in mix:
        who = Principal("bench", frozenset({Role.PLATFORM}), area=area)
        began = time.perf_counter()
        async with database.read() as session:
            await search(session, text, who, filters, None, 50)
        took.append((time.perf_counter() - began) * 1000)
    return took


def p95(took: list[float]) -> float:
    """The time that one of twenty exceeds."""
    return statistics.quantiles(took, n=20)[-1]


@asynccontextmanager
async def _opened(*urls: str) -> AsyncIterator[list[Database]]:
    databases = [Database(url, source="/wurao/registry") for url in urls]
    try:
        yield databases
    finally:
        for database in databases:
            await database.dispose()


async def _ratio(name: str, urls: list[str], mix: list[Case], rounds: int) -> Result:
    details: dict[str, list[float]] = {"tenth_ms": [], "whole_ms": [], "calibration_ms": []}
    async with _opened(*urls) as databases:
        for database in databases:
            await _measure(database, mix)
        for number in range(rounds):
            details["calibration_ms"].append(calibration())
            sides = list(zip(("tenth_ms", "whole_ms"), databases, strict=True))
            for key, database in sides if number % 2 == 0 else reversed(sides):
                details[key].append(p95(await _measure(database, mix)))
    ratios = [one / other for one, other in zip(details["whole_ms"], details["tenth_ms"], strict=True)]
    return Result(name, statistics.median(ratios), GOAL, details=details)


def main(scale: int = 1_000_000, rounds: int = 5) -> list[Result]:
    """The ratio of the slowest searches' times among `scale` enterprises to those among a tenth, per database."""
    rows = list(rows_of(scale))
    tenth = rows[: scale // 10]
    mix = cases(tenth, 60)
    results = []
    with tempfile.TemporaryDirectory(prefix="wurao-search-") as folder, provide_postgres(Path(folder, "pg")) as server:
        urls = []
        for name, part in (("tenth", tenth), ("whole", rows)):
            server.create_database(name)
            asyncio.run(_fill_postgres(server.url(name), server.url(name, driver=None), part))
            urls.append(server.url(name))
        results.append(asyncio.run(_ratio("search p95, PostgreSQL, ten times as many", urls, mix, rounds)))
        urls = []
        for name, part in (("tenth", tenth), ("whole", rows)):
            path = Path(folder, f"{name}.db")
            asyncio.run(_fill_sqlite(path, part))
            urls.append(f"sqlite+aiosqlite:///{path}")
        results.append(asyncio.run(_ratio("search p95, SQLite, ten times as many", urls, mix, rounds)))
    return results


if __name__ == "__main__":
    given = arguments(1_000_000, 5)
    sys.exit(report(main(given.scale, given.rounds), given.json))
