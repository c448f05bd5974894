"""Tables of the reviews of certificates."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Instant, Json, Versioned
from wurao.registry.tables.base import Base


class OfficerReview(Base):
    """A year's review of the certificates of an area or of one agency; `scope` is whichever it is."""

    __tablename__ = "officer_reviews"
    __table_args__ = (UniqueConstraint("scope", "year"),)

    review_id: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str]
    area: Mapped[str]
    agency_id: Mapped[str | None]
    year: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(Instant)
    clause: Mapped[str]
    cite: Mapped[str]
    opened_by: Mapped[str]
    opened_at: Mapped[datetime] = mapped_column(Instant)


class OfficerReviewEntry(Versioned, Base):
    """A certificate under review: why it ought to be withdrawn, and what was decided."""

    __tablename__ = "officer_review_entries"

    review_id: Mapped[str] = mapped_column(primary_key=True)
    officer_id: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(index=True)
    area: Mapped[str]
    name: Mapped[str]
    reasons: Mapped[list[JsonObject]] = mapped_column(Json)
    doubtful: Mapped[bool]
    decision: Mapped[str | None]
    reason: Mapped[str] = mapped_column(default="")
    valid_to: Mapped[date | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
