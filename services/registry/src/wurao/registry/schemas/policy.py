"""Packs and calendars in and out."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from wurao.registry.schemas.base import NO_NUL, AreaCode


class Activation(BaseModel):
    """A pack to take effect in an area from a day, approved by two persons."""

    area: AreaCode
    effective_from: date
    approved_by: Annotated[
        list[Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_NUL)]], Field(min_length=2)
    ]


class ActivePack(BaseModel):
    """A pack as activated."""

    area: str
    pack: str
    digest: str
    effective_from: date


class ParameterOut(BaseModel):
    """A parameter in force, with its source."""

    name: str
    value: Any
    unit: str
    clause: str
    cite: str
    since: date


class CalendarIn(BaseModel):
    """A year's table as the State Council announced it."""

    notice: Annotated[str, StringConstraints(min_length=2, max_length=100, pattern=NO_NUL)]
    workdays: list[date]
    holidays: dict[date, Annotated[str, StringConstraints(min_length=1, max_length=20, pattern=NO_NUL)]]
    statutory: list[date]


class CalendarOut(CalendarIn):
    """A year's table as kept."""

    year: int
    version: int
