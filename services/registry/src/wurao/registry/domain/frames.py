"""Grades of many enterprises at once: the rules of `grading`, column by column in polars.

`grading.assess` stays the reference; sentences come from the same pure functions, called once for each distinct value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any

import polars as pl
from pydantic_core import to_json

from wurao.common.packs.shapes import GradeScheme, HardRule, Indicator
from wurao.registry.domain.facts import READINGS
from wurao.registry.domain.grading import base_reason, factor_reason, line_reason, result_reason, rule_reason
from wurao.registry.domain.policy import GradeSection

Labels = Mapping[str, str]

FACTS: dict[str, Any] = {
    "enterprise_id": pl.String,
    "fact_id": pl.String,
    "indicator": pl.String,
    "value": pl.Int64,
    "occurred_on": pl.Date,
}
KNOWN: dict[str, Any] = {
    "enterprise_id": pl.String,
    "area": pl.String,
    "version": pl.Int64,
    "scheme": pl.String,
    "grade": pl.String,
    "score": pl.Int64,
    "assessed": pl.String,
    "sampling_permille": pl.Int64,
    "yearly_cap": pl.Int64,
    "grade_clause": pl.String,
    "graded_from": pl.Date,
}
SUBSTANCE = ("scheme", "grade", "sampling_permille", "yearly_cap", "grade_clause")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What grading changes. `news`: the columns of enterprises as they become, with `previous`, `measures`,
    `reasons` (both JSON text) and `cite`; `rescored`: enterprises whose grade stays while the score changes."""

    news: pl.DataFrame
    rescored: pl.DataFrame


def values(facts: pl.DataFrame, enterprises: pl.DataFrame) -> pl.DataFrame:
    """A row for each enterprise in order, a column for each indicator that has facts; null: no fact counts.

    The facts are those that count on the day (`FACTS`).
    """
    wide = enterprises.select("enterprise_id")
    for (indicator,), part in sorted(facts.partition_by("indicator", as_dict=True).items()):
        column = _read(part, str(indicator)).rename({"value": str(indicator)})
        wide = wide.join(column, on="enterprise_id", how="left", maintain_order="left")
    return wide


def _read(part: pl.DataFrame, indicator: str) -> pl.DataFrame:
    if READINGS[indicator].kind == "sum":
        return part.group_by("enterprise_id").agg(pl.col("value").sum())
    if part["enterprise_id"].n_unique() < part.height:
        part = part.sort("occurred_on", "fact_id").unique("enterprise_id", keep="last", maintain_order=True)
    return part.select("enterprise_id", "value")


def grade(section: GradeSection, labels: Labels, known: pl.DataFrame, wide: pl.DataFrame, on: date) -> Outcome:
    """What grading these enterprises (`KNOWN`) as of a day changes, by their values (`values`) in the same order."""
    scheme = section.scheme.value
    scored = known.hstack(_scored(scheme, wide))
    if section.approved_month is not None:
        # Only an approved class list sets grades here: what the facts lead to is noted, nothing is announced.
        noted = pl.col("fresh_score").ne_missing(pl.col("score")) | pl.col("fresh_grade").ne_missing(pl.col("assessed"))
        rescored = scored.filter(noted).select("enterprise_id", score="fresh_score", assessed="fresh_grade")
        return Outcome(scored.clear(), rescored)
    measures = pl.DataFrame(
        [
            (level, measure.sampling_permille, measure.yearly_cap, _text(list(measure.measures)))
            for level, measure in section.measures.value.items()
        ],
        schema={"fresh_grade": pl.String, "ratio": pl.Int64, "cap": pl.Int64, "measures": pl.String},
        orient="row",
    )
    fresh = (
        scored.with_columns(wide.drop("enterprise_id"))
        .join(measures, on="fresh_grade", how="left", maintain_order="left")
        .with_columns(
            pl.lit(scheme.name).alias("fresh_scheme"), pl.lit(section.scheme.clause).alias("fresh_grade_clause")
        )
        .rename({"ratio": "fresh_sampling_permille", "cap": "fresh_yearly_cap"})
    )
    changed = [pl.col(name).ne_missing(pl.col(f"fresh_{name}")) for name in SUBSTANCE]
    is_news = pl.any_horizontal(pl.col("grade").is_null(), pl.col("graded_from") > on, *changed).fill_null(value=True)
    news = fresh.filter(is_news)
    rescored = fresh.filter(~is_news & pl.col("fresh_score").ne_missing(pl.col("score")))
    return Outcome(
        news.select(
            "enterprise_id",
            "area",
            *(pl.col(f"fresh_{name}").alias(name) for name in (*SUBSTANCE, "score")),
            pl.col("grade").alias("previous"),
            pl.lit(on).alias("graded_from"),
            pl.col("version") + 1,
            "measures",
            pl.lit(section.scheme.cite).alias("cite"),
            _reasons(scheme, labels, news).alias("reasons"),
        ),
        rescored.select("enterprise_id", score="fresh_score"),
    )


def _scored(scheme: GradeScheme, wide: pl.DataFrame) -> pl.DataFrame:
    """The score and the grade of each row."""
    points = [_points(line, wide) for line in scheme.indicators]
    score = reduce(pl.Expr.add, points, pl.lit(scheme.base, pl.Int64))
    reached = reduce(
        pl.Expr.add, [(pl.col("fresh_score") < cutoff).cast(pl.Int64) for cutoff in scheme.cutoffs], pl.lit(0, pl.Int64)
    )
    held = [
        pl.when(_applies(rule)).then(scheme.levels.index(rule.best_allowed)).otherwise(0).cast(pl.Int64)
        for rule in scheme.hard_rules
        if rule.indicator in wide.columns
    ]
    place = pl.max_horizontal(reached, *held) if held else reached
    levels = dict(enumerate(scheme.levels))
    return (
        wide.with_columns(score.alias("fresh_score"))
        .with_columns(place.replace_strict(levels, return_dtype=pl.String).alias("fresh_grade"))
        .select("fresh_score", "fresh_grade")
    )


def _points(line: Indicator, wide: pl.DataFrame) -> pl.Expr:
    if line.indicator not in wide.columns:
        return pl.lit(line.score(0), pl.Int64)
    return pl.col(line.indicator).fill_null(0).clip(line.lo, line.hi) * line.points


def _applies(rule: HardRule) -> pl.Expr:
    return pl.col(rule.indicator).fill_null(rule.at_least - 1) >= rule.at_least


def _reasons(scheme: GradeScheme, labels: Labels, rows: pl.DataFrame) -> pl.Series:
    """The sentences of `grading.explain` for each row, as a JSON list."""
    told = [
        _say(rows, [line.indicator], lambda value, line=line: _line(line, value, labels)) for line in scheme.indicators
    ]
    told += [_factor(scheme, factor, name, rows) for factor, name in scheme.factors.items()]
    told += [
        _say(rows, [rule.indicator], lambda value, rule=rule: _rule(rule, value, scheme, labels))
        for rule in scheme.hard_rules
    ]
    told.append(
        _say(rows, ["fresh_score", "fresh_grade"], lambda score, grade: _text(result_reason(scheme, score, grade)))
    )
    sentences = pl.concat_str([pl.lit(_text(base_reason(scheme))), *told], separator=",", ignore_nulls=True)
    return rows.select(pl.format("[{}]", sentences).alias("reasons"))["reasons"]


def _line(line: Indicator, value: int | None, labels: Labels) -> str | None:
    return _text(line_reason(line, value, labels)) if line.score(value or 0) else None


def _rule(rule: HardRule, value: int | None, scheme: GradeScheme, labels: Labels) -> str | None:
    applies = value is not None and value >= rule.at_least
    return _text(rule_reason(rule, value or 0, scheme, labels)) if applies else None


def _factor(scheme: GradeScheme, factor: str, name: str, rows: pl.DataFrame) -> pl.Series:
    lines = [_points(line, rows) for line in scheme.indicators if line.factor == factor]
    total = reduce(pl.Expr.add, lines, pl.lit(0, pl.Int64))
    sums = rows.select(pl.repeat(0, pl.len(), dtype=pl.Int64).add(total).alias("sum"))
    return _say(sums, ["sum"], lambda sum_: _text(factor_reason(name, sum_)))


def _say(rows: pl.DataFrame, columns: list[str], sentence: Callable[..., str | None]) -> pl.Series:
    """A sentence for each row by its values in some columns, made once for each distinct combination."""
    absent = [pl.lit(None, pl.Int64).alias(name) for name in columns if name not in rows.columns]
    given = rows.with_columns(absent).select(columns)
    distinct = given.unique()
    said = distinct.with_columns(pl.Series("said", [sentence(*row) for row in distinct.iter_rows()], pl.String))
    return given.join(said, on=columns, how="left", nulls_equal=True, maintain_order="left")["said"]


def as_json(column: pl.Series) -> pl.Series:
    """Each value of a column of text, numbers or days as JSON text."""
    if column.dtype != pl.String:
        bare = column.cast(pl.String)
        told = pl.format('"{}"', bare) if column.dtype == pl.Date else pl.lit(bare)
        return bare.to_frame("bare").select(told.alias("json"))["json"].fill_null("null")
    if column.name == "enterprise_id":
        return column.to_frame().select(pl.format('"{}"', pl.first()))[column.name]
    return _say(column.to_frame(), [column.name], _text)


def _text(value: object) -> str:
    return to_json(value).decode()
