"""PostgreSQL and Kafka in containers, for machines that have an engine and nothing else."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from wurao.local.kafka import KafkaServer, settings
from wurao.local.kafka import version as kafka_version
from wurao.local.postgres import SUPERUSER, PostgresServer
from wurao.local.processes import StartFailed, wait_until
from wurao.local.system import Unavailable, free_port, run

POSTGRES_IMAGE = "postgres:17"


def require_docker() -> str:
    """Return the client's path when it reaches an engine; raise Unavailable otherwise."""
    client = shutil.which("docker")
    if client is None:
        raise Unavailable("no docker client")
    try:
        run([client, "info"], timeout=20)
    except Unavailable as error:
        raise Unavailable("the docker client reaches no engine") from error
    return client


class ContainerPostgres(PostgresServer):
    origin = "docker"


class ContainerKafka(KafkaServer):
    origin = "docker"


@contextmanager
def postgres_container() -> Iterator[PostgresServer]:
    """Run PostgreSQL in a container that is removed on leaving."""
    server = ContainerPostgres("127.0.0.1", free_port(), SUPERUSER, secrets.token_urlsafe(24))
    secret = {"POSTGRES_PASSWORD": server.password}
    options = ["-e", f"POSTGRES_USER={SUPERUSER}", "-e", "POSTGRES_PASSWORD", "-p", f"127.0.0.1:{server.port}:5432"]
    with _container(options, [POSTGRES_IMAGE, "-c", "max_connections=300"], secret):
        if not wait_until(iter(server.ready, None), 120.0):
            raise StartFailed("PostgreSQL in a container did not start")
        yield server


@contextmanager
def kafka_container(partitions: int = 3) -> Iterator[KafkaServer]:
    """Run Kafka in a container that is removed on leaving."""
    port = free_port()
    values = {
        **settings(9092, 9093, partitions),
        "listeners": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        # Inside the container nobody reaches the advertised port.
        "controller.quorum.voters": "1@localhost:9093",
    }
    options = ["-p", f"127.0.0.1:{port}:9092"]
    for name, value in values.items():
        options += ["-e", f"KAFKA_{name.replace('.', '_').upper()}={value}"]
    with _container(options, [f"apache/kafka:{kafka_version()}"], {}):
        server = ContainerKafka(f"127.0.0.1:{port}")
        server.wait_ready(120.0)
        yield server


@contextmanager
def _container(options: list[str], image: list[str], secret: Mapping[str, str]) -> Iterator[str]:
    """Run a container; secrets go by environment, not by arguments, which anybody on the machine can list."""
    client = require_docker()
    name = f"wurao-{secrets.token_hex(6)}"
    run([client, "run", "--detach", "--rm", "--name", name, *options, *image], env={**os.environ, **secret})
    try:
        yield name
    finally:
        subprocess.run([client, "rm", "--force", "--volumes", name], capture_output=True, timeout=60, check=False)  # noqa: S603
