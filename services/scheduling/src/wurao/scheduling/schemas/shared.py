"""Shapes that several bodies use."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from wurao.common import area as areas

# NUL cannot be kept by PostgreSQL, and lone surrogates by nobody.
Text = Annotated[str, StringConstraints(max_length=2_000, pattern=r"^[^\x00]*$", strip_whitespace=True)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]+$", strip_whitespace=True)]
Reason = Annotated[str, StringConstraints(min_length=2, max_length=500, pattern=r"^[^\x00]+$", strip_whitespace=True)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]{1,79}$")]
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
Ground = Annotated[str, StringConstraints(pattern=r"^[a-z_]{2,40}$")]
AreaCode = Annotated[str, StringConstraints(pattern=r"^(\d{6}|\d{9})$"), AfterValidator(areas.canonical)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


def _sane(instant: datetime) -> datetime:
    """Years are compared as written: the ends of datetime's range cannot be converted to another zone."""
    if not 2000 <= instant.year <= 2100:
        raise ValueError("应为2000年至2100年之间的时间")
    return instant


Moment = Annotated[AwareDatetime, AfterValidator(_sane)]


class Body(BaseModel):
    """Base of request bodies: nothing unknown."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """Base of answers, read from rows."""

    model_config = ConfigDict(from_attributes=True)


class WithReason(Body):
    """A deed that needs a reason."""

    reason: Reason
