"""Plans."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Instant, Json, Versioned
from wurao.scheduling.tables.base import Base


class Plan(Versioned, Base):
    """One version of a plan: draft, approved, published, superseded; filed at some time after approval.

    `series_id` is the first version's id. `steps` are the approvals passed in this `round`; `authors` wrote it.
    `filed_at` and `late` tell of the first filing, `filing_state` how the last one stands.
    """

    __tablename__ = "plans"
    __table_args__ = (UniqueConstraint("series_id", "edition"),)

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
    filing_state: Mapped[str | None]
    platform: Mapped[str | None]
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    series_id: Mapped[str] = mapped_column(index=True)
    edition: Mapped[int] = mapped_column(default=1)
    supersedes: Mapped[str | None]
    change_reason: Mapped[str | None]
    superseded_at: Mapped[datetime | None] = mapped_column(Instant)
    authors: Mapped[list[str]] = mapped_column(Json)
    steps: Mapped[list[str]] = mapped_column(Json, default=list)
    round: Mapped[int] = mapped_column(default=1)


class PlanParticipant(Base):
    """An agency's part in a joint plan: its items, and when it takes part (LX-13)."""

    __tablename__ = "plan_participants"

    plan_id: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    item_ids: Mapped[list[str]] = mapped_column(Json)
    period_from: Mapped[date]
    period_to: Mapped[date]


class PlanStep(Base):
    """What somebody decided on a plan: passed a step, or returned it for change; never altered (LX-01, QZ-08)."""

    __tablename__ = "plan_steps"

    plan_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    round: Mapped[int]
    step: Mapped[str]
    decision: Mapped[str]
    person: Mapped[str]
    agency_id: Mapped[str | None]
    document: Mapped[str | None]
    attendees: Mapped[list[str]] = mapped_column(Json)
    remark: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)


class PlanFiling(Versioned, Base):
    """A filing of a plan: filed, checked on the way, noted or returned; with the last period's completion (CX-05)."""

    __tablename__ = "plan_filings"
    __table_args__ = (UniqueConstraint("plan_id", "attempt"),)

    filing_id: Mapped[str] = mapped_column(primary_key=True)
    plan_id: Mapped[str]
    attempt: Mapped[int]
    area: Mapped[str] = mapped_column(index=True)
    office: Mapped[str]
    through: Mapped[str | None]
    state: Mapped[str]
    due: Mapped[date | None]
    late: Mapped[bool]
    filed_by: Mapped[str]
    filed_at: Mapped[datetime] = mapped_column(Instant)
    completion: Mapped[JsonObject | None] = mapped_column(Json)
    note: Mapped[str] = mapped_column(default="")
    checked_by: Mapped[str | None]
    checked_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    remark: Mapped[str] = mapped_column(default="")
