"""Legal clock: from a start and a statutory period to a due date that explains itself in Chinese.

The starting day does not count unless the rule says so, months end on the corresponding day, and a period
in hours starts at its instant (民法典 art. 200-203). Working periods skip every day that is not worked.
"""

from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Literal

from wurao.common.clock import SHANGHAI, aware, legal_date
from wurao.common.workdays import DAY, DayKind, WorkCalendar

Unit = Literal["working", "calendar", "hour", "month", "year"]
StartRule = Literal["next_day", "same_day"]
StepKind = Literal["start", "counted", "makeup", "weekend", "holiday", "pause", "rolled", "due"]

# Which day counts mean working days, by the law that sets the period.
PENALTY_LAW_WORKING = frozenset({2, 3, 5, 7})  # 行政处罚法 art. 85
COERCION_LAW_WORKING = frozenset(range(1, 11))  # 行政强制法 art. 69
REVIEW_LAW_WORKING = frozenset({3, 5, 7, 10})  # 行政复议法 art. 88

ROLL_ARTICLE = "民法典第203条"
LONGEST = 10_000
_UNIT_NAMES: dict[Unit, str] = {
    "working": "个工作日",
    "calendar": "日",
    "hour": "小时",
    "month": "个月",
    "year": "年",
}
_KINDS: dict[DayKind, StepKind] = {
    DayKind.WORKDAY: "counted",
    DayKind.MAKEUP: "makeup",
    DayKind.WEEKEND: "weekend",
    DayKind.STATUTORY: "holiday",
    DayKind.ADJUSTED_REST: "holiday",
}
_COUNTING: frozenset[StepKind] = frozenset({"counted", "makeup"})


@dataclass(frozen=True, slots=True)
class Period:
    """A period set by law; `article` cites it. ValueError if the length is not 1 to 10,000.

    With `roll_to_workday` a last day that is not worked moves on to the next working day; it says nothing
    for working days, which always end on one, nor for hours.
    """

    length: int
    unit: Unit
    article: str
    roll_to_workday: bool = False
    start_rule: StartRule = "next_day"

    def __post_init__(self) -> None:
        if not 1 <= self.length <= LONGEST:
            raise ValueError(f"a period lasts 1 to {LONGEST} units, not {self.length}")


def statutory_period(
    days: int,
    article: str,
    *,
    working: Set[int] = PENALTY_LAW_WORKING,
    roll_to_workday: bool = False,
) -> Period:
    """Return a period of days whose unit follows the law's own rule (行政处罚法 art. 85 by default)."""
    return Period(days, "working" if days in working else "calendar", article, roll_to_workday)


@dataclass(frozen=True, slots=True)
class Pause:
    """Legal days from `start` up to but not including `end` that do not count, and why."""

    start: date
    end: date
    reason: str

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError("a pause ends after it starts")

    def holds(self, day: date) -> bool:
        """Tell whether the day is paused."""
        return self.start <= day < self.end


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the explanation; `days` are the legal days from `first` to `last`, both included.

    The steps counted, makeup, weekend, holiday, pause and rolled cover each day of the period once.
    """

    kind: StepKind
    first: date
    last: date
    days: int
    text: str


@dataclass(frozen=True, slots=True)
class DueDate:
    """The last legal day, the last instant in time (Asia/Shanghai), and how they follow."""

    due: date
    at: datetime
    steps: tuple[Step, ...]
    article: str

    def explain(self) -> list[str]:
        """Return the explanation in Chinese, one sentence a line; days merely counted go without saying."""
        return [step.text for step in self.steps if step.kind != "counted"]

    def is_over(self, now: datetime) -> bool:
        """Tell whether the period has run out at the aware instant."""
        return aware(now) > self.at


def due_date(start: date | datetime, period: Period, calendar: WorkCalendar, pauses: Sequence[Pause] = ()) -> DueDate:
    """Return when the period that starts at the day or aware instant runs out.

    Raises CalendarUnknown when a year is needed whose holidays are not published, ValueError for a naive
    instant and for hours counted from a mere day.
    """
    if period.unit == "hour":
        return _due_by_hours(start, period, pauses)
    day = legal_date(start) if isinstance(start, datetime) else start
    first = day if period.start_rule == "same_day" else day + DAY
    judge = _judge(calendar if period.unit == "working" else None, pauses)
    steps = _walk(first, _days_to_count(day, first, period), judge)
    last = steps[-1].last
    if period.roll_to_workday:
        steps += _roll(last, calendar, pauses)
        last = steps[-1].last
    end = datetime.combine(last, time.max, SHANGHAI)
    opening = _start_step(day, f"{_day(day)}", first)
    closing = _step("due", [last], f"依{period.article}计{_length(period)}，{_day(last)}24时届满")
    return DueDate(last, end, (opening, *steps, closing), period.article)


Judge = Callable[[date], tuple[StepKind, str]]


def _judge(calendar: WorkCalendar | None, pauses: Sequence[Pause]) -> Judge:
    """Return what tells a day's kind and name; without a calendar every day counts that is not paused."""

    def judge(day: date) -> tuple[StepKind, str]:
        pause = next((p for p in pauses if p.holds(day)), None)
        if pause is not None:
            return "pause", pause.reason
        if calendar is None:
            return "counted", ""
        return _KINDS[calendar.kind(day)], calendar.holiday_name(day) or ""

    return judge


def _walk(first: date, count: int, judge: Judge) -> list[Step]:
    """Walk from the first day until `count` days have counted; merge like days into steps."""
    judged: list[tuple[date, StepKind, str]] = []
    day = first
    while count:
        kind, name = judge(day)
        judged.append((day, kind, name))
        count -= kind in _COUNTING
        day += DAY
    runs = groupby(judged, key=lambda item: (item[1], item[2] if item[1] == "pause" else ""))
    return [_run_step(kind, list(run)) for (kind, _), run in runs]


def _run_step(kind: StepKind, run: Sequence[tuple[date, StepKind, str]]) -> Step:
    days = [day for day, _, _ in run]
    names = "、".join(dict.fromkeys(name for _, _, name in run))
    span = _span(days)
    texts: dict[StepKind, str] = {
        "counted": f"计入{span}",
        "makeup": f"{span}为调休上班日，计入",
        "weekend": f"{span}为周末，不计入",
        "holiday": f"{span}为{names}假期，不计入",
        "pause": f"{span}因{names}暂停计算，不计入",
    }
    return _step(kind, days, texts[kind])


def _roll(last: date, calendar: WorkCalendar, pauses: Sequence[Pause]) -> list[Step]:
    """Return the step from a last day that is not worked to the next day that is and is not paused."""
    if calendar.is_workday(last):
        return []
    reason = calendar.holiday_name(last)
    moved = calendar.next_workday(last)
    while any(pause.holds(moved) for pause in pauses):
        moved = calendar.add_workdays(moved, 1)
    crossed = [last + (i + 1) * DAY for i in range((moved - last).days)]
    why = f"{reason}假期" if reason else "周末"
    return [_step("rolled", crossed, f"最后一日{_day(last)}为{why}，依{ROLL_ARTICLE}顺延至{_day(moved)}")]


def _days_to_count(day: date, first: date, period: Period) -> int:
    if period.unit in ("working", "calendar"):
        return period.length
    months = period.length * (12 if period.unit == "year" else 1)
    last = _corresponding_day(day, months)
    if period.start_rule == "same_day" and last.day == day.day:
        last -= DAY
    return (last - first).days + 1


def _corresponding_day(day: date, months: int) -> date:
    """Return the same day so many months on, or that month's last day where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _due_by_hours(start: date | datetime, period: Period, pauses: Sequence[Pause]) -> DueDate:
    if not isinstance(start, datetime):
        raise ValueError("a period in hours starts at an instant, not at a day")
    begin = aware(start).astimezone(SHANGHAI)
    at, crossed = _run_hours(begin, timedelta(hours=period.length), pauses)
    steps = [
        _step("pause", days := _days(pause), f"{_span(days)}因{pause.reason}暂停计算，不计入") for pause in crossed
    ]
    opening = _step("start", [begin.date()], f"自{_instant(begin)}起算")
    closing = _step("due", [at.date()], f"依{period.article}计{_length(period)}，{_instant(at)}届满")
    return DueDate(at.date(), at, (opening, *steps, closing), period.article)


def _run_hours(begin: datetime, left: timedelta, pauses: Iterable[Pause]) -> tuple[datetime, list[Pause]]:
    """Return when the hours have run outside the pauses, and the pauses met on the way."""
    at, met = begin, []
    for pause in sorted(pauses, key=lambda p: p.start):
        stop = datetime.combine(pause.start, time.min, SHANGHAI)
        resume = datetime.combine(pause.end, time.min, SHANGHAI)
        if resume <= at:
            continue
        if stop - at >= left:
            break
        left -= max(stop - at, timedelta())
        at = resume
        met.append(pause)
    return at + left, met


def _start_step(day: date, written: str, first: date) -> Step:
    rule = "当日计入" if first == day else f"当日不计入，从{_day(first)}开始计算"
    return _step("start", [day], f"自{written}起算，{rule}")


def _step(kind: StepKind, days: Sequence[date], text: str) -> Step:
    return Step(kind, days[0], days[-1], len(days), text)


def _days(pause: Pause) -> list[date]:
    return [pause.start + i * DAY for i in range((pause.end - pause.start).days)]


def _length(period: Period) -> str:
    return f"{period.length}{_UNIT_NAMES[period.unit]}"


def _span(days: Sequence[date]) -> str:
    if len(days) == 1:
        return _day(days[0])
    return f"{_day(days[0])}至{_day(days[-1])}（共{len(days)}天）"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日（周{'一二三四五六日'[day.weekday()]}）"


def _instant(at: datetime) -> str:
    return f"{at.year}年{at.month}月{at.day}日{at:%H时%M分}"
