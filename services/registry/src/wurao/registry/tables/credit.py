"""Tables of credit facts and grades."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.db import Instant, Json
from wurao.registry.tables.base import Base


class FactRow(Base):
    """A credit fact with its source. `counts_until`: the last day on which it counts; `lapsed`: it counts no more.

    `ended` tells why it lapsed (expired, restored, repaired, withdrawn, corrected) and `lapsed_at` since when.
    `agency_id`: the agency that established it, where it is one of the platform's. `origin` tells who entered it,
    `origin_version` the version of the case that it follows.
    """

    __tablename__ = "facts"
    __table_args__ = (
        Index("ix_facts_enterprise", "enterprise_id", "lapsed"),
        Index("ix_facts_lapsing", "lapsed", "counts_until"),
    )

    fact_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str]
    indicator: Mapped[str]
    value: Mapped[int]
    source: Mapped[str]
    occurred_on: Mapped[date]
    evidence: Mapped[str]
    expires_on: Mapped[date | None]
    counts_until: Mapped[date | None]
    lapsed: Mapped[bool] = mapped_column(default=False)
    lapsed_at: Mapped[datetime | None] = mapped_column(Instant)
    ended: Mapped[str | None]
    agency_id: Mapped[str | None]
    origin: Mapped[str]
    origin_version: Mapped[int] = mapped_column(default=1)
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class GradeRow(Base):
    """A grade as announced: in force from a day, known since an instant, with the reasons of that moment (LX-10)."""

    __tablename__ = "grades"
    __table_args__ = (Index("ix_grades_enterprise", "enterprise_id", "grade_id"),)

    grade_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str]
    scheme: Mapped[str]
    grade: Mapped[str]
    previous: Mapped[str | None]
    score: Mapped[int]
    sampling_permille: Mapped[int]
    yearly_cap: Mapped[int | None]
    measures: Mapped[list[str]] = mapped_column(Json)
    reasons: Mapped[list[str]] = mapped_column(Json)
    clause: Mapped[str]
    cite: Mapped[str]
    cause: Mapped[str]
    in_force_from: Mapped[date]
    known_at: Mapped[datetime] = mapped_column(Instant)


class GradingRun(Base):
    """That an area's whole list was graded in a period (its first day), so that the rhythm asks for it once."""

    __tablename__ = "grading_runs"

    run_id: Mapped[str] = mapped_column(primary_key=True)
    area: Mapped[str]
    period: Mapped[date]
