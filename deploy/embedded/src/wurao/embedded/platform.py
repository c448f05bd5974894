"""The five services in one process: memory bus, one SQLite file each, the embedded issuer."""

import fcntl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from fastapi import FastAPI
from starlette.responses import RedirectResponse

from wurao.checkin.app import build as build_checkin
from wurao.common import problem
from wurao.common.auth import KeySource
from wurao.common.bus import Bus, MemoryBus
from wurao.common.clock import AdjustableClock, Clock
from wurao.common.issuer import Issuer
from wurao.common.migrate import upgrade
from wurao.common.service import Service
from wurao.common.settings import ServiceSettings
from wurao.embedded.issuer_app import issuer_app
from wurao.penalty.app import build as build_penalty
from wurao.registry.app import build as build_registry
from wurao.scheduling.app import build as build_scheduling
from wurao.supervision.app import build as build_supervision

BUILDERS = {
    "registry": build_registry,
    "scheduling": build_scheduling,
    "checkin": build_checkin,
    "penalty": build_penalty,
    "supervision": build_supervision,
}


class FolderInUse(Exception):
    """Another platform already works in this data folder."""


@dataclass
class Platform:
    """The embedded platform: one app with the services mounted under their names."""

    app: FastAPI
    services: Mapping[str, Service]
    issuer: Issuer
    bus: Bus
    clock: Clock
    folder: Path
    _lock: IO[str] | None = field(default=None, repr=False)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Platform"]:
        """Migrate every database and run all services; mounted apps run no lifespan of their own.

        All groups join the bus before the first relay sends: a group unknown to the memory bus would miss events.
        """
        with (self.folder / "lock").open("w") as lock:
            _take(lock)
            for name, service in self.services.items():
                await upgrade(name, service.settings.database_url)
            async with AsyncExitStack() as stack:
                for service in self.services.values():
                    await service.consumer.subscribe()
                for service in self.services.values():
                    await stack.enter_async_context(service)
                yield self


def _take(lock: IO[str]) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise FolderInUse("the data folder is in use by another process") from error


def create_platform(folder: Path, url: str, clock: Clock) -> Platform:
    """The platform over a data folder, to be served at `url`; an adjustable clock makes it a sandbox."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    bus, sandbox = MemoryBus(), isinstance(clock, AdjustableClock)
    issuer = Issuer.stored(folder / "issuer.json", f"{url}/issuer")
    services = {
        name: build(_settings(folder, name, url, sandbox), bus, clock, keys=_keys(issuer))
        for name, build in BUILDERS.items()
    }

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with platform.running():
            yield

    app = FastAPI(title="Wurao", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    problem.install(app)
    platform = Platform(app, services, issuer, bus, clock, folder)
    for name, service in services.items():
        app.mount(f"/{name}", service.app)
    app.mount("/issuer", issuer_app(issuer, folder / "client-secret"))
    app.add_api_route("/", _board, include_in_schema=False)
    return platform


def _keys(issuer: Issuer) -> KeySource:
    return issuer.keys()


async def _board() -> RedirectResponse:
    return RedirectResponse("/supervision/board")


def _settings(folder: Path, name: str, url: str, sandbox: bool) -> ServiceSettings:
    return ServiceSettings(
        database_url=f"sqlite+aiosqlite:///{folder}/{name}.db",
        oidc_issuer=f"{url}/issuer",
        signing_keys_file=folder / f"{name}-keys.json",
        public_url=f"{url}/{name}",
        sandbox=sandbox,
        rate_limit="60000/minute",
    )
