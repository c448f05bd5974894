"""Tables of the registry."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Instant, Json, Versioned, named_metadata


class Base(DeclarativeBase):
    """Base of the registry's tables."""

    metadata = named_metadata()


class Agency(Versioned, Base):
    """An agency: confirmed, then published, perhaps withdrawn."""

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


class Officer(Versioned, Base):
    """A person who enforces or assists: recorded, certified, suspended or exited.

    `area` is the agency's. `changed_unseen`: particulars changed while suspended, so nobody was told yet.
    """

    __tablename__ = "officers"

    officer_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    agency_id: Mapped[str] = mapped_column(index=True)
    area: Mapped[str] = mapped_column(index=True)
    unit: Mapped[str]
    kind: Mapped[str]
    certificate_no: Mapped[str | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None] = mapped_column(index=True)
    trained: Mapped[bool]
    examined: Mapped[bool]
    in_post: Mapped[bool]
    legal_reviewer: Mapped[bool]
    legal_qualified: Mapped[bool]
    leader: Mapped[bool]
    management_authority: Mapped[str]
    standing: Mapped[str] = mapped_column(default="recorded")
    standing_reason: Mapped[str] = mapped_column(default="")
    suspended_until: Mapped[date | None] = mapped_column(index=True)
    changed_unseen: Mapped[bool] = mapped_column(default=False)


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


class Item(Versioned, Base):
    """An item as its agency edits it; `edition` counts the publications, 0 before the first."""

    __tablename__ = "items"

    item_id: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    law: Mapped[str]
    article: Mapped[str]
    method: Mapped[str]
    random_list: Mapped[bool]
    special_industry: Mapped[bool]
    key_area: Mapped[bool]
    recognition_days: Mapped[int | None]
    delegable: Mapped[bool]
    minutes: Mapped[int]
    officers: Mapped[int]
    industries: Mapped[list[str]] = mapped_column(Json)
    form_id: Mapped[str | None] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(default="draft")
    edition: Mapped[int] = mapped_column(default=0)
    published_on: Mapped[date | None]
    cancelled_on: Mapped[date | None]
    cancel_reason: Mapped[str] = mapped_column(default="")


class ItemEdition(Base):
    """An item as published. Never changed: a later change is a later edition (YZ-03, QZ-04)."""

    __tablename__ = "item_editions"

    item_id: Mapped[str] = mapped_column(primary_key=True)
    edition: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(index=True)
    form_id: Mapped[str | None]
    form_version: Mapped[int | None]
    content: Mapped[JsonObject] = mapped_column(Json)
    published_on: Mapped[date]
    random_list: Mapped[bool]


class FormQuestion(Base):
    """A question of a form's version."""

    __tablename__ = "form_questions"

    form_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    text: Mapped[str]
    type: Mapped[str]
    mandatory: Mapped[bool]
    standard: Mapped[str]
    law: Mapped[str]
    article: Mapped[str]
    shared_key: Mapped[str | None]


class ItemUsage(Base):
    """How often an item was inspected in a month (`2026-03`), from finished visits (QZ-03)."""

    __tablename__ = "item_usage"

    item_id: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)
    inspections: Mapped[int]
    violations: Mapped[int]
    last_used_on: Mapped[date]


class CountedEntry(Base):
    """A finished visit whose items have been counted."""

    __tablename__ = "counted_entries"

    entry_id: Mapped[str] = mapped_column(primary_key=True)


class Enterprise(Versioned, Base):
    """An enterprise with its grade as last announced; its id is its unified social credit code."""

    __tablename__ = "enterprises"
    __table_args__ = (Index("ix_enterprises_area_id", "area", "enterprise_id"),)

    enterprise_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    industry: Mapped[str]
    size: Mapped[str]
    area: Mapped[str]
    address: Mapped[str]
    registered_on: Mapped[date | None]
    park: Mapped[str]
    tags: Mapped[list[str]] = mapped_column(Json)
    status: Mapped[str] = mapped_column(default="registered")
    scheme: Mapped[str | None]
    grade: Mapped[str | None]
    score: Mapped[int | None]
    sampling_permille: Mapped[int | None]
    yearly_cap: Mapped[int | None]
    grade_clause: Mapped[str | None]
    graded_from: Mapped[date | None]


class PremisesRow(Base):
    """A place of business."""

    __tablename__ = "premises"

    premises_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    address: Mapped[str]
    area: Mapped[str]


class FactRow(Base):
    """A credit fact with its source. `counts_until`: the last day on which it counts; `lapsed`: that day is over.

    `origin` tells who entered it, `origin_version` the version of the case that it follows.
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
