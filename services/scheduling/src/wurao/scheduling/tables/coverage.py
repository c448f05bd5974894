"""Enterprises of special fields, and until when they must be inspected."""

from datetime import date

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.db import Versioned
from wurao.scheduling.tables.base import Base


class Coverage(Versioned, Base):
    """An enterprise of a special field: watched since, inspected last, due; `told_on` while it is overdue."""

    __tablename__ = "coverage"
    __table_args__ = (Index("ix_coverage_due", "told_on", "due_on"),)

    enterprise_id: Mapped[str] = mapped_column(primary_key=True)
    area: Mapped[str] = mapped_column(index=True)
    field: Mapped[str]
    since: Mapped[date]
    last_on: Mapped[date | None]
    due_on: Mapped[date]
    told_on: Mapped[date | None]


class CoverageScan(Base):
    """The last day on which an area was looked through for enterprises of special fields."""

    __tablename__ = "coverage_scans"

    area: Mapped[str] = mapped_column(primary_key=True)
    scanned_on: Mapped[date]
