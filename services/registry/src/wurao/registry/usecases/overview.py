"""Everything held about an enterprise, for its own eyes."""

from dataclasses import dataclass
from datetime import datetime, time

from wurao.common.clock import SHANGHAI, legal_date
from wurao.common.db import ReadSession
from wurao.common.packs import Bases
from wurao.common.policy import pack_for
from wurao.registry.domain.overview import (
    Burden,
    CallbackRights,
    DoorRights,
    EvaluationRights,
    FrequencyRights,
    Inspection,
    Right,
    Rights,
    burden,
)
from wurao.registry.repository import agencies as agency_repository
from wurao.registry.repository import lives
from wurao.registry.repository import view as repository
from wurao.registry.repository.view import Held
from wurao.registry.tables import Enterprise, SeenVisit

MOST = 100
"""Rows of each kind in one answer; what lies further back is in the services that own it."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is held, sorted for reading."""

    held: Held
    coming: list[SeenVisit]
    cancelled: list[SeenVisit]
    burden: Burden
    rights: tuple[Right, ...]
    agencies: dict[str, str]


async def holdings(session: ReadSession, enterprise: Enterprise, now: datetime) -> Holdings:
    """Visits, cases, complaints, burden and rights of an enterprise at an instant, with those merged into it."""
    today = legal_date(now)
    ids = await lives.with_merged(session, enterprise.enterprise_id)
    held = await repository.held(session, ids, MOST)
    new_year = datetime.combine(today.replace(month=1, day=1), time(), SHANGHAI)
    of_year = await repository.entries_since(session, ids, new_year)
    inspections = [Inspection(entry.agencies, entry.started_at, entry.minutes, papers) for entry, papers in of_year]
    begun = {entry.visit_id for entry in held.entries}
    open_visits = [visit for visit in held.visits if visit.visit_id not in begun]
    named = {agency_id for visit in held.visits for agency_id in visit.agencies}
    named |= {agency_id for entry in held.entries for agency_id in entry.agencies}
    named |= {case.agency_id for case in held.cases} | {measure.agency_id for measure in held.measures}
    agencies = await agency_repository.known(session, named)
    return Holdings(
        held=held,
        coming=[visit for visit in reversed(open_visits) if visit.cancelled is None and visit.closes >= now],
        cancelled=[visit for visit in open_visits if visit.cancelled is not None],
        burden=burden(inspections, today),
        rights=(await _rights(session, enterprise.area, now)).listed(),
        agencies={agency_id: agency.name for agency_id, agency in sorted(agencies.items())},
    )


async def _rights(session: ReadSession, area: str, now: datetime) -> Rights:
    today = legal_date(now)
    pack = await pack_for(session, area, today)
    return Rights(
        bases=pack.section(Bases, on=today),
        door=pack.section(DoorRights, on=today),
        frequency=pack.section(FrequencyRights, on=today),
        callback=pack.section(CallbackRights, on=today),
        evaluation=pack.section(EvaluationRights, on=today),
    )
