"""Tables of officers and the decisions on them."""

from datetime import date, datetime

from sqlalchemy import Index, false
from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.db import Instant, Versioned
from wurao.registry.tables.base import Base


class Officer(Versioned, Base):
    """A person who enforces or assists: recorded, certified, suspended or exited.

    `area` is the agency's. `changed_unseen`: particulars changed while suspended, so nobody was told yet.
    `suspended_above`: the suspension came from above the agency. `recusals` counts changes of conflicts, so that
    each of them raises the version that its event carries.
    """

    __tablename__ = "officers"

    officer_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    agency_id: Mapped[str] = mapped_column(index=True)
    area: Mapped[str] = mapped_column(index=True)
    unit: Mapped[str]
    kind: Mapped[str]
    certificate_no: Mapped[str | None] = mapped_column(unique=True)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None] = mapped_column(index=True)
    trained: Mapped[bool]
    examined: Mapped[bool]
    in_post: Mapped[bool]
    post: Mapped[str] = mapped_column(default="", server_default="")
    employment: Mapped[str | None]
    retires_on: Mapped[date | None] = mapped_column(index=True)
    legal_reviewer: Mapped[bool]
    legal_qualified: Mapped[bool]
    qualification_no: Mapped[str] = mapped_column(default="", server_default="")
    leader: Mapped[bool]
    management_authority: Mapped[str]
    standing: Mapped[str] = mapped_column(default="recorded")
    standing_reason: Mapped[str] = mapped_column(default="")
    suspended_until: Mapped[date | None] = mapped_column(index=True)
    suspended_above: Mapped[bool] = mapped_column(default=False, server_default=false())
    changed_unseen: Mapped[bool] = mapped_column(default=False)
    recusals: Mapped[int] = mapped_column(default=0, server_default="0")


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


class OfficerTraining(Base):
    """A course that an officer took."""

    __tablename__ = "officer_trainings"
    __table_args__ = (Index("ix_officer_trainings_officer", "officer_id", "finished_on"),)

    training_id: Mapped[str] = mapped_column(primary_key=True)
    officer_id: Mapped[str]
    course: Mapped[str]
    hours: Mapped[int]
    finished_on: Mapped[date]
    passed: Mapped[bool]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class OfficerExamination(Base):
    """An examination that an officer sat."""

    __tablename__ = "officer_examinations"
    __table_args__ = (Index("ix_officer_examinations_officer", "officer_id", "sat_on"),)

    examination_id: Mapped[str] = mapped_column(primary_key=True)
    officer_id: Mapped[str]
    sat_on: Mapped[date]
    score: Mapped[int]
    passed: Mapped[bool]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class OfficerPost(Base):
    """A post that an officer took up, on which kind of employment, until it was left."""

    __tablename__ = "officer_posts"
    __table_args__ = (Index("ix_officer_posts_officer", "officer_id", "began_on"),)

    post_id: Mapped[str] = mapped_column(primary_key=True)
    officer_id: Mapped[str]
    post: Mapped[str]
    employment: Mapped[str]
    began_on: Mapped[date]
    ended_on: Mapped[date | None]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(Instant)
