"""Tasks, caps, visits, filings and published keys."""

from datetime import date, datetime

from sqlalchemy import Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Instant, Json, Versioned
from wurao.scheduling.tables.base import Base

# One visit for an enterprise and day; what is made up for an entry took place already and takes no day.
_LIVE = text("state not in ('cancelled', 'lapsed') and makeup_for is null")


class Task(Versioned, Base):
    """What an agency wants to inspect at an enterprise; open, scheduled, done, cancelled or lapsed.

    `counter` names the counter in which the task holds a place of `counter_year`; none when it holds none.
    `acceptance_of`: the superior's visit after which it is one of the allowed visits for acceptance (CX-15).
    """

    __tablename__ = "tasks"
    __table_args__ = (Index("ix_tasks_open", "state", "area", "latest"),)

    task_id: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(index=True)
    enterprise_id: Mapped[str] = mapped_column(index=True)
    premises_id: Mapped[str | None]
    area: Mapped[str]
    item_ids: Mapped[list[str]] = mapped_column(Json)
    earliest: Mapped[date]
    latest: Mapped[date]
    origin: Mapped[str]
    plan_id: Mapped[str | None]
    draw_id: Mapped[str | None]
    ground: Mapped[str | None]
    source_record: Mapped[str | None]
    method: Mapped[str]
    reason: Mapped[str | None]
    unit: Mapped[str | None]
    superior_approval: Mapped[str | None]
    notified_agency_id: Mapped[str | None] = mapped_column(index=True)
    counter: Mapped[str | None]
    counter_year: Mapped[int]
    counted: Mapped[bool]
    acceptance_of: Mapped[str | None]
    state: Mapped[str]
    visit_id: Mapped[str | None] = mapped_column(index=True)
    note: Mapped[str] = mapped_column(default="")
    created_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)


class CapCounter(Base):
    """Places taken in a year: `on_site` under the cap (QZ-16), `triggered` outside it (QZ-17)."""

    __tablename__ = "cap_counters"

    kind: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int]


class Visit(Versioned, Base):
    """A visit: proposed, approved, started, finished, cancelled or lapsed; one for an enterprise and day.

    `opens_at`, `closes_at`: its window where that is not the day's; `makeup_for`: the entry that it follows (QZ-10).
    """

    __tablename__ = "visits"
    __table_args__ = (
        Index("uq_visits_day", "enterprise_id", "day", unique=True, postgresql_where=_LIVE, sqlite_where=_LIVE),
        Index("ix_visits_state", "state", "day"),
    )

    visit_id: Mapped[str] = mapped_column(primary_key=True)
    merge_id: Mapped[str] = mapped_column(index=True)
    enterprise_id: Mapped[str]
    enterprise_name: Mapped[str]
    premises_id: Mapped[str | None]
    area: Mapped[str] = mapped_column(index=True)
    lead_agency_id: Mapped[str]
    items: Mapped[list[JsonObject]] = mapped_column(Json)
    questions: Mapped[list[JsonObject]] = mapped_column(Json)
    kind: Mapped[str]
    ground: Mapped[str | None]
    source_record: Mapped[str | None]
    day: Mapped[date]
    minutes: Mapped[int]
    officer_seed: Mapped[str]
    state: Mapped[str]
    code_id: Mapped[str | None]
    code: Mapped[str | None] = mapped_column(Text)
    proposed_by: Mapped[str]
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
    opens_at: Mapped[datetime | None] = mapped_column(Instant)
    closes_at: Mapped[datetime | None] = mapped_column(Instant)
    makeup_for: Mapped[str | None] = mapped_column(index=True)
    note: Mapped[str] = mapped_column(default="")


class VisitAgency(Base):
    """An agency that takes part in a visit."""

    __tablename__ = "visit_agencies"

    visit_id: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(primary_key=True, index=True)


class VisitOfficer(Base):
    """An officer drawn for a visit from the list with this digest; none for one whom a head sends, or who was there."""

    __tablename__ = "visit_officers"

    visit_id: Mapped[str] = mapped_column(primary_key=True)
    officer_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    agency_id: Mapped[str]
    name: Mapped[str]
    eligible_sha256: Mapped[str | None]


class OfficerList(Base):
    """A list of officers who could be drawn for a visit, as its bytes were hashed."""

    __tablename__ = "officer_lists"

    visit_id: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    document: Mapped[str] = mapped_column(Text)


class Filing(Versioned, Base):
    """An inspection that could not wait: filed at once or made up afterwards (CX-06, QZ-10).

    `reckoning` explains `due`; `visit_id`: the approval and code that followed, `approved_late` whether too late.
    """

    __tablename__ = "filings"

    filing_id: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(index=True)
    enterprise_id: Mapped[str] = mapped_column(index=True)
    area: Mapped[str] = mapped_column(index=True)
    ground: Mapped[str]
    source_record: Mapped[str]
    officers: Mapped[list[JsonObject]] = mapped_column(Json)
    item_ids: Mapped[list[str]] = mapped_column(Json)
    entry_id: Mapped[str | None]
    began_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    filed_at: Mapped[datetime] = mapped_column(Instant)
    filed_by: Mapped[str]
    after_the_fact: Mapped[bool]
    due: Mapped[datetime | None] = mapped_column(Instant)
    late: Mapped[bool]
    clause: Mapped[str]
    reckoning: Mapped[list[str]] = mapped_column(Json)
    visit_id: Mapped[str | None]
    approved_late: Mapped[bool | None]


class ActionKey(Base):
    """A key whose publication was announced."""

    __tablename__ = "action_keys"

    kid: Mapped[str] = mapped_column(primary_key=True)
    published_at: Mapped[datetime] = mapped_column(Instant)
