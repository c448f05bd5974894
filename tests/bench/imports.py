"""Import of enterprises at a million against a bare COPY and a validation loop, on PostgreSQL.

The product does all that an import does in one transaction: credit codes and areas checked, duplicates within the file
found, enterprises and their events written, whole pieces left to be indexed for the search by the job that follows; the
seconds until that is done, too, stand in the report. The peer reads the same file with csv.reader, validates
each row with the same model and copies the same columns into a table that is made like the product's, in one thread.
"""

import asyncio
import csv
import json
import mmap
import secrets
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import asyncpg
from tests.bench import harness

from wurao.common.auth import Principal, Role
from wurao.common.db import Database
from wurao.common.jobs import Progress
from wurao.common.loading import Incoming
from wurao.common.migrate import upgrade
from wurao.embedded.sample.agencies import agencies
from wurao.embedded.sample.enterprises import BLOCK, EnterpriseMaker
from wurao.embedded.sample.places import place
from wurao.local.postgres import PostgresServer
from wurao.local.servers import provide_postgres
from wurao.registry.schemas.enterprises import EnterpriseRow
from wurao.registry.usecases import enterprise_imports, search_backlog
from wurao.registry.usecases.lives import Act

SCALE, ROUNDS = 1_000_000, 3
RATIO, GROWTH, PEAK_MIB = 2.5, 1.3, 2048
NAME = f"imports_bench_{secrets.token_hex(4)}"
HEADER = "enterprise_id,name,kind,industry,size,area,address,registered_on,park,tags\n"
COLUMNS = tuple(EnterpriseRow.model_fields)


def main(scale: int = SCALE, rounds: int = ROUNDS, target: Path | None = None) -> int:
    """The exit status: 0 within the goals."""
    with provide_postgres() as server, tempfile.TemporaryDirectory() as folder:
        server.create_database(NAME)
        try:
            return harness.report(_measure(server, Path(folder), scale, rounds), target)
        finally:
            server.drop_database(NAME)


def _measure(server: PostgresServer, folder: Path, scale: int, rounds: int) -> list[harness.Result]:
    url, plain = server.url(NAME), server.url(NAME, driver=None)
    asyncio.run(_prepare(url, plain))
    whole, tenth = _file(folder / "whole.csv", scale), _file(folder / "tenth.csv", scale // 10)
    peaks: list[float] = []
    indexed: list[float] = []

    def product(file: Path) -> harness.Side:
        def side() -> float:
            asyncio.run(_empty(plain))
            (seconds, until_indexed), peak = harness.alone(imported, url, file)
            peaks.append(peak)
            if file == whole:
                indexed.append(until_indexed)
            return seconds

        return side

    def peer() -> float:
        asyncio.run(_empty(plain))
        return harness.alone(copied, plain, whole)[0]

    ratio = harness.compare(f"import of {scale:,}", product(whole), peer, goal=RATIO, rounds=rounds)
    growth = harness.compare(
        f"a row at {scale:,} against {scale // 10:,}",
        product(whole),
        lambda: product(tenth)() * 10,
        goal=GROWTH,
        rounds=rounds,
    )
    ratio.details["until_all_is_searchable_s"] = indexed[:rounds]
    return [ratio, growth, harness.Result("peak memory", max(peaks), PEAK_MIB, "MiB", {"MiB": peaks})]


async def _prepare(url: str, plain: str) -> None:
    await upgrade("registry", url)
    connection = await asyncpg.connect(plain)
    listed = ", ".join(COLUMNS)
    await connection.execute(f"create table bare as select {listed} from enterprises with no data")  # noqa: S608
    await connection.execute("alter table bare add primary key (enterprise_id)")
    await connection.execute("create index on bare (area, enterprise_id)")
    # Between rounds the tables are emptied: statistics taken then would tell the planner that they stay empty.
    for name in ("enterprises", "enterprise_search", "outbox"):
        await connection.execute(f"alter table {name} set (autovacuum_enabled = false)")
    await connection.close()


async def _empty(plain: str) -> None:
    connection = await asyncpg.connect(plain)
    await connection.execute("truncate enterprises, enterprise_search, search_backlog, jobs, outbox, bare")
    await connection.execute("checkpoint")
    await connection.close()


def _file(path: Path, count: int) -> Path:
    county = place("330802")
    maker = EnterpriseMaker(county, agencies(county, 12), 1)
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for start in range(0, count, BLOCK):
            file.writelines(maker.block(start // BLOCK, min(BLOCK, count - start)).enterprises)
    return path


def imported(url: str, file: Path) -> tuple[float, float]:
    """The product: seconds from the spooled body to the commit, and until everything is indexed."""
    return asyncio.run(_imported(url, file))


async def _imported(url: str, file: Path) -> tuple[float, float]:
    database = Database(url, source="/wurao/registry")
    who = Principal(subject="bench", roles=frozenset({Role.PLATFORM}), area="330000")
    act = Act(who, date(2026, 1, 5), datetime(2026, 1, 5, 1, tzinfo=UTC))
    with file.open("rb") as stream:
        body = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    incoming = Incoming(body, "text/csv", "all", EnterpriseRow, lambda row: row.enterprise_id)
    await database.ping()
    began = time.perf_counter()
    async with database.write() as session:
        report = await enterprise_imports.enter(session, incoming, act)
    seconds = time.perf_counter() - began
    await search_backlog.drain(Progress(database, "bench"))
    until_indexed = time.perf_counter() - began
    await database.dispose()
    if not report.loaded:
        raise SystemExit(f"the import was refused: {report.errors[:3]}")
    return seconds, until_indexed


def copied(url: str, file: Path) -> float:
    """The peer: seconds of a validation loop and a bare COPY."""
    return asyncio.run(_copied(url, file))


async def _copied(url: str, file: Path) -> float:
    connection = await asyncpg.connect(url)
    began = time.perf_counter()
    with file.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        header = next(reader)
        rows = [_row(header, record) for record in reader]
    await connection.copy_records_to_table("bare", records=rows, columns=list(COLUMNS))
    seconds = time.perf_counter() - began
    await connection.close()
    return seconds


def _row(header: list[str], record: list[str]) -> tuple[Any, ...]:
    cells: dict[str, Any] = {name: cell for name, cell in zip(header, record, strict=True) if cell}
    cells["tags"] = cells["tags"].split(";") if "tags" in cells else ()
    row = EnterpriseRow.model_validate(cells)
    return tuple((row.__dict__ | {"tags": json.dumps(row.tags)}).values())


if __name__ == "__main__":
    given = harness.arguments(SCALE, ROUNDS)
    sys.exit(main(given.scale, given.rounds, given.json))
