"""Tables of supervision: replicas of others' facts, matters of its own, counters."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from wurao.common.db import Instant, Json, Versioned, named_metadata
from wurao.common.platform import BigId


class Base(DeclarativeBase):
    """Base of supervision's tables."""

    metadata = named_metadata()


def _due(table: str) -> Index:
    """Sweeps look only at what is open and not escalated yet, oldest first."""
    pending = text("state = 'open' and escalated_at is null")
    return Index(f"ix_{table}_pending", "due", postgresql_where=pending, sqlite_where=pending)


class Agency(Base):
    """Replica: an agency."""

    __tablename__ = "agencies"

    agency_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    area: Mapped[str]
    line: Mapped[str]
    state: Mapped[str]
    version: Mapped[int]


class Officer(Base):
    """Replica: an officer, and who manages its post (CX-19)."""

    __tablename__ = "officers"

    officer_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    agency_id: Mapped[str]
    area: Mapped[str]
    management_authority: Mapped[str]
    state: Mapped[str]
    version: Mapped[int]


class Enterprise(Base):
    """Replica: an enterprise."""

    __tablename__ = "enterprises"

    enterprise_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    area: Mapped[str]
    version: Mapped[int]


class Visit(Base):
    """Replica: an approved visit, to link complaints and declines to agencies and officers."""

    __tablename__ = "visits"

    visit_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str]
    area: Mapped[str]
    lead_agency_id: Mapped[str]
    officers: Mapped[list[str]] = mapped_column(Json)
    version: Mapped[int]


class Complaint(Versioned, Base):
    """A complaint or a report, with its deadline, outcome and reply (YZ-19)."""

    __tablename__ = "complaints"
    __table_args__ = (
        UniqueConstraint("channel", "external_key"),
        Index("ix_complaints_agency", "agency_id", "complaint_id"),
        Index("ix_complaints_enterprise", "enterprise_id", "complaint_id"),
        _due("complaints"),
    )

    complaint_id: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    external_id: Mapped[str | None]
    external_key: Mapped[str | None]
    category: Mapped[str]
    enterprise_id: Mapped[str]
    enterprise_name: Mapped[str]
    agency_id: Mapped[str | None]
    visit_id: Mapped[str | None]
    officers: Mapped[list[str]] = mapped_column(Json)
    area: Mapped[str] = mapped_column(index=True)
    description: Mapped[str] = mapped_column(Text)
    filed_by: Mapped[str]
    filed_at: Mapped[datetime] = mapped_column(Instant)
    due: Mapped[date]
    explanation: Mapped[list[str]] = mapped_column(Json)
    clause: Mapped[str]
    cite: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    escalated_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str | None]
    reply: Mapped[str | None] = mapped_column(Text)
    suspected_breach: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_by: Mapped[str | None]


class Correction(Versioned, Base):
    """An order to correct, answered by the agency (LX-16)."""

    __tablename__ = "corrections"
    __table_args__ = (
        UniqueConstraint("cause", "cause_id"),
        Index("ix_corrections_agency", "agency_id", "order_id"),
        _due("corrections"),
    )

    order_id: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str]
    area: Mapped[str] = mapped_column(index=True)
    cause: Mapped[str]
    cause_id: Mapped[str]
    demand: Mapped[str] = mapped_column(Text)
    due: Mapped[date]
    explanation: Mapped[list[str]] = mapped_column(Json)
    clause: Mapped[str]
    cite: Mapped[str]
    ordered_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(default="open")
    escalated_at: Mapped[datetime | None] = mapped_column(Instant)
    feedback: Mapped[str | None] = mapped_column(Text)
    feedback_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class Lead(Versioned, Base):
    """A lead handed to one recipient, at the level that manages the officers named (CX-07, CX-19, DT-17)."""

    __tablename__ = "leads"
    __table_args__ = (UniqueConstraint("cause", "cause_id", "recipient", "management_authority"),)

    lead_id: Mapped[str] = mapped_column(primary_key=True)
    cause: Mapped[str]
    cause_id: Mapped[str] = mapped_column(index=True)
    recipient: Mapped[str]
    management_authority: Mapped[str]
    routed_area: Mapped[str] = mapped_column(index=True)
    area: Mapped[str] = mapped_column(index=True)
    category: Mapped[str]
    clause: Mapped[str]
    agency_id: Mapped[str | None]
    officers: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    enterprise_id: Mapped[str | None]
    evidence: Mapped[list[str]] = mapped_column(Json)
    summary: Mapped[str] = mapped_column(Text)
    referred_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(default="referred")
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)
    acknowledged_by: Mapped[str | None]
    note: Mapped[str | None] = mapped_column(Text)


class Alert(Versioned, Base):
    """An alert: once per cause, open until cleared (QZ-30)."""

    __tablename__ = "alerts"

    alert_id: Mapped[str] = mapped_column(primary_key=True)
    cause_key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    clause: Mapped[str]
    area: Mapped[str] = mapped_column(index=True)
    agency_id: Mapped[str | None]
    officers: Mapped[list[str]] = mapped_column(Json)
    enterprise_id: Mapped[str | None]
    evidence: Mapped[list[str]] = mapped_column(Json)
    message: Mapped[str] = mapped_column(Text)
    raised_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(default="open")
    cleared_at: Mapped[datetime | None] = mapped_column(Instant)
    cleared_because: Mapped[str | None] = mapped_column(Text)


class Callback(Versioned, Base):
    """A call to an inspected enterprise after the visit (CX-09)."""

    __tablename__ = "callbacks"
    __table_args__ = (_due("callbacks"),)

    callback_id: Mapped[str] = mapped_column(primary_key=True)
    entry_id: Mapped[str] = mapped_column(unique=True)
    visit_id: Mapped[str | None]
    enterprise_id: Mapped[str]
    enterprise_name: Mapped[str]
    area: Mapped[str] = mapped_column(index=True)
    agencies: Mapped[list[str]] = mapped_column(Json)
    officers: Mapped[list[str]] = mapped_column(Json)
    finished_at: Mapped[datetime] = mapped_column(Instant)
    due: Mapped[date | None]
    explanation: Mapped[list[str]] = mapped_column(Json)
    clause: Mapped[str]
    cite: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    escalated_at: Mapped[datetime | None] = mapped_column(Instant)
    satisfied: Mapped[bool | None]
    issues: Mapped[list[str]] = mapped_column(Json)
    clue: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(Text, default="")
    done_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    done_by: Mapped[str | None]


class Sanction(Base):
    """A decision on an officer's certificate; `number` counts the officer's sanctions (DT-18)."""

    __tablename__ = "sanctions"
    __table_args__ = (UniqueConstraint("officer_id", "number"),)

    decision_id: Mapped[str] = mapped_column(primary_key=True)
    officer_id: Mapped[str]
    number: Mapped[int]
    agency_id: Mapped[str]
    area: Mapped[str] = mapped_column(index=True)
    sanction: Mapped[str]
    until: Mapped[date | None]
    reason: Mapped[str] = mapped_column(Text)
    lead_id: Mapped[str | None]
    clause: Mapped[str]
    cite: Mapped[str]
    decided_by: Mapped[str]
    decided_at: Mapped[datetime] = mapped_column(Instant)


class TraceBack(Versioned, Base):
    """A lost case traced back to those liable (DT-18)."""

    __tablename__ = "trace_backs"
    __table_args__ = (UniqueConstraint("case_id", "kind"),)

    trace_back_id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str]
    kind: Mapped[str]
    agency_id: Mapped[str]
    area: Mapped[str] = mapped_column(index=True)
    officers: Mapped[list[str]] = mapped_column(Json)
    summary: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(default="open")
    conclusion: Mapped[str | None] = mapped_column(Text)
    liable: Mapped[list[str]] = mapped_column(Json)
    concluded_at: Mapped[datetime | None] = mapped_column(Instant)


class HeavyCase(Base):
    """A heavy case as the penalty service filed it by event (QZ-31)."""

    __tablename__ = "heavy_cases"

    case_id: Mapped[str] = mapped_column(primary_key=True)
    case_no: Mapped[str]
    enterprise_id: Mapped[str]
    agency_id: Mapped[str]
    area: Mapped[str] = mapped_column(index=True)
    grounds: Mapped[list[str]] = mapped_column(Json)
    fine_fen: Mapped[int] = mapped_column(BigId)
    filed_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int]


class Counter(Base):
    """How often something happened in an area on a legal day; what no event says is not counted."""

    __tablename__ = "counters"

    area: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    figure: Mapped[str] = mapped_column(primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(BigId)


class RefusalText(Base):
    """The rule behind a refusal code as the gate worded it, without the persons concerned."""

    __tablename__ = "refusal_texts"

    code: Mapped[str] = mapped_column(primary_key=True)
    clause: Mapped[str]
    cite: Mapped[str]
    message: Mapped[str] = mapped_column(Text)
