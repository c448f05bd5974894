"""Tables of agencies, their units, delegations and changes."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Instant, Json, Versioned
from wurao.registry.tables.base import Base


class Agency(Versioned, Base):
    """An agency: confirmed, then published, perhaps withdrawn. `delegated_until`: the last day of its delegations."""

    __tablename__ = "agencies"

    agency_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    level: Mapped[str]
    area: Mapped[str] = mapped_column(index=True)
    line: Mapped[str]
    parent_id: Mapped[str | None]
    authority: Mapped[str]
    procedure: Mapped[str]
    remedies: Mapped[str]
    phone: Mapped[str]
    state: Mapped[str] = mapped_column(default="confirmed")
    published_on: Mapped[date | None]
    withdrawn_on: Mapped[date | None]
    delegated_until: Mapped[date | None] = mapped_column(index=True)


class DelegationRow(Base):
    """A written delegation: by whom, over what, from the first to the last day. A renewal is another document."""

    __tablename__ = "delegations"

    agency_id: Mapped[str] = mapped_column(primary_key=True)
    document_no: Mapped[str] = mapped_column(primary_key=True)
    delegating_id: Mapped[str] = mapped_column(index=True)
    begins: Mapped[date]
    ends: Mapped[date]
    scope: Mapped[str]
    basis: Mapped[str]


class AgencyUnit(Base):
    """An internal unit of an agency; a closed one is kept and not shown."""

    __tablename__ = "agency_units"

    unit_id: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    duties: Mapped[str]
    phone: Mapped[str]
    closed: Mapped[bool] = mapped_column(default=False)


class AgencyChange(Base):
    """What somebody did to an agency, when and why; `changed` has before and after of each particular."""

    __tablename__ = "agency_changes"
    __table_args__ = (Index("ix_agency_changes_agency", "agency_id", "change_id"),)

    change_id: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str]
    action: Mapped[str]
    changed: Mapped[JsonObject] = mapped_column(Json)
    reason: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)
