"""What scheduling keeps of the registry's and check-in's facts; fed by events, newest version wins."""

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Instant, Json
from wurao.scheduling.tables.base import Base


class Agency(Base):
    """An agency: published or withdrawn."""

    __tablename__ = "agencies"

    agency_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    level: Mapped[str] = mapped_column(default="county")
    area: Mapped[str] = mapped_column(default="", index=True)
    line: Mapped[str] = mapped_column(default="")
    parent_id: Mapped[str | None]
    published: Mapped[bool]
    version: Mapped[int]


class Officer(Base):
    """An officer with a certificate: active, suspended or exited."""

    __tablename__ = "officers"

    officer_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    agency_id: Mapped[str] = mapped_column(default="", index=True)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    state: Mapped[str] = mapped_column(default="active")
    suspended_until: Mapped[date | None]
    version: Mapped[int]


class OfficerConflict(Base):
    """A relation for which an officer stays away from an enterprise, through its last day or for good."""

    __tablename__ = "officer_conflicts"

    conflict_id: Mapped[str] = mapped_column(primary_key=True)
    officer_id: Mapped[str]
    enterprise_id: Mapped[str] = mapped_column(index=True)
    since: Mapped[date]
    until: Mapped[date | None]
    version: Mapped[int]


class Enterprise(Base):
    """An enterprise and its premises."""

    __tablename__ = "enterprises"

    enterprise_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    industry: Mapped[str]
    area: Mapped[str] = mapped_column(index=True)
    status: Mapped[str]
    tags: Mapped[list[str]] = mapped_column(Json)
    premises: Mapped[list[str]] = mapped_column(Json)
    version: Mapped[int]


class EnterpriseGrade(Base):
    """An enterprise's grade from a day on, and the share of its like that is drawn."""

    __tablename__ = "grade_periods"

    enterprise_id: Mapped[str] = mapped_column(primary_key=True)
    in_force_from: Mapped[date] = mapped_column(primary_key=True)
    grade: Mapped[str]
    sampling_permille: Mapped[int]
    version: Mapped[int]


class Item(Base):
    """An inspection item with its legal basis and form: published or cancelled."""

    __tablename__ = "items"

    item_id: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(default="")
    law: Mapped[str] = mapped_column(default="")
    article: Mapped[str] = mapped_column(default="")
    method: Mapped[str] = mapped_column(default="on_site")
    random_list: Mapped[bool] = mapped_column(default=False)
    special_industry: Mapped[bool] = mapped_column(default=False)
    key_area: Mapped[bool] = mapped_column(default=False)
    recognition_days: Mapped[int | None]
    delegable: Mapped[bool] = mapped_column(default=False)
    minutes: Mapped[int] = mapped_column(default=0)
    officers: Mapped[int] = mapped_column(default=0)
    industries: Mapped[list[str]] = mapped_column(Json, default=list)
    questions: Mapped[list[JsonObject]] = mapped_column(Json, default=list)
    published: Mapped[bool]
    version: Mapped[int]


class OfficerCall(Base):
    """An officer's inspection of an enterprise, and whether it found nothing."""

    __tablename__ = "officer_calls"

    enterprise_id: Mapped[str] = mapped_column(primary_key=True)
    officer_id: Mapped[str] = mapped_column(primary_key=True)
    entry_id: Mapped[str] = mapped_column(primary_key=True)
    finished_on: Mapped[date]
    clean: Mapped[bool]


class Result(Base):
    """The latest result of a matter at an enterprise, by whichever agency; others recognise it (YZ-07)."""

    __tablename__ = "results"

    enterprise_id: Mapped[str] = mapped_column(primary_key=True)
    matter: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str]
    agency_id: Mapped[str]
    entry_id: Mapped[str]
    result: Mapped[str]
    finished_at: Mapped[datetime] = mapped_column(Instant)
