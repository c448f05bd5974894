"""The registry's wiring."""

from wurao.common.auth import KeySource
from wurao.common.bus import Bus
from wurao.common.clock import Clock
from wurao.common.service import Service, assemble
from wurao.common.settings import ServiceSettings
from wurao.registry.api import ROUTERS
from wurao.registry.consumers import handlers
from wurao.registry.sweeps import SWEEPS
from wurao.registry.usecases import class_lists, duplicates, search_backlog
from wurao.registry.usecases.whole_list import JOB, grading_job


def build(settings: ServiceSettings, bus: Bus, clock: Clock, *, keys: KeySource | None = None) -> Service:
    """The registry over a bus, with a clock."""
    return assemble(
        "registry",
        "谁可以检查谁、查什么、查多严",
        settings,
        bus,
        clock,
        routers=ROUTERS,
        handlers=handlers(clock),
        sweeps=SWEEPS,
        jobs={
            JOB: grading_job(clock),
            search_backlog.JOB: search_backlog.indexing_job,
            duplicates.JOB: duplicates.duplicates_job(clock),
            class_lists.BUILD: class_lists.building_job(clock),
            class_lists.ANNOUNCE: class_lists.announcing_job(clock),
        },
        keys=keys,
    )
