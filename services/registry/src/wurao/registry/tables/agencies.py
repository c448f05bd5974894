"""Tables of agencies."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from wurao.common.db import Versioned
from wurao.registry.tables.base import Base


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
