"""Tables of adjustments, objections and class lists."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.db import Instant, Json, Versioned
from wurao.registry.tables.base import Base


class Adjustment(Versioned, Base):
    """A manual downgrade or upgrade (`level`), or an exposure: the public naming of an enterprise (LX-11).

    proposed → approved → noticed → in_force → ended or lifted; before that it can be dropped. `slot` is taken while
    it is open, so that an enterprise has one of a kind. `facts`: ids of the facts it rests on. `clause`: the duty
    under which it was proposed. `agency_name`: who proposed it. `ends_on`: its last day.
    """

    __tablename__ = "adjustments"
    __table_args__ = (
        CheckConstraint("approved_by is null or approved_by <> proposed_by", name="two_persons"),
        Index("ix_adjustments_enterprise", "enterprise_id", "state"),
        Index("ix_adjustments_state", "state", "kind"),
    )

    adjustment_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str]
    area: Mapped[str]
    kind: Mapped[str]
    level: Mapped[str | None]
    law: Mapped[str]
    article: Mapped[str]
    clause: Mapped[str]
    facts: Mapped[list[str]] = mapped_column(Json)
    reason: Mapped[str]
    agency_id: Mapped[str]
    agency_name: Mapped[str]
    ends_on: Mapped[date]
    state: Mapped[str] = mapped_column(default="proposed")
    slot: Mapped[str | None] = mapped_column(unique=True)
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
    served_on: Mapped[date | None]
    served_how: Mapped[str] = mapped_column(default="")
    objection_until: Mapped[date | None]
    in_force_from: Mapped[date | None]
    closed_by: Mapped[str | None]
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_reason: Mapped[str] = mapped_column(default="")


class Objection(Versioned, Base):
    """An enterprise objects to a grade, an adjustment, a fact or its class in a proposed list, once to each.

    `target_id` says which. `due_on`: the last day of the decision; `told_overdue`: supervision was told.
    """

    __tablename__ = "objections"
    __table_args__ = (
        CheckConstraint("decided_by is null or decided_by <> filed_by", name="two_persons"),
        UniqueConstraint("enterprise_id", "against", "target_id"),
        Index("ix_objections_enterprise", "enterprise_id", "objection_id"),
        Index("ix_objections_due", "state", "due_on"),
        Index("ix_objections_target", "target_id", "state"),
    )

    objection_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str]
    area: Mapped[str]
    against: Mapped[str]
    target_id: Mapped[str]
    reason: Mapped[str]
    materials: Mapped[list[str]] = mapped_column(Json)
    filed_by: Mapped[str]
    filed_at: Mapped[datetime] = mapped_column(Instant)
    due_on: Mapped[date]
    told_overdue: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(default="open")
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decision: Mapped[str] = mapped_column(default="")
    remedies: Mapped[str] = mapped_column(default="")


class ClassList(Versioned, Base):
    """The classes of an area's enterprises for a year: building → proposed → approved, or superseded (CX-13).

    `kind`: annual, first or supplementary. `as_of`: the day whose facts it reads. `digest`: SHA-256 over its entries.
    `changes`: how many enterprises move from one class to another. `slot`: one approved whole list for an area and
    year. `announced`: its grades have all been announced.
    """

    __tablename__ = "class_lists"
    __table_args__ = (
        CheckConstraint("approved_by is null or approved_by <> proposed_by", name="two_persons"),
        Index("ix_class_lists_area", "area", "state", "in_force_from"),
    )

    list_id: Mapped[str] = mapped_column(primary_key=True)
    area: Mapped[str]
    year: Mapped[int]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default="building")
    slot: Mapped[str | None] = mapped_column(unique=True)
    chosen: Mapped[list[str]] = mapped_column(Json)
    as_of: Mapped[date]
    total: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, int]] = mapped_column(Json)
    changes: Mapped[dict[str, int]] = mapped_column(Json)
    digest: Mapped[str] = mapped_column(default="")
    published_until: Mapped[date | None]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
    resolution: Mapped[str] = mapped_column(default="")
    in_force_from: Mapped[date | None]
    announced: Mapped[bool] = mapped_column(default=False)


class ClassEntry(Base):
    """An enterprise's class in a list, with score and reasons; never changed once the list is proposed."""

    __tablename__ = "class_entries"
    __table_args__ = (Index("ix_class_entries_enterprise", "enterprise_id"),)

    list_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str] = mapped_column(primary_key=True)
    grade: Mapped[str]
    previous: Mapped[str | None]
    score: Mapped[int]
    reasons: Mapped[list[str]] = mapped_column(Json)
