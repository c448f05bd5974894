"""File an inspection that could not wait (CX-06, QZ-10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from wurao.common.clock import legal_date
from wurao.common.contracts.scheduling import EmergencyFiled
from wurao.common.contracts.shared import OfficerRef, Refusal
from wurao.common.db import WriteSession
from wurao.common.ids import new_id
from wurao.common.policy import calendar_for
from wurao.scheduling.domain import filings as rules
from wurao.scheduling.domain import people
from wurao.scheduling.domain import visits as visit_rules
from wurao.scheduling.domain.policy import Policy, refusal
from wurao.scheduling.repository import recusals, replicas
from wurao.scheduling.repository.facts import Policies, law_area
from wurao.scheduling.tables import Filing
from wurao.scheduling.usecases.evidence import About


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is filed."""

    agency_id: str
    enterprise_id: str
    ground: str
    source_record: str
    officer_ids: tuple[str, ...]
    item_ids: tuple[str, ...]
    began_at: datetime
    ended_at: datetime | None
    entry_id: str | None


async def file(session: WriteSession, wanted: Wanted, by: str, now: datetime, today: date) -> Filing:
    """Keep a filing; what comes after the fact is due soon, or refused (CX-06). Raises Refused."""
    agency = (await replicas.agencies(session, [wanted.agency_id])).get(wanted.agency_id)
    enterprise = (await replicas.enterprises(session, [wanted.enterprise_id], today)).get(wanted.enterprise_id)
    items = await replicas.items(session, wanted.item_ids)
    area = law_area(enterprise, agency)
    policy = await Policies(session, today).of(area)
    about = About("filing", by, now, wanted.agency_id, area, wanted.enterprise_id, wanted.item_ids)
    officers = await replicas.officers(session, wanted.officer_ids)
    recused = await recusals.recused(session, wanted.enterprise_id, legal_date(wanted.began_at))
    about.require(
        [
            *rules.objections(agency, enterprise, wanted.item_ids, items, wanted.ground, wanted.agency_id, policy),
            *_officer_objections(wanted, officers, recused, policy),
        ]
    )
    with about.kept():
        timing = rules.timing(wanted.began_at, wanted.ended_at, now, policy, await calendar_for(session))
    refs = [
        OfficerRef(officer_id=o.officer_id, agency_id=o.agency_id, name=o.name) for _, o in sorted(officers.items())
    ]
    row = Filing(
        filing_id=new_id(),
        agency_id=wanted.agency_id,
        enterprise_id=wanted.enterprise_id,
        area=area,
        ground=wanted.ground,
        source_record=wanted.source_record,
        officers=[ref.model_dump() for ref in refs],
        item_ids=list(wanted.item_ids),
        entry_id=wanted.entry_id,
        began_at=wanted.began_at,
        ended_at=wanted.ended_at,
        filed_at=now,
        filed_by=by,
        after_the_fact=timing.after_the_fact,
        due=timing.due,
        late=timing.late,
        clause=timing.clause,
        reckoning=list(timing.reckoning),
        visit_id=None,
        approved_late=None,
    )
    session.add(row)
    await session.flush()
    session.record(_filed(row, refs))
    return row


def _officer_objections(
    wanted: Wanted, officers: dict[str, people.OfficerFact], recused: set[str], policy: Policy
) -> list[Refusal]:
    unknown = [officer_id for officer_id in wanted.officer_ids if officer_id not in officers]
    found = people.objections(officers.values(), unknown, recused, legal_date(wanted.began_at), policy.basis)
    for officer in officers.values():
        if officer.agency_id != wanted.agency_id:
            message = f"{officer.name}不属于本机关"
            found.append(refusal("officer.other_agency", policy.basis.certificate, message, ["核对执法人员"]))
    if len(set(wanted.officer_ids)) < policy.entry.min_officers.value:
        found.append(visit_rules.too_few(policy))
    return found


def _filed(row: Filing, officers: Sequence[OfficerRef]) -> EmergencyFiled:
    return EmergencyFiled(
        filing_id=row.filing_id,
        entry_id=row.entry_id,
        enterprise_id=row.enterprise_id,
        agency_id=row.agency_id,
        area=row.area,
        ground=row.ground,
        source_record=row.source_record,
        officers=tuple(officers),
        item_ids=tuple(row.item_ids),
        began_at=row.began_at,
        ended_at=row.ended_at,
        filed_at=row.filed_at,
        after_the_fact=row.after_the_fact,
        due=row.due,
        late=row.late,
        clause=row.clause,
        version=1,
    )
