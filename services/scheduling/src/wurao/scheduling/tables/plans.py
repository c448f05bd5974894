"""Plans and draws."""

from datetime import date, datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Instant, Json, Versioned
from wurao.scheduling.tables.base import Base


class Plan(Versioned, Base):
    """A plan: draft, approved, published; filed at some time after approval."""

    __tablename__ = "plans"

    plan_id: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(index=True)
    area: Mapped[str] = mapped_column(index=True)
    title: Mapped[str]
    kind: Mapped[str]
    period_from: Mapped[date]
    period_to: Mapped[date]
    item_ids: Mapped[list[str]] = mapped_column(Json)
    contents: Mapped[JsonObject] = mapped_column(Json)
    state: Mapped[str] = mapped_column(index=True)
    created_by: Mapped[str]
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
    resolution: Mapped[str | None]
    office: Mapped[str | None]
    filed_at: Mapped[datetime | None] = mapped_column(Instant)
    filing_due: Mapped[date | None]
    late: Mapped[bool] = mapped_column(default=False)
    published_at: Mapped[datetime | None] = mapped_column(Instant)


class Draw(Versioned, Base):
    """A double-random draw: frozen, then held or void."""

    __tablename__ = "draws"

    draw_id: Mapped[str] = mapped_column(primary_key=True)
    plan_id: Mapped[str] = mapped_column(index=True)
    agency_id: Mapped[str]
    area: Mapped[str] = mapped_column(index=True)
    item_ids: Mapped[list[str]] = mapped_column(Json)
    earliest: Mapped[date]
    latest: Mapped[date]
    state: Mapped[str]
    pool_digest: Mapped[str]
    pool_size: Mapped[int]
    strata: Mapped[list[JsonObject]] = mapped_column(Json)
    seed: Mapped[str | None]
    created_by: Mapped[str]
    frozen_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    void_reason: Mapped[str | None]


class DrawPool(Base):
    """The frozen pool as canonical text; apart from the draw, since it may be long."""

    __tablename__ = "draw_pools"

    draw_id: Mapped[str] = mapped_column(primary_key=True)
    document: Mapped[str] = mapped_column(Text)


class DrawParty(Base):
    """A party's commitment, and its secret once revealed."""

    __tablename__ = "draw_parties"

    draw_id: Mapped[str] = mapped_column(primary_key=True)
    party: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    commitment: Mapped[str]
    committed_at: Mapped[datetime] = mapped_column(Instant)
    secret: Mapped[str | None]
    revealed_at: Mapped[datetime | None] = mapped_column(Instant)


class Drawn(Base):
    """An enterprise that a draw chose, with its ticket and what came of it."""

    __tablename__ = "drawn"

    draw_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str] = mapped_column(primary_key=True)
    plan_id: Mapped[str] = mapped_column(index=True)
    stratum: Mapped[str]
    ticket: Mapped[str]
    tasks: Mapped[list[str]] = mapped_column(Json)
    refused: Mapped[list[str]] = mapped_column(Json)
