"""Tables of jurisdictions."""

from sqlalchemy.orm import Mapped, mapped_column

from wurao.registry.tables.base import Base


class Area(Base):
    """An administrative area below the country: six digits of GB/T 2260, nine for a township."""

    __tablename__ = "areas"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    level: Mapped[str]
    parent: Mapped[str] = mapped_column(index=True)
