"""The production way on one machine, without containers: five processes on PostgreSQL and Apache Kafka."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from wurao.common.migrate import APP_ROLE
from wurao.embedded.demo.client import SERVICES, Endpoints
from wurao.embedded.issuer_app import stored_secret
from wurao.local.kafka import Kafka
from wurao.local.postgres import Postgres
from wurao.local.processes import RunDirectory
from wurao.local.servers import Unavailable
from wurao.local.system import free_port

OWNER_ROLE = "wurao_owner"


@dataclass(frozen=True, slots=True)
class Folder:
    """Where everything of one local production lives."""

    path: Path

    @property
    def run(self) -> RunDirectory:
        """Pids and logs of the processes."""
        return RunDirectory(self.path / "run")

    @property
    def postgres(self) -> Postgres:
        """The database server; durable, as in production."""
        return Postgres(self.path / "postgres", durable=True)

    @property
    def kafka(self) -> Kafka:
        """The broker."""
        return Kafka(self.path / "kafka")

    @property
    def secret_file(self) -> Path:
        """The sample clients' secret."""
        return self.path / "client-secret"

    def password(self, role: str) -> str:
        """A database role's password, made on first use, readable by its owner only."""
        return stored_secret(self.path / f"{role}-password")


def up(folder: Folder, port: int, *, start: datetime) -> Iterator[tuple[str, Endpoints | None]]:
    """Start everything with the sandbox clock at `start`; says what it does, the last item carries the endpoints."""
    folder.path.mkdir(parents=True, exist_ok=True, mode=0o700)
    yield "启动 PostgreSQL", None
    postgres = folder.postgres.start()
    for role in (OWNER_ROLE, APP_ROLE):
        postgres.create_role(role, folder.password(role))
    for service in SERVICES:
        postgres.create_database(f"wurao_{service}", owner=OWNER_ROLE)
    yield "启动 Apache Kafka（首次需下载运行库）", None
    kafka = folder.kafka.start()
    yield "迁移五个数据库", None
    ports = _ports(port)
    issuer_url = f"http://127.0.0.1:{ports['issuer']}/issuer"
    code_page = f"http://127.0.0.1:{ports['checkin']}/v1/public/code"
    environments = {
        service: _environment(folder, postgres, kafka, service, ports[service], issuer_url, start)
        | {"WURAO_CODE_CHECK_URL": code_page}
        for service in SERVICES
    }
    run = folder.run
    for service, environment in environments.items():
        _migrate(run, service, environment)
    yield "启动身份服务和五个业务服务", None
    issuer = run.start(
        "issuer",
        [sys.executable, "-m", "wurao.embedded.issuer_process", str(folder.path), str(ports["issuer"])],
        {},
    )
    handles = {
        service: run.start(service, [sys.executable, "-m", f"wurao.{service}"], environment)
        for service, environment in environments.items()
    }
    issuer.wait_healthy(f"{issuer_url}/jwks")
    for service, handle in handles.items():
        handle.wait_healthy(f"http://127.0.0.1:{ports[service]}/health/ready")
    services = {service: f"http://127.0.0.1:{ports[service]}" for service in SERVICES}
    yield "全部就绪", Endpoints(services, issuer_url, stored_secret(folder.secret_file))


def _ports(first: int) -> dict[str, int]:
    names = (*SERVICES, "issuer")
    return {name: first + index if first else free_port() for index, name in enumerate(names)}


def _migrate(run: RunDirectory, service: str, environment: Mapping[str, str]) -> None:
    name = f"migrate-{service}"
    handle = run.start(name, [sys.executable, "-m", f"wurao.{service}", "migrate"], environment)
    if not handle.program.wait_ended(120):
        handle.stop()
        raise Unavailable(f"the migration of {service} did not end; see {handle.log}")


def _environment(
    folder: Folder, postgres: Postgres, kafka: Kafka, service: str, port: int, issuer_url: str, start: datetime
) -> dict[str, str]:
    database = f"wurao_{service}"
    return {
        "WURAO_DATABASE_URL": postgres.url(database, user=APP_ROLE, password=folder.password(APP_ROLE)),
        "WURAO_MIGRATION_DATABASE_URL": postgres.url(database, user=OWNER_ROLE, password=folder.password(OWNER_ROLE)),
        "WURAO_KAFKA_BOOTSTRAP": kafka.bootstrap,
        "WURAO_OIDC_ISSUER": issuer_url,
        "WURAO_OIDC_JWKS_URL": f"{issuer_url}/jwks",
        "WURAO_SIGNING_KEYS_FILE": str(folder.path / f"{service}-keys.json"),
        "WURAO_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "WURAO_PORT": str(port),
        "WURAO_SANDBOX": "true",
        "WURAO_SANDBOX_START": start.isoformat(),
        "WURAO_RATE_LIMIT": "60000/minute",
    }


def down(folder: Folder) -> list[str]:
    """Stop what `up` started, in the order in which nothing is lost; the names of those that had to be killed."""
    if not folder.path.exists():
        return []
    killed = folder.run.stop_all(grace_seconds=30)
    folder.kafka.stop()
    folder.postgres.stop()
    return killed


@contextmanager
def taken_down_on_failure(folder: Folder) -> Iterator[None]:
    """Leave nothing running when the start or the play fails."""
    try:
        yield
    except BaseException:
        down(folder)
        raise
