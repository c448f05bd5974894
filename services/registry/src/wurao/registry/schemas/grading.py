"""Facts and grades in and out."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StrictInt

from wurao.common.imports import CsvModel
from wurao.registry.domain.facts import READINGS
from wurao.registry.schemas.base import AreaCode, Identifier, LegalDay, Line, Name, Uscc


def _known(indicator: str) -> str:
    if indicator not in READINGS:
        raise ValueError(f"不认识的指标，只能是 {'、'.join(READINGS)}")
    return indicator


Indicator = Annotated[str, Field(max_length=64), AfterValidator(_known)]
Value = Annotated[StrictInt, Field(ge=0, le=1_000_000_000)]


class FactRowIn(CsvModel):
    """A row of facts.csv."""

    fact_id: Identifier
    enterprise_id: Uscc
    indicator: Indicator
    value: Value
    source: Name
    occurred_on: LegalDay
    evidence: Line = ""
    expires_on: LegalDay | None = None


class FactIn(BaseModel):
    """A single fact; `expires_on` is the last day on which it counts."""

    indicator: Indicator
    value: Value
    source: Name
    occurred_on: LegalDay
    evidence: Line
    expires_on: LegalDay | None = None


class FactOut(BaseModel):
    """A fact as kept; `counts_until` is the last day on which it counts, by its source or its indicator.

    `ended` tells why it counts no more: expired, restored, repaired, withdrawn or corrected; `lapsed_at` since when.
    """

    model_config = ConfigDict(from_attributes=True)

    fact_id: str
    enterprise_id: str
    indicator: str
    value: int
    source: str
    occurred_on: date
    evidence: str
    expires_on: date | None
    counts_until: date | None
    origin: str
    agency_id: str | None = None
    recorded_at: AwareDatetime
    ended: str | None = None
    lapsed_at: AwareDatetime | None = None


class Recorded(BaseModel):
    """A fact that was entered, and the grade afterwards."""

    fact: FactOut
    grade: str | None
    changed: bool


class GradingRequest(BaseModel):
    """Grade every enterprise of an area; the grades are in force from today or from a later day within a year."""

    area: AreaCode
    in_force_from: LegalDay | None = None


class FactorOut(BaseModel):
    """What a factor adds to the score, in hundredths of a point."""

    factor: str
    label: str
    points: int


class IndicatorOut(BaseModel):
    """What an indicator adds to the score, in hundredths of a point, and from which facts."""

    indicator: str
    label: str
    factor: str
    value: int
    points: int
    reason: str
    facts: list[FactOut]


class HardRuleOut(BaseModel):
    """A rule that holds the grade down."""

    indicator: str
    label: str
    value: int
    best_allowed: str


class PastGrade(BaseModel):
    """A grade as announced, with the reasons of that moment."""

    model_config = ConfigDict(from_attributes=True)

    grade: str
    previous: str | None
    scheme: str
    score: int
    sampling_permille: int
    yearly_cap: int | None
    measures: list[str]
    reasons: list[str]
    clause: str
    cite: str
    cause: str
    in_force_from: date
    known_at: AwareDatetime


class AdjustedOut(BaseModel):
    """The adjustment that moves the grade: its last day, and why, in Chinese. The enterprise can object to it."""

    adjustment_id: str
    until: date
    reason: str


class GradeOut(BaseModel):
    """A grade that explains itself.

    `grade` and what follows from it are as in force; `in_force_from` is absent while no grade was announced. The
    score, factors and indicators are as of today; `due` tells that they now lead to `assessed`, which the next
    grading announces. Scores are hundredths of a point. `by_list`: grades come into force by an approved class list
    only, and `assessed` is what the next list would say. `adjustment`: the manual change in force, if any.
    """

    enterprise_id: str
    scheme: str
    grade: str
    label: str
    assessed: str
    due: bool
    by_list: bool
    adjustment: AdjustedOut | None
    previous: str | None
    score: int
    base: int
    factors: list[FactorOut]
    indicators: list[IndicatorOut]
    hard_rules: list[HardRuleOut]
    reasons: list[str]
    measures: list[str]
    sampling_permille: int
    yearly_cap: int | None
    clause: str
    cite: str
    in_force_from: date | None
    history: list[PastGrade]
