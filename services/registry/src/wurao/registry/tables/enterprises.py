"""Tables of enterprises and their premises."""

from datetime import date

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.db import Json, Versioned
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


class PremisesRow(Base):
    """A place of business."""

    __tablename__ = "premises"

    premises_id: Mapped[str] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    address: Mapped[str]
    area: Mapped[str]
