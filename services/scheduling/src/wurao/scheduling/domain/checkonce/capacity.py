"""How many officers an agency can send on a day: counted from valid certificates, or said by the agency (QZ-06)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from wurao.scheduling.domain import people
from wurao.scheduling.domain.policy import Policy

Capacity = dict[tuple[str, date], int]


def turns(policy: Policy) -> int:
    """How many visits of the greatest length an officer's day holds, at least one."""
    return people.most_visits(1, policy.merge.max_minutes.value)


def capacity(
    officers: Mapping[str, Sequence[people.OfficerFact]],
    said: Mapping[tuple[str, date], int],
    days: Iterable[date],
    per_day: int,
) -> Capacity:
    """Officers' turns by agency and day: what the agency said of the day, else its officers valid on it."""
    found = {}
    for day in days:
        for agency_id, pool in officers.items():
            present = said.get((agency_id, day))
            if present is None:
                present = sum(people.valid_on(officer, day) for officer in pool)
            found[agency_id, day] = present * per_day
    return found


def less(free: Capacity, load: Mapping[tuple[str, date], int]) -> Capacity:
    """What is left beside the officers already laid on visits."""
    return {key: max(0, turns - load.get(key, 0)) for key, turns in free.items()}
