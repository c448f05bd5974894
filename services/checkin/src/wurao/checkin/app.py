"""Check-in's wiring."""

from wurao.checkin.api import ROUTERS
from wurao.checkin.consumers import handlers
from wurao.checkin.signing import Codes, load_ring
from wurao.checkin.sweeps import sweeps
from wurao.common.auth import KeySource
from wurao.common.bus import Bus
from wurao.common.clock import Clock
from wurao.common.service import Service, assemble
from wurao.common.settings import ServiceSettings


def build(settings: ServiceSettings, bus: Bus, clock: Clock, *, keys: KeySource | None = None) -> Service:
    """Check-in over a bus, with a clock."""
    codes = Codes(load_ring(settings.signing_keys_file))
    return assemble(
        "checkin",
        "检查是否按批准进行",
        settings,
        bus,
        clock,
        routers=ROUTERS,
        handlers=handlers(clock, codes),
        sweeps=sweeps(codes),
        keys=keys,
        state={"codes": codes},
    )
