"""How often all agencies together may come to one enterprise; options ahead of the documents (BE-54).

A week runs from Monday to Sunday, months and years are those of the calendar. Triggered inspections are outside.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from wurao.common.contracts.shared import Refusal, Way
from wurao.common.packs import Param
from wurao.scheduling.domain.gate.question import Facts, TaskRequest, chinese, join, visit_option
from wurao.scheduling.domain.gate.triggered import on_a_trigger
from wurao.scheduling.domain.policy import Policy, PressureSection, refusal

WHITE_LIST = "white_list"
SEARCHED_DAYS = 400

Period = Callable[[date], Any]


def _limits(pressure: PressureSection) -> Iterator[tuple[str, Param[int], Period, str]]:
    """Each limit in force: its code, the parameter, what days have in common, and its Chinese name."""
    for code, limit, period, name in (
        ("pressure.day_full", pressure.per_day, lambda day: day, "同一天"),
        ("pressure.week_full", pressure.per_week, lambda day: day.isocalendar()[:2], "同一周"),
        ("pressure.month_full", pressure.per_month, lambda day: (day.year, day.month), "同一月"),
        ("pressure.year_full", pressure.per_year, lambda day: day.year, "同一年"),
    ):
        if limit is not None:
            yield code, limit, period, name


def full_on(day: date, visit_days: Iterable[date], policy: Policy) -> list[Refusal]:
    """Why no further visit may be on a day, given the days of the others."""
    days = list(visit_days)
    return [
        refusal(
            code,
            limit,
            f"各主体{name}到该企业的现场检查已有{limit.value}次，达到上限",
            ["并入已安排的检查", "改期", "采用非现场方式检查"],
            [Way(kind="off_site")],
        )
        for code, limit, period, name in _limits(policy.pressure)
        if sum(period(other) == period(day) for other in days) >= limit.value
    ]


def leaves_room(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """Some day of the request's is one on which the enterprise can bear a further visit, unless it joins one."""
    if not request.on_site or on_a_trigger(request, policy) or facts.joined(request) is not None:
        return
    first = max(request.earliest, facts.today)
    reasons: list[Refusal] = []
    for offset in range((request.latest - first).days + 1):
        reasons = full_on(first + timedelta(days=offset), facts.visit_days, policy)
        if not reasons:
            return
    for reason in reasons[:1]:
        within = [visit for visit in facts.visits if request.earliest <= visit.day <= request.latest]
        following = _free_again(request.latest, facts.visit_days, policy)
        options = [visit_option(visit) for visit in within]
        ways = [join(visit) for visit in within]
        if following is not None:
            options.append(f"{chinese(following)}起可以安排")
            ways.append(Way(kind="wait", day=following))
        yield reason.model_copy(
            update={
                "alternatives": (*options, "采用非现场方式检查"),
                "ways": (*ways, Way(kind="off_site")),
            }
        )


def _free_again(after: date, visit_days: Iterable[date], policy: Policy) -> date | None:
    days = list(visit_days)
    following = (after + timedelta(days=offset) for offset in range(1, SEARCHED_DAYS))
    return next((day for day in following if not full_on(day, days, policy)), None)


def spares_the_white_list(request: TaskRequest, facts: Facts, policy: Policy) -> Iterator[Refusal]:
    """Enterprises on the white list 无事不扰 are inspected on site on a trigger only."""
    rule, enterprise = policy.pressure.white_list_triggered_only, facts.enterprise
    if not rule.value or not request.on_site or enterprise is None or WHITE_LIST not in enterprise.tags:
        return
    if not on_a_trigger(request, policy):
        grounds = policy.grounds
        yield refusal(
            "pressure.white_list",
            rule,
            "该企业在无事不扰白名单内，只实施触发式检查",
            ["采用非现场方式检查", *grounds.options(grounds.triggered.value)],
            [Way(kind="off_site"), *grounds.ways(grounds.triggered.value)],
        )
