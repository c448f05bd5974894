"""Draws with their files, parties and drawn enterprises."""

from datetime import date, datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Instant, Json, Versioned
from wurao.scheduling.tables.base import Base


class Draw(Versioned, Base):
    """A double-random draw: frozen, drawing once its seed is fixed, then held; or void."""

    __tablename__ = "draws"

    draw_id: Mapped[str] = mapped_column(primary_key=True)
    plan_id: Mapped[str] = mapped_column(index=True)
    agency_id: Mapped[str]
    agencies: Mapped[list[str]] = mapped_column(Json)
    area: Mapped[str] = mapped_column(index=True)
    item_ids: Mapped[list[str]] = mapped_column(Json)
    earliest: Mapped[date]
    latest: Mapped[date]
    state: Mapped[str]
    digests: Mapped[dict[str, str]] = mapped_column(Json)
    pool_digest: Mapped[str]
    pool_size: Mapped[int]
    officers_size: Mapped[int]
    officers_per_visit: Mapped[int]
    strata: Mapped[list[JsonObject]] = mapped_column(Json)
    outside_source: Mapped[str | None]
    outside_on: Mapped[date | None]
    outside_value: Mapped[str | None]
    seed: Mapped[str | None]
    repeats: Mapped[str | None]
    repeat_reason: Mapped[str | None]
    created_by: Mapped[str]
    frozen_at: Mapped[datetime] = mapped_column(Instant)
    job_id: Mapped[str | None]
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    void_reason: Mapped[str | None]


class DrawFile(Base):
    """A file of a draw's proof, its text as published; apart from the draw, since it may be long."""

    __tablename__ = "draw_files"

    draw_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
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
    """An enterprise that a draw chose: its ticket, its officers by agency, and what came of it.

    `settled` once it has been through the gate. A substitute was called as number `called` for the enterprise that it
    `replaces`, which names it as `replaced_by`.
    """

    __tablename__ = "drawn"

    draw_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str] = mapped_column(primary_key=True)
    plan_id: Mapped[str] = mapped_column(index=True)
    stratum: Mapped[str]
    rank: Mapped[int]
    ticket: Mapped[str]
    officers: Mapped[dict[str, list[str]]] = mapped_column(Json)
    unsent: Mapped[list[JsonObject]] = mapped_column(Json)
    settled: Mapped[bool]
    tasks: Mapped[list[str]] = mapped_column(Json)
    refused: Mapped[list[str]] = mapped_column(Json)
    called: Mapped[int | None]
    replaces: Mapped[str | None]
    reason: Mapped[str | None]
    replaced_by: Mapped[str | None]
