"""What became of visits: changes with their approvals, and codes that are no longer good."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Instant, Json, Versioned
from wurao.scheduling.tables.base import Base

_AWAITING = text("state = 'awaiting'")


class VisitChange(Versioned, Base):
    """A change of a visit: awaiting approval, applied, refused, withdrawn, or overtaken by what happened (LX-01).

    `wanted` is what was asked for; `old` and `new` hold the values that changed, once it is applied.
    """

    __tablename__ = "visit_changes"
    __table_args__ = (
        Index(
            "uq_visit_changes_awaiting",
            "visit_id",
            unique=True,
            postgresql_where=_AWAITING,
            sqlite_where=_AWAITING,
        ),
    )

    change_id: Mapped[str] = mapped_column(primary_key=True)
    visit_id: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str]
    wanted: Mapped[JsonObject] = mapped_column(Json)
    old: Mapped[JsonObject] = mapped_column(Json)
    new: Mapped[JsonObject] = mapped_column(Json)
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    remark: Mapped[str] = mapped_column(default="")


class RevokedCode(Base):
    """An action code that was replaced or taken back before its window was over (QZ-09)."""

    __tablename__ = "revoked_codes"

    code_id: Mapped[str] = mapped_column(primary_key=True)
    visit_id: Mapped[str] = mapped_column(index=True)
    revoked_at: Mapped[datetime] = mapped_column(Instant, index=True)
    expires_at: Mapped[datetime] = mapped_column(Instant)


class CalendarLink(Base):
    """A private address under which a calendar can be subscribed to; only the digest of its secret is kept."""

    __tablename__ = "calendar_links"

    link_id: Mapped[str] = mapped_column(primary_key=True)
    secret_digest: Mapped[str] = mapped_column(unique=True)
    agency_id: Mapped[str | None] = mapped_column(index=True)
    enterprise_id: Mapped[str | None] = mapped_column(index=True)
    created_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
