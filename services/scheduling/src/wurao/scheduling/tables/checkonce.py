"""Check once: merges with their steps, officers' days that agencies named, consents, and copies of joint visits."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Instant, Json, Versioned
from wurao.scheduling.tables.base import Base

_RUNNING = text("state = 'running'")


class Merge(Versioned, Base):
    """A merge of an area's tasks: running, done or failed; `figures` are whole when it is done.

    `planned` tells that its steps are written: what is to be done no longer depends on the facts of the moment.
    """

    __tablename__ = "merges"
    __table_args__ = (
        Index("uq_merges_running", "area", unique=True, postgresql_where=_RUNNING, sqlite_where=_RUNNING),
    )

    merge_id: Mapped[str] = mapped_column(primary_key=True)
    area: Mapped[str]
    period_from: Mapped[date]
    period_to: Mapped[date]
    state: Mapped[str]
    planned: Mapped[bool] = mapped_column(default=False)
    figures: Mapped[JsonObject] = mapped_column(Json)
    requested_by: Mapped[str]
    agency_id: Mapped[str | None]
    started_at: Mapped[datetime] = mapped_column(Instant)
    held_at: Mapped[datetime | None] = mapped_column(Instant)


class MergeStep(Base):
    """What a merge changes at one enterprise; one transaction each, done or still to be done.

    `placed`: [{day, task_ids, visit_id or null}]; `dropped`: visits that are no more.
    """

    __tablename__ = "merge_steps"

    merge_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str] = mapped_column(primary_key=True)
    placed: Mapped[list[JsonObject]] = mapped_column(Json)
    dropped: Mapped[list[str]] = mapped_column(Json)
    done: Mapped[bool] = mapped_column(default=False)


class OfficerDays(Versioned, Base):
    """How many officers an agency says it can send on a day, instead of all with a valid certificate."""

    __tablename__ = "officer_days"

    agency_id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    officers: Mapped[int]
    set_by: Mapped[str]
    set_at: Mapped[datetime] = mapped_column(Instant)


class Consent(Versioned, Base):
    """One department's part in the round of consents before a joint visit, or before its move to another day (YZ-04).

    `change_id`: the change of an approved visit that it is about, `day` then the day that is wanted.
    State: open, consented, objected, silent (the period ran out) or void (the visit was altered or is no more).
    """

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_state", "state", "due_at"),)

    consent_id: Mapped[str] = mapped_column(primary_key=True)
    visit_id: Mapped[str] = mapped_column(index=True)
    change_id: Mapped[str | None]
    agency_id: Mapped[str] = mapped_column(index=True)
    initiator_id: Mapped[str]
    enterprise_id: Mapped[str] = mapped_column(index=True)
    area: Mapped[str]
    day: Mapped[date]
    task_ids: Mapped[list[str]] = mapped_column(Json)
    state: Mapped[str]
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    reckoning: Mapped[list[str]] = mapped_column(Json)
    clause: Mapped[str]
    cite: Mapped[str]
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answered_by: Mapped[str | None]
    reason: Mapped[str] = mapped_column(default="")


class JointCopy(Base):
    """A joint visit of the plan, sent to the agency that the pack names (plan.joint_copy_to, YZ-04)."""

    __tablename__ = "joint_copies"

    visit_id: Mapped[str] = mapped_column(primary_key=True)
    recipient_id: Mapped[str] = mapped_column(index=True)
    merge_id: Mapped[str]
    area: Mapped[str]
    sent_at: Mapped[datetime] = mapped_column(Instant)
