"""What would change a grade, and when whole lists are renewed: the rules alone."""

from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wurao.common.packs import load_packs
from wurao.registry.domain.facts import READINGS, Fact
from wurao.registry.domain.grading import Hold, assess
from wurao.registry.domain.outlook import Case, effects, fewest, improves_on
from wurao.registry.domain.policy import GradeSection
from wurao.registry.domain.rhythm import due_on, is_due, period_of

TODAY = date(2026, 1, 5)
SECTIONS = {name: pack.section(GradeSection, on=TODAY) for name, pack in load_packs().items()}

FACT = st.builds(
    Fact,
    fact_id=st.uuids().map(str),
    indicator=st.sampled_from(sorted(READINGS)),
    value=st.integers(0, 3),
    occurred_on=st.dates(date(2025, 1, 1), date(2026, 1, 9)),
    counts_until=st.none() | st.dates(date(2025, 12, 1), date(2026, 3, 1)),
)
HOLD = st.none() | st.dates(TODAY, date(2026, 2, 1)).map(
    lambda until: Hold("h", "down", "poor", "《食品安全法》", "市场监管局", until, "LX-11")
)
CASES = st.builds(Case, st.sampled_from(list(SECTIONS.values())), st.lists(FACT, max_size=6).map(tuple), HOLD)


@given(CASES)
def test_each_effect_is_the_grade_without_that_fact(case: Case) -> None:
    """Every fact that counts is listed once, with what assessing the others gives, the most helpful first."""
    found = effects(case, TODAY)
    assert sorted(effect.fact.fact_id for effect in found) == sorted(f.fact_id for f in case.facts if f.counts(TODAY))
    for effect in found:
        others = [fact for fact in case.facts if fact is not effect.fact]
        assert effect.without == assess(case.section, others, TODAY, case.hold)
    scores = [effect.without.score for effect in found]
    assert scores == sorted(scores, reverse=True)


@settings(deadline=None)
@given(CASES)
def test_the_grade_improves_on_the_first_day_that_is_better(case: Case) -> None:
    """Walking day by day finds the same first day and grade, or no day within four months."""
    now, walked = case.place(case.on(TODAY)), None
    for ahead in range(1, 120):
        day = TODAY + timedelta(days=ahead)
        hold = case.hold if case.hold and day <= case.hold.until else None
        # What has not happened yet is no part of the outlook.
        known = [fact for fact in case.facts if fact.occurred_on <= TODAY]
        then = assess(case.section, known, day, hold)
        if case.place(then) < now:
            walked = (day, then)
            break
    known_case = Case(case.section, tuple(fact for fact in case.facts if fact.occurred_on <= TODAY), case.hold)
    assert improves_on(known_case, TODAY) == walked


@settings(deadline=None)
@given(CASES)
def test_no_smaller_set_of_facts_would_do(case: Case) -> None:
    """The set found reaches a better grade and none with fewer facts does; where none is found no set of three does."""
    counting = [fact.fact_id for fact in case.facts if fact.counts(TODAY)]
    now = case.place(case.on(TODAY))

    def better(chosen: tuple[str, ...]) -> bool:
        return case.place(case.on(TODAY, frozenset(chosen))) < now

    sizes = [size for size in (1, 2, 3) if any(map(better, combinations(counting, size)))]
    found = fewest(case, TODAY)
    if found is None:
        assert not sizes
    else:
        assert better(tuple(effect.fact.fact_id for effect in found))
        assert len(found) == min(sizes)


def test_a_hard_rule_names_the_one_fact_that_would_help() -> None:
    """With a serious breach and a small minus, leaving out the breach alone is the way to a better grade."""
    day = TODAY - timedelta(days=3)
    facts = (Fact("breach", "serious_breach", 1, day), Fact("complaint", "complaints_proven", 1, day))
    found = fewest(Case(SECTIONS["yongzhou"], facts), TODAY)
    assert found is not None
    assert [effect.fact.fact_id for effect in found] == ["breach"]


@pytest.mark.parametrize(
    ("day", "months", "period"),
    [
        (date(2026, 1, 1), 1, date(2026, 1, 1)),
        (date(2026, 12, 31), 1, date(2026, 12, 1)),
        (date(2026, 6, 30), 3, date(2026, 4, 1)),
        (date(2026, 7, 1), 3, date(2026, 7, 1)),
        (date(2026, 12, 31), 12, date(2026, 1, 1)),
    ],
)
def test_periods_begin_in_january(day: date, months: int, period: date) -> None:
    """Months, quarters and years are those of the calendar."""
    assert period_of(day, months) == period


def test_a_grading_is_due_from_its_day_on() -> None:
    """Not before the day, on it and after it; on the month's last where the month is shorter."""
    assert not is_due(date(2026, 3, 14), 1, 15)
    assert is_due(date(2026, 3, 15), 1, 15)
    assert is_due(date(2026, 6, 1), 3, 15)
    assert due_on(date(2026, 2, 1), 31) == date(2026, 2, 28)
