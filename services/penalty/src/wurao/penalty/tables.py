"""Tables of penalty. Money is fen; rows of a case carry its agency, area and enterprise for scope checks."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Instant, Json, Versioned, named_metadata


class Base(DeclarativeBase):
    """Base of penalty's tables."""

    metadata = named_metadata()


class Scoped:
    """Whose row it is."""

    agency_id: Mapped[str] = mapped_column(index=True)
    area: Mapped[str] = mapped_column(index=True)
    enterprise_id: Mapped[str] = mapped_column(index=True)


class AgencyReplica(Base):
    """An agency as the registry announced it."""

    __tablename__ = "agencies"

    agency_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    area: Mapped[str]
    standing: Mapped[bool]
    version: Mapped[int]


class OfficerReplica(Base):
    """An officer as the registry announced it."""

    __tablename__ = "officers"

    officer_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    agency_id: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    legal_reviewer: Mapped[bool]
    legal_qualified: Mapped[bool]
    suspended: Mapped[bool] = mapped_column(default=False)
    suspended_until: Mapped[date | None]
    exited: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int]


class EnterpriseReplica(Base):
    """An enterprise as the registry announced it."""

    __tablename__ = "enterprises"

    enterprise_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    area: Mapped[str]
    address: Mapped[str]
    version: Mapped[int]


class Violation(Scoped, Versioned, Base):
    """A finding of a finished visit or off-site check; its id is the finding's. State: open, then filed.

    `entry_id` is the visit's entry, or the off-site task; `officers` are those of the visit.
    """

    __tablename__ = "violations"

    violation_id: Mapped[str] = mapped_column(primary_key=True)
    entry_id: Mapped[str]
    visit_id: Mapped[str | None]
    enterprise_name: Mapped[str]
    item_id: Mapped[str]
    violation: Mapped[str]
    description: Mapped[str] = mapped_column(Text)
    circumstances: Mapped[list[str]] = mapped_column(Json)
    officers: Mapped[list[str]] = mapped_column(Json)
    found_on: Mapped[date]
    record_digest: Mapped[str]
    state: Mapped[str] = mapped_column(default="open", index=True)
    case_id: Mapped[str | None]


class CaseNumber(Base):
    """The last number given in a series of an agency and year; raised in the transaction that uses it."""

    __tablename__ = "case_numbers"

    agency_id: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    series: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class Case(Scoped, Versioned, Base):
    """A case: filed, noticed, decided, closed."""

    __tablename__ = "cases"
    __table_args__ = (UniqueConstraint("violation_id"),)

    case_id: Mapped[str] = mapped_column(primary_key=True)
    case_no: Mapped[str] = mapped_column(unique=True)
    enterprise_name: Mapped[str]
    address: Mapped[str]
    party: Mapped[str]
    violation: Mapped[str]
    violation_id: Mapped[str | None]
    visit_id: Mapped[str | None]
    act_id: Mapped[str | None]
    act_on: Mapped[date]
    ended_on: Mapped[date | None]
    found_on: Mapped[date]
    circumstances: Mapped[list[str]] = mapped_column(Json)
    grave_harm: Mapped[bool]
    goods_value_fen: Mapped[int | None] = mapped_column(BigInteger)
    strict_liability: Mapped[str | None]
    situations: Mapped[list[str]] = mapped_column(Json)
    officers: Mapped[list[JsonObject]] = mapped_column(Json)
    description: Mapped[str] = mapped_column(Text)
    record_digest: Mapped[str | None]
    state: Mapped[str] = mapped_column(index=True)
    opened_on: Mapped[date]
    hearing_requested_on: Mapped[date | None]
    hearing_held_on: Mapped[date | None]
    hearing_record: Mapped[str | None] = mapped_column(Text)
    discussion: Mapped[str | None] = mapped_column(Text)
    discussed_on: Mapped[date | None]
    procedure: Mapped[str | None]
    outcome: Mapped[str | None] = mapped_column(index=True)
    fine_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    kinds: Mapped[list[str]] = mapped_column(Json, default=list)
    decision: Mapped[JsonObject | None] = mapped_column(Json)
    form_no: Mapped[str | None] = mapped_column(unique=True)
    decided_on: Mapped[date | None]
    delivered_on: Mapped[date | None]
    first_pay_by: Mapped[date | None]
    pay_by: Mapped[date | None]
    settled: Mapped[bool] = mapped_column(default=False)
    heavy_grounds: Mapped[list[str]] = mapped_column(Json, default=list)


class Notice(Scoped, Base):
    """What the party was told before the decision (PL-44)."""

    __tablename__ = "notices"

    notice_id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(index=True)
    served_on: Mapped[date]
    fine_fen: Mapped[int] = mapped_column(BigInteger)
    kinds: Mapped[list[str]] = mapped_column(Json)
    facts: Mapped[str] = mapped_column(Text)
    reasons: Mapped[str] = mapped_column(Text)
    new_facts: Mapped[str | None] = mapped_column(Text)
    statement_due: Mapped[date]
    hearing_due: Mapped[date | None]
    waived_on: Mapped[date | None]


class Statement(Scoped, Base):
    """What the party said, and the agency's answer."""

    __tablename__ = "statements"

    statement_id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(index=True)
    text: Mapped[str] = mapped_column(Text)
    requests_hearing: Mapped[bool]
    made_at: Mapped[datetime] = mapped_column(Instant)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)


class Review(Scoped, Base):
    """A legal review of the case under the notice then in force."""

    __tablename__ = "reviews"

    review_id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(index=True)
    notice_id: Mapped[str | None]
    reviewer_id: Mapped[str] = mapped_column(index=True)
    passed: Mapped[bool]
    opinion: Mapped[str] = mapped_column(Text)
    reviewed_at: Mapped[datetime] = mapped_column(Instant)


class ProvenAct(Base):
    """An act established by a decision: what later cases need to know of it, and no more. Seen by every agency."""

    __tablename__ = "proven_acts"
    __table_args__ = (Index("ix_proven_acts_enterprise_id_violation", "enterprise_id", "violation"),)

    case_id: Mapped[str] = mapped_column(primary_key=True)
    case_no: Mapped[str]
    enterprise_id: Mapped[str]
    violation: Mapped[str]
    act_on: Mapped[date]
    decided_on: Mapped[date]


class FinedAct(Base):
    """The guard of PL-29: one fined decision per enterprise and act. Its keys name the act in each known way."""

    __tablename__ = "fined_acts"

    enterprise_id: Mapped[str] = mapped_column(primary_key=True)
    act_key: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str]
    case_no: Mapped[str]
    agency_id: Mapped[str]
    decided_on: Mapped[date]


class Payment(Scoped, Base):
    """Money that reached the treasury; principal first, then surcharge."""

    __tablename__ = "payments"

    payment_id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(index=True)
    paid_on: Mapped[date]
    channel: Mapped[str]
    principal_fen: Mapped[int] = mapped_column(BigInteger)
    surcharge_fen: Mapped[int] = mapped_column(BigInteger)
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class Deferral(Scoped, Base):
    """An approved deferral or instalment plan: `parts` is a list of due day and fen (YZ-16)."""

    __tablename__ = "deferrals"

    deferral_id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(index=True)
    granted_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    parts: Mapped[list[JsonObject]] = mapped_column(Json)
    paid_before: Mapped[int] = mapped_column(BigInteger)
    granted_by: Mapped[str]


class Dispute(Scoped, Base):
    """An administrative review or a lawsuit over the decision; no surcharge runs from its first to its last day."""

    __tablename__ = "disputes"

    dispute_id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    first: Mapped[date]
    last: Mapped[date | None]


class Measure(Scoped, Versioned, Base):
    """A seal or seizure: imposed, then lifted."""

    __tablename__ = "measures"

    measure_id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)
    softer_means_fail: Mapped[str] = mapped_column(Text)
    value_fen: Mapped[int | None] = mapped_column(BigInteger)
    imposed_at: Mapped[datetime] = mapped_column(Instant)
    due: Mapped[date] = mapped_column(index=True)
    lifted_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    lift_reason: Mapped[str | None] = mapped_column(Text)
