"""Refer leads and acknowledge them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wurao.common.auth import Principal, Role
from wurao.common.clock import legal_date
from wurao.common.contracts.shared import OfficerRef
from wurao.common.contracts.supervision import LeadReferred
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import NotFound
from wurao.common.ids import new_id
from wurao.common.policy import pack_for
from wurao.supervision.access import require_area
from wurao.supervision.domain import leads as rules
from wurao.supervision.domain.policy import LeadSection
from wurao.supervision.domain.statistics import Count
from wurao.supervision.repository import matters, replicas
from wurao.supervision.repository.counters import count
from wurao.supervision.tables import Lead


@dataclass(frozen=True, slots=True)
class Matter:
    """What a lead is about. One cause gives one lead to each recipient and managing level."""

    cause: str
    cause_id: str
    category: str
    clause: str
    area: str
    summary: str
    evidence: tuple[str, ...]
    agency_id: str | None = None
    officers: tuple[OfficerRef, ...] = ()
    enterprise_id: str | None = None


async def refer(session: WriteSession, matter: Matter, now: datetime) -> list[Lead]:
    """Hand a matter to those whom the pack names, at the level that manages the officers (CX-07, CX-19, LX-16)."""
    section = (await pack_for(session, matter.area, legal_date(now))).section(LeadSection, on=legal_date(now))
    known = await replicas.officers(session, [officer.officer_id for officer in matter.officers])
    authority_of = {officer_id: officer.management_authority for officer_id, officer in known.items()}
    earlier = await matters.leads_about(session, matter.cause_id)
    done = {(lead.cause, lead.recipient, lead.management_authority) for lead in earlier}
    routes = [
        route
        for route in rules.routes(section.recipients.value, matter.area, matter.officers, authority_of)
        if (matter.cause, route.recipient, route.authority) not in done
    ]
    rows = [_row(matter, route, [lead.lead_id for lead in earlier], now) for route in routes]
    session.add_all(rows)
    await session.flush()
    for row in rows:
        session.record(LeadReferred.model_validate(row, from_attributes=True))
        count(session, Count(row.area, legal_date(now), "lead.referred", row.recipient))
    return rows


def _row(matter: Matter, route: rules.Route, earlier: Sequence[str], now: datetime) -> Lead:
    return Lead(
        lead_id=new_id(),
        cause=matter.cause,
        cause_id=matter.cause_id,
        recipient=route.recipient,
        management_authority=route.authority,
        routed_area=route.area,
        area=matter.area,
        category=matter.category,
        clause=matter.clause,
        agency_id=matter.agency_id,
        officers=[officer.model_dump() for officer in route.officers],
        enterprise_id=matter.enterprise_id,
        evidence=[*matter.evidence, *(f"lead:{lead_id}" for lead_id in earlier)],
        summary=matter.summary,
        referred_at=now,
    )


def recipient_of(who: Principal) -> str:
    """Whose stream a caller reads: its token's `recipient`, discipline inspection where it names none (DT-17)."""
    return who.recipient or rules.DEFAULT_RECIPIENT


async def received(session: ReadSession, who: Principal, lead_id: str) -> Lead:
    """A lead of the caller's own stream. Raises NotFound for anybody else's."""
    lead = await session.get(Lead, lead_id)
    if lead is None or not rules.may_read(
        lead.recipient, lead.routed_area, as_recipient=recipient_of(who), within=who.area
    ):
        raise NotFound("没有这条线索")
    return lead


async def readable(session: ReadSession, who: Principal, lead_id: str) -> Lead:
    """A lead for its recipient, or for the supervisor of its area. Raises NotFound or Forbidden."""
    if Role.SUPERVISOR not in who.roles:
        return await received(session, who, lead_id)
    lead = await matters.get(session, Lead, lead_id, "没有这条线索")
    require_area(who, lead.area)
    return lead


async def acknowledge(session: WriteSession, who: Principal, lead_id: str, note: str, now: datetime) -> Lead:
    """Confirm that a lead was received (CX-19)."""
    lead = await received(session, who, lead_id)
    lead.state = rules.acknowledge(lead.state)
    lead.acknowledged_at, lead.acknowledged_by, lead.note = now, who.subject, note
    await session.flush()
    count(session, Count(lead.area, legal_date(now), "lead.acknowledged", lead.recipient))
    return lead


async def refs(session: ReadSession, officer_ids: Sequence[str], agency_id: str | None) -> tuple[OfficerRef, ...]:
    """Officers with the names and agencies known of them; strangers keep the agency complained about."""
    known = await replicas.officers(session, officer_ids)
    return tuple(
        OfficerRef(
            officer_id=officer_id,
            agency_id=known[officer_id].agency_id if officer_id in known else agency_id or "",
            name=known[officer_id].name if officer_id in known else "",
        )
        for officer_id in officer_ids
    )
