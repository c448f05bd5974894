"""Tables of items, forms and their use."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Instant, Json, Versioned
from wurao.registry.tables.base import Base


def _unique(name: str, column: str, condition: str) -> Index:
    """A unique index over some rows only, on both databases."""
    return Index(name, column, unique=True, sqlite_where=text(condition), postgresql_where=text(condition))


class Item(Versioned, Base):
    """An item as its agency edits it; `edition` counts the publications, 0 before the first."""

    __tablename__ = "items"

    item_id: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    line: Mapped[str] = mapped_column(default="")
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


class ItemList(Versioned, Base):
    """An agency's item list of a year as submitted; `number` counts the year's lists. One at a time is open."""

    __tablename__ = "item_lists"
    __table_args__ = (
        Index("uq_item_lists_number", "agency_id", "year", "number", unique=True),
        _unique("uq_item_lists_open", "agency_id", "state in ('reviewing', 'passed')"),
        _unique("uq_item_lists_in_force", "agency_id", "state = 'published'"),
    )

    list_id: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str]
    year: Mapped[int]
    number: Mapped[int]
    state: Mapped[str]
    items: Mapped[int]
    digest: Mapped[str]
    submitted_by: Mapped[str]
    submitted_at: Mapped[datetime] = mapped_column(Instant)
    reviewed_by: Mapped[str | None]
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)
    opinion: Mapped[str] = mapped_column(default="")
    published_by: Mapped[str | None]
    published_on: Mapped[date | None]


class ListedItem(Base):
    """An item of a list, frozen on submission; its edition is known once the list is published."""

    __tablename__ = "listed_items"

    list_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(primary_key=True)
    change: Mapped[str]
    content: Mapped[JsonObject] = mapped_column(Json)
    edition: Mapped[int | None]


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
    evidence: Mapped[list[str]] = mapped_column(Json, default=list)
    shared_key: Mapped[str | None]


class ItemUsage(Base):
    """How often an item was inspected in a month (`2026-03`), from finished visits (QZ-03)."""

    __tablename__ = "item_usage"

    item_id: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)
    inspections: Mapped[int]
    violations: Mapped[int]
    last_used_on: Mapped[date]


class ItemProposal(Versioned, Base):
    """A proposal to cancel an item, with the figures that speak for it (QZ-03). One at a time is open."""

    __tablename__ = "item_proposals"
    __table_args__ = (_unique("uq_item_proposals_open", "item_id", "state = 'open'"),)

    proposal_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str]
    agency_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    findings: Mapped[list[str]] = mapped_column(Json)
    since: Mapped[date]
    inspections: Mapped[int]
    violations: Mapped[int]
    last_used_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(default="open")
    proposed_on: Mapped[date]
    decided_by: Mapped[str | None]
    decided_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(default="")


class CountedEntry(Base):
    """A finished visit whose items have been counted."""

    __tablename__ = "counted_entries"

    entry_id: Mapped[str] = mapped_column(primary_key=True)
