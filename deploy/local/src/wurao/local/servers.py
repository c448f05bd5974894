"""Where the servers for tests and for `make up` come from.

In this order: a server that the environment names; local binaries (installed by apt when root on Debian); Docker.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from wurao.local import kafka, postgres
from wurao.local.docker import kafka_container, postgres_container
from wurao.local.kafka import Kafka, KafkaServer
from wurao.local.postgres import Postgres, PostgresServer
from wurao.local.system import Unavailable

__all__ = ["Unavailable", "provide_kafka", "provide_postgres"]

POSTGRES_VARIABLE = "WURAO_TEST_POSTGRES_URL"
KAFKA_VARIABLE = "WURAO_TEST_KAFKA"
logger = logging.getLogger("wurao.local")

Server = TypeVar("Server", PostgresServer, KafkaServer)


@contextmanager
def provide_postgres(directory: Path | None = None, *, durable: bool = False) -> Iterator[PostgresServer]:
    """Yield a running PostgreSQL; raise Unavailable with every reason when none can be had.

    Ours is stopped on leaving; without a directory its data are deleted too. It is a `Postgres`, which can be
    killed and restarted, only when it runs from local binaries.
    """
    given = os.environ.get(POSTGRES_VARIABLE)
    if given:
        yield PostgresServer.of_url(given)
        return
    try:
        postgres.binaries()
    except Unavailable as local:
        with _instead_of_local(postgres_container(), local) as container:
            yield container
        return
    server = Postgres(directory or Path(tempfile.mkdtemp(prefix="wurao-postgres-")), durable=durable)
    try:
        yield server.start()
    finally:
        if directory is None:
            server.remove()
        else:
            server.stop()


@contextmanager
def provide_kafka(directory: Path | None = None, *, partitions: int = 3) -> Iterator[KafkaServer]:
    """Yield a running Kafka broker; raise Unavailable with every reason when none can be had.

    Ours is stopped on leaving; without a directory its data are deleted too. It is a `Kafka`, which can be killed
    and restarted, only when it runs from local jars.
    """
    given = os.environ.get(KAFKA_VARIABLE)
    if given:
        server = KafkaServer(given)
        server.wait_ready()
        yield server
        return
    try:
        kafka.java()
        kafka.jars()
    except Unavailable as local:
        with _instead_of_local(kafka_container(partitions), local) as container:
            yield container
        return
    broker = Kafka(directory or Path(tempfile.mkdtemp(prefix="wurao-kafka-")), partitions=partitions)
    try:
        yield broker.start()
    finally:
        if directory is None:
            broker.remove()
        else:
            broker.stop()


@contextmanager
def _instead_of_local(container: AbstractContextManager[Server], local: Unavailable) -> Iterator[Server]:
    """Yield the container's server; where there is no Docker either, say why local binaries would not do."""
    logger.warning("no local binaries (%s): trying Docker", local.reason)
    with ExitStack() as stack:
        try:
            server = stack.enter_context(container)
        except Unavailable as docker:
            raise Unavailable(f"{local.reason}; {docker.reason}") from docker
        yield server
