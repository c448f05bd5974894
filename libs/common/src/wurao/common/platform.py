"""Tables that every service's database has: outbox, inbox, dead letters, idempotency, jobs, packs, calendars."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, Integer, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Instant, Json, named_metadata

BigId = BigInteger().with_variant(Integer(), "sqlite")


class PlatformBase(DeclarativeBase):
    """Base of the platform tables."""

    metadata = named_metadata()


class OutboxRow(PlatformBase):
    """An event that the broker has not acknowledged yet; removed afterwards."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_blocked",
            "topic",
            "key",
            "id",
            postgresql_where=text("not_before is not null"),
            sqlite_where=text("not_before is not null"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    topic: Mapped[str]
    key: Mapped[str]
    headers: Mapped[JsonObject] = mapped_column(Json)
    body: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    not_before: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str | None]


class InboxRow(PlatformBase):
    """An event that a consumer group has handled, written in the handler's own transaction."""

    __tablename__ = "inbox"

    consumer_group: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    handled_at: Mapped[datetime] = mapped_column(Instant, index=True)


class DeadLetterRow(PlatformBase):
    """An event that a handler could not digest, kept with the reason until it is replayed."""

    __tablename__ = "dead_letters"

    event_id: Mapped[str] = mapped_column(primary_key=True)
    consumer_group: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str]
    key: Mapped[str]
    headers: Mapped[JsonObject] = mapped_column(Json)
    body: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int]
    died_at: Mapped[datetime] = mapped_column(Instant)


class IdempotencyRow(PlatformBase):
    """The answer to a request that carried an Idempotency-Key."""

    __tablename__ = "idempotency"

    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    status: Mapped[int]
    headers: Mapped[JsonObject] = mapped_column(Json)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)


class JobRow(PlatformBase):
    """A long piece of work with its progress; resumed after a crash."""

    __tablename__ = "jobs"

    job_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    owner: Mapped[str]
    parameters: Mapped[JsonObject] = mapped_column(Json)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(default="")
    result: Mapped[JsonObject | None] = mapped_column(Json)
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    leased_until: Mapped[datetime | None] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)


class PackRow(PlatformBase):
    """A policy pack as activated in an area from a day."""

    __tablename__ = "packs"

    area: Mapped[str] = mapped_column(primary_key=True)
    effective_from: Mapped[date] = mapped_column(primary_key=True)
    pack: Mapped[str]
    digest: Mapped[str]
    document: Mapped[JsonObject] = mapped_column(Json)
    approved_by: Mapped[list[str]] = mapped_column(Json)
    version: Mapped[int]


class CalendarRow(PlatformBase):
    """A year's table of holidays and make-up workdays that an administrator loaded."""

    __tablename__ = "calendars"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    notice: Mapped[str]
    workdays: Mapped[list[str]] = mapped_column(Json)
    holidays: Mapped[JsonObject] = mapped_column(Json)
    statutory: Mapped[list[str]] = mapped_column(Json)
    version: Mapped[int]
