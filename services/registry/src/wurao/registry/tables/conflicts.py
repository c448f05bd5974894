"""Tables of relations that require recusal."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.db import Instant, Versioned
from wurao.registry.tables.base import Base


class OfficerConflict(Versioned, Base):
    """An officer's relation to an enterprise: reported, in force, dismissed or ended; `until` is its last day."""

    __tablename__ = "officer_conflicts"
    __table_args__ = (Index("ix_officer_conflicts_officer", "officer_id", "enterprise_id"),)

    conflict_id: Mapped[str] = mapped_column(primary_key=True)
    officer_id: Mapped[str]
    enterprise_id: Mapped[str] = mapped_column(index=True)
    agency_id: Mapped[str] = mapped_column(index=True)
    area: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    detail: Mapped[str]
    source: Mapped[str]
    since: Mapped[date]
    until: Mapped[date | None]
    state: Mapped[str]
    entered_by: Mapped[str]
    entered_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(default="")
