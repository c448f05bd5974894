"""Tables of credit repair: displays of adverse facts, applications, their steps, changes of facts."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.db import Instant, Json, Versioned
from wurao.registry.tables.base import Base


class Display(Base):
    """How long an adverse fact is shown. Whoever changes it locks the row; each event of the fact raises `version`.

    `owes`: a fine is not settled. `officers`: who handled the case, and may not decide on its repair.
    """

    __tablename__ = "displays"
    __table_args__ = (
        Index("ix_displays_enterprise", "enterprise_id", "fact_id"),
        Index("ix_displays_ending", "state", "shown_until"),
    )

    fact_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str]
    area: Mapped[str]
    agency_id: Mapped[str | None]
    case_id: Mapped[str | None]
    violation: Mapped[str | None]
    officers: Mapped[list[str]] = mapped_column(Json)
    severity: Mapped[str]
    shown: Mapped[bool]
    shown_from: Mapped[date]
    shown_until: Mapped[date | None]
    apply_from: Mapped[date]
    owes: Mapped[bool]
    state: Mapped[str]
    barred_until: Mapped[date | None]
    title: Mapped[str]
    paragraphs: Mapped[list[str]] = mapped_column(Json)
    clause: Mapped[str]
    cite: Mapped[str]
    noticed_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int]


class Repair(Versioned, Base):
    """An application for the repair of one fact. `due`: the last day to check it, once accepted to decide on it.

    `returned_by_agency`: a person has returned it before, and may not again.
    """

    __tablename__ = "repairs"
    __table_args__ = (
        Index("ix_repairs_fact", "fact_id", "state"),
        Index("ix_repairs_enterprise", "enterprise_id", "application_id"),
        Index("ix_repairs_due", "state", "remind_on"),
    )

    application_id: Mapped[str] = mapped_column(primary_key=True)
    fact_id: Mapped[str]
    enterprise_id: Mapped[str]
    area: Mapped[str]
    agency_id: Mapped[str | None]
    state: Mapped[str]
    entered_by: Mapped[str]
    materials: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    lacking: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    returned_by_agency: Mapped[bool]
    receipt_no: Mapped[str | None]
    submitted_at: Mapped[datetime] = mapped_column(Instant)
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    due: Mapped[date | None]
    remind_on: Mapped[date | None]
    reminded: Mapped[bool]
    overdue: Mapped[bool]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str]
    remedies: Mapped[str]


class RepairStep(Base):
    """A step of an application: who did what when, and to which state it led."""

    __tablename__ = "repair_steps"
    __table_args__ = (Index("ix_repair_steps_application", "application_id", "step_id"),)

    step_id: Mapped[str] = mapped_column(primary_key=True)
    application_id: Mapped[str]
    act: Mapped[str]
    state: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)
    note: Mapped[str]


class FactChange(Base):
    """Why a fact does not stand as entered any more, or stands again. Facts are never deleted."""

    __tablename__ = "fact_changes"
    __table_args__ = (Index("ix_fact_changes_fact", "fact_id", "change_id"),)

    change_id: Mapped[str] = mapped_column(primary_key=True)
    fact_id: Mapped[str]
    act: Mapped[str]
    cause: Mapped[str]
    reason: Mapped[str]
    document: Mapped[str]
    replaced_by: Mapped[str | None]
    by: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)
