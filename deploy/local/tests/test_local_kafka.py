from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from wurao.local.kafka import Kafka, jars, java
from wurao.local.servers import Unavailable, provide_kafka

pytestmark = pytest.mark.kafka


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Kafka]:
    try:
        java(), jars()
    except Unavailable as unavailable:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(unavailable.reason)
    kafka = Kafka(tmp_path / "kafka")
    try:
        yield kafka.start()
    finally:
        kafka.remove()


async def send(broker: Kafka, value: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")
    await producer.start()
    try:
        await producer.send_and_wait("facts", value, key=b"k")
    finally:
        await producer.stop()


async def received(broker: Kafka, count: int) -> tuple[list[bytes | None], set[int]]:
    consumer = AIOKafkaConsumer("facts", bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        values = [(await consumer.getone()).value for _ in range(count)]
        return values, {place.partition for place in consumer.assignment()}
    finally:
        await consumer.stop()


async def test_messages_outlive_restart_and_kill(broker: Kafka) -> None:
    """Acknowledged messages are there after a restart and after a SIGKILL, on the same port, in three partitions."""
    bootstrap = broker.bootstrap
    await send(broker, b"1")
    broker.restart()
    await send(broker, b"2")
    broker.kill()
    assert broker.program() is None
    assert not broker.ready()
    broker.start()
    assert broker.bootstrap == bootstrap
    await send(broker, b"3")
    assert await received(broker, 3) == ([b"1", b"2", b"3"], {0, 1, 2})


def test_stop_from_another_object_leaves_no_process(broker: Kafka) -> None:
    """It listens on 127.0.0.1 alone; another object on the same folder finds it, and stop leaves no process."""
    running = broker.program()
    process = running.process() if running else None
    assert process is not None
    listening = {c.laddr.ip.removeprefix("::ffff:") for c in process.net_connections() if c.status == "LISTEN"}
    assert listening == {"127.0.0.1"}
    again = Kafka(broker.directory).start()
    assert again.program() == running
    assert again.bootstrap == broker.bootstrap
    again.stop()
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    assert broker.program() is None


def test_given_broker_is_used(broker: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that the environment names is used as it is, and still runs afterwards."""
    monkeypatch.setenv("WURAO_TEST_KAFKA", broker.bootstrap)
    with provide_kafka() as given:
        assert given.origin == "given"
        assert given.bootstrap == broker.bootstrap
    assert broker.ready()


def test_jars_are_fetched_once() -> None:
    """The second question for the jars finds the folder of the first, with no draft beside it."""
    folder = jars()
    modified = folder.stat().st_mtime
    assert jars() == folder
    assert folder.stat().st_mtime == modified
    assert any(jar.name.startswith("kafka-clients-") for jar in folder.iterdir())
