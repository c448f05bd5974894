"""Tables of enterprises and their premises."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Instant, Json, Versioned
from wurao.registry.tables.base import Base


class Enterprise(Versioned, Base):
    """An enterprise with its grade as last announced; its id is its unified social credit code.

    `assessed`: where grades come from an approved class list alone, the grade that the facts would lead to (CX-13).
    """

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
    assessed: Mapped[str | None]
    sampling_permille: Mapped[int | None]
    yearly_cap: Mapped[int | None]
    grade_clause: Mapped[str | None]
    graded_from: Mapped[date | None]
    parent_id: Mapped[str | None]
    """The enterprise whose branch this is."""
    merged_into: Mapped[str | None]
    """The enterprise that took over this one's record, because both are the same."""


class EnterpriseSearch(Base):
    """What an enterprise is found by: its name's key, and the grams of its names and area.

    Beside the rows and not on them: grading changes every enterprise and would index every name anew. PostgreSQL
    has a GIN index over the grams, SQLite an FTS5 table `enterprise_search_fts` kept by triggers; models know neither.
    """

    __tablename__ = "enterprise_search"

    search_id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    enterprise_id: Mapped[str] = mapped_column(unique=True)
    name_key: Mapped[str] = mapped_column(String().with_variant(String(collation="C"), "postgresql"), index=True)
    grams: Mapped[str]


class SearchBacklog(Base):
    """Enterprises of one piece of a long import that still wait for their rows in `enterprise_search`."""

    __tablename__ = "search_backlog"

    backlog_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_ids: Mapped[list[str]] = mapped_column(Json)


class EnterpriseDeed(Base):
    """One change in an enterprise's life: from which day, why, and what the changed particulars were before."""

    __tablename__ = "enterprise_deeds"
    __table_args__ = (Index("ix_enterprise_deeds_enterprise", "enterprise_id", "deed_id"),)

    deed_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str]
    verb: Mapped[str]
    effective_on: Mapped[date]
    reason: Mapped[str]
    before: Mapped[JsonObject] = mapped_column(Json)
    after: Mapped[JsonObject] = mapped_column(Json)
    done_by: Mapped[str]
    known_at: Mapped[datetime] = mapped_column(Instant)


class FormerName(Base):
    """A name that an enterprise once had; `source_id` is the enterprise that had it, if merged into this one."""

    __tablename__ = "former_names"

    former_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    used_until: Mapped[date]
    source_id: Mapped[str | None]


class FormerCode(Base):
    """An old code of an enterprise; several enterprises that claim the same one may be duplicates."""

    __tablename__ = "former_codes"

    code: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str] = mapped_column(primary_key=True, index=True)


class DuplicateProposal(Versioned, Base):
    """Two enterprises that may be one and the same; `first_id` is the smaller of their ids."""

    __tablename__ = "duplicate_proposals"
    __table_args__ = (
        Index("uq_duplicate_proposals_pair", "first_id", "second_id", unique=True),
        Index("ix_duplicate_proposals_state", "state", "proposal_id"),
        Index("ix_duplicate_proposals_second", "second_id"),
    )

    proposal_id: Mapped[str] = mapped_column(primary_key=True)
    first_id: Mapped[str]
    second_id: Mapped[str]
    area: Mapped[str]
    grounds: Mapped[list[str]] = mapped_column(Json)
    reasons: Mapped[list[str]] = mapped_column(Json)
    state: Mapped[str]
    found_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decision_reason: Mapped[str | None]


class Merge(Versioned, Base):
    """A merge of one enterprise's record into another's, with all that moved, so that it can be undone."""

    __tablename__ = "merges"
    __table_args__ = (
        Index("ix_merges_merged", "merged_id"),
        Index("ix_merges_survivor", "survivor_id"),
    )

    merge_id: Mapped[str] = mapped_column(primary_key=True)
    merged_id: Mapped[str]
    survivor_id: Mapped[str]
    proposal_id: Mapped[str | None]
    reason: Mapped[str]
    status_before: Mapped[str]
    facts: Mapped[list[str]] = mapped_column(Json)
    premises: Mapped[list[str]] = mapped_column(Json)
    names: Mapped[list[str]] = mapped_column(Json)
    codes: Mapped[list[str]] = mapped_column(Json)
    adjustments: Mapped[list[str]] = mapped_column(Json)
    objections: Mapped[list[str]] = mapped_column(Json)
    conflicts: Mapped[list[str]] = mapped_column(Json)
    merged_by: Mapped[str]
    merged_at: Mapped[datetime] = mapped_column(Instant)
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
    undone_reason: Mapped[str | None]


class PremisesRow(Base):
    """A place of business; closed ones stay on record."""

    __tablename__ = "premises"

    premises_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    address: Mapped[str]
    area: Mapped[str]
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]
