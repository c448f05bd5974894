"""Tables of items, forms and their use."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Json, Versioned
from wurao.registry.tables.base import Base


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
