"""Explain a grade: what is in force, what today's facts come to, and how it came about (YZ-08, LX-10, CX-12)."""

from collections.abc import Mapping, Sequence
from datetime import date

from wurao.common.db import ReadSession
from wurao.registry.domain.grading import (
    Assessment,
    Contribution,
    Hold,
    Standing,
    adjustment_reason,
    assess,
    explain,
    is_news,
    reason,
    standing,
)
from wurao.registry.repository import adjustments
from wurao.registry.repository import grading as repository
from wurao.registry.schemas.grading import (
    AdjustedOut,
    FactorOut,
    FactOut,
    GradeOut,
    HardRuleOut,
    IndicatorOut,
    PastGrade,
)
from wurao.registry.tables import Enterprise, FactRow, GradeRow
from wurao.registry.usecases.grading import Law

Labels = Mapping[str, str]


async def explanation(session: ReadSession, enterprise: Enterprise, today: date) -> GradeOut:
    """The grade in force, and what today's facts come to under today's law."""
    enterprise_id = enterprise.enterprise_id
    section, labels = await Law(today).of(session, enterprise.area)
    live = await repository.live_facts(session, [enterprise_id], today)
    by_list = section.approved_month is not None
    hold = (await adjustments.holds(session, [enterprise_id], today)).get(enterprise_id)
    assessment = assess(section, live.get(enterprise_id, ()), today, None if by_list else hold)
    facts = await repository.facts_by_id(session, _fact_ids(assessment))
    announced = await repository.in_force(session, enterprise_id, today)
    history = await repository.history(session, enterprise_id)
    due = announced is None or is_news(_standing(announced), standing(assessment, today))
    in_force = _as_announced(announced) if announced else _as_assessed(assessment, labels)
    return GradeOut(
        enterprise_id=enterprise_id,
        **in_force,
        label=_label(assessment, str(in_force["grade"])),
        assessed=assessment.grade,
        due=due,
        by_list=by_list,
        adjustment=_adjustment(hold, assessment),
        score=assessment.score,
        base=assessment.scheme.base,
        factors=_factors(assessment),
        indicators=[_indicator(part, labels, facts) for part in assessment.contributions],
        hard_rules=hard_rules_out(assessment, labels),
        history=[PastGrade.model_validate(row) for row in history],
    )


def _adjustment(hold: Hold | None, assessment: Assessment) -> AdjustedOut | None:
    if hold is None:
        return None
    reason = adjustment_reason(hold, assessment.scheme)
    return AdjustedOut(adjustment_id=hold.adjustment_id, until=hold.until, reason=reason)


def _fact_ids(assessment: Assessment) -> Sequence[str]:
    return [fact.fact_id for part in assessment.contributions for fact in part.stand.facts]


def _standing(row: GradeRow) -> Standing:
    return Standing(
        scheme=row.scheme,
        grade=row.grade,
        sampling_permille=row.sampling_permille,
        yearly_cap=row.yearly_cap,
        clause=row.clause,
        in_force_from=row.in_force_from,
    )


def _as_announced(row: GradeRow) -> dict[str, object]:
    names = (
        "scheme",
        "grade",
        "previous",
        "reasons",
        "measures",
        "sampling_permille",
        "yearly_cap",
        "clause",
        "cite",
        "in_force_from",
    )
    return {name: getattr(row, name) for name in names}


def _as_assessed(assessment: Assessment, labels: Labels) -> dict[str, object]:
    return {
        "scheme": assessment.scheme.name,
        "grade": assessment.grade,
        "previous": None,
        "reasons": list(explain(assessment, labels)),
        "measures": list(assessment.measure.measures),
        "sampling_permille": assessment.measure.sampling_permille,
        "yearly_cap": assessment.measure.yearly_cap,
        "clause": assessment.clause,
        "cite": assessment.cite,
        "in_force_from": None,
    }


def _label(assessment: Assessment, grade: str) -> str:
    return assessment.scheme.labels.get(grade, grade)


def _factors(assessment: Assessment) -> list[FactorOut]:
    sums = assessment.factors
    return [
        FactorOut(factor=factor, label=label, points=sums[factor])
        for factor, label in assessment.scheme.factors.items()
    ]


def _indicator(part: Contribution, labels: Labels, facts: Mapping[str, FactRow]) -> IndicatorOut:
    name = part.line.indicator
    return IndicatorOut(
        indicator=name,
        label=labels.get(name, name),
        factor=part.line.factor,
        value=part.stand.value,
        points=part.points,
        reason=reason(part, labels),
        facts=[FactOut.model_validate(facts[fact.fact_id]) for fact in part.stand.facts],
    )


def hard_rules_out(assessment: Assessment, labels: Labels) -> list[HardRuleOut]:
    """The hard rules that hold an assessment down."""
    return [
        HardRuleOut(
            indicator=held.rule.indicator,
            label=labels.get(held.rule.indicator, held.rule.indicator),
            value=held.stand.value,
            best_allowed=held.rule.best_allowed,
        )
        for held in assessment.holding
    ]
