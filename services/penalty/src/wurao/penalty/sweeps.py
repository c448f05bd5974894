"""What becomes due by the clock in penalty."""

from wurao.common.service import Sweep
from wurao.penalty.usecases.coercing import lift_expired

SWEEPS: tuple[Sweep, ...] = (Sweep("measures.expired", lift_expired),)
