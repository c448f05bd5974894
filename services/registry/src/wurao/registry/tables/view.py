"""What the registry knows of visits, cases and complaints: replicas for the enterprise's own view."""

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Instant, Json
from wurao.registry.tables.base import Base


class SeenVisit(Base):
    """A visit as approved, moved or cancelled. `papers`: questions of its form that want a document."""

    __tablename__ = "seen_visits"

    visit_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str] = mapped_column(index=True)
    agencies: Mapped[list[str]] = mapped_column(Json)
    officers: Mapped[list[JsonObject]] = mapped_column(Json)
    items: Mapped[list[str]] = mapped_column(Json)
    kind: Mapped[str]
    opens: Mapped[datetime] = mapped_column(Instant)
    closes: Mapped[datetime] = mapped_column(Instant)
    papers: Mapped[int]
    cancelled: Mapped[str | None]
    version: Mapped[int]


class SeenEntry(Base):
    """An inspection on site, begun and perhaps finished."""

    __tablename__ = "seen_entries"

    entry_id: Mapped[str] = mapped_column(primary_key=True)
    visit_id: Mapped[str | None] = mapped_column(index=True)
    enterprise_id: Mapped[str] = mapped_column(index=True)
    agencies: Mapped[list[str]] = mapped_column(Json)
    item_ids: Mapped[list[str]] = mapped_column(Json)
    started_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    minutes: Mapped[int]
    findings: Mapped[list[JsonObject]] = mapped_column(Json)
    version: Mapped[int]


class SeenCase(Base):
    """A case against the enterprise, up to its payment."""

    __tablename__ = "seen_cases"

    case_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str] = mapped_column(index=True)
    case_no: Mapped[str] = mapped_column(default="")
    agency_id: Mapped[str]
    violation: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    opened_on: Mapped[date | None]
    statement_due: Mapped[date | None]
    hearing_due: Mapped[date | None]
    decided_on: Mapped[date | None]
    outcome: Mapped[str | None]
    fine_fen: Mapped[int | None]
    pay_by: Mapped[date | None]
    paid_fen: Mapped[int | None]
    version: Mapped[int]


class SeenMeasure(Base):
    """A coercive measure, imposed and perhaps lifted."""

    __tablename__ = "seen_measures"

    measure_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str] = mapped_column(index=True)
    agency_id: Mapped[str]
    kind: Mapped[str] = mapped_column(default="")
    imposed_at: Mapped[datetime | None] = mapped_column(Instant)
    due: Mapped[date | None]
    lifted_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int]


class SeenComplaint(Base):
    """A complaint that the enterprise filed; shown to nobody else."""

    __tablename__ = "seen_complaints"

    complaint_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str] = mapped_column(index=True)
    category: Mapped[str]
    filed_at: Mapped[datetime | None] = mapped_column(Instant)
    due: Mapped[date | None]
    outcome: Mapped[str | None]
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int]
