"""Servers that tests may kill, and the two ledger services as processes on them."""

import asyncio
import importlib.util
import os
import secrets
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from sqlalchemy import MetaData, text

from wurao.common.contracts.registry import OfficerReinstated
from wurao.common.db import Database
from wurao.common.testing import create_tables, eventually
from wurao.local import kafka, postgres
from wurao.local.kafka import Kafka
from wurao.local.postgres import Postgres
from wurao.local.processes import Handle, RunDirectory
from wurao.local.system import Unavailable, free_port

SCRIPT = Path(__file__).with_name("ledger_service.py")
ROLE, PASSWORD = "wurao_app", "tests-only"
SECONDS = 60.0
PLACES = [TopicPartition(OfficerReinstated.topic, number) for number in range(3)]


def _or_skip(error: Unavailable) -> None:
    if os.environ.get("CI") == "true":
        raise error
    pytest.skip(f"NO SERVER TO KILL: {error.reason}")


@pytest.fixture(scope="package")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A broker that may be killed."""
    try:
        kafka.java(), kafka.jars()
    except Unavailable as error:
        _or_skip(error)
    server = Kafka(tmp_path_factory.mktemp("kafka"))
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture(scope="package")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A PostgreSQL that may be killed: what it acknowledged is on the disk."""
    try:
        postgres.binaries()
    except Unavailable as error:
        _or_skip(error)
    server = Postgres(tmp_path_factory.mktemp("postgres"), durable=True)
    try:
        server.start().create_role(ROLE, PASSWORD)
        yield server
    finally:
        server.remove()


@dataclass
class Ledger:
    """One test's pair of services: databases of their own, a group of their own, keys of their own."""

    broker: Kafka
    database: Postgres
    run: RunDirectory
    token: str = field(default_factory=lambda: secrets.token_hex(4))
    ports: dict[str, int] = field(default_factory=dict)

    def url(self, role: str) -> str:
        return self.database.url(f"{role}_{self.token}", user=ROLE, password=PASSWORD)

    async def start(self, role: str, *, name: str = "", crash: str = "") -> Handle:
        """Start a process of the service; `name` tells a second one from the first."""
        port = self.ports[name or role] = free_port()
        environment = {
            "LEDGER_ROLE": role,
            "LEDGER_NAME": f"{role}-{self.token}",
            "LEDGER_KEYS": self.token,
            "LEDGER_CRASH": crash,
            "WURAO_DATABASE_URL": self.url(role),
            "WURAO_KAFKA_BOOTSTRAP": self.broker.bootstrap,
            "WURAO_PORT": str(port),
            "WURAO_RATE_LIMIT": "1000000/minute",
        }
        handle = self.run.start(name or role, [sys.executable, str(SCRIPT)], environment)
        await asyncio.to_thread(handle.wait_healthy, f"http://127.0.0.1:{port}/health/live")
        return handle

    async def start_both(self, *, source: str = "", sink: str = "") -> tuple[Handle, Handle]:
        """Start source and sink, each with its point to crash at."""
        return await asyncio.gather(self.start("source", crash=source), self.start("sink", crash=sink))

    def key(self, number: int) -> str:
        return f"{self.token}-{number}"

    async def enter(self, client: httpx.AsyncClient, key: str, first: int, count: int = 1) -> bool:
        """Whether the source acknowledged the run."""
        body = {"key": key, "first": first, "count": count}
        try:
            answer = await client.post(f"http://127.0.0.1:{self.ports['source']}/v1/entries", json=body)
        except httpx.HTTPError:
            return False
        return answer.status_code == 201

    async def rows(self, role: str, statement: str) -> list[tuple[int | str, ...]]:
        """What a statement finds in a service's database."""
        db = Database(self.url(role), source="/test")
        try:
            async with db.read() as session:
                return [tuple(row) for row in await session.execute(text(statement))]
        finally:
            await db.dispose()

    async def count(self, role: str, table: str) -> int:
        [[found]] = await self.rows(role, f"select count(*) from {table}")  # noqa: S608 - names of this folder
        return int(found)

    async def on_topic(self) -> dict[str, list[tuple[int, str]]]:
        """(number, event id) of each key of this test, as they stand on the topic."""
        found: dict[str, list[tuple[int, str]]] = defaultdict(list)
        consumer = AIOKafkaConsumer(bootstrap_servers=self.broker.bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        try:
            consumer.assign(PLACES)
            await consumer.seek_to_beginning(*PLACES)
            ends = await consumer.end_offsets(PLACES)
            async with asyncio.timeout(SECONDS):
                while any([await consumer.position(place) < ends[place] for place in PLACES]):
                    for records in (await consumer.getmany(timeout_ms=500)).values():
                        for record in records:
                            key = record.key.decode()
                            if key.startswith(self.token):
                                number = int(OfficerReinstated.parse(record.value).reason)
                                found[key].append((number, dict(record.headers)["ce_id"].decode()))
        finally:
            await consumer.stop()
        return found

    async def all_entered(self) -> bool:
        return await self.count("sink", "effects") >= await self.count("source", "entries")

    async def verify(self, acknowledged: set[tuple[str, int]], *, seconds: float = SECONDS) -> None:
        """Nothing lost, nothing doubled, nothing out of order: acknowledged ⊆ entries = events = effects."""
        await eventually(self.all_entered, seconds=seconds)
        await eventually(self.outbox_empty, seconds=seconds)
        entries = {(str(key), int(number)) for key, number in await self.rows("source", "select * from entries")}
        effects = await self.rows("sink", "select key, number from effects order by id")
        assert acknowledged <= entries
        assert sorted((str(key), int(number)) for key, number in effects) == sorted(entries)
        expected = in_order(sorted(entries))
        assert in_order(effects) == expected
        topic = await self.on_topic()
        events = {key: list(dict.fromkeys(sent)) for key, sent in topic.items()}
        assert {key: [number for number, _ in sent] for key, sent in events.items()} == expected
        assert await self.count("sink", "dead_letters") == 0

    async def outbox_empty(self) -> bool:
        return await self.count("source", "outbox") == 0


def in_order(rows: list[tuple[str, int]] | list[tuple[int | str, ...]]) -> dict[str, list[int]]:
    """The numbers of each key, in the order of the rows."""
    found: dict[str, list[int]] = defaultdict(list)
    for key, number in rows:
        found[str(key)].append(int(number))
    return found


@pytest.fixture
async def ledger(broker: Kafka, database: Postgres, tmp_path: Path) -> AsyncIterator[Ledger]:
    """Databases for a source and a sink; whatever the test started is killed at its end."""
    broker.start()
    database.start()
    await _empty(broker.bootstrap)
    ledger = Ledger(broker, database, RunDirectory(tmp_path / "run"))
    for role in ("source", "sink"):
        database.create_database(f"{role}_{ledger.token}")
        await create_tables(database.url(f"{role}_{ledger.token}"), TABLES)
    try:
        yield ledger
    finally:
        for handle in ledger.run.handles():
            handle.kill()


async def _empty(bootstrap: str) -> None:
    """Make the topic, or take the records of earlier tests from it: a new group would begin with them."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        if OfficerReinstated.topic in await admin.list_topics():
            await admin.delete_records({place: RecordsToDelete(before_offset=-1) for place in PLACES})
        else:
            await admin.create_topics([NewTopic(OfficerReinstated.topic, len(PLACES), 1)])
    finally:
        await admin.close()


def _tables() -> MetaData:
    """The tables of the script beside this file."""
    spec = importlib.util.spec_from_file_location("ledger_service", SCRIPT)
    assert spec
    assert spec.loader
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return cast("MetaData", module.Base.metadata)


TABLES = _tables()


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A client of the source."""
    async with httpx.AsyncClient(timeout=30.0, trust_env=False) as client:
        yield client
