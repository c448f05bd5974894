"""Supervision's wiring."""

from wurao.common.auth import KeySource
from wurao.common.bus import Bus
from wurao.common.clock import Clock
from wurao.common.service import Service, assemble
from wurao.common.settings import ServiceSettings
from wurao.supervision.api import ROUTERS
from wurao.supervision.consumers import handlers
from wurao.supervision.sweeps import SWEEPS


def build(settings: ServiceSettings, bus: Bus, clock: Clock, *, keys: KeySource | None = None) -> Service:
    """Supervision over a bus, with a clock."""
    return assemble(
        "supervision",
        "谁有过失、如何处理",
        settings,
        bus,
        clock,
        routers=ROUTERS,
        handlers=handlers(clock),
        sweeps=SWEEPS,
        keys=keys,
    )
