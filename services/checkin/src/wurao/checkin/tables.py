"""Tables of check-in: replicas of what others announced, and what happened at the door."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, LargeBinary, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Instant, Json, Versioned, named_metadata
from wurao.common.platform import BigId


class Base(DeclarativeBase):
    """Base of check-in's tables."""

    metadata = named_metadata()


class Agency(Base):
    """Replica: an inspecting body and whether it is published."""

    __tablename__ = "agencies"

    agency_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    area: Mapped[str] = mapped_column(default="")
    published: Mapped[bool]
    version: Mapped[int]


class Officer(Base):
    """Replica: an officer's certificate and standing."""

    __tablename__ = "officers"

    officer_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    agency_id: Mapped[str]
    certificate_no: Mapped[str | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    suspended: Mapped[bool] = mapped_column(default=False)
    suspended_until: Mapped[date | None]
    exited: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int]


class Enterprise(Base):
    """Replica: an enterprise; and its code, which is check-in's own: the serial in use, its id and date.

    A revoked code has no successor until it is issued anew; its serial is raised, so that every door refuses it.
    """

    __tablename__ = "enterprises"

    enterprise_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    area: Mapped[str] = mapped_column(index=True)
    status: Mapped[str]
    version: Mapped[int]
    code_serial: Mapped[int] = mapped_column(default=1)
    code_id: Mapped[str]
    code_issued_at: Mapped[datetime] = mapped_column(Instant)
    code_revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class Item(Base):
    """Replica: a published item with its form, for entries that could not wait."""

    __tablename__ = "items"

    item_id: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    questions: Mapped[list[JsonObject]] = mapped_column(Json, default=list)
    cancelled: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int]


class ActionKey(Base):
    """Replica: a key that verifies action codes."""

    __tablename__ = "action_keys"

    kid: Mapped[str] = mapped_column(primary_key=True)
    jwk: Mapped[JsonObject] = mapped_column(Json)


class Visit(Base):
    """Replica: an approved visit as last announced."""

    __tablename__ = "visits"

    visit_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str] = mapped_column(index=True)
    enterprise_name: Mapped[str]
    premises_id: Mapped[str | None]
    area: Mapped[str]
    agencies: Mapped[list[str]] = mapped_column(Json)
    officers: Mapped[list[JsonObject]] = mapped_column(Json)
    items: Mapped[list[JsonObject]] = mapped_column(Json)
    questions: Mapped[list[JsonObject]] = mapped_column(Json)
    kind: Mapped[str]
    ground: Mapped[str | None]
    source_record: Mapped[str | None]
    opens: Mapped[datetime] = mapped_column(Instant)
    closes: Mapped[datetime] = mapped_column(Instant)
    code_id: Mapped[str] = mapped_column(index=True)
    makeup_for: Mapped[str | None] = mapped_column(index=True)
    cancelled: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int]


class RevokedCode(Base):
    """An action code that was replaced, and why."""

    __tablename__ = "revoked_codes"

    code_id: Mapped[str] = mapped_column(primary_key=True)
    visit_id: Mapped[str]
    reason: Mapped[str]


class Filing(Base):
    """Replica: a filing of an inspection that could not wait."""

    __tablename__ = "filings"

    filing_id: Mapped[str] = mapped_column(primary_key=True)
    entry_id: Mapped[str | None]
    enterprise_id: Mapped[str]
    agency_id: Mapped[str]
    area: Mapped[str]
    filed_at: Mapped[datetime] = mapped_column(Instant)
    after_the_fact: Mapped[bool]
    late: Mapped[bool]
    version: Mapped[int]


class Entry(Versioned, Base):
    """An entry at a door, from the scan to the signed record. What is known at the door never changes."""

    __tablename__ = "entries"
    __table_args__ = (
        # A visit is entered once: two scans at the same moment make one entry, whatever the gate has read.
        Index("uq_entries_visit_id", "visit_id", unique=True),
        Index("uq_entries_filing_id", "filing_id", unique=True),
        Index(
            "ix_entries_awaiting",
            "filing_due",
            postgresql_where=text("filing_state = 'awaiting'"),
            sqlite_where=text("filing_state = 'awaiting'"),
        ),
    )

    entry_id: Mapped[str] = mapped_column(primary_key=True)
    visit_id: Mapped[str | None]
    enterprise_id: Mapped[str] = mapped_column(index=True)
    enterprise_name: Mapped[str]
    area: Mapped[str]
    agencies: Mapped[list[str]] = mapped_column(Json)
    officers: Mapped[list[JsonObject]] = mapped_column(Json)
    items: Mapped[list[JsonObject]] = mapped_column(Json)
    questions: Mapped[list[JsonObject]] = mapped_column(Json)
    mode: Mapped[str]
    ground: Mapped[str | None]
    source_record: Mapped[str | None]
    code_id: Mapped[str | None]
    filing_id: Mapped[str | None]
    opened_by: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(Instant)

    record: Mapped[JsonObject | None] = mapped_column(Json)
    record_digest: Mapped[str | None]
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    ledger_seq: Mapped[int | None] = mapped_column(BigInteger)

    filing_state: Mapped[str] = mapped_column(default="none")
    filing_due: Mapped[datetime | None] = mapped_column(Instant)
    filing_explained: Mapped[list[str]] = mapped_column(Json, default=list)
    filed_as: Mapped[str | None]
    makeup_visit_id: Mapped[str | None] = mapped_column(index=True)


class Evidence(Base):
    """A piece of evidence, registered by its digest; the file itself lies elsewhere."""

    __tablename__ = "evidence"

    evidence_id: Mapped[str] = mapped_column(primary_key=True)
    entry_id: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    taken_at: Mapped[datetime] = mapped_column(Instant)
    registered_by: Mapped[str]
    registered_at: Mapped[datetime] = mapped_column(Instant)


class Signature(Base):
    """An officer's signature under a digest; it holds as long as the entry's digest is that one."""

    __tablename__ = "signatures"

    entry_id: Mapped[str] = mapped_column(primary_key=True)
    officer_id: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    signed_at: Mapped[datetime] = mapped_column(Instant)


class LedgerRow(Base):
    """An act, written in its own transaction; sealed into the tree later. Never changed but for `sealed`."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        Index("ix_ledger_unsealed", "seq", postgresql_where=text("not sealed"), sqlite_where=text("not sealed")),
        Index("ix_ledger_enterprise", "enterprise_id", "seq"),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    kind: Mapped[str]
    subject_id: Mapped[str]
    enterprise_id: Mapped[str]
    area: Mapped[str]
    agencies: Mapped[list[str]] = mapped_column(Json)
    payload: Mapped[str] = mapped_column(Text)
    digest: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)
    sealed: Mapped[bool] = mapped_column(default=False)


class LedgerNode(Base):
    """A perfect subtree of the ledger's tree; leaves also name the row that they seal."""

    __tablename__ = "ledger_nodes"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    seq: Mapped[int | None] = mapped_column(BigInteger, unique=True)


class LedgerHead(Base):
    """A signed tree head."""

    __tablename__ = "ledger_heads"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    token: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[datetime] = mapped_column(Instant)


class Evaluation(Base):
    """An enterprise's evaluation of a visit; no agency reads these rows."""

    __tablename__ = "evaluations"

    evaluation_id: Mapped[str] = mapped_column(primary_key=True)
    visit_id: Mapped[str] = mapped_column(unique=True)
    area: Mapped[str]
    agencies: Mapped[list[str]] = mapped_column(Json)
    satisfaction: Mapped[int]
    code_shown: Mapped[bool]
    certificates_shown: Mapped[bool]
    disturbed: Mapped[bool]
    fees_asked: Mapped[bool]
    remark: Mapped[str]
    evaluated_at: Mapped[datetime] = mapped_column(Instant)


class EvaluationTally(Base):
    """An agency's evaluations in sum; `pending` is not shown to anyone."""

    __tablename__ = "evaluation_tallies"

    agency_id: Mapped[str] = mapped_column(primary_key=True)
    area: Mapped[str]
    released: Mapped[dict[str, int]] = mapped_column(Json)
    pending: Mapped[dict[str, int]] = mapped_column(Json)


class Decline(Base):
    """A refusal by the enterprise."""

    __tablename__ = "declines"

    decline_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str] = mapped_column(index=True)
    visit_id: Mapped[str | None]
    area: Mapped[str]
    reason: Mapped[str]
    note: Mapped[str]
    clause: Mapped[str]
    no_fault: Mapped[bool]
    declined_at: Mapped[datetime] = mapped_column(Instant)


class UnfiledReport(Base):
    """A report that somebody entered without approval or filing."""

    __tablename__ = "unfiled_reports"

    report_id: Mapped[str] = mapped_column(primary_key=True)
    entry_id: Mapped[str | None] = mapped_column(unique=True)
    enterprise_id: Mapped[str] = mapped_column(index=True)
    area: Mapped[str]
    agency_id: Mapped[str | None]
    officers: Mapped[list[JsonObject]] = mapped_column(Json)
    reported_by: Mapped[str]
    description: Mapped[str]
    happened_at: Mapped[datetime] = mapped_column(Instant)
    reported_at: Mapped[datetime] = mapped_column(Instant)
