"""The values that are more than a scalar or a list, as types for the sections that read them.

Money is integer fen, shares are permille, scores are hundredths of a point.
"""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, model_validator

Count = Annotated[StrictInt, Field(ge=0)]
Permille = Annotated[StrictInt, Field(ge=0, le=1000)]
Words = tuple[StrictStr, ...]


class Shape(BaseModel):
    """Base of the shapes: frozen, nothing unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Window(Shape):
    """When something is due: by `month`/`day` of the year, or in the last `days` of a quarter."""

    rule: Literal["year_start", "january_end", "last_two_weeks_of_quarter", "none"]
    month: Annotated[StrictInt, Field(ge=1, le=12)] | None
    day: Annotated[StrictInt, Field(ge=1, le=31)] | None
    days: Count | None


class Indicator(Shape):
    """One line of a score: clamp(value, lo, hi) * points."""

    indicator: StrictStr
    factor: StrictStr
    points: StrictInt
    lo: StrictInt
    hi: StrictInt

    def score(self, value: int) -> int:
        return min(max(value, self.lo), self.hi) * self.points


class HardRule(Shape):
    """With `indicator` at least `at_least`, no level above `best_allowed` can be had."""

    indicator: StrictStr
    at_least: StrictInt
    best_allowed: StrictStr


class GradeScheme(Shape):
    """Levels from best to worst; `cutoffs[i]` is the least score of `levels[i]`, the last level needs none."""

    name: StrictStr
    levels: Words
    labels: dict[StrictStr, StrictStr]
    base: StrictInt
    cutoffs: tuple[StrictInt, ...]
    factors: dict[StrictStr, StrictStr]
    indicators: tuple[Indicator, ...]
    hard_rules: tuple[HardRule, ...]

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if len(self.cutoffs) != len(self.levels) - 1 or list(self.cutoffs) != sorted(self.cutoffs, reverse=True):
            raise ValueError("分数线应由高到低，除末级外每级一个")
        if set(self.labels) != set(self.levels):
            raise ValueError("每个等级都要有名称")
        if any(rule.best_allowed not in self.levels for rule in self.hard_rules):
            raise ValueError("一票限制所指的等级不存在")
        if any(line.factor not in self.factors or line.lo > line.hi for line in self.indicators):
            raise ValueError("指标所指的因素不存在，或者下限高于上限")
        return self


class GradeMeasure(Shape):
    """How closely a level is watched; `yearly_cap` None: no cap."""

    sampling_permille: Permille
    yearly_cap: Count | None
    measures: Words


class ListEntry(Shape):
    """An act and the circumstances (all of them) under which `list` gives its outcome."""

    list: Literal["exempt", "may_waive", "mitigated", "lighter", "heavier", "no_coercion"]
    code: StrictStr
    violation: StrictStr
    condition: StrictStr
    circumstances: Words
    basis: StrictStr


class FenRange(Shape):
    """A fine from `min_fen` to `max_fen`, both included."""

    min_fen: Count
    max_fen: Count

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_fen > self.max_fen:
            raise ValueError("min_fen 大于 max_fen")
        return self


class Tier(FenRange):
    """A part of a benchmark's range; `goods_permille` where the article counts by the goods' value."""

    name: Literal["slight", "ordinary", "serious"]
    goods_permille: Permille | None


class Benchmark(FenRange):
    """The fine an article allows for a violation, in tiers.

    `after_refusal`: only once an order to correct was refused. `uncorrected`: the range once the term of the
    order has passed. `goods_permille`: the fine is at most this share of the goods' value, not an amount.
    """

    violation: StrictStr
    name: StrictStr
    law: StrictStr
    article: StrictStr
    kinds: Words
    after_refusal: StrictBool
    goods_permille: Permille | None
    uncorrected: FenRange | None
    tiers: tuple[Tier, ...]

    @model_validator(mode="after")
    def _tiers_fill_the_range(self) -> Self:
        bounds = [self.min_fen, *(tier.max_fen for tier in self.tiers)]
        if [tier.min_fen for tier in self.tiers] != bounds[:-1] or bounds[-1] != self.max_fen:
            raise ValueError("各档应首尾相接，正好占满幅度")
        return self


class JointTarget(Shape):
    """Share of joint inspections to reach by the end of `by_year`, growing by `growth_permille` a year."""

    permille: Permille
    by_year: StrictInt
    growth_permille: Permille | None
    from_year: StrictInt | None


class Reduction(Shape):
    """Yearly reduction of non-random visits, by line of administration."""

    high_frequency_lines: Words
    high_frequency_permille: Permille
    other_permille: Permille
    from_year: StrictInt
    years: Count


class FilingThrough(Shape):
    """The lines that check random and non-random plans before they reach the filing office."""

    random: StrictStr
    non_random: StrictStr


class YearDay(Shape):
    """A day of every year."""

    month: Annotated[StrictInt, Field(ge=1, le=12)]
    day: Annotated[StrictInt, Field(ge=1, le=31)]


class Milestone(Shape):
    """What is to be done, and by which day."""

    what: StrictStr
    by: date


class DisplayTerm(Shape):
    """How long the public sees a kind of adverse record; `max_months` None: until its cause is removed."""

    label: StrictStr
    shown: StrictBool
    min_months: Count
    max_months: Count | None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.max_months is not None and self.min_months > self.max_months:
            raise ValueError("min_months is above max_months")
        return self


class SeverityRules(Shape):
    """What makes a decision serious, what keeps it slight; all else is general."""

    serious_kinds: Words
    serious_fine_fen: Count
    slight_kinds: Words
    slight_procedures: Words


class Material(Shape):
    """A paper that an application must bring."""

    kind: StrictStr
    name: StrictStr
    note: StrictStr
