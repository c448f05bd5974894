"""A value of the law: what it is, where it is written, and when it is in force."""

import copy
from datetime import date
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, StringConstraints

T = TypeVar("T")

ClauseId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}-\d{2}$", strict=True)]
Text = Annotated[str, StringConstraints(min_length=1, strict=True)]

# text: the cited document says it; operational: the document gives a rule without a figure and the platform
# sets one; silent: the document sets no such rule.
Origin = Literal["text", "operational", "silent"]


class Param(BaseModel, Generic[T]):
    """One value in force on the day asked for, with its citation; `since` is the first day in force."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: T
    clause: ClauseId
    cite: str
    unit: str
    since: date
    origin: Origin = "text"


class DatedValue(BaseModel):
    """A value in force from `since` until the day before `until`, and where it was written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: JsonValue
    since: date
    until: date | None
    clause: ClauseId
    cite: Text
    origin: Origin
    pack: Text
    file: Text
    line: int

    def in_force(self, on: date) -> bool:
        return self.since <= on and (self.until is None or on < self.until)


class Parameter(BaseModel):
    """All values of one parameter, those of the nearest pack first, then its parents'."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    unit: Text
    values: tuple[DatedValue, ...]

    def at(self, on: date) -> DatedValue | None:
        return next((value for value in self.values if value.in_force(on)), None)

    def cited(self, value: DatedValue) -> Param[Any]:
        """`value` as handed to callers: a copy, so that no caller can change the law."""
        return Param(
            value=copy.deepcopy(value.value),
            clause=value.clause,
            cite=value.cite,
            unit=self.unit,
            since=value.since,
            origin=value.origin,
        )
