"""Grades: a score from facts by the pack's scheme, held down by hard rules, explained (YZ-08, LX-10, QZ-16, CX-12)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from wurao.common.packs.shapes import GradeMeasure, GradeScheme, HardRule, Indicator
from wurao.registry.domain.facts import Fact, Stand, stands
from wurao.registry.domain.policy import GradeSection

NONE = Stand(0, ())
UNITS = {"hazards_rectified_permille": "‰", "rd_permille": "‰"}


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one indicator adds to the score (hundredths of a point), and from which facts."""

    line: Indicator
    stand: Stand

    @property
    def points(self) -> int:
        """Hundredths of a point, signed."""
        return self.line.score(self.stand.value)


@dataclass(frozen=True, slots=True)
class Holding:
    """A hard rule that applies, and the value that made it apply."""

    rule: HardRule
    stand: Stand


@dataclass(frozen=True, slots=True)
class Hold:
    """An adjustment in force: no level above `level` ("down"), or none below it ("up") unless a hard rule says so.

    `basis` names law and article, `until` its last day, `clause` what lets the enterprise object (LX-11).
    """

    adjustment_id: str
    way: Literal["down", "up"]
    level: str
    basis: str
    agency: str
    until: date
    clause: str

    def bound(self, scheme: GradeScheme, reached: int, best: int) -> int:
        """Where a level (by its place in the scheme) ends up; `best`: the best that hard rules leave."""
        if self.level not in scheme.levels:
            return max(reached, best)
        own = scheme.levels.index(self.level)
        return max(reached, best, own) if self.way == "down" else max(min(reached, own), best)


@dataclass(frozen=True, slots=True)
class Assessment:
    """A grade, and everything that it follows from. Scores are hundredths of a point."""

    scheme: GradeScheme
    clause: str
    cite: str
    score: int
    grade: str
    measure: GradeMeasure
    contributions: tuple[Contribution, ...]
    holding: tuple[Holding, ...]
    hold: Hold | None = None

    @property
    def factors(self) -> dict[str, int]:
        """Hundredths of a point that each factor of the scheme adds; the base is not among them (CX-12)."""
        sums = dict.fromkeys(self.scheme.factors, 0)
        for contribution in self.contributions:
            sums[contribution.line.factor] += contribution.points
        return sums


@dataclass(frozen=True, slots=True)
class Standing:
    """An enterprise's grade as announced, and from which day it is in force."""

    scheme: str
    grade: str
    sampling_permille: int
    yearly_cap: int | None
    clause: str
    in_force_from: date


def assess(section: GradeSection, facts: Iterable[Fact], on: date, hold: Hold | None = None) -> Assessment:
    """The grade that the facts, and an adjustment where one is in force, lead to on a day."""
    scheme = section.scheme.value
    found = stands(facts, on)
    contributions = tuple(Contribution(line, found.get(line.indicator, NONE)) for line in scheme.indicators)
    score = scheme.base + sum(contribution.points for contribution in contributions)
    holding = tuple(
        Holding(rule, found[rule.indicator])
        for rule in scheme.hard_rules
        if rule.indicator in found and found[rule.indicator].value >= rule.at_least
    )
    grade = grade_of(scheme, score, holding, hold)
    return Assessment(
        scheme=scheme,
        clause=section.scheme.clause,
        cite=section.scheme.cite,
        score=score,
        grade=grade,
        measure=section.measures.value[grade],
        contributions=contributions,
        holding=holding,
        hold=hold,
    )


def grade_of(scheme: GradeScheme, score: int, holding: Iterable[Holding] = (), hold: Hold | None = None) -> str:
    """The best level that the score reaches and that no hard rule and no adjustment forbids."""
    reached = next((i for i, cutoff in enumerate(scheme.cutoffs) if score >= cutoff), len(scheme.cutoffs))
    best = max((scheme.levels.index(held.rule.best_allowed) for held in holding), default=0)
    return scheme.levels[hold.bound(scheme, reached, best) if hold else max(reached, best)]


def standing(assessment: Assessment, in_force_from: date) -> Standing:
    """What is announced of an assessment."""
    return Standing(
        scheme=assessment.scheme.name,
        grade=assessment.grade,
        sampling_permille=assessment.measure.sampling_permille,
        yearly_cap=assessment.measure.yearly_cap,
        clause=assessment.clause,
        in_force_from=in_force_from,
    )


def is_news(known: Standing | None, fresh: Standing) -> bool:
    """Tell whether a standing must be announced: the first, another one, or the same from an earlier day."""
    if known is None or known.in_force_from > fresh.in_force_from:
        return True
    return _substance(known) != _substance(fresh)


def _substance(standing: Standing) -> tuple[object, ...]:
    return (standing.scheme, standing.grade, standing.sampling_permille, standing.yearly_cap, standing.clause)


def explain(assessment: Assessment, labels: Mapping[str, str]) -> tuple[str, ...]:
    """The reasons in Chinese: base, each indicator that moved the score, each factor's sum, hard rules, result."""
    scheme = assessment.scheme
    moved = [reason(part, labels) for part in assessment.contributions if part.points]
    sums = [factor_reason(name, assessment.factors[factor]) for factor, name in scheme.factors.items()]
    held = [rule_reason(held.rule, held.stand.value, scheme, labels) for held in assessment.holding]
    adjusted = [adjustment_reason(assessment.hold, scheme)] if assessment.hold else []
    result = result_reason(scheme, assessment.score, assessment.grade)
    return (base_reason(scheme), *moved, *sums, *held, *adjusted, result)


def base_reason(scheme: GradeScheme) -> str:
    """What every enterprise starts from, in Chinese."""
    return f"基础分{_points(scheme.base)}分"


def factor_reason(name: str, total: int) -> str:
    """What a factor adds, in Chinese; hundredths of a point."""
    return f"{name}合计{_signed(total)}分"


def result_reason(scheme: GradeScheme, score: int, grade: str) -> str:
    """What it all comes to, in Chinese."""
    return f"{scheme.name}得分{_points(score)}分，评定为{scheme.labels[grade]}"


def adjustment_reason(hold: Hold, scheme: GradeScheme) -> str:
    """Why an adjustment moves the grade, by whom, until when, and that the enterprise can object, in Chinese."""
    label, how = scheme.labels.get(hold.level, hold.level), "不得高于" if hold.way == "down" else "不低于"
    moved = f"{hold.agency}依据{hold.basis}调整，至{hold.until}等级{how}{label}"
    return f"{moved}；企业对该调整可以提出异议（{hold.clause}）"


def reason(contribution: Contribution, labels: Mapping[str, str]) -> str:
    """Why an indicator adds what it adds, in Chinese."""
    stand = contribution.stand
    return line_reason(contribution.line, stand.value if stand.facts else None, labels)


def line_reason(line: Indicator, value: int | None, labels: Mapping[str, str]) -> str:
    """Why a line of the score adds what it adds, in Chinese; None: no fact counts."""
    name, unit = labels.get(line.indicator, line.indicator), UNITS.get(line.indicator, "")
    points = f"{_signed(line.score(value or 0))}分"
    if value is None:
        return f"{name}：无记录，{points}"
    bounded = min(max(value, line.lo), line.hi)
    counted = f"（按{bounded}{unit}计）" if bounded != value else ""
    return f"{name}：{value}{unit}{counted}，{points}"


def rule_reason(rule: HardRule, value: int, scheme: GradeScheme, labels: Mapping[str, str]) -> str:
    """How a hard rule holds the grade down, in Chinese."""
    name = labels.get(rule.indicator, rule.indicator)
    return f"{name}：{value}，等级不得高于{scheme.labels[rule.best_allowed]}"


def _points(hundredths: int) -> str:
    sign, value = ("-" if hundredths < 0 else ""), abs(hundredths)
    return f"{sign}{value // 100}.{value % 100:02d}".removesuffix(".00")


def _signed(hundredths: int) -> str:
    return ("+" if hundredths >= 0 else "") + _points(hundredths)
