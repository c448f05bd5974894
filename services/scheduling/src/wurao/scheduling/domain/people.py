"""Who may go: certificates as of a day, recusal, and officers drawn by ticket (YZ-10, PL-43)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from wurao.common.contracts.shared import Refusal
from wurao.common.packs import Bases
from wurao.scheduling.domain.policy import Policy, refusal

YEAR = timedelta(days=365)
DAY_MINUTES = 480
"""An officer's working day: more visits than fill it are not laid on one officer."""


@dataclass(frozen=True, slots=True)
class OfficerFact:
    """An officer as known here."""

    officer_id: str
    name: str
    agency_id: str
    valid_from: date | None
    valid_to: date | None
    state: str
    suspended_until: date | None = None


@dataclass(frozen=True, slots=True)
class Recusal:
    """An officer stays away from an enterprise, from a day through its last day or for good (PL-43)."""

    officer_id: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Call:
    """An officer was at the enterprise; `clean` tells that nothing was found."""

    officer_id: str
    finished_on: date
    clean: bool


def resting(calls: Iterable[Call], most: int) -> list[Recusal]:
    """Who found nothing the last `most` times within a year is not drawn until a year after the first of them.

    A head may still send them, with a reason.
    """
    by_officer: dict[str, list[Call]] = {}
    for call in sorted(calls, key=lambda call: call.finished_on):
        by_officer.setdefault(call.officer_id, []).append(call)
    found = []
    for officer_id, held in sorted(by_officer.items()):
        last = held[-most:]
        within = len(last) == most and last[-1].finished_on < last[0].finished_on + YEAR
        if within and all(call.clean for call in last):
            found.append(Recusal(officer_id, last[-1].finished_on, last[0].finished_on + YEAR))
    return found


def recused_on(recusals: Iterable[Recusal], day: date) -> set[str]:
    """The officers who stay away on a day."""
    return {one.officer_id for one in recusals if one.since <= day and (one.until is None or day <= one.until)}


def valid_on(officer: OfficerFact, day: date) -> bool:
    """Tell whether the officer may enforce on a day: certificate in force, not suspended, not gone."""
    if officer.state == "exited" or officer.valid_from is None or officer.valid_to is None:
        return False
    if officer.state == "suspended" and (officer.suspended_until is None or day <= officer.suspended_until):
        return False
    return officer.valid_from <= day <= officer.valid_to


def objections(
    officers: Iterable[OfficerFact], unknown: Iterable[str], recused: Collection[str], day: date, basis: Bases
) -> list[Refusal]:
    """Why officers may not go on a day, one refusal each (YZ-09, YZ-10, PL-43)."""
    found = [
        refusal("officer.unknown", basis.certificate, f"人员{officer_id}没有执法证件", ["改派持证执法人员"])
        for officer_id in unknown
    ]
    for officer in officers:
        if officer.state == "exited":
            found.append(
                refusal("officer.exited", basis.officer_exit, f"{officer.name}已退出执法岗位", ["改派其他执法人员"])
            )
        elif not valid_on(officer, day):
            message = f"{officer.name}的执法证件当日无效（暂扣或不在有效期内）"
            found.append(refusal("officer.certificate_invalid", basis.certificate, message, ["改派证件有效的执法人员"]))
        elif officer.officer_id in recused:
            message = f"{officer.name}与该企业有利害关系，应当回避"
            found.append(refusal("officer.recused", basis.recusal, message, ["改派没有利害关系的执法人员"]))
    return found


def most_visits(days: int, minutes: int) -> int:
    """How many visits of so many minutes an officer can make in so many working days; one a day at least."""
    return days * max(1, DAY_MINUTES // minutes)


def ticket(seed: str, visit_id: str, officer_id: str) -> str:
    """An officer's ticket for a visit (hex); the lowest go, the next one stands in."""
    return sha256(f"{seed}|{visit_id}|{officer_id}".encode()).hexdigest()


def drawn(
    pool: Sequence[OfficerFact], count: int, seed: str, visit_id: str, day: date, busy: Collection[str] = ()
) -> list[OfficerFact]:
    """Up to `count` officers of the pool who are valid on the day and not busy, by ticket."""
    able = [officer for officer in pool if officer.officer_id not in busy and valid_on(officer, day)]
    return sorted(able, key=lambda officer: ticket(seed, visit_id, officer.officer_id))[:count]


def enough(present: Mapping[str, int], lead_agency_id: str, policy: Policy) -> bool:
    """Tell whether officers by agency suffice: the least number, and all of it from the leading agency (PL-42)."""
    return present.get(lead_agency_id, 0) >= policy.entry.min_officers.value
