"""Off-site checks with their reminders, and superiors' visits."""

from datetime import date, datetime

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Instant, Json, Versioned
from wurao.scheduling.tables.base import Base


class OffSiteCheck(Versioned, Base):
    """The course of an off-site task: reminded, answered, then concluded or followed up on site (LX-09, CX-11)."""

    __tablename__ = "off_site_checks"
    __table_args__ = (Index("ix_off_site_checks_state", "state", "due_at"),)

    task_id: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(index=True)
    enterprise_id: Mapped[str] = mapped_column(index=True)
    area: Mapped[str]
    state: Mapped[str]
    source: Mapped[str]
    risk: Mapped[str | None] = mapped_column(Text)
    reminded_by: Mapped[str | None]
    reminded_at: Mapped[datetime | None] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    reckoning: Mapped[list[str]] = mapped_column(Json)
    answer: Mapped[str | None] = mapped_column(Text)
    attachments: Mapped[list[JsonObject]] = mapped_column(Json)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    results: Mapped[list[JsonObject]] = mapped_column(Json)
    findings: Mapped[list[JsonObject]] = mapped_column(Json, server_default="[]")
    record_digest: Mapped[str | None]
    follow_up_task_id: Mapped[str | None]
    closed_by: Mapped[str | None]
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    remark: Mapped[str] = mapped_column(default="")


class SuperiorVisit(Versioned, Base):
    """A superior's visit, filed by its local counterpart; `accepted` counts the visits for acceptance (CX-15)."""

    __tablename__ = "superior_visits"
    __table_args__ = (Index("uq_superior_visits_day", "enterprise_id", "superior", "day", unique=True),)

    superior_visit_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str] = mapped_column(index=True)
    area: Mapped[str] = mapped_column(index=True)
    agency_id: Mapped[str] = mapped_column(index=True)
    superior: Mapped[str]
    day: Mapped[date]
    subject: Mapped[str]
    filed_by: Mapped[str]
    filed_at: Mapped[datetime] = mapped_column(Instant)
    accepted: Mapped[int]
    clause: Mapped[str]
