"""A private Apache Kafka broker (KRaft, one node) from the jars of Maven Central, loopback only."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import socket
import struct
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from wurao.local.processes import Program, Record, StartFailed, spawn, tail, wait_until, write_atomically
from wurao.local.system import Unavailable, apt_install, can_apt_install, clean_environment, free_port, run

POM = Path(__file__).parents[3] / "kafka" / "pom.xml"
_JAVA_AT_LEAST = 17
_METADATA_REQUEST = 3
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def version() -> str:
    """Return the version of Kafka that pom.xml names."""
    found = re.search(r"<kafka\.version>([\w.-]+)</kafka\.version>", POM.read_text())
    if found is None:
        raise Unavailable(f"{POM} names no kafka.version")
    return found[1]


def cache_directory() -> Path:
    """Return the folder for downloads: WURAO_CACHE, or ~/.cache/wurao."""
    given = os.environ.get("WURAO_CACHE")
    return Path(given).absolute() if given else Path.home() / ".cache" / "wurao"


def java() -> str:
    """Return a Java of version 17 or later, installing one when we may; raise Unavailable otherwise."""
    found = _find_java()
    if found is None and can_apt_install():
        apt_install("default-jre-headless")
        found = _find_java()
    if found is None:
        raise Unavailable(f"no Java {_JAVA_AT_LEAST} or later in JAVA_HOME or the PATH")
    return found


def _find_java() -> str | None:
    home = os.environ.get("JAVA_HOME")
    candidates = [str(Path(home) / "bin" / "java") if home else None, shutil.which("java")]
    return next((path for path in candidates if path and _java_version(path) >= _JAVA_AT_LEAST), None)


def _java_version(path: str) -> int:
    try:
        done = subprocess.run([path, "-version"], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r'version "(\d+)', done.stderr)
    return int(found[1]) if found else 0


def jars() -> Path:
    """Return the folder with Kafka's jars, fetched by Maven the first time; raise Unavailable without Maven."""
    folder = cache_directory() / f"kafka-{version()}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _locked(folder.with_name(f"{folder.name}.lock")):
        if not folder.is_dir():
            _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    if shutil.which("mvn") is None and can_apt_install():
        apt_install("maven", "default-jre-headless")
    maven = shutil.which("mvn")
    if maven is None:
        raise Unavailable("no Maven (mvn) in the PATH to fetch Apache Kafka with")
    draft = Path(tempfile.mkdtemp(prefix=".kafka-", dir=folder.parent))
    try:
        goal = "dependency:copy-dependencies"
        run([maven, "-q", "-B", "-f", str(POM), goal, "-DincludeScope=runtime", f"-DoutputDirectory={draft}"])
        draft.chmod(0o755)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def answers(host: str, port: int) -> bool:
    """Tell whether a Kafka broker takes requests there: it answers a metadata request with itself in the list.

    The metadata request of version 1 with an empty list of topics; version 1 is in every release since 0.10.
    """
    client = b"wurao"
    header = struct.pack(">hhih", _METADATA_REQUEST, 1, 1, len(client)) + client
    request = header + struct.pack(">i", 0)
    try:
        with socket.create_connection((host, port), timeout=2.0) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            with connection.makefile("rb") as stream:
                answer = stream.read(12)
    except OSError:
        return False
    return len(answer) == 12 and struct.unpack(">iii", answer)[2] > 0


def settings(port: int, controller_port: int, partitions: int) -> dict[str, str]:
    """Return the properties of one node that is broker and controller, quick to start and small."""
    return {
        "node.id": "1",
        "process.roles": "broker,controller",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
        "num.partitions": str(partitions),
        "auto.create.topics.enable": "true",
        "offsets.topic.num.partitions": "1",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.num.partitions": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        # Tests of rebalances may let a member time out quickly.
        "group.min.session.timeout.ms": "1000",
        # A killed broker cannot register again before its old session has ended: 9 seconds by default.
        "broker.session.timeout.ms": "1000",
        "broker.heartbeat.interval.ms": "200",
        "log.cleaner.dedupe.buffer.size": str(16 * 1024 * 1024),
    }


class KafkaServer:
    """A running broker: where it is."""

    origin = "given"

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap

    @property
    def bootstrap(self) -> str:
        """The bootstrap servers, `host:port`."""
        return self._bootstrap

    def ready(self) -> bool:
        """Tell whether one of the bootstrap servers takes requests."""
        places = (server.strip().rpartition(":") for server in self.bootstrap.split(","))
        return any(answers(host.strip("[]"), int(port)) for host, _, port in places)

    def wait_ready(self, seconds: float = 60.0) -> None:
        """Wait until it takes requests; raise StartFailed when it does not in time."""
        if not wait_until(iter(self.ready, None), seconds):
            raise StartFailed(f"no Kafka broker answers at {self.bootstrap}")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.bootstrap}, {self.origin})"


class Kafka(KafkaServer):
    """A broker of our own in `directory`; `start` formats its storage when there is none, and keeps its data.

    Topics that are written to come into being by themselves, with `partitions` partitions. Started again without
    ports it keeps the ports it had, so clients find it.
    """

    origin = "local jars"

    def __init__(self, directory: Path, port: int = 0, controller_port: int = 0, *, partitions: int = 3) -> None:
        super().__init__("")
        self.directory = directory.absolute()
        self.port = port
        self.controller_port = controller_port
        self.partitions = partitions
        self._record = Record(self.directory / "kafka.pid")

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.directory / "kafka.log"

    def start(self, seconds: float = 90.0) -> Self:
        """Start, or find the broker of this folder running already; return when it takes requests."""
        self.directory.mkdir(parents=True, exist_ok=True)
        running = self.program()
        last = self._last_ports()
        if running is None:
            ports = last or (free_port(), free_port())
            self.port, self.controller_port = self.port or ports[0], self.controller_port or ports[1]
            self._configure()
            self._format()
            running = self._java(self.directory / "kafka.log", "kafka.Kafka", str(self._properties))
            self._record.write(running)
        elif last:
            self.port, self.controller_port = last
        self.wait_ready(seconds)
        return self

    def wait_ready(self, seconds: float = 60.0) -> None:
        """Wait until it takes requests; raise StartFailed when it ends first or does not in time."""

        def states() -> Iterator[bool]:
            while self.program() is not None:
                yield self.ready()

        if not wait_until(states(), seconds):
            self.kill()
            raise StartFailed(f"Kafka did not start; the end of {self.log}:\n{tail(self.log)}")

    def stop(self, grace_seconds: float = 20.0) -> None:
        """SIGTERM, then SIGKILL after the grace period."""
        running = self.program()
        if running is not None:
            running.stop(grace_seconds=grace_seconds)
        self._record.forget()

    def restart(self) -> Self:
        self.stop()
        return self.start()

    def kill(self) -> None:
        """SIGKILL the broker, as a crash would."""
        running = self.program()
        if running is not None:
            running.kill(leave_seconds=0.0)
        self._record.forget()

    def remove(self) -> None:
        """Stop and delete all data."""
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def program(self) -> Program | None:
        """Return the running broker of this folder, or None."""
        return self._record.running()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _properties(self) -> Path:
        return self.directory / "server.properties"

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    def _configure(self) -> None:
        values: Mapping[str, str] = {
            **settings(self.port, self.controller_port, self.partitions),
            "log.dirs": str(self._data).replace("\\", "\\\\"),
        }
        write_atomically(self._properties, "".join(f"{name}={value}\n" for name, value in values.items()))

    def _last_ports(self) -> tuple[int, int] | None:
        text = self._properties.read_text() if self._properties.exists() else ""
        found = re.search(r"^listeners=\D+[\d.]+:(\d+),\D+[\d.]+:(\d+)$", text, re.MULTILINE)
        return (int(found[1]), int(found[2])) if found else None

    def _format(self) -> None:
        if (self._data / "meta.properties").exists():
            return
        # 22 letters are a cluster id; one that began with a dash would be read as an option.
        cluster = "".join(secrets.choice(_ALPHABET) for _ in range(21)) + "A"
        log = self.directory / "format.log"
        tool = ["kafka.tools.StorageTool", "format", "--cluster-id", cluster, "--config", str(self._properties)]
        formatting = self._java(log, *tool)
        if not formatting.wait_ended(120.0) or not (self._data / "meta.properties").exists():
            raise StartFailed(f"Kafka's storage could not be formatted:\n{tail(log)}")

    def _java(self, log: Path, *arguments: str) -> Program:
        classpath = os.pathsep.join(sorted(str(jar) for jar in jars().glob("*.jar")))
        options = [
            "-Xmx512m",
            "-XX:+UseSerialGC",
            # Short runs on few cores: the quick compiler alone starts a broker sooner.
            "-XX:TieredStopAtLevel=1",
            "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
        ]
        command = [java(), *options, "-cp", classpath, *arguments]
        return spawn(command, env=clean_environment(), log=log, cwd=self.directory)
