"""Queries on complaints, corrections, callbacks, leads, alerts and accountability."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, select

from wurao.common import area as areas
from wurao.common.clock import SHANGHAI
from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.common.scope import Scope
from wurao.supervision.repository.scoping import filtered, visible
from wurao.supervision.tables import (
    Alert,
    Base,
    Callback,
    Complaint,
    Correction,
    HeavyCase,
    Lead,
    Sanction,
    TraceBack,
)

Row = TypeVar("Row", bound=Base)
SWEEP_LIMIT = 5_000


async def get(session: ReadSession, model: type[Row], key: str, missing: str) -> Row:
    """The row by its key. Raises NotFound with a Chinese sentence."""
    row = await session.get(model, key)
    if row is None:
        raise NotFound(missing)
    return row


async def complaint_by_external(session: ReadSession, channel: str, key: str) -> Complaint | None:
    """The complaint that an outside id already stands for."""
    query = select(Complaint).where(Complaint.channel == channel, Complaint.external_key == key)
    return await session.scalar(query)


def complaints(scope: Scope, **equal: Any) -> Select[Complaint]:
    """Complaints that the scope may see."""
    seen = visible(scope, area=Complaint.area, agency=Complaint.agency_id, enterprise=Complaint.enterprise_id)
    return filtered(select(Complaint).where(seen), **equal)


def corrections(scope: Scope, **equal: Any) -> Select[Correction]:
    """Orders to correct that the scope may see."""
    return filtered(
        select(Correction).where(visible(scope, area=Correction.area, agency=Correction.agency_id)), **equal
    )


def alerts(scope: Scope, **equal: Any) -> Select[Alert]:
    """Alerts that the scope may see."""
    return filtered(select(Alert).where(visible(scope, area=Alert.area)), **equal)


def callbacks(scope: Scope, **equal: Any) -> Select[Callback]:
    """Callbacks that the scope may see."""
    return filtered(select(Callback).where(visible(scope, area=Callback.area)), **equal)


def sanctions(scope: Scope, **equal: Any) -> Select[Sanction]:
    """Sanctions that the scope may see."""
    return filtered(select(Sanction).where(visible(scope, area=Sanction.area)), **equal)


def trace_backs(scope: Scope, **equal: Any) -> Select[TraceBack]:
    """Lost cases traced back that the scope may see."""
    return filtered(select(TraceBack).where(visible(scope, area=TraceBack.area)), **equal)


def heavy_cases(scope: Scope, **equal: Any) -> Select[HeavyCase]:
    """Heavy cases that the scope may see."""
    return filtered(select(HeavyCase).where(visible(scope, area=HeavyCase.area)), **equal)


def leads_for_supervisors(scope: Scope, **equal: Any) -> Select[Lead]:
    """Leads from the scope's area, whoever received them."""
    return filtered(select(Lead).where(visible(scope, area=Lead.area)), **equal)


def leads_for_recipient(recipient: str, area: str, **equal: Any) -> Select[Lead]:
    """A recipient's own stream, routed to its area or below (DT-17)."""
    routed = Lead.routed_area.startswith(areas.prefix(area), autoescape=True)
    return filtered(select(Lead).where(Lead.recipient == recipient, routed), **equal)


async def leads_about(session: ReadSession, cause_id: str) -> Sequence[Lead]:
    """Leads of a matter, from whatever cause, oldest first."""
    return (await session.scalars(select(Lead).where(Lead.cause_id == cause_id).order_by(Lead.lead_id))).all()


async def correction_of(session: ReadSession, cause: str, cause_id: str) -> Correction | None:
    """The order that a cause already gave."""
    return await session.scalar(select(Correction).where(Correction.cause == cause, Correction.cause_id == cause_id))


async def known_causes(session: ReadSession, keys: Iterable[str]) -> set[str]:
    """Those of the cause keys that have raised an alert, open or cleared."""
    found: set[str] = set()
    wanted = list(keys)
    for start in range(0, len(wanted), 1_000):
        query = select(Alert.cause_key).where(Alert.cause_key.in_(wanted[start : start + 1_000]))
        found.update(await session.scalars(query))
    return found


async def open_alerts(session: ReadSession, keys: Iterable[str]) -> Sequence[Alert]:
    """Open alerts of the cause keys."""
    return (await session.scalars(select(Alert).where(Alert.cause_key.in_(list(keys)), Alert.state == "open"))).all()


async def callback_of_entry(session: ReadSession, entry_id: str) -> Callback | None:
    """The callback that a visit already has."""
    return await session.scalar(select(Callback).where(Callback.entry_id == entry_id))


def clues(area: str, first: date, last: date) -> Select[Callback]:
    """Callbacks of an area whose answers, recorded between two legal days, gave a clue (CX-09)."""
    begins = datetime.combine(first, time.min, SHANGHAI)
    ends = datetime.combine(last, time.min, SHANGHAI) + timedelta(days=1)
    within = Callback.area.startswith(areas.prefix(area), autoescape=True)
    return select(Callback).where(within, Callback.clue, Callback.done_at >= begins, Callback.done_at < ends)


Pending = TypeVar("Pending", Complaint, Correction, Callback)


async def overdue(session: ReadSession, model: type[Pending], today: date) -> Sequence[Pending]:
    """Open rows past their day that were not escalated yet; each sweep takes a bounded bite, oldest first."""
    pending: list[ColumnElement[bool]] = [model.state == "open", model.escalated_at.is_(None), model.due < today]
    query = select(model).where(*pending).order_by(model.due).limit(SWEEP_LIMIT)
    return (await session.scalars(query)).all()


async def next_sanction_number(session: ReadSession, officer_id: str) -> int:
    """One more than the officer's sanctions so far."""
    query = select(func.coalesce(func.max(Sanction.number), 0)).where(Sanction.officer_id == officer_id)
    return int(await session.scalar(query) or 0) + 1


async def trace_back_of(session: ReadSession, case_id: str, kind: str) -> TraceBack | None:
    """The trace-back that a lost case already has."""
    return await session.scalar(select(TraceBack).where(TraceBack.case_id == case_id, TraceBack.kind == kind))
