"""Tables of officers and the decisions on them."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.db import Instant, Versioned
from wurao.registry.tables.base import Base


class Officer(Versioned, Base):
    """A person who enforces or assists: recorded, certified, suspended or exited.

    `area` is the agency's. `changed_unseen`: particulars changed while suspended, so nobody was told yet.
    """

    __tablename__ = "officers"

    officer_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    agency_id: Mapped[str] = mapped_column(index=True)
    area: Mapped[str] = mapped_column(index=True)
    unit: Mapped[str]
    kind: Mapped[str]
    certificate_no: Mapped[str | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None] = mapped_column(index=True)
    trained: Mapped[bool]
    examined: Mapped[bool]
    in_post: Mapped[bool]
    legal_reviewer: Mapped[bool]
    legal_qualified: Mapped[bool]
    leader: Mapped[bool]
    management_authority: Mapped[str]
    standing: Mapped[str] = mapped_column(default="recorded")
    standing_reason: Mapped[str] = mapped_column(default="")
    suspended_until: Mapped[date | None] = mapped_column(index=True)
    changed_unseen: Mapped[bool] = mapped_column(default=False)


class OfficerDecision(Base):
    """A decision on an officer's standing; one with the same id is carried out once (DT-18)."""

    __tablename__ = "officer_decisions"
    __table_args__ = (Index("ix_officer_decisions_officer", "officer_id", "decision_id"),)

    decision_id: Mapped[str] = mapped_column(primary_key=True)
    officer_id: Mapped[str]
    standing: Mapped[str]
    reason: Mapped[str]
    until: Mapped[date | None]
    decided_by: Mapped[str]
    decided_at: Mapped[datetime] = mapped_column(Instant)
