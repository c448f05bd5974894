"""Chinese working days."""

import pickle
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.errors import Kind
from wurao.common.workdays import (
    FIXED_STATUTORY,
    MISSING_HOLIDAYS,
    CalendarUnknown,
    DayKind,
    WorkCalendar,
    YearTable,
    published_tables,
    statutory_days,
)

CALENDAR = WorkCalendar()
# The package lists the third day of Spring Festival 2022 as moved; it is a festival day.
WRONGLY_MOVED = {date(2022, 2, 3)}
DAYS = st.dates(date(2005, 1, 1), date(2025, 12, 31))
COUNTS = st.integers(-120, 120)


def days(first: str, last: str) -> list[date]:
    """List the days from first to last."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [start + timedelta(i) for i in range((end - start).days + 1)]


NEXT_YEAR: dict[str, Any] = {
    "year": 2027,
    "workdays": frozenset({date(2026, 12, 27), date(2027, 2, 14), date(2027, 10, 9)}),
    "holidays": {
        **dict.fromkeys(days("2026-12-31", "2027-01-02"), "元旦"),
        **dict.fromkeys(days("2027-02-05", "2027-02-11"), "春节"),
        **dict.fromkeys(days("2027-04-03", "2027-04-05"), "清明节"),
        **dict.fromkeys(days("2027-05-01", "2027-05-03"), "劳动节"),
        **dict.fromkeys(days("2027-06-09", "2027-06-09"), "端午节"),
        **dict.fromkeys(days("2027-09-15", "2027-09-15"), "中秋节"),
        **dict.fromkeys(days("2027-10-01", "2027-10-05"), "国庆节"),
    },
    "notice": "试验用通知1号",
}


def test_2026_is_as_the_notice_has_it() -> None:
    """Every make-up day and day off of 2026 stands as in 国办发明电〔2025〕7号."""
    table = published_tables()[2026]
    off = {
        "元旦": days("2026-01-01", "2026-01-03"),
        "春节": days("2026-02-15", "2026-02-23"),
        "清明节": days("2026-04-04", "2026-04-06"),
        "劳动节": days("2026-05-01", "2026-05-05"),
        "端午节": days("2026-06-19", "2026-06-21"),
        "中秋节": days("2026-09-25", "2026-09-27"),
        "国庆节": days("2026-10-01", "2026-10-07"),
    }
    assert table.holidays == {day: name for name, span in off.items() for day in span}
    worked = ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10")
    assert table.workdays == {date.fromisoformat(f"2026-{day}") for day in worked}
    assert table.notice == "国办发明电〔2025〕7号"


def test_the_published_years_are_those_of_the_package() -> None:
    """The festival table keeps up with the package, so no published year is left out."""
    assert {day.year for day in chinese_calendar.holidays} == set(published_tables())


@given(DAYS)
def test_working_days_agree_with_the_package(day: date) -> None:
    """For published years the calendar answers as chinesecalendar does."""
    assert CALENDAR.is_workday(day) == chinese_calendar.is_workday(day)
    assert (CALENDAR.holiday_name(day) is not None) == (day in {**chinese_calendar.holidays, **MISSING_HOLIDAYS})


@pytest.mark.parametrize("year", sorted(published_tables()))
def test_a_statutory_day_is_off_and_never_a_moved_one(year: int) -> None:
    """Festival days are announced days off, and none is a day that was moved in lieu of a weekend."""
    moved = set(chinese_calendar.in_lieu_days) - WRONGLY_MOVED
    festival = statutory_days(year)
    assert festival <= {*chinese_calendar.holidays, *MISSING_HOLIDAYS}
    assert not festival & moved


@pytest.mark.parametrize(("year", "expected"), [(2007, 10), (2008, 11), (2020, 10), (2024, 11), (2025, 13), (2026, 13)])
def test_the_number_of_statutory_days_follows_the_rules_in_force(year: int, expected: int) -> None:
    """There were 10 days to 2007, 11 from 2008, 13 from 2025; two festivals of 2020 share one day."""
    assert len(statutory_days(year)) == expected


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        ("2025-09-28", DayKind.MAKEUP, None),
        ("2025-09-30", DayKind.WORKDAY, None),
        ("2025-10-03", DayKind.STATUTORY, "国庆节"),
        ("2025-10-04", DayKind.ADJUSTED_REST, "国庆节"),
        ("2025-10-06", DayKind.STATUTORY, "中秋节"),
        ("2025-10-08", DayKind.ADJUSTED_REST, "国庆节"),
        ("2025-10-12", DayKind.WEEKEND, None),
        ("2025-01-28", DayKind.STATUTORY, "春节"),
        ("2025-02-01", DayKind.ADJUSTED_REST, "春节"),
        ("2026-04-05", DayKind.STATUTORY, "清明节"),
        ("2026-04-06", DayKind.ADJUSTED_REST, "清明节"),
    ],
)
def test_a_festival_day_is_not_a_mere_day_of_rest(day: str, kind: DayKind, name: str | None) -> None:
    """Each day has one kind; only festival days proper are statutory holidays."""
    when = date.fromisoformat(day)
    assert (CALENDAR.kind(when), CALENDAR.holiday_name(when)) == (kind, name)
    assert CALENDAR.is_statutory_holiday(when) == (kind is DayKind.STATUTORY)


@pytest.mark.parametrize("year", [2003, 2027])
def test_a_year_without_notice_is_never_guessed(year: int) -> None:
    """Every question about an unpublished year fails and names the year."""
    day = date(year, 6, 15)
    for question in (
        CALENDAR.kind,
        CALENDAR.is_workday,
        CALENDAR.is_statutory_holiday,
        CALENDAR.holiday_name,
        CALENDAR.next_workday,
    ):
        with pytest.raises(CalendarUnknown, match=rf"{year}年.*calendar_unknown") as raised:
            question(day)
        assert (raised.value.year, raised.value.kind) == (year, Kind.CONFLICT)


def test_counting_stops_at_the_edge_of_what_is_known() -> None:
    """The last working day of 2026 is reached; the one after it is not made up."""
    assert CALENDAR.add_workdays(date(2026, 12, 30), 1) == date(2026, 12, 31)
    with pytest.raises(CalendarUnknown, match="2027年"):
        CALENDAR.add_workdays(date(2026, 12, 30), 2)
    with pytest.raises(CalendarUnknown, match="2027年"):
        CALENDAR.workdays_between(date(2026, 12, 30), date(2027, 1, 1))


def test_the_error_survives_a_process_boundary() -> None:
    """A pickled CalendarUnknown keeps its year and message."""
    error = CalendarUnknown(2027)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (copy.year, str(copy)) == (2027, str(error))


def test_a_loaded_year_is_known_and_may_move_the_december_before() -> None:
    """Loading 2027 opens that year and moves the December days its notice names; nothing else changes."""
    loaded = CALENDAR.with_year(YearTable(**NEXT_YEAR))
    assert loaded.add_workdays(date(2026, 12, 30), 1) == date(2027, 1, 4)
    assert loaded.kind(date(2026, 12, 27)) is DayKind.MAKEUP
    assert loaded.holiday_name(date(2026, 12, 31)) == "元旦"
    assert CALENDAR.is_workday(date(2026, 12, 31))
    unmoved = days("2026-01-01", "2026-12-26")
    assert [loaded.kind(day) for day in unmoved] == [CALENDAR.kind(day) for day in unmoved]


def test_an_amended_notice_replaces_the_year() -> None:
    """A second table for a year stands in the place of the first."""
    first = published_tables()[2026]
    amended = YearTable(2026, frozenset(), first.holidays, "试验用更正通知")
    assert not CALENDAR.with_year(amended).is_workday(date(2026, 10, 10))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"notice": " "}, "文号"),
        ({"workdays": frozenset({date(2027, 2, 15)})}, "周六或周日"),
        ({"workdays": frozenset({date(2028, 1, 1)})}, "其他年份"),
        ({"workdays": frozenset({date(2027, 10, 2)})}, "既放假又上班"),
        ({"holidays": {**NEXT_YEAR["holidays"], date(2026, 11, 30): "元旦"}}, "其他年份"),
        ({"holidays": {**NEXT_YEAR["holidays"], date(2027, 3, 1): ""}}, "名称"),
        ({"holidays": {date(2027, 1, 1): "元旦"}}, "未列入放假日期：2027-02-05、2027-02-06"),
        ({"statutory": statutory_days(2027) | {date(2027, 4, 6)}}, "未列入放假日期：2027-04-06"),
        ({"statutory": statutory_days(2027) - {date(2027, 10, 2)}}, "缺少固定法定节假日"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(change: Mapping[str, Any], reason: str) -> None:
    """A wrong or half table never becomes a calendar."""
    with pytest.raises(ValueError, match=rf"2027年.*{reason}"):
        YearTable(**{**NEXT_YEAR, **change})


def test_statutory_days_follow_the_rules_unless_they_are_named() -> None:
    """A table without them takes those of the rules in force; one with them keeps its own, in any year."""
    assert YearTable(**NEXT_YEAR).statutory == statutory_days(2027)
    fixed = frozenset(date(2040, month, day) for month, day in FIXED_STATUTORY)
    far: dict[str, Any] = {
        "year": 2040,
        "workdays": frozenset(),
        "holidays": dict.fromkeys(fixed, "假日"),
        "notice": "试验用通知2号",
    }
    assert YearTable(**far, statutory=fixed).statutory == fixed
    with pytest.raises(ValueError, match="2040年农历节日未知"):
        YearTable(**far)


@given(DAYS, COUNTS)
def test_counting_undoes_adding(day: date, count: int) -> None:
    """The working days between a day and its n-th working day are n, in both directions."""
    assert CALENDAR.workdays_between(day, CALENDAR.add_workdays(day, count)) == count


@given(DAYS, st.integers(1, 120))
def test_adding_lands_on_a_working_day(day: date, count: int) -> None:
    """The n-th working day is worked, and adding one by one leads to the same day."""
    landed = CALENDAR.add_workdays(day, count)
    assert CALENDAR.is_workday(landed)
    assert landed == CALENDAR.add_workdays(CALENDAR.add_workdays(day, count - 1), 1)


@given(DAYS)
def test_the_next_working_day_skips_only_days_off(day: date) -> None:
    """Between a day and its next working day nothing is worked."""
    found = CALENDAR.next_workday(day)
    assert CALENDAR.is_workday(found)
    assert not any(CALENDAR.is_workday(day + timedelta(i)) for i in range((found - day).days))
