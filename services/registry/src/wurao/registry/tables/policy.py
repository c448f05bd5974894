"""Tables of policy packs: drafts that came in, and their activation by two persons."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Instant, Json, Versioned
from wurao.registry.tables.base import Base


class PackDraft(Base):
    """A pack that was uploaded, text and resolved document; another text of the same name is another digest."""

    __tablename__ = "pack_drafts"

    name: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    document: Mapped[JsonObject] = mapped_column(Json)
    uploaded_by: Mapped[str]
    uploaded_at: Mapped[datetime] = mapped_column(Instant)


class PackActivation(Versioned, Base):
    """A pack for an area from a day: proposed by one person, decided by another, frozen with its document.

    One day of an area has at most one approved activation; an approved one that another took the place of stays.
    """

    __tablename__ = "pack_activations"
    __table_args__ = (
        CheckConstraint("decided_by is null or decided_by <> proposed_by", name="two_persons"),
        Index("ix_pack_activations_area", "area", "effective_from"),
        Index(
            "uq_pack_activations_approved",
            "area",
            "effective_from",
            unique=True,
            postgresql_where=text("state = 'approved'"),
            sqlite_where=text("state = 'approved'"),
        ),
    )

    activation_id: Mapped[str] = mapped_column(primary_key=True)
    area: Mapped[str]
    pack: Mapped[str]
    digest: Mapped[str]
    title: Mapped[str]
    number: Mapped[str]
    document: Mapped[JsonObject] = mapped_column(Json)
    effective_from: Mapped[date]
    reason: Mapped[str]
    state: Mapped[str]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decision: Mapped[str] = mapped_column(default="")
    ended_by: Mapped[str | None]
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_because: Mapped[str] = mapped_column(default="")
    version: Mapped[int]
