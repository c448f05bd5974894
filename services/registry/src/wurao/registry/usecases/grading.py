"""Grade enterprises: many at a time, with the facts of a chunk in one query, announcing only what is new."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from wurao.common.db import ReadSession, WriteSession
from wurao.common.policy import pack_for
from wurao.registry.domain.grading import Assessment, Standing, assess, explain, is_news, standing
from wurao.registry.domain.policy import GradeSection, VocabularySection
from wurao.registry.repository import adjustments
from wurao.registry.repository import grading as repository
from wurao.registry.repository.bulk import Values, chunked, insert_all, update_all
from wurao.registry.tables import Enterprise, GradeRow
from wurao.registry.usecases import announcing

CHUNK = 500

Labels = Mapping[str, str]
Cause = Literal[
    "grading",
    "fact",
    "import",
    "penalty",
    "expiry",
    "repair",
    "correction",
    "adjustment",
    "class_list",
    "objection",
    "move",
    "merge",
]


@dataclass
class Law:
    """The grading rules in force on a day, by area; each area's pack is looked up once."""

    on: date
    _packs: dict[str, tuple[GradeSection, Labels]] = field(default_factory=dict)
    _areas: dict[str, tuple[GradeSection, Labels]] = field(default_factory=dict)

    async def of(self, session: ReadSession, area: str) -> tuple[GradeSection, Labels]:
        """The grade section of an area, and the Chinese names of its words; the same objects for the same pack."""
        if area not in self._areas:
            pack = await pack_for(session, area, self.on)
            if pack.digest not in self._packs:
                labels = pack.section(VocabularySection, on=self.on).labels.value
                self._packs[pack.digest] = pack.section(GradeSection, on=self.on), labels
            self._areas[area] = self._packs[pack.digest]
        return self._areas[area]


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why enterprises are graded, from when the grades are in force, and when that became known."""

    cause: Cause
    law: Law
    now: datetime

    @property
    def on(self) -> date:
        """The day as of which facts and law are read, and from which the grade is in force."""
        return self.law.on


def occasion(cause: Cause, on: date, now: datetime) -> Occasion:
    """Grading as of a day."""
    return Occasion(cause, Law(on), now)


async def grade(session: WriteSession, enterprise_ids: Sequence[str], why: Occasion) -> int:
    """Grade these enterprises; how many grades are news. Each of those is announced and kept in the history."""
    news = 0
    for ids in chunked(enterprise_ids, CHUNK):
        news += await _grade(session, ids, why)
        await session.stage()
    return news


async def _grade(session: WriteSession, ids: Sequence[str], why: Occasion) -> int:
    rows = await repository.graded(session, ids)
    facts = await repository.live_facts(session, ids, why.on)
    holds = await adjustments.holds(session, ids, why.on)
    changed: list[Values] = []
    rescored: list[Values] = []
    assessed: list[Values] = []
    history: list[Values] = []
    for row in rows:
        section, labels = await why.law.of(session, row.area)
        by_list = section.approved_month is not None
        hold = None if by_list else holds.get(row.enterprise_id)
        assessment = assess(section, facts.get(row.enterprise_id, ()), why.on, hold)
        if by_list:
            # Only an approved class list sets grades here: what the facts lead to is noted, nothing is announced.
            if (assessment.score, assessment.grade) != (row.score, row.assessed):
                assessed.append(_assessed(row, assessment))
            continue
        fresh = standing(assessment, why.on)
        if is_news(_known(row), fresh):
            reasons = explain(assessment, labels)
            changed.append(announcing.columns(row, fresh, assessment))
            history.append(announcing.history(row, fresh, assessment, reasons, why.cause, why.now))
            session.record(announcing.graded(row, fresh, assessment, reasons))
        elif assessment.score != row.score:
            rescored.append({"enterprise_id": row.enterprise_id, "score": assessment.score})
    await update_all(session, Enterprise, "enterprise_id", changed)
    await update_all(session, Enterprise, "enterprise_id", rescored)
    await update_all(session, Enterprise, "enterprise_id", assessed)
    await insert_all(session, GradeRow, history)
    return len(changed)


def _assessed(row: Any, assessment: Assessment) -> Values:
    return {"enterprise_id": row.enterprise_id, "score": assessment.score, "assessed": assessment.grade}


def _known(row: Any) -> Standing | None:
    if row.grade is None:
        return None
    return Standing(
        scheme=row.scheme,
        grade=row.grade,
        sampling_permille=row.sampling_permille,
        yearly_cap=row.yearly_cap,
        clause=row.grade_clause,
        in_force_from=row.graded_from,
    )
