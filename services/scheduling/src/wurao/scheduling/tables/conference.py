"""The joint conference, and the watch over deadlines."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Instant, Json, Versioned
from wurao.scheduling.tables.base import Base

_REGULAR = text("kind = 'regular'")


class Meeting(Versioned, Base):
    """A meeting of an area's joint conference: convened, held, closed; one regular one in a period (CX-01)."""

    __tablename__ = "meetings"
    __table_args__ = (
        Index("uq_meetings_regular", "area", "period", unique=True, postgresql_where=_REGULAR, sqlite_where=_REGULAR),
    )

    meeting_id: Mapped[str] = mapped_column(primary_key=True)
    area: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    period: Mapped[str]
    title: Mapped[str]
    day: Mapped[date]
    reason: Mapped[str | None]
    topics: Mapped[list[str]] = mapped_column(Json)
    agenda: Mapped[JsonObject] = mapped_column(Json)
    state: Mapped[str]
    convened_by: Mapped[str]
    convened_at: Mapped[datetime] = mapped_column(Instant)
    presided_by: Mapped[str | None]
    attendees: Mapped[list[str]] = mapped_column(Json)
    summary: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class Resolution(Base):
    """What a meeting resolved: numbered within its area, never altered (CX-01)."""

    __tablename__ = "resolutions"
    __table_args__ = (UniqueConstraint("area", "number"),)

    resolution_id: Mapped[str] = mapped_column(primary_key=True)
    meeting_id: Mapped[str] = mapped_column(index=True)
    area: Mapped[str]
    number: Mapped[str]
    subject: Mapped[str]
    decision: Mapped[str]
    text: Mapped[str]
    plan_ids: Mapped[list[str]] = mapped_column(Json)
    item_ids: Mapped[list[str]] = mapped_column(Json)
    adopted_by: Mapped[str]
    adopted_at: Mapped[datetime] = mapped_column(Instant)


class DeadlineWatch(Base):
    """Since when deadlines of an area are watched; what was due before is not held against anybody."""

    __tablename__ = "deadline_watches"

    area: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[date]


class OverdueNotice(Base):
    """An overdue plan or meeting that was told once."""

    __tablename__ = "overdue_notices"

    overdue_id: Mapped[str] = mapped_column(primary_key=True)
    area: Mapped[str]
    told_at: Mapped[datetime] = mapped_column(Instant)
