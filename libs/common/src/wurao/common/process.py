"""How a service runs as a process: `python -m wurao.<service>` serves, `python -m wurao.<service> migrate` migrates."""

import gc
import sys
from collections.abc import Callable
from typing import TypeVar

import uvicorn

from wurao.common import logs
from wurao.common.bus import Bus
from wurao.common.clock import AdjustableClock, Clock, SystemClock
from wurao.common.kafka import KafkaBus
from wurao.common.migrate import upgrade_now
from wurao.common.service import GRACE, Service
from wurao.common.settings import ServiceSettings

S = TypeVar("S", bound=ServiceSettings)


def main(name: str, build: Callable[[S, Bus, Clock], Service], settings_class: type[S]) -> None:
    """Run the command of `sys.argv`; ends with status 2 on an unknown one."""
    settings = settings_class()
    match sys.argv[1:]:
        case ["migrate"]:
            upgrade_now(name, settings.migration_database_url or settings.database_url)
        case []:
            serve(name, build, settings)
        case _:
            sys.exit(f"usage: python -m wurao.{name} [migrate]")


def serve(name: str, build: Callable[[S, Bus, Clock], Service], settings: S) -> None:
    """Serve until SIGTERM; requests at hand are finished, what is not published stays in the outbox."""
    logs.configure()
    bus = KafkaBus(settings.kafka_bootstrap, client_id=f"wurao-{name}")
    service = build(settings, bus, clock_for(settings))
    service.owns_bus = True
    gc.collect()
    gc.freeze()
    uvicorn.run(
        service.app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=int(GRACE),
    )


def clock_for(settings: ServiceSettings) -> Clock:
    """The system's clock; in a sandbox one that can be moved, starting where the settings say."""
    if not settings.sandbox:
        return SystemClock()
    clock = AdjustableClock()
    if settings.sandbox_start:
        clock.set(settings.sandbox_start)
    return clock
