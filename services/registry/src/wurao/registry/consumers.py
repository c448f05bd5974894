"""Events that the registry listens to."""

from wurao.common.clock import Clock
from wurao.common.consumer import Handlers


def handlers(clock: Clock) -> Handlers:
    """One table: event → what the registry does."""
    return {}
