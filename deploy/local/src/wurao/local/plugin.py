"""pytest fixtures over real servers, shared by all test folders (loaded by `-p wurao.local.plugin`).

Where no server can be had the test is skipped loudly; with CI=true that is a failure.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

from wurao.local.kafka import KafkaServer
from wurao.local.postgres import PostgresServer
from wurao.local.servers import Unavailable, provide_kafka, provide_postgres

APP_ROLE = "wurao_app"
APP_PASSWORD = "tests-only"  # noqa: S105 - a role that lives as long as a test run, on loopback


# How long an example takes says more about the machine than about the code.
settings.register_profile("wurao", deadline=None)
settings.load_profile("wurao")


@dataclass(frozen=True)
class Storage:
    """Where a service under test keeps its rows: one URL to serve with, one to migrate with."""

    kind: str
    url: str
    migration_url: str


def _unavailable(what: str, reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is required in CI: {reason}")
    pytest.skip(f"NO {what.upper()}: {reason}")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server for the session, with the services' role."""
    try:
        with provide_postgres() as server:
            server.create_role(APP_ROLE, APP_PASSWORD)
            yield server
    except Unavailable as error:
        _unavailable("PostgreSQL", str(error))


@pytest.fixture(scope="session")
def kafka_server() -> Iterator[KafkaServer]:
    """A Kafka broker for the session."""
    try:
        with provide_kafka() as server:
            yield server
    except Unavailable as error:
        _unavailable("Kafka", str(error))


@pytest.fixture
def postgres_storage(postgres_server: PostgresServer) -> Iterator[Callable[[], Storage]]:
    """Makes empty databases; services connect as a role that owns nothing, so row-level security binds them."""
    made: list[str] = []

    def make() -> Storage:
        name = f"test_{secrets.token_hex(6)}"
        postgres_server.create_database(name)
        made.append(name)
        return Storage(
            "postgres",
            postgres_server.url(name, user=APP_ROLE, password=APP_PASSWORD),
            postgres_server.url(name),
        )

    yield make
    for name in made:
        postgres_server.drop_database(name)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """An empty database of each kind in turn."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path}/service.db"
        return Storage("sqlite", url, url)
    make: Callable[[], Storage] = request.getfixturevalue("postgres_storage")
    return make()
