"""What would change an enterprise's grade (LX-10), and what it was on a day as known at an instant. Writes nothing."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from wurao.common.clock import SHANGHAI
from wurao.common.db import ReadSession
from wurao.common.errors import Malformed, NotFound
from wurao.registry.domain.facts import Fact, counts_until
from wurao.registry.domain.grading import Assessment, Contribution, reason, result_reason
from wurao.registry.domain.outlook import Case, Effect, effects, fewest, improves_on
from wurao.registry.repository import adjustments
from wurao.registry.repository import grading as repository
from wurao.registry.schemas.grading import PastGrade
from wurao.registry.schemas.outlook import (
    AssessedOut,
    FactEffect,
    GradeThen,
    Improvement,
    IndicatorChange,
    Outlook,
    SimulatedFact,
    Simulation,
    SimulationIn,
    WayUp,
)
from wurao.registry.tables import Enterprise, FactRow
from wurao.registry.usecases.displays import repairable
from wurao.registry.usecases.explanation import hard_rules_out
from wurao.registry.usecases.grading import Labels, Law

YEARS = range(1949, 2200)
FURTHEST = timedelta(days=3 * 366)


async def simulate(session: ReadSession, enterprise: Enterprise, wanted: SimulationIn, today: date) -> Simulation:
    """What the facts would come to on a day without some and with others. Raises Malformed, NotFound."""
    on = wanted.on or today
    if not today <= on <= today + FURTHEST:
        raise Malformed("测算日期应在今天至三年之内", code="simulation.bad_date")
    case, labels = await _case(session, enterprise, on)
    leave_out = frozenset(wanted.leave_out)
    if leave_out - {fact.fact_id for fact in case.facts}:
        raise NotFound("没有这条计分的信用记录")
    before, after = case.on(on), case.on(on, leave_out, [_added(n, fact) for n, fact in enumerate(wanted.add)])
    changes = [
        _change(one, other, labels) for one, other in zip(before.contributions, after.contributions, strict=True)
    ]
    return Simulation(
        enterprise_id=enterprise.enterprise_id,
        on=on,
        before=_assessed(before, labels),
        after=_assessed(after, labels),
        indicators=changes,
        sentences=_told(before, after, changes),
        clause=after.clause,
        cite=after.cite,
    )


async def outlook(session: ReadSession, enterprise: Enterprise, today: date) -> Outlook:
    """What each counting fact does, when the grade improves by itself, and the fewest facts to a better grade."""
    case, labels = await _case(session, enterprise, today)
    now, found = case.on(today), effects(case, today)
    rows = await repository.facts_by_id(session, [effect.fact.fact_id for effect in found])
    by_itself, chosen = improves_on(case, today), fewest(case, today)
    improves = Improvement(on=by_itself[0], **_level(by_itself[1])) if by_itself else None
    repairs = await repairable(session, list(rows), enterprise.area, today)
    way = _way(case, today, chosen, repairs) if chosen else None
    return Outlook(
        enterprise_id=enterprise.enterprise_id,
        on=today,
        now=_assessed(now, labels),
        facts=[_effect(effect, now, rows[effect.fact.fact_id], labels, repairs) for effect in found],
        improves=improves,
        fewest=way,
        sentences=_advice(now, improves, way),
        clause=now.clause,
        cite=now.cite,
    )


async def grade_then(session: ReadSession, enterprise: Enterprise, on: date, known_at: datetime) -> GradeThen:
    """The grade in force on a day as known at an instant."""
    row = await repository.in_force(session, enterprise.enterprise_id, on, known_at)
    grade = PastGrade.model_validate(row) if row else None
    return GradeThen(enterprise_id=enterprise.enterprise_id, on=on, known_at=known_at, grade=grade)


def moment(known_at: datetime | date | None, now: datetime) -> datetime:
    """The instant that a caller means: now by default, for a day its last instant in Shanghai. Raises Malformed."""
    if known_at is None:
        return now
    if isinstance(known_at, datetime):
        # Neither database keeps instants that leave the calendar when they are moved to UTC.
        if not YEARS.start <= known_at.year < YEARS.stop:
            raise Malformed("时刻应在1949年至2199年之间", code="grade.bad_moment")
        return known_at
    return datetime.combine(known_at, time.max, SHANGHAI)


async def _case(session: ReadSession, enterprise: Enterprise, on: date) -> tuple[Case, Labels]:
    enterprise_id = enterprise.enterprise_id
    section, labels = await Law(on).of(session, enterprise.area)
    facts = (await repository.live_facts(session, [enterprise_id], on)).get(enterprise_id, [])
    by_list = section.approved_month is not None
    hold = None if by_list else (await adjustments.holds(session, [enterprise_id], on)).get(enterprise_id)
    return Case(section, tuple(facts), hold), labels


def _added(number: int, fact: SimulatedFact) -> Fact:
    until = counts_until(fact.indicator, fact.value, fact.occurred_on, fact.expires_on)
    # Behind every real id: of two states of one day the simulated one speaks.
    return Fact(f"~{number:03d}", fact.indicator, fact.value, fact.occurred_on, until)


def _assessed(assessment: Assessment, labels: Labels) -> AssessedOut:
    return AssessedOut(**_level(assessment), hard_rules=hard_rules_out(assessment, labels))


def _level(assessment: Assessment) -> dict[str, object]:
    label = assessment.scheme.labels[assessment.grade]
    return {"score": assessment.score, "grade": assessment.grade, "label": label}


def _change(before: Contribution, after: Contribution, labels: Labels) -> IndicatorChange:
    name = after.line.indicator
    return IndicatorChange(
        indicator=name,
        label=labels.get(name, name),
        value_before=before.stand.value,
        value_after=after.stand.value,
        points_before=before.points,
        points_after=after.points,
        reason=reason(after, labels),
    )


def _told(before: Assessment, after: Assessment, changes: list[IndicatorChange]) -> list[str]:
    moved = [change for change in changes if change.value_before != change.value_after]
    return [
        f"现状：{result_reason(before.scheme, before.score, before.grade)}",
        *(f"{change.label}由{change.value_before}变为{change.value_after}，{change.reason}" for change in moved),
        f"测算：{result_reason(after.scheme, after.score, after.grade)}",
    ]


def _effect(effect: Effect, now: Assessment, row: FactRow, labels: Labels, repairs: Mapping[str, date]) -> FactEffect:
    fact, without = effect.fact, effect.without
    label = labels.get(fact.indicator, fact.indicator)
    result = result_reason(without.scheme, without.score, without.grade)
    until = f"，该记录计至{fact.counts_until}" if fact.counts_until else ""
    repair_from = repairs.get(fact.fact_id)
    until += f"，{repair_from}起可以申请信用修复" if repair_from else ""
    return FactEffect(
        fact_id=fact.fact_id,
        indicator=fact.indicator,
        label=label,
        value=fact.value,
        source=row.source,
        occurred_on=fact.occurred_on,
        counts_until=fact.counts_until,
        repair_from=repair_from,
        score_without=without.score,
        grade_without=without.grade,
        sentence=f"不计“{label}”这条记录时，{result}{until}"
        if without != now
        else f"“{label}”这条记录不影响结果{until}",
    )


def _way(case: Case, today: date, chosen: tuple[Effect, ...], repairs: Mapping[str, date]) -> WayUp:
    ids = [effect.fact.fact_id for effect in chosen]
    repair_from = max(repairs[fact_id] for fact_id in ids) if repairs.keys() >= set(ids) else None
    return WayUp(fact_ids=ids, repair_from=repair_from, **_level(case.on(today, frozenset(ids))))


def _advice(now: Assessment, improves: Improvement | None, way: WayUp | None) -> list[str]:
    told = [f"现状：{result_reason(now.scheme, now.score, now.grade)}"]
    if improves:
        told.append(f"不发生新情况时，{improves.on}起等级为{improves.label}")
    if way:
        told.append(f"最少有{len(way.fact_ids)}条记录依法修复或更正后，等级为{way.label}")
    if now.grade == now.scheme.levels[0]:
        told.append("已是最好等级")
    elif not improves and not way:
        told.append("现有记录失效或修复不会提高等级")
    return told
