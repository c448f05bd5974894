"""Penalty's wiring."""

from wurao.common.auth import KeySource
from wurao.common.bus import Bus
from wurao.common.clock import Clock
from wurao.common.service import Service, assemble
from wurao.common.settings import ServiceSettings
from wurao.penalty.api import ROUTERS
from wurao.penalty.consumers import HANDLERS
from wurao.penalty.sweeps import SWEEPS


def build(settings: ServiceSettings, bus: Bus, clock: Clock, *, keys: KeySource | None = None) -> Service:
    """Penalty over a bus, with a clock."""
    return assemble(
        "penalty",
        "处理结果是否合法、适当",
        settings,
        bus,
        clock,
        routers=ROUTERS,
        handlers=HANDLERS,
        sweeps=SWEEPS,
        keys=keys,
    )
