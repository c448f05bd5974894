"""What superiors approved."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.db import Instant, Versioned
from wurao.scheduling.tables.base import Base


class AreaApproval(Versioned, Base):
    """The common superior lets an agency inspect an enterprise outside its own area (QZ-18).

    `superior` is the superior's area. `approver_agency_id` is the superior agency whose head approved; without it the
    paper was seen and recorded by those who watch over the enterprise's area.
    """

    __tablename__ = "area_approvals"
    __table_args__ = (Index("uq_area_approvals_number", "enterprise_id", "agency_id", "number", unique=True),)

    approval_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str]
    agency_id: Mapped[str]
    enterprise_id: Mapped[str]
    area: Mapped[str] = mapped_column(index=True)
    superior: Mapped[str]
    reason: Mapped[str]
    until: Mapped[date]
    approved_by: Mapped[str]
    approver_agency_id: Mapped[str | None]
    approved_at: Mapped[datetime] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
