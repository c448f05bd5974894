"""Kinds of fields that several bodies share; all bounded, no NUL characters, instants of this age."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

_NO_NUL = r"^[^\x00]*$"

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
PathId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
Seq = Annotated[int, Path(ge=1, le=2**53)]
Words = Annotated[str, StringConstraints(pattern=_NO_NUL, max_length=2000)]
SomeWords = Annotated[str, StringConstraints(pattern=_NO_NUL, min_length=1, max_length=2000, strip_whitespace=True)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]{1,79}$")]
Token = Annotated[str, StringConstraints(pattern=_NO_NUL, max_length=4096)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2100, 1, 1, tzinfo=UTC))]
OfficerIds = Annotated[list[Identifier], Field(min_length=1, max_length=20)]


class Body(BaseModel):
    """Base of request bodies: nothing unknown passes unnoticed."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """Base of answers read from rows."""

    model_config = ConfigDict(from_attributes=True)
