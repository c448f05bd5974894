"""Announce the classes of approved lists, as adjustments leave them (CX-13, LX-11).

An enterprise's class on a day is that of the list in force on it, the one approved last. What is announced with a
later day waits there; whatever is announced meanwhile for an earlier day is followed by it anew, since of the grades
whose day has come the one announced last is in force.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from wurao.common.db import ReadSession, WriteSession
from wurao.registry.domain.facts import Fact
from wurao.registry.domain.grading import Assessment, Hold, Standing, adjustment_reason, assess, standing
from wurao.registry.domain.policy import GradeSection
from wurao.registry.repository import adjustments, class_lists
from wurao.registry.repository import grading as repository
from wurao.registry.repository.bulk import Values, chunked, insert_all, update_all
from wurao.registry.repository.class_lists import Listed
from wurao.registry.tables import Enterprise, GradeRow
from wurao.registry.usecases import announcing
from wurao.registry.usecases.grading import CHUNK, Cause, Law, grade, occasion


@dataclass
class _Calendar:
    """The law and the adjustments of each day that classes begin on, asked for once for a chunk of enterprises."""

    session: ReadSession
    ids: Sequence[str]
    _laws: dict[date, Law] = field(default_factory=dict)
    _holds: dict[date, dict[str, Hold]] = field(default_factory=dict)

    async def section(self, area: str, on: date) -> GradeSection:
        """The grade section of an area on a day."""
        section, _ = await self._laws.setdefault(on, Law(on)).of(self.session, area)
        return section

    async def hold(self, enterprise_id: str, on: date) -> Hold | None:
        """The adjustment that binds an enterprise on a day."""
        if on not in self._holds:
            self._holds[on] = await adjustments.holds(self.session, self.ids, on)
        return self._holds[on].get(enterprise_id)


def by_day(entries: Sequence[Listed], on: date) -> list[tuple[date, Listed]]:
    """The class in force on a day, and those of later days, each by its day; of one day the last approval counts."""
    begun = [entry for entry in entries if entry.in_force_from <= on]
    coming = {entry.in_force_from: entry for entry in entries if entry.in_force_from > on}
    return [*((on, entry) for entry in begun[-1:]), *sorted(coming.items(), key=lambda pair: pair[0])]


async def regrade(session: WriteSession, enterprise_id: str, cause: Cause, today: date, now: datetime) -> None:
    """Grade an enterprise after an adjustment began or ended; where grades come from lists, its classes anew."""
    await grade(session, [enterprise_id], occasion(cause, today, now))
    await announce(session, [enterprise_id], cause, today, now)


async def announce(
    session: WriteSession, enterprise_ids: Sequence[str], cause: Cause, today: date, now: datetime
) -> int:
    """Announce what of the enterprises' classes was not announced yet, in their order; how many grades."""
    news = 0
    for ids in chunked(enterprise_ids, CHUNK):
        news += await _announce(session, ids, cause, today, now)
        await session.stage()
    return news


async def _announce(session: WriteSession, ids: Sequence[str], cause: Cause, today: date, now: datetime) -> int:
    rows = await repository.graded(session, ids)
    entries = await class_lists.listed(session, ids)
    facts = await repository.live_facts(session, ids, today)
    past = await class_lists.announced(session, ids)
    calendar = _Calendar(session, ids)
    changed: list[Values] = []
    history: list[Values] = []
    for row in rows:
        if (await calendar.section(row.area, today)).approved_month is None:
            continue
        last = _mutable(row)
        known = list(past.get(row.enterprise_id, ()))
        fresh_columns: Values | None = None
        for day, entry in by_day(entries.get(row.enterprise_id, ()), today):
            section, hold = await calendar.section(row.area, day), await calendar.hold(row.enterprise_id, day)
            if entry.grade not in section.scheme.value.levels:
                continue
            assessment = classed(section, facts.get(row.enterprise_id, ()), today, entry, hold)
            fresh = standing(assessment, day)
            if not _is_news(known, fresh, exactly=entry.in_force_from == day):
                continue
            reasons = _reasons(entry, assessment)
            fresh_columns = announcing.columns(last, fresh, assessment)
            history.append(announcing.history(last, fresh, assessment, reasons, cause, now))
            session.record(announcing.graded(last, fresh, assessment, reasons))
            known.append(fresh)
            last.grade, last.version = fresh.grade, last.version + 1
        if fresh_columns is not None:
            # The score stays what today's facts come to; the list's own score is in the history.
            changed.append({name: value for name, value in fresh_columns.items() if name != "score"})
    await update_all(session, Enterprise, "enterprise_id", changed)
    await insert_all(session, GradeRow, history)
    return len(history)


def _mutable(row: Any) -> Any:
    return SimpleNamespace(
        enterprise_id=row.enterprise_id, area=row.area, grade=row.grade, version=row.version, score=row.score
    )


def classed(section: GradeSection, facts: Sequence[Fact], on: date, entry: Listed, hold: Hold | None) -> Assessment:
    """The list's class, moved by an adjustment; an upgrade does not pass the hard rules that today's facts meet."""
    assessment = assess(section, facts, on)
    scheme = assessment.scheme
    own = level = scheme.levels.index(entry.grade)
    if hold is not None:
        best = max((scheme.levels.index(one.rule.best_allowed) for one in assessment.holding), default=0)
        level = hold.bound(scheme, own, min(best, own))
    grade = scheme.levels[level]
    return replace(assessment, score=entry.score, grade=grade, measure=section.measures.value[grade], hold=hold)


def _reasons(entry: Listed, assessment: Assessment) -> tuple[str, ...]:
    scheme = assessment.scheme
    approved = f"{entry.year}年度分级清单审定为{scheme.labels[entry.grade]}（{entry.resolution}）"
    if assessment.hold is None:
        return (*entry.reasons, approved)
    result = f"执行等级为{scheme.labels[assessment.grade]}"
    return (*entry.reasons, approved, adjustment_reason(assessment.hold, scheme), result)


def _is_news(known: Sequence[Standing], fresh: Standing, *, exactly: bool) -> bool:
    """Tell whether a class must be announced: another one, or not yet as of the very day of its list (`exactly`)."""
    acting = next((one for one in reversed(known) if one.in_force_from <= fresh.in_force_from), None)
    if acting is None or _substance(acting) != _substance(fresh):
        return True
    return exactly and acting.in_force_from != fresh.in_force_from


def _substance(one: Standing) -> tuple[object, ...]:
    return (one.scheme, one.grade, one.sampling_permille, one.yearly_cap, one.clause)
