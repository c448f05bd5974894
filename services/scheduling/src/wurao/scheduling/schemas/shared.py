"""Shapes that several bodies use."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from wurao.common import area as areas
from wurao.scheduling.domain.task_rows import LONGEST

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


class Windowed(Body):
    """Something to be done between two days, both included, a year apart at most."""

    earliest: Day
    latest: Day

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.latest < self.earliest:
            raise ValueError("最晚日期早于最早日期")
        if (self.latest - self.earliest).days > LONGEST:
            raise ValueError(f"时限不得超过{LONGEST}天")
        return self


class WithReason(Body):
    """A deed that needs a reason."""

    reason: Reason
