"""What steps share: the county, the quarter's results so far, the sandbox clock, and what earlier steps left."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from wurao.embedded.demo.client import StepFailed
from wurao.embedded.demo.county import County
from wurao.embedded.demo.summary import Quarter

# The departments that plan this quarter; the first one leads the joint draw.
LINES = ("market", "emergency", "ecology")


@dataclass
class Stage:
    """The play's state."""

    county: County
    quarter: Quarter
    now: datetime
    note: Callable[[str], None] = lambda _: None
    rules: dict[str, Any] = field(default_factory=dict)
    plans: dict[str, dict[str, Any]] = field(default_factory=dict)
    items: dict[str, list[str]] = field(default_factory=dict)
    visits: list[dict[str, Any]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    suspect: dict[str, str] = field(default_factory=dict)
    fined: dict[str, Any] = field(default_factory=dict)

    async def move_to(self, instant: datetime) -> None:
        """Move the sandbox clock forward, never back, and let what is due happen."""
        if instant > self.now:
            self.now = instant
            await self.county.callers.set_clock(instant)

    def rule(self, name: str) -> Any:
        """The value of a pack parameter as the registry publishes it."""
        return self.rules[name]["value"]


def hold(condition: object, promise: str) -> None:
    """Raise StepFailed unless the promise held."""
    if not condition:
        raise StepFailed(f"不成立：{promise}")
