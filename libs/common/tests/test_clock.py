"""The clocks."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from wurao.common.clock import SHANGHAI, AdjustableClock, Clock, ManualClock, SystemClock, legal_date

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (datetime(2026, 3, 2, 15, 59, 59, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2026, 3, 2, 16, 0, tzinfo=UTC), date(2026, 3, 3)),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_a_legal_day_turns_at_midnight_in_shanghai(instant: datetime, expected: date) -> None:
    """The legal day changes at 16:00 UTC, which is midnight in Shanghai."""
    assert legal_date(instant) == expected


def test_a_naive_instant_has_no_legal_day() -> None:
    """An instant without an offset is refused rather than read as local time."""
    with pytest.raises(ValueError, match="offset"):
        legal_date(datetime(2026, 3, 2))  # noqa: DTZ001 - the naive instant is the case


def test_the_system_clock_is_aware_and_in_utc() -> None:
    """System time lies between two readings of the machine's clock and carries UTC."""
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


def test_an_adjusted_clock_goes_on_ticking() -> None:
    """After it was set, the clock moves on by what its base moves on."""
    base = ManualClock(NOON)
    clock = AdjustableClock(base)
    clock.set(NOON + timedelta(days=30))
    base.advance(timedelta(seconds=5))
    assert clock.now() == NOON + timedelta(days=30, seconds=5)
    assert clock.offset == timedelta(days=30)


class Minute(timedelta):
    """A minute that lets other threads run while it is being added."""

    def __radd__(self, other: timedelta) -> timedelta:
        time.sleep(0)
        return timedelta.__add__(other, timedelta(minutes=1))


def test_concurrent_advances_all_count() -> None:
    """Steps of one minute from eight threads add up, even when threads change in the middle of a step."""
    clock = AdjustableClock(ManualClock(NOON))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: clock.advance(Minute(minutes=1)), range(1000)))
    assert clock.now() == NOON + timedelta(minutes=1000)


def test_an_adjusted_clock_answers_in_utc() -> None:
    """Setting the clock by a Shanghai instant still yields UTC instants and the Shanghai day."""
    clock = AdjustableClock(ManualClock(NOON))
    clock.set(datetime(2026, 5, 1, 0, 30, tzinfo=SHANGHAI))
    assert clock.now() == datetime(2026, 4, 30, 16, 30, tzinfo=UTC)
    assert clock.now().utcoffset() == timedelta()
    assert clock.today() == date(2026, 5, 1)


def test_a_manual_clock_stands_still() -> None:
    """The manual clock shows what it was set to until it is moved."""
    clock = ManualClock(NOON)
    assert clock.now() == clock.now() == NOON
    clock.advance(timedelta(hours=12))
    assert (clock.now(), clock.today()) == (NOON + timedelta(hours=12), date(2026, 3, 3))
    clock.set(NOON)
    assert clock.now() == NOON


@pytest.mark.parametrize("clock", [AdjustableClock(), ManualClock(NOON)])
def test_no_clock_is_set_to_a_naive_instant(clock: AdjustableClock | ManualClock) -> None:
    """A clock refuses an instant that could be read in any zone."""
    with pytest.raises(ValueError, match="offset"):
        clock.set(datetime(2026, 3, 2))  # noqa: DTZ001 - the naive instant is the case


def test_every_clock_has_the_same_face() -> None:
    """All three clocks agree on the legal day of their own present."""
    clocks: list[Clock] = [AdjustableClock(ManualClock(NOON)), ManualClock(NOON)]
    assert [clock.today() for clock in clocks] == [date(2026, 3, 2)] * 2
    system: Clock = SystemClock()
    assert legal_date(system.now()) - system.today() <= timedelta(days=1)
