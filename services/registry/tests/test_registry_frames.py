"""Column-wise grading equals grading one by one, for any scheme and any facts."""

from datetime import date
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import from_json

from wurao.common.packs import load_packs
from wurao.common.packs.shapes import GradeMeasure, GradeScheme, HardRule, Indicator
from wurao.registry.domain import frames
from wurao.registry.domain.facts import READINGS, Fact
from wurao.registry.domain.grading import Standing, assess, explain, is_news, standing
from wurao.registry.domain.policy import GradeSection, VocabularySection

TODAY = date(2026, 1, 5)
INDICATORS = sorted(READINGS)
LABELS = load_packs()["national"].section(VocabularySection, on=TODAY).labels.value
SHIPPED = load_packs()["national"].section(GradeSection, on=TODAY)
NUMBERS = st.integers(-3, 8)


@st.composite
def schemes(draw: st.DrawFn) -> GradeScheme:
    """Any coherent scheme: lines may repeat an indicator, bounds may exclude zero, cut-offs may coincide."""
    levels = ("A", '乙"', "C\\", "D")[: draw(st.integers(1, 4))]
    factors = {"one": "合法经营", "two": "科技\n水平"}
    lines = []
    for _ in range(draw(st.integers(0, 5))):
        lo, hi = sorted((draw(NUMBERS), draw(NUMBERS)))
        points = draw(st.integers(-2_000, 2_000))
        name, factor = draw(st.sampled_from(INDICATORS)), draw(st.sampled_from(sorted(factors)))
        lines.append(Indicator(indicator=name, factor=factor, points=points, lo=lo, hi=hi))
    rules = st.builds(
        HardRule,
        indicator=st.sampled_from(INDICATORS),
        at_least=NUMBERS,
        best_allowed=st.sampled_from(levels),
    )
    size = len(levels) - 1
    cutoffs = draw(st.lists(st.integers(-5_000, 15_000), min_size=size, max_size=size))
    return GradeScheme(
        name="任意",
        levels=levels,
        labels={level: f"{level}类" for level in levels},
        base=draw(st.integers(-1_000, 10_000)),
        cutoffs=tuple(sorted(cutoffs, reverse=True)),
        factors=factors,
        indicators=tuple(lines),
        hard_rules=tuple(draw(st.lists(rules, max_size=3))),
    )


@st.composite
def sections(draw: st.DrawFn) -> GradeSection:
    """Any scheme with any measures."""
    scheme = draw(schemes())
    measure = st.builds(
        GradeMeasure,
        sampling_permille=st.integers(0, 3),
        yearly_cap=st.none() | st.integers(0, 2),
        measures=st.lists(st.sampled_from(["常规", '"加强"']), max_size=2).map(tuple),
    )
    measures = {level: draw(measure) for level in scheme.levels}
    return SHIPPED.model_copy(
        update={
            "scheme": SHIPPED.scheme.model_copy(update={"value": scheme}),
            "measures": SHIPPED.measures.model_copy(update={"value": measures}),
        }
    )


FACT = st.builds(
    Fact,
    fact_id=st.uuids().map(str),
    indicator=st.sampled_from(INDICATORS),
    value=st.integers(0, 9) | st.integers(0, 1_000_000_000),
    occurred_on=st.sampled_from([date(2025, 1, 1), date(2025, 1, 2), date(2025, 12, 31)]),
)


@st.composite
def standings(draw: st.DrawFn, section: GradeSection) -> Standing | None:
    """Nothing, or a grade as announced that may or may not be what the section would give."""
    if draw(st.booleans()):
        return None
    scheme = section.scheme.value
    grade = draw(st.sampled_from(scheme.levels))
    measure = section.measures.value[grade]
    return Standing(
        scheme=draw(st.sampled_from([scheme.name, "旧办法"])),
        grade=grade,
        sampling_permille=draw(st.sampled_from([measure.sampling_permille, 999])),
        yearly_cap=draw(st.sampled_from([measure.yearly_cap, None, 99])),
        clause=draw(st.sampled_from([section.scheme.clause, "X-1"])),
        in_force_from=draw(st.sampled_from([TODAY, date(2025, 1, 1), date(2026, 2, 1)])),
    )


def one_by_one(
    section: GradeSection, known: Standing | None, score: int, facts: list[Fact]
) -> dict[str, Any] | int | None:
    """What the reference announces, or the new score of a grade that stays, or None."""
    assessment = assess(section, facts, TODAY)
    fresh = standing(assessment, TODAY)
    if is_news(known, fresh):
        return {
            "scheme": fresh.scheme,
            "grade": fresh.grade,
            "sampling_permille": fresh.sampling_permille,
            "yearly_cap": fresh.yearly_cap,
            "grade_clause": fresh.clause,
            "graded_from": TODAY,
            "score": assessment.score,
            "previous": known.grade if known else None,
            "cite": assessment.cite,
            "measures": list(assessment.measure.measures),
            "reasons": list(explain(assessment, LABELS)),
        }
    return assessment.score if assessment.score != score else None


@settings(max_examples=150, deadline=None)
@given(sections(), st.data())
def test_columns_give_what_the_reference_gives(section: GradeSection, data: st.DataObject) -> None:
    """Score, grade, reasons, measures and what is news are equal for each enterprise; a grade that stays rescores."""
    names = [f"E{number}" for number in range(data.draw(st.integers(1, 6)))]
    facts = {name: data.draw(st.lists(FACT, max_size=6)) for name in names}
    standing_of = {name: data.draw(standings(section)) for name in names}
    score_of = {name: data.draw(st.sampled_from([0, section.scheme.value.base])) for name in names}
    known = pl.DataFrame([row(name, standing_of[name], score_of[name]) for name in names], schema=frames.KNOWN)
    found = frames.grade(section, LABELS, known, frames.values(frame_of(facts), known), TODAY)

    expected = {name: one_by_one(section, standing_of[name], score_of[name], facts[name]) for name in names}
    news = {row.pop("enterprise_id"): row for row in found.news.to_dicts()}
    for given_row in news.values():
        assert (given_row.pop("version"), given_row.pop("area")) == (4, "330802")
        given_row["measures"], given_row["reasons"] = from_json(given_row["measures"]), from_json(given_row["reasons"])
    assert news == {name: wanted for name, wanted in expected.items() if isinstance(wanted, dict)}
    rescored = dict(found.rescored.iter_rows())
    assert rescored == {name: score for name, score in expected.items() if isinstance(score, int)}


@settings(max_examples=30, deadline=None)
@given(sections(), st.lists(FACT, max_size=6), st.booleans())
def test_under_class_lists_columns_only_note(section: GradeSection, facts: list[Fact], noted_before: bool) -> None:
    """Where a class list sets the grades nothing is news, and score and assessed grade are noted once."""
    month = load_packs()["cangxian"].section(GradeSection, on=TODAY).approved_month
    by_list = section.model_copy(update={"approved_month": month})
    assessment = assess(by_list, facts, TODAY)
    known = row("E1", None, assessment.score) | {"assessed": assessment.grade if noted_before else None}
    frame = pl.DataFrame([known], schema=frames.KNOWN)
    found = frames.grade(by_list, LABELS, frame, frames.values(frame_of({"E1": facts}), frame), TODAY)
    assert found.news.is_empty()
    noted = [{"enterprise_id": "E1", "score": assessment.score, "assessed": assessment.grade}]
    assert found.rescored.to_dicts() == ([] if noted_before else noted)


def row(name: str, known: Standing | None, score: int) -> dict[str, Any]:
    """A row of `KNOWN`."""
    return {
        "enterprise_id": name,
        "area": "330802",
        "version": 3,
        "scheme": known.scheme if known else None,
        "grade": known.grade if known else None,
        "score": score,
        "assessed": None,
        "sampling_permille": known.sampling_permille if known else None,
        "yearly_cap": known.yearly_cap if known else None,
        "grade_clause": known.clause if known else None,
        "graded_from": known.in_force_from if known else None,
    }


def frame_of(facts: dict[str, list[Fact]]) -> pl.DataFrame:
    """Facts by enterprise as a frame."""
    rows = [
        (name, fact.fact_id, fact.indicator, fact.value, fact.occurred_on)
        for name, some in facts.items()
        for fact in some
    ]
    return pl.DataFrame(rows, schema=frames.FACTS, orient="row")
