"""Types that several bodies share."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StringConstraints

FIRST_DAY, LAST_DAY = date(1949, 10, 1), date(2999, 12, 31)
LARGEST_FEN = 10**15

NO_NUL = r"^[^\x00]*$"
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]{0,63}$")]
Words = Annotated[str, StringConstraints(min_length=2, max_length=2000, pattern=NO_NUL, strip_whitespace=True)]
Remark = Annotated[str, StringConstraints(max_length=2000, pattern=NO_NUL, strip_whitespace=True)]
Long = Annotated[str, StringConstraints(min_length=2, max_length=20000, pattern=NO_NUL, strip_whitespace=True)]
Fen = Annotated[StrictInt, Field(ge=0, le=LARGEST_FEN, description="integer fen")]
PositiveFen = Annotated[StrictInt, Field(ge=1, le=LARGEST_FEN, description="integer fen")]
Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY, description="legal day in Asia/Shanghai")]
Kinds = Annotated[list[Code], Field(max_length=10)]


class Body(BaseModel):
    """Base of request bodies: nothing unknown."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """Base of answers that are read from rows."""

    model_config = ConfigDict(from_attributes=True)
