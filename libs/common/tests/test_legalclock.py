"""The legal clock."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.clock import SHANGHAI, legal_date
from wurao.common.legalclock import (
    COERCION_LAW_WORKING,
    REVIEW_LAW_WORKING,
    Pause,
    Period,
    StartRule,
    Unit,
    due_date,
    statutory_period,
)
from wurao.common.workdays import CalendarUnknown, WorkCalendar, YearTable, statutory_days

CALENDAR = WorkCalendar()
DELIVERY = "行政处罚法第61条"
STARTS = st.dates(date(2010, 1, 1), date(2023, 12, 31))
LENGTHS = st.integers(1, 90)
DAY_UNITS: st.SearchStrategy[Unit] = st.sampled_from(["working", "calendar"])
UNITS: st.SearchStrategy[Unit] = st.sampled_from(["working", "calendar", "month"])


@st.composite
def pauses_near(draw: st.DrawFn, start: date) -> list[Pause]:
    """Draw up to three pauses around a start; they may overlap."""
    begins = draw(st.lists(st.integers(-5, 60), max_size=3))
    return [Pause(start + timedelta(b), start + timedelta(b + draw(st.integers(1, 20))), "检测") for b in begins]


def ends(start: str, period: Period, *pauses: Pause) -> str:
    """Return the due day as text."""
    return due_date(date.fromisoformat(start), period, CALENDAR, pauses).due.isoformat()


@pytest.mark.clause("PL-85")
@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        (
            "2025-09-30",
            7,
            "2025-10-16",
        ),  # National Day and Mid-Autumn to the 8th; Saturday the 11th is worked
        ("2025-09-26", 2, "2025-09-29"),  # Sunday the 28th is worked
        ("2025-09-29", 2, "2025-10-09"),
        ("2026-02-13", 2, "2026-02-24"),  # Saturday the 14th is worked, then nine days of Spring Festival
        ("2026-02-13", 5, "2026-02-27"),
        ("2026-02-13", 7, "2026-03-02"),  # Saturday the 28th is worked, Sunday is not
        ("2026-12-24", 5, "2026-12-31"),
        ("2025-12-30", 3, "2026-01-05"),  # over the year: 31st, Sunday 4 January worked, 5th
    ],
)
def test_short_terms_count_working_days(start: str, days: int, expected: str) -> None:
    """Terms of 2, 3, 5 and 7 days cross holidays and count make-up days."""
    assert ends(start, statutory_period(days, DELIVERY)) == expected


@pytest.mark.clause("PL-85")
@pytest.mark.parametrize(
    ("days", "unit"),
    [(days, "working") for days in (2, 3, 5, 7)] + [(days, "calendar") for days in (1, 4, 6, 10, 15, 90)],
)
def test_the_penalty_law_names_four_terms_of_working_days(days: int, unit: Unit) -> None:
    """Only 2, 3, 5 and 7 days are working days under 行政处罚法 art. 85."""
    assert statutory_period(days, DELIVERY) == Period(days, unit, DELIVERY)


def test_other_laws_have_their_own_rule() -> None:
    """Ten days are working days under 行政强制法 and 行政复议法, two days only under the first."""
    ten = [statutory_period(10, "x", working=law).unit for law in (COERCION_LAW_WORKING, REVIEW_LAW_WORKING)]
    two = [statutory_period(2, "x", working=law).unit for law in (COERCION_LAW_WORKING, REVIEW_LAW_WORKING)]
    assert (ten, two) == (["working", "working"], ["working", "calendar"])


def test_a_due_date_explains_itself() -> None:
    """The explanation names the start, each holiday and weekend crossed, make-up days, and the article."""
    due = due_date(date(2025, 9, 26), statutory_period(7, DELIVERY), CALENDAR)
    assert due.explain() == [
        "自2025年9月26日（周五）起算，当日不计入，从2025年9月27日（周六）开始计算",
        "2025年9月27日（周六）为周末，不计入",
        "2025年9月28日（周日）为调休上班日，计入",
        "2025年10月1日（周三）至2025年10月8日（周三）（共8天）为国庆节、中秋节假期，不计入",
        "2025年10月11日（周六）为调休上班日，计入",
        "2025年10月12日（周日）为周末，不计入",
        "依行政处罚法第61条计7个工作日，2025年10月13日（周一）24时届满",
    ]
    assert due.article == DELIVERY


def test_a_due_day_ends_at_midnight_in_shanghai() -> None:
    """The last instant of the day is in time; the first of the next day is not."""
    due = due_date(date(2026, 3, 2), Period(15, "calendar", DELIVERY), CALENDAR)
    midnight = datetime(2026, 3, 18, 0, 0, tzinfo=SHANGHAI)
    assert due.due == legal_date(due.at) == date(2026, 3, 17)
    assert not due.is_over((midnight - timedelta(microseconds=1)).astimezone(UTC))
    assert due.is_over(midnight)


def test_an_instant_starts_on_its_legal_day() -> None:
    """An instant late in the UTC evening starts the period on the next day, that of Shanghai."""
    late = datetime(2026, 3, 1, 17, 0, tzinfo=UTC)
    period = Period(15, "calendar", DELIVERY)
    assert due_date(late, period, CALENDAR) == due_date(date(2026, 3, 2), period, CALENDAR)


@pytest.mark.parametrize(
    ("start", "length", "unit", "rule", "expected"),
    [
        ("2026-05-10", 3, "month", "next_day", "2026-08-10"),
        ("2026-05-10", 3, "month", "same_day", "2026-08-09"),
        ("2026-01-31", 1, "month", "next_day", "2026-02-28"),
        ("2026-01-31", 1, "month", "same_day", "2026-02-28"),
        ("2024-02-29", 1, "year", "next_day", "2025-02-28"),
        ("2025-12-31", 2, "month", "next_day", "2026-02-28"),
        ("2026-03-01", 60, "month", "next_day", "2031-03-01"),
        ("2026-03-02", 15, "calendar", "same_day", "2026-03-16"),
        ("2026-03-02", 2, "working", "same_day", "2026-03-03"),
    ],
)
def test_months_end_on_the_corresponding_day(
    start: str, length: int, unit: Unit, rule: StartRule, expected: str
) -> None:
    """Months and years end on the same day of the month or on its last; a start that counts, one sooner."""
    assert ends(start, Period(length, unit, DELIVERY, start_rule=rule)) == expected


@pytest.mark.parametrize(
    ("start", "expected", "why"),
    [
        (
            "2025-09-16",
            "2025-10-09",
            "最后一日2025年10月1日（周三）为国庆节假期，依民法典第203条顺延至2025年10月9日（周四）",
        ),
        (
            "2026-03-06",
            "2026-03-23",
            "最后一日2026年3月21日（周六）为周末，依民法典第203条顺延至2026年3月23日（周一）",
        ),
    ],
)
def test_a_last_day_off_rolls_on_if_the_rule_says_so(start: str, expected: str, why: str) -> None:
    """Fifteen calendar days that end on a day off end on the next working day, and say why."""
    rolling = due_date(date.fromisoformat(start), Period(15, "calendar", DELIVERY, roll_to_workday=True), CALENDAR)
    assert rolling.due.isoformat() == expected
    assert why in rolling.explain()
    plain = due_date(date.fromisoformat(start), Period(15, "calendar", DELIVERY), CALENDAR)
    assert plain.due == date.fromisoformat(start) + timedelta(15)


def test_a_last_day_that_is_worked_does_not_roll() -> None:
    """A period that ends on a make-up Sunday ends there."""
    assert ends("2025-09-13", Period(15, "calendar", DELIVERY, roll_to_workday=True)) == "2025-09-28"


def test_a_pause_does_not_count() -> None:
    """Days of a pause are left out, its last bound counts again, and the reason is told."""
    testing = Pause(date(2026, 3, 4), date(2026, 3, 11), "检测")
    due = due_date(date(2026, 3, 2), Period(7, "working", DELIVERY), CALENDAR, [testing])
    assert due.due == date(2026, 3, 18)
    assert "2026年3月4日（周三）至2026年3月10日（周二）（共7天）因检测暂停计算，不计入" in due.explain()


def test_rolling_passes_over_a_pause() -> None:
    """A last day on a Saturday does not roll onto a paused Monday."""
    review = Pause(date(2026, 3, 23), date(2026, 3, 25), "行政复议")
    period = Period(15, "calendar", DELIVERY, roll_to_workday=True)
    assert ends("2026-03-06", period, review) == "2026-03-25"


def test_a_pause_ends_after_it_starts() -> None:
    """An empty or reversed pause is refused."""
    with pytest.raises(ValueError, match="ends after"):
        Pause(date(2026, 3, 4), date(2026, 3, 4), "检测")


@pytest.mark.parametrize("length", [0, -1, 10_001])
def test_a_period_has_a_sensible_length(length: int) -> None:
    """Nothing, less than nothing and more than ten thousand units are refused."""
    with pytest.raises(ValueError, match="1 to 10000"):
        Period(length, "calendar", DELIVERY)


@pytest.mark.clause("PL-85")
def test_the_unknown_year_fails_loudly() -> None:
    """Five working days from 28 December 2026 need the notice for 2027, and follow it once it is loaded."""
    period = statutory_period(5, DELIVERY)
    with pytest.raises(CalendarUnknown, match="2027年"):
        due_date(date(2026, 12, 28), period, CALENDAR)
    assert due_date(date(2026, 12, 28), Period(15, "calendar", DELIVERY), CALENDAR).due == date(2027, 1, 12)
    with pytest.raises(CalendarUnknown, match="2027年"):
        due_date(date(2026, 12, 28), Period(15, "calendar", DELIVERY, roll_to_workday=True), CALENDAR)
    holidays = dict.fromkeys(statutory_days(2027), "假日")
    table = YearTable(2027, frozenset(), holidays, "试验用通知1号")
    assert due_date(date(2026, 12, 28), period, CALENDAR.with_year(table)).due == date(2027, 1, 5)


@pytest.mark.parametrize(
    ("start", "pauses", "expected"),
    [
        ("2026-03-02T15:30", [], "2026-03-03T15:30"),
        ("2026-03-02T15:30", [("2026-03-03", "2026-03-05")], "2026-03-05T15:30"),
        ("2026-03-02T15:30", [("2026-03-02", "2026-03-04")], "2026-03-05T00:00"),
        ("2026-03-02T15:30", [("2026-03-04", "2026-03-05")], "2026-03-03T15:30"),
        ("2026-03-02T15:30", [("2026-02-01", "2026-02-05")], "2026-03-03T15:30"),
        ("2026-03-02T00:00", [("2026-03-03", "2026-03-05")], "2026-03-03T00:00"),
        ("2026-12-31T20:00", [], "2027-01-01T20:00"),
    ],
)
def test_hours_run_from_the_instant(start: str, pauses: list[tuple[str, str]], expected: str) -> None:
    """Twenty-four hours run from their instant, through nights and holidays, and stand still in a pause."""
    stops = [Pause(date.fromisoformat(a), date.fromisoformat(b), "检测") for a, b in pauses]
    begin = datetime.fromisoformat(start).replace(tzinfo=SHANGHAI)
    due = due_date(begin, Period(24, "hour", "行政强制法第19条"), CALENDAR, stops)
    assert due.at == datetime.fromisoformat(expected).replace(tzinfo=SHANGHAI)
    assert due.due == legal_date(due.at)
    assert due.explain()[0].endswith("起算")


def test_hours_tell_only_the_pauses_they_met() -> None:
    """A pause that is over when the hours begin is not told; one that holds them up is."""
    pauses = [
        Pause(date(2026, 3, 1), date(2026, 3, 2), "检测"),
        Pause(date(2026, 3, 2), date(2026, 3, 3), "复议"),
    ]
    begin = datetime(2026, 3, 2, tzinfo=SHANGHAI)
    assert due_date(begin, Period(24, "hour", "行政强制法第19条"), CALENDAR, pauses).explain() == [
        "自2026年3月2日00时00分起算",
        "2026年3月2日（周一）因复议暂停计算，不计入",
        "依行政强制法第19条计24小时，2026年3月4日00时00分届满",
    ]


def test_hours_need_an_instant() -> None:
    """A mere day cannot start a period in hours, nor can a naive instant."""
    period = Period(24, "hour", "行政强制法第19条")
    with pytest.raises(ValueError, match="instant"):
        due_date(date(2026, 3, 2), period, CALENDAR)
    with pytest.raises(ValueError, match="offset"):
        due_date(datetime(2026, 3, 2, 8), period, CALENDAR)  # noqa: DTZ001 - the naive instant is the case


@given(STARTS, LENGTHS, UNITS, st.booleans(), st.data())
def test_a_longer_period_never_ends_sooner(
    start: date, length: int, unit: Unit, roll: bool, data: st.DataObject
) -> None:
    """Due dates grow with the length, whatever the unit, the pauses and the rolling."""
    length = length % 12 + 1 if unit == "month" else length
    pauses = data.draw(pauses_near(start))
    period = Period(length, unit, DELIVERY, roll)
    shorter = due_date(start, period, CALENDAR, pauses).due
    longer = due_date(start, replace(period, length=length + 1), CALENDAR, pauses).due
    assert shorter <= longer
    assert shorter < longer or roll


@given(STARTS, LENGTHS, st.data())
def test_working_terms_end_on_a_working_day_outside_pauses(start: date, length: int, data: st.DataObject) -> None:
    """A term of working days never ends on a day off or a paused day, and agrees with plain counting."""
    pauses = data.draw(pauses_near(start))
    due = due_date(start, Period(length, "working", DELIVERY), CALENDAR, pauses).due
    assert CALENDAR.is_workday(due)
    assert not any(pause.holds(due) for pause in pauses)
    unpaused = due_date(start, Period(length, "working", DELIVERY), CALENDAR).due
    assert unpaused == CALENDAR.add_workdays(start, length) <= due


@given(STARTS, LENGTHS, DAY_UNITS, st.booleans(), st.data())
def test_the_steps_add_up(start: date, length: int, unit: Unit, roll: bool, data: st.DataObject) -> None:
    """The steps between start and due cover every day once, in order, and count exactly the period's days."""
    due = due_date(start, Period(length, unit, DELIVERY, roll), CALENDAR, data.draw(pauses_near(start)))
    first, *covering, last = due.steps
    assert (first.kind, last.kind, last.last) == ("start", "due", due.due)
    days = [step.first + timedelta(i) for step in covering for i in range(step.days)]
    assert days == [start + timedelta(i) for i in range(1, (due.due - start).days + 1)]
    assert all((step.last - step.first).days + 1 == step.days for step in covering)
    assert sum(step.days for step in covering if step.kind in ("counted", "makeup")) == length
