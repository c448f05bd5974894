"""What becomes due by the clock in the registry."""

from wurao.common.service import Sweep

SWEEPS: tuple[Sweep, ...] = ()
