"""Chinese working days: which days are worked, which are holidays and under what name.

Each year rests on the State Council's yearly notice. Years up to 2026 come from `chinesecalendar`; an
administrator loads a `YearTable` for a later year, or to replace one after an amended notice. A year that
nobody published is never guessed.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

import chinese_calendar

from wurao.common.errors import Kind, WuraoError

SATURDAY = 5
DAY = timedelta(days=1)

# Lunar festivals by year: Spring Festival (first day of the first month), Dragon Boat, Mid-Autumn.
LUNAR_FESTIVALS: Mapping[int, tuple[str, str, str]] = {
    2004: ("01-22", "06-22", "09-28"),
    2005: ("02-09", "06-11", "09-18"),
    2006: ("01-29", "05-31", "10-06"),
    2007: ("02-18", "06-19", "09-25"),
    2008: ("02-07", "06-08", "09-14"),
    2009: ("01-26", "05-28", "10-03"),
    2010: ("02-14", "06-16", "09-22"),
    2011: ("02-03", "06-06", "09-12"),
    2012: ("01-23", "06-23", "09-30"),
    2013: ("02-10", "06-12", "09-19"),
    2014: ("01-31", "06-02", "09-08"),
    2015: ("02-19", "06-20", "09-27"),
    2016: ("02-08", "06-09", "09-15"),
    2017: ("01-28", "05-30", "10-04"),
    2018: ("02-16", "06-18", "09-24"),
    2019: ("02-05", "06-07", "09-13"),
    2020: ("01-25", "06-25", "10-01"),
    2021: ("02-12", "06-14", "09-21"),
    2022: ("02-01", "06-03", "09-10"),
    2023: ("01-22", "06-22", "09-29"),
    2024: ("02-10", "06-10", "09-17"),
    2025: ("01-29", "05-31", "10-06"),
    2026: ("02-17", "06-19", "09-25"),
    2027: ("02-06", "06-09", "09-15"),
    2028: ("01-26", "05-28", "10-03"),
    2029: ("02-13", "06-16", "09-22"),
    2030: ("02-03", "06-05", "09-12"),
    2031: ("01-23", "06-24", "10-01"),
    2032: ("02-11", "06-12", "09-19"),
}

NOTICES: Mapping[int, str] = {
    2025: "国办发明电〔2024〕12号",
    2026: "国办发明电〔2025〕7号",
}

HOLIDAY_NAMES: Mapping[str, str] = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}

# Days off that the package leaves out: the notice for 2012 gives 22 to 24 June.
MISSING_HOLIDAYS: Mapping[date, str] = {date(2012, 6, 23): "Dragon Boat Festival"}

# Fixed in every version of the rules on holidays since 2004, so a table without them is not a whole one.
FIXED_STATUTORY = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))


class CalendarUnknown(WuraoError):
    """No holiday notice is loaded for the year, so no legal day in it can be computed."""

    kind, code = Kind.CONFLICT, "calendar_unknown"

    def __init__(self, year: int) -> None:
        super().__init__(f"尚未载入{year}年放假调休安排，不能计算该年工作日（{self.code}）")
        self.year = year

    def __reduce__(self) -> tuple[type["CalendarUnknown"], tuple[int]]:
        return type(self), (self.year,)


class DayKind(StrEnum):
    """What a day is under the yearly notice."""

    WORKDAY = "workday"
    MAKEUP = "makeup_workday"
    WEEKEND = "weekend"
    STATUTORY = "statutory_holiday"
    ADJUSTED_REST = "adjusted_rest"  # in an announced holiday, but a weekend or a day moved there


WORKED = frozenset({DayKind.WORKDAY, DayKind.MAKEUP})


@dataclass(frozen=True, slots=True)
class YearTable:
    """One year's notice: weekend days worked, days off by name, and which of those are statutory holidays.

    `notice` cites the State Council notice. A notice may also move days of the December before its year.
    `statutory` are the festival days of art. 2 of the rules on holidays (全国年节及纪念日放假办法) proper; left
    out, they follow from the rules in force. ValueError when parts contradict each other or a festival is
    missing, so that half a notice never becomes a calendar.
    """

    year: int
    workdays: frozenset[date]
    holidays: Mapping[date, str]
    notice: str
    statutory: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.statutory:
            object.__setattr__(self, "statutory", statutory_days(self.year))
        for broken, reason in (
            (not self.notice.strip(), "未注明放假通知文号"),
            (any(not self._may_list(d) for d in (*self.workdays, *self.holidays)), "含有其他年份的日期"),
            (any(d.weekday() < SATURDAY for d in self.workdays), "调休上班日应为周六或周日"),
            (any(d in self.workdays for d in self.holidays), "同一日期既放假又上班"),
            (any(not name.strip() for name in self.holidays.values()), "假日未写明名称"),
            (not self.statutory <= self.holidays.keys(), f"法定节假日未列入放假日期：{self._omitted()}"),
            (not {date(self.year, m, d) for m, d in FIXED_STATUTORY} <= self.statutory, "缺少固定法定节假日"),
        ):
            if broken:
                raise ValueError(f"{self.year}年放假调休安排有误：{reason}")

    def _omitted(self) -> str:
        return "、".join(sorted(day.isoformat() for day in self.statutory - self.holidays.keys()))

    def _may_list(self, day: date) -> bool:
        return day.year == self.year or (day.year == self.year - 1 and day.month == 12)

    def lists(self, day: date) -> bool:
        """Tell whether the notice says anything about the day."""
        return day in self.holidays or day in self.workdays

    def kind(self, day: date) -> DayKind:
        """Tell what the day is, by this notice and the week."""
        if day in self.statutory:
            return DayKind.STATUTORY
        if day in self.holidays:
            return DayKind.ADJUSTED_REST
        if day in self.workdays:
            return DayKind.MAKEUP
        return DayKind.WEEKEND if day.weekday() >= SATURDAY else DayKind.WORKDAY


def statutory_days(year: int) -> frozenset[date]:
    """Return the statutory holidays of a year from 2004 to 2032; ValueError outside.

    Source: 全国年节及纪念日放假办法 as in force from 1999, 2008, 2014 and 2025.
    """
    if year not in LUNAR_FESTIVALS:
        raise ValueError(f"{year}年农历节日未知，放假调休安排须列明法定节假日")
    spring, dragon_boat, mid_autumn = (date.fromisoformat(f"{year}-{day}") for day in LUNAR_FESTIVALS[year])
    eve_first = range(-1, 3) if year >= 2025 else range(-1, 2) if 2008 <= year < 2014 else range(3)
    labour = 2 if year >= 2025 else 1 if year >= 2008 else 3
    days = {date(year, month, day) for month, day in FIXED_STATUTORY}
    days |= {spring + offset * DAY for offset in eve_first}
    days |= {date(year, 5, day + 1) for day in range(labour)}
    if year >= 2008:
        days |= {dragon_boat, mid_autumn, _tomb_sweeping(year)}
    return frozenset(days)


def _tomb_sweeping(year: int) -> date:
    terms = chinese_calendar.get_solar_terms(date(year, 4, 3), date(year, 4, 6))
    day, _ = terms[0]
    assert isinstance(day, date)
    return day


@cache
def published_tables() -> Mapping[int, YearTable]:
    """Return the tables of the years that `chinesecalendar` and the festival table both know."""
    holidays: defaultdict[int, dict[date, str]] = defaultdict(dict)
    worked: defaultdict[int, set[date]] = defaultdict(set)
    for day, name in {**chinese_calendar.holidays, **MISSING_HOLIDAYS}.items():
        holidays[day.year][day] = HOLIDAY_NAMES[name]
    for day in chinese_calendar.workdays:
        worked[day.year].add(day)
    source = f"chinesecalendar {chinese_calendar.__version__}"
    return {
        year: YearTable(year, frozenset(worked[year]), days, NOTICES.get(year, source))
        for year, days in holidays.items()
        if year in LUNAR_FESTIVALS
    }


@dataclass(frozen=True)
class WorkCalendar:
    """Working days of China; by default all published years. Every question may raise CalendarUnknown."""

    tables: Mapping[int, YearTable] = field(default_factory=published_tables)

    def with_year(self, table: YearTable) -> "WorkCalendar":
        """Return a calendar that also knows this year; it replaces what was known of the year."""
        return replace(self, tables={**self.tables, table.year: table})

    def _table(self, day: date) -> YearTable:
        following = self.tables.get(day.year + 1)
        if following is not None and following.lists(day):
            return following
        if day.year not in self.tables:
            raise CalendarUnknown(day.year)
        return self.tables[day.year]

    def kind(self, day: date) -> DayKind:
        """Tell what the day is."""
        return self._table(day).kind(day)

    def is_workday(self, day: date) -> bool:
        """Tell whether the day is worked, make-up days included."""
        return self.kind(day) in WORKED

    def is_statutory_holiday(self, day: date) -> bool:
        """Tell whether the day is a festival day proper, not merely a weekend or a day off moved to it.

        This is the narrow reading of 行政强制法 art. 43; the whole announced holiday is every day that
        has a `holiday_name`.
        """
        return self.kind(day) is DayKind.STATUTORY

    def holiday_name(self, day: date) -> str | None:
        """Return the Chinese name of the announced holiday that the day belongs to; None for other days."""
        return self._table(day).holidays.get(day)

    def add_workdays(self, day: date, count: int) -> date:
        """Return the count-th working day after the day (before it if negative); the day itself for 0."""
        step = DAY if count >= 0 else -DAY
        for _ in range(abs(count)):
            day += step
            while not self.is_workday(day):
                day += step
        return day

    def next_workday(self, day: date) -> date:
        """Return the day if it is worked, else the first working day after it."""
        return day if self.is_workday(day) else self.add_workdays(day, 1)

    def workdays_between(self, start: date, end: date) -> int:
        """Count the working days after start up to and including end; minus those of [end, start) if earlier.

        It undoes `add_workdays`: workdays_between(d, add_workdays(d, n)) == n.
        """
        if end < start:
            return -sum(self.is_workday(end + i * DAY) for i in range((start - end).days))
        return sum(self.is_workday(start + i * DAY) for i in range(1, (end - start).days + 1))
