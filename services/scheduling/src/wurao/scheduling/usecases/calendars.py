"""The calendar of an agency or of an enterprise, and private addresses under which it is subscribed to."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Literal

from wurao.common.contracts.shared import Window
from wurao.common.db import ReadSession, WriteSession
from wurao.common.ids import new_id
from wurao.scheduling.domain import visits as rules
from wurao.scheduling.repository import changes, replicas
from wurao.scheduling.repository import visits as repository
from wurao.scheduling.tables import CalendarLink, Visit

Status = Literal["tentative", "confirmed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose calendar: an agency's or an enterprise's."""

    agency_id: str | None = None
    enterprise_id: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A visit as a calendar shows it; an enterprise is not told who of the officers comes."""

    visit_id: str
    version: int
    status: Status
    day: date
    window: Window
    minutes: int
    enterprise_id: str
    enterprise_name: str
    premises_id: str | None
    lead_agency: str
    agencies: tuple[str, ...]
    items: tuple[str, ...]
    officers: tuple[str, ...]
    officer_count: int


async def entries(session: ReadSession, owner: Owner, first: date, last: date) -> list[Entry]:
    """The visits of a calendar in the order of their days.

    An agency sees all its visits. An enterprise sees those that are approved, and as cancelled those that were.
    """
    found = await repository.on_calendar(
        session, first, last, agency_id=owner.agency_id, enterprise_id=owner.enterprise_id
    )
    ids = [visit.visit_id for visit in found]
    once = await changes.once_approved(session, ids)
    agencies, officers = await repository.agencies(session, ids), await repository.officers(session, ids)
    names = {
        agency_id: agency.name
        for agency_id, agency in (
            await replicas.agencies(session, {one for listed in agencies.values() for one in listed})
        ).items()
    }

    def entry(visit: Visit, status: Status) -> Entry:
        going = officers.get(visit.visit_id, [])
        listed = agencies.get(visit.visit_id, [])
        return Entry(
            visit_id=visit.visit_id,
            version=visit.version,
            status=status,
            day=visit.day,
            window=rules.window(visit.day, visit.opens_at, visit.closes_at),
            minutes=visit.minutes,
            enterprise_id=visit.enterprise_id,
            enterprise_name=visit.enterprise_name,
            premises_id=visit.premises_id,
            lead_agency=names.get(visit.lead_agency_id, visit.lead_agency_id),
            agencies=tuple(names.get(agency_id, agency_id) for agency_id in listed),
            items=tuple(str(item["name"]) for item in visit.items),
            officers=() if owner.enterprise_id else tuple(officer.name for officer in going),
            officer_count=len(going),
        )

    shown = ((visit, _status(visit, owner, once)) for visit in found)
    return [entry(visit, status) for visit, status in shown if status is not None]


def _status(visit: Visit, owner: Owner, once: set[str]) -> Status | None:
    if visit.state in (rules.APPROVED, rules.STARTED, rules.FINISHED):
        return "confirmed"
    if owner.enterprise_id is not None:
        return "cancelled" if visit.visit_id in once else None
    return "tentative" if visit.state == rules.PROPOSED else "cancelled"


async def make_link(session: WriteSession, owner: Owner, by: str, now: datetime) -> tuple[CalendarLink, str]:
    """A new private address of a calendar, with the secret that is told once."""
    secret = secrets.token_urlsafe(32)
    link = CalendarLink(
        link_id=new_id(),
        secret_digest=digest(secret),
        agency_id=owner.agency_id,
        enterprise_id=owner.enterprise_id,
        created_by=by,
        created_at=now,
        revoked_at=None,
    )
    session.add(link)
    await session.flush()
    return link, secret


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return sha256(secret.encode()).hexdigest()


async def owner_name(session: ReadSession, owner: Owner, today: date) -> str:
    """Whose calendar it is, by name."""
    if owner.enterprise_id is not None:
        known = await replicas.enterprises(session, [owner.enterprise_id], today)
        return known[owner.enterprise_id].name if owner.enterprise_id in known else owner.enterprise_id
    assert owner.agency_id is not None
    agencies = await replicas.agencies(session, [owner.agency_id])
    return agencies[owner.agency_id].name if owner.agency_id in agencies else owner.agency_id
