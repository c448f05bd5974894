"""Where time comes from. Instants are aware UTC; legal days are the calendar days of Asia/Shanghai."""

from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def legal_date(instant: datetime) -> date:
    """Return the day in Asia/Shanghai on which an aware instant falls; ValueError for a naive one."""
    return aware(instant).astimezone(SHANGHAI).date()


def aware(instant: datetime) -> datetime:
    """Return the instant unchanged; ValueError if it carries no offset."""
    if instant.utcoffset() is None:
        raise ValueError("an instant must carry its offset from UTC")
    return instant


class Clock(Protocol):
    """What a rule may ask about time."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def today(self) -> date:
        """Return the present legal day in Asia/Shanghai."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> date:
        return legal_date(self.now())


class AdjustableClock:
    """Another clock plus an offset: it can be put to any instant and goes on ticking. Thread-safe."""

    def __init__(self, base: Clock | None = None) -> None:
        self._base = base or SystemClock()
        self._offset = timedelta()
        self._lock = Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._base.now() + self._offset

    def today(self) -> date:
        return legal_date(self.now())

    @property
    def offset(self) -> timedelta:
        """How far this clock is ahead of its base."""
        with self._lock:
            return self._offset

    def set(self, instant: datetime) -> None:
        """Make the present this aware instant."""
        with self._lock:
            self._offset = aware(instant) - self._base.now()

    def advance(self, step: timedelta) -> None:
        """Move the present by a step; concurrent steps add up."""
        with self._lock:
            self._offset += step


class ManualClock:
    """A clock that stands still until it is moved; for tests and replays."""

    def __init__(self, instant: datetime) -> None:
        self._now = aware(instant).astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def today(self) -> date:
        return legal_date(self._now)

    def set(self, instant: datetime) -> None:
        """Make the present this aware instant."""
        self._now = aware(instant).astimezone(UTC)

    def advance(self, step: timedelta) -> None:
        """Move the present by a step."""
        self._now += step
