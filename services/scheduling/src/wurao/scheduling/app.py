"""Scheduling's wiring."""

from wurao.common.auth import KeySource
from wurao.common.bus import Bus
from wurao.common.clock import Clock
from wurao.common.db import WriteSession
from wurao.common.service import Service, assemble
from wurao.common.settings import ServiceSettings
from wurao.scheduling.api import ROUTERS
from wurao.scheduling.consumers import handlers
from wurao.scheduling.sweeps import SWEEPS
from wurao.scheduling.usecases import codes, drawing, merges


def build(settings: ServiceSettings, bus: Bus, clock: Clock, *, keys: KeySource | None = None) -> Service:
    """Scheduling over a bus, with a clock; the keys of action codes come from the settings' file."""
    signer = codes.Signer(settings.signing_keys_file)

    async def announce_keys(session: WriteSession) -> None:
        await codes.announce(session, signer, clock)

    return assemble(
        "scheduling",
        "什么时候查、和谁一起查、凭什么查",
        settings,
        bus,
        clock,
        routers=ROUTERS,
        handlers=handlers(clock, signer),
        sweeps=SWEEPS,
        jobs={merges.KIND: merges.handler(clock), drawing.KIND: drawing.handler(clock)},
        startup=[announce_keys],
        keys=keys,
        state={"signer": signer},
    )
