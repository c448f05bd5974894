"""Plans."""

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Instant, Json, Versioned
from wurao.scheduling.tables.base import Base


class Plan(Versioned, Base):
    """A plan: draft, approved, published; filed at some time after approval."""

    __tablename__ = "plans"

    plan_id: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(index=True)
    area: Mapped[str] = mapped_column(index=True)
    title: Mapped[str]
    kind: Mapped[str]
    period_from: Mapped[date]
    period_to: Mapped[date]
    item_ids: Mapped[list[str]] = mapped_column(Json)
    contents: Mapped[JsonObject] = mapped_column(Json)
    state: Mapped[str] = mapped_column(index=True)
    created_by: Mapped[str]
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
    resolution: Mapped[str | None]
    office: Mapped[str | None]
    filed_at: Mapped[datetime | None] = mapped_column(Instant)
    filing_due: Mapped[date | None]
    late: Mapped[bool] = mapped_column(default=False)
    published_at: Mapped[datetime | None] = mapped_column(Instant)
