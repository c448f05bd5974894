"""The base of the registry's tables."""

from sqlalchemy.orm import DeclarativeBase

from wurao.common.db import named_metadata


class Base(DeclarativeBase):
    """Base of the registry's tables."""

    metadata = named_metadata()
