from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import psutil
import pytest

from wurao.local.postgres import Postgres, PostgresServer, binaries
from wurao.local.servers import provide_postgres
from wurao.local.system import Unavailable

pytestmark = pytest.mark.postgres


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Postgres]:
    try:
        binaries()
    except Unavailable as unavailable:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(unavailable.reason)
    postgres = Postgres(tmp_path / "pg", durable=True)
    try:
        yield postgres.start()
    finally:
        postgres.remove()


async def fetch(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_data_outlive_restart_and_kill(server: Postgres) -> None:
    """What was committed is there after a restart and after a SIGKILL, on the same port."""
    port = server.port
    server.create_database("facts")
    server.execute("CREATE TABLE fact (n int)", "INSERT INTO fact VALUES (1)", database="facts")
    server.restart()
    server.execute("INSERT INTO fact VALUES (2)", database="facts")
    server.kill()
    assert server.program() is None
    server.start()
    assert server.port == port
    assert await fetch(server.url("facts", driver=None), "SELECT sum(n) FROM fact") == 3


async def test_roles_own_only_what_they_were_given(server: Postgres) -> None:
    """A created role logs in by its password, owns its database and is no superuser."""
    server.create_role("ow'ner", "p@ss:w/rd'")
    server.create_database("own", owner="ow'ner")
    server.create_database("own", owner="ow'ner")
    url = server.url("own", "ow'ner", "p@ss:w/rd'", driver=None)
    assert await fetch(url, "SELECT current_setting('is_superuser')") == "off"
    assert await fetch(url, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'own'") == "ow'ner"
    server.create_role("ow'ner", "other")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await fetch(url, "SELECT 1")
    assert "p@ss" not in server.log.read_text()


async def test_only_loopback_with_the_password(server: Postgres) -> None:
    """It listens on 127.0.0.1 alone, its password lies in a file of mode 0600, and a wrong one is refused."""
    running = server.program()
    process = running.process() if running else None
    assert process is not None
    assert process.uids().effective != 0
    listening = {c.laddr.ip for c in process.net_connections() if c.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}
    assert stat.S_IMODE((server.home / "password").stat().st_mode) == 0o600
    with pytest.raises(asyncpg.InvalidPasswordError):
        await fetch(server.url("postgres", server.user, "wrong", driver=None), "SELECT 1")


def test_stop_from_another_object_leaves_no_process(server: Postgres) -> None:
    """Another object on the same folder finds the running server, and stop leaves neither it nor a child."""
    running = server.program()
    process = running.process() if running else None
    assert process is not None
    family = [process, *process.children(recursive=True)]
    again = Postgres(server.directory).start()
    assert again.program() == running
    again.stop()
    assert not any(member.is_running() and member.status() != psutil.STATUS_ZOMBIE for member in family)
    assert server.program() is None


def test_provided_server_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a given URL a local server is started, and leaves nothing behind; a given URL is used as it is."""
    monkeypatch.delenv("WURAO_TEST_POSTGRES_URL", raising=False)
    with provide_postgres() as provided:
        assert isinstance(provided, Postgres)
        monkeypatch.setenv("WURAO_TEST_POSTGRES_URL", provided.url())
        with provide_postgres() as given:
            assert given.origin == "given"
            given.create_database("shared")
            assert given.url() == provided.url()
        home = provided.home
    assert not home.exists()


@pytest.mark.parametrize("url", ["mysql://a:b@c/d", "postgresql:///nowhere"])
def test_other_urls_are_refused(url: str) -> None:
    """A URL that names no PostgreSQL server is refused, without repeating it (it may hold a password)."""
    with pytest.raises(Unavailable, match="not of the form"):
        PostgresServer.of_url(url)
