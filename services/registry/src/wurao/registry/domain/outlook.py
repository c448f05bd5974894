"""What would change a grade: facts left out or added, facts that lapse, the fewest that reach a better grade."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from wurao.registry.domain.facts import Fact
from wurao.registry.domain.grading import Assessment, Hold, assess
from wurao.registry.domain.policy import GradeSection

MOST_FACTS = 3
MOST_CANDIDATES = 24
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Case:
    """An enterprise as grading sees it: the law, its facts that have not lapsed, the adjustment in force."""

    section: GradeSection
    facts: tuple[Fact, ...]
    hold: Hold | None = None

    def on(self, day: date, leave_out: frozenset[str] = frozenset(), add: Sequence[Fact] = ()) -> Assessment:
        """The assessment on a day without some facts and with others."""
        kept = [fact for fact in self.facts if fact.fact_id not in leave_out]
        hold = self.hold if self.hold is not None and day <= self.hold.until else None
        return assess(self.section, [*kept, *add], day, hold)

    def place(self, assessment: Assessment) -> int:
        """0 for the best level."""
        return self.section.scheme.value.levels.index(assessment.grade)


@dataclass(frozen=True, slots=True)
class Effect:
    """What an enterprise would be assessed at today if one of its facts did not count."""

    fact: Fact
    without: Assessment


def effects(case: Case, today: date) -> tuple[Effect, ...]:
    """The effect of each fact that counts today, those first whose absence would raise the score most."""
    counting = [fact for fact in case.facts if fact.counts(today)]
    found = [Effect(fact, case.on(today, frozenset({fact.fact_id}))) for fact in counting]
    return tuple(
        sorted(found, key=lambda effect: (-effect.without.score, case.place(effect.without), effect.fact.fact_id))
    )


def improves_on(case: Case, today: date) -> tuple[date, Assessment] | None:
    """The first day from tomorrow on with a better grade if nothing else happens, as facts and adjustments end."""
    now = case.place(case.on(today))
    for day in sorted(set(_ends(case, today))):
        then = case.on(day)
        if case.place(then) < now:
            return day, then
    return None


def _ends(case: Case, today: date) -> Iterator[date]:
    """The days after the last day of what counts today."""
    until = [fact.counts_until for fact in case.facts if fact.counts(today)]
    last = [*until, case.hold.until if case.hold else None]
    return (day + ONE_DAY for day in last if day is not None and day >= today)


def fewest(case: Case, today: date) -> tuple[Effect, ...] | None:
    """The fewest facts, three at most, without which the grade would be better; None when no such set is found.

    Among sets of one size the one with the best grade, then the best score. Tried are the facts whose absence
    would help most, 24 at most. The effect of each is that of leaving out it alone.
    """
    tried = effects(case, today)[:MOST_CANDIDATES]
    now = case.place(case.on(today))
    for size in range(1, MOST_FACTS + 1):
        better = [
            (case.place(then), -then.score, chosen)
            for chosen in combinations(tried, size)
            if case.place(then := case.on(today, frozenset(effect.fact.fact_id for effect in chosen))) < now
        ]
        if better:
            return min(better, key=lambda found: found[:2])[2]
    return None
