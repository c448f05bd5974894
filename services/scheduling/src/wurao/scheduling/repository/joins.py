"""Who could join which visit: officers who could go on its day, for many wishes at once."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from wurao.common.db import ReadSession
from wurao.scheduling.domain import people
from wurao.scheduling.domain.gate import VisitFact
from wurao.scheduling.domain.people import OfficerFact, Recusal
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.repository import recusals, replicas, visits


class Wish(NamedTuple):
    """An agency wants to join a visit at an enterprise, under the policy of its place."""

    agency_id: str
    enterprise_id: str
    visit: VisitFact
    policy: Policy


async def able(session: ReadSession, wishes: Sequence[Wish]) -> list[list[OfficerFact]]:
    """The officers of each wish's agency who could go: valid that day, not too busy, not staying away."""
    if not wishes:
        return []
    pools = await replicas.officers_of(session, (wish.agency_id for wish in wishes))
    days = [wish.visit.day for wish in wishes]
    everybody = [officer.officer_id for pool in pools.values() for officer in pool]
    booked = await visits.booked(session, min(days), max(days), everybody)
    away = await _away(session, wishes)

    def can(wish: Wish, officer: OfficerFact) -> bool:
        laid = booked.get((officer.officer_id, wish.visit.day), 0)
        return people.valid_on(officer, wish.visit.day) and laid + wish.visit.minutes <= people.DAY_MINUTES

    return [
        [
            officer
            for officer in pools[wish.agency_id]
            if can(wish, officer) and officer.officer_id not in people.recused_on(stay, wish.visit.day)
        ]
        for wish, stay in zip(wishes, away, strict=True)
    ]


async def _away(session: ReadSession, wishes: Sequence[Wish]) -> list[Sequence[Recusal]]:
    """Who is not drawn for the enterprise of each wish; policies differ only in how many clean visits they allow."""
    alike: defaultdict[int | None, list[Wish]] = defaultdict(list)
    for wish in wishes:
        alike[_clean_visits(wish.policy)].append(wish)
    found = {
        number: await recusals.not_drawn(session, [wish.enterprise_id for wish in part], part[0].policy)
        for number, part in alike.items()
    }
    return [found[_clean_visits(wish.policy)].get(wish.enterprise_id, ()) for wish in wishes]


def _clean_visits(policy: Policy) -> int | None:
    rule = policy.pressure.clean_visits_of_an_officer
    return None if rule is None else rule.value
