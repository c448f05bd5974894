"""Facts and grades: windows, sums, scores, hard rules, reasons."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wurao.common.packs import load_packs
from wurao.common.packs.shapes import GradeScheme
from wurao.registry.domain.facts import READINGS, Fact, counts_until, penalties_in, stands
from wurao.registry.domain.grading import assess, explain, grade_of, is_news, standing
from wurao.registry.domain.policy import GradeSection, VocabularySection

TODAY = date(2026, 1, 5)
PACKS = sorted(load_packs())
SECTIONS = {name: pack.section(GradeSection, on=TODAY) for name, pack in load_packs().items()}
LABELS = load_packs()["national"].section(VocabularySection, on=TODAY).labels.value

VALUES = st.dictionaries(st.sampled_from(sorted(READINGS)), st.integers(0, 1_500), max_size=12)
FACTS = st.lists(
    st.builds(
        Fact,
        fact_id=st.uuids().map(str),
        indicator=st.sampled_from(sorted(READINGS)),
        value=st.integers(0, 1_000),
        occurred_on=st.dates(date(2022, 1, 1), date(2027, 1, 1)),
        counts_until=st.none() | st.dates(date(2022, 1, 1), date(2028, 1, 1)),
    ),
    max_size=15,
)


def facts_of(values: dict[str, int]) -> list[Fact]:
    """One fact of yesterday for each value."""
    return [Fact(name, name, value, TODAY - timedelta(days=1)) for name, value in values.items()]


def rank(scheme: GradeScheme, grade: str) -> int:
    """0 for the best level."""
    return scheme.levels.index(grade)


@pytest.mark.parametrize("name", PACKS)
def test_every_indicator_of_a_pack_can_be_read(name: str) -> None:
    """Indicators, hard rules and measures of each shipped pack fit the readings, and each word has a name."""
    scheme = SECTIONS[name].scheme.value
    indicators = {line.indicator for line in scheme.indicators} | {rule.indicator for rule in scheme.hard_rules}
    assert indicators <= set(READINGS)
    assert indicators <= set(LABELS)
    assert set(SECTIONS[name].measures.value) == set(scheme.levels)


@given(st.sampled_from(PACKS), VALUES, st.data())
def test_a_worse_value_never_gives_a_better_grade(name: str, values: dict[str, int], data: st.DataObject) -> None:
    """Score and grade are monotonic in every scored indicator, in the direction of its points."""
    section = SECTIONS[name]
    line = data.draw(st.sampled_from(section.scheme.value.indicators))
    assume(line.indicator not in {rule.indicator for rule in section.scheme.value.hard_rules})
    more = values | {line.indicator: values.get(line.indicator, 0) + data.draw(st.integers(1, 500))}
    before, after = assess(section, facts_of(values), TODAY), assess(section, facts_of(more), TODAY)
    low, high = (before, after) if line.points > 0 else (after, before)
    assert low.score <= high.score
    assert rank(section.scheme.value, low.grade) >= rank(section.scheme.value, high.grade)


@given(st.sampled_from(PACKS), VALUES, st.data())
def test_a_hard_rule_caps_the_grade_whatever_the_score(name: str, values: dict[str, int], data: st.DataObject) -> None:
    """With the rule's indicator high enough no level above the best allowed is reached, and the rule is named."""
    section = SECTIONS[name]
    scheme = section.scheme.value
    rule = data.draw(st.sampled_from(scheme.hard_rules))
    found = assess(section, facts_of(values | {rule.indicator: rule.at_least}), TODAY)
    assert rank(scheme, found.grade) >= rank(scheme, rule.best_allowed)
    assert rule in [held.rule for held in found.holding]


@given(st.sampled_from(PACKS), FACTS)
def test_the_score_is_the_base_and_the_sum_of_the_factors(name: str, facts: list[Fact]) -> None:
    """Factor sums explain the whole score, and the grade is one of the scheme's with its measures."""
    section = SECTIONS[name]
    found = assess(section, facts, TODAY)
    assert found.score == section.scheme.value.base + sum(found.factors.values())
    assert found.measure == section.measures.value[found.grade]


@given(st.sampled_from(PACKS), FACTS)
def test_facts_outside_their_days_change_nothing(name: str, facts: list[Fact]) -> None:
    """Lapsed and future facts are as if they did not exist; order does not matter."""
    counting = [fact for fact in facts if fact.counts(TODAY)]
    whole = assess(SECTIONS[name], facts, TODAY)
    assert assess(SECTIONS[name], reversed(counting), TODAY).score == whole.score
    assert assess(SECTIONS[name], counting, TODAY).grade == whole.grade


@pytest.mark.parametrize("name", PACKS)
def test_each_cutoff_is_exact(name: str) -> None:
    """A score at the cutoff has the level, one hundredth below it has the next."""
    scheme = SECTIONS[name].scheme.value
    for level, following, cutoff in zip(scheme.levels, scheme.levels[1:], scheme.cutoffs, strict=False):
        assert grade_of(scheme, cutoff) == level
        assert grade_of(scheme, cutoff - 1) == following


def test_counts_add_up_and_the_last_state_speaks() -> None:
    """Penalties of several facts add up; of several states the one that occurred last counts."""
    day = TODAY - timedelta(days=10)
    facts = [
        Fact("p1", "penalties_24m", 1, day),
        Fact("p2", "penalties_24m", 2, day),
        Fact("s1", "abnormal_listing", 1, day),
        Fact("s2", "abnormal_listing", 0, day + timedelta(days=1)),
    ]
    found = stands(facts, TODAY)
    assert found["penalties_24m"].value == 3
    assert found["abnormal_listing"].value == 0
    assert [fact.fact_id for fact in found["abnormal_listing"].facts] == ["s2"]


@pytest.mark.parametrize(
    ("indicator", "value", "occurred", "expires", "until"),
    [
        ("penalties_24m", 1, date(2024, 1, 5), None, date(2026, 1, 5)),
        ("penalties_24m", 1, date(2024, 2, 29), None, date(2026, 2, 28)),
        ("accidents_36m", 1, date(2024, 1, 5), None, date(2027, 1, 5)),
        ("penalties_24m", 1, date(2024, 1, 5), date(2025, 1, 5), date(2025, 1, 5)),
        ("penalties_24m", 0, date(2024, 1, 5), None, None),
        ("tax_band", 3, date(2024, 1, 5), None, None),
    ],
)
def test_a_fact_counts_as_long_as_its_source_or_its_window_says(
    indicator: str, value: int, occurred: date, expires: date | None, until: date | None
) -> None:
    """The source's last day goes before the window of 24 or 36 months; a zero and a state need no end."""
    assert counts_until(indicator, value, occurred, expires) == until


def test_a_fact_counts_through_its_last_day() -> None:
    """A fact counts on its last day and not on the day after."""
    fact = Fact("p", "penalties_24m", 1, date(2024, 1, 5), date(2026, 1, 5))
    assert fact.counts(date(2026, 1, 5))
    assert not fact.counts(date(2026, 1, 6))
    assert not fact.counts(date(2024, 1, 4))


@pytest.mark.parametrize(
    ("outcome", "fine", "kinds", "count"),
    [
        ("ordinary", 100, (), 1),
        ("heavier", 0, ("licence_revocation",), 1),
        ("lighter", 100, (), 1),
        ("mitigated", 100, (), 1),
        ("ordinary", 0, (), 0),
        ("exempt", 0, (), 0),
        ("waived", 0, ("warning",), 0),
        ("no_fault", 0, (), 0),
        ("transferred", 0, (), 0),
    ],
)
def test_only_an_imposed_penalty_counts(outcome: str, fine: int, kinds: tuple[str, ...], count: int) -> None:
    """Exempt, waived and not proven acts add nothing to the credit record."""
    assert penalties_in(outcome, fine, kinds) == count


def test_reasons_name_every_factor_and_the_rule_that_holds_the_grade_down() -> None:
    """The four factors of Cangxian are summed up in Chinese, and a hard rule is said."""
    section = SECTIONS["cangxian"]
    values = {"penalties_24m": 7, "high_tech": 1, "tax_band": 5, "accidents_36m": 1, "rd_permille": 35}
    reasons = explain(assess(section, facts_of(values), TODAY), LABELS)
    assert "近24个月处罚次数：7（按5计），-30分" in reasons
    assert "研发投入千分比：35‰，+1.75分" in reasons
    assert "近36个月事故数：1，等级不得高于B类" in reasons
    for factor in ("合法经营", "风险管控", "科技水平", "社会贡献"):
        assert any(reason.startswith(f"{factor}合计") for reason in reasons)
    assert reasons[0] == "基础分70分"
    assert reasons[-1].endswith("评定为C类")


def test_news_is_the_first_grade_another_one_or_an_earlier_day() -> None:
    """The same grade from a later day is no news; from an earlier day than announced it is."""
    section = SECTIONS["yongzhou"]
    good, bad = assess(section, [], TODAY), assess(section, facts_of({"serious_breach": 1}), TODAY)
    known = standing(good, TODAY)
    assert is_news(None, known)
    assert not is_news(known, standing(good, TODAY + timedelta(days=1)))
    assert is_news(known, standing(bad, TODAY))
    assert is_news(standing(good, TODAY + timedelta(days=360)), known)
