"""What would change a grade, and what it was: in and out."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from wurao.registry.schemas.base import Identifier, LegalDay
from wurao.registry.schemas.grading import HardRuleOut, Indicator, PastGrade, Value

MOST = 50

KnownAt = Annotated[
    AwareDatetime | LegalDay,
    Field(description="an instant with offset, or a day: what was known at its end", union_mode="left_to_right"),
]


class SimulatedFact(BaseModel):
    """A fact that might come; `expires_on` is the last day on which it would count."""

    indicator: Indicator
    value: Value
    occurred_on: LegalDay
    expires_on: LegalDay | None = None


class SimulationIn(BaseModel):
    """Facts to leave out (by id), facts to add, and the day on which to look; today by default."""

    leave_out: Annotated[list[Identifier], Field(max_length=MOST)] = []
    add: Annotated[list[SimulatedFact], Field(max_length=MOST)] = []
    on: LegalDay | None = None


class AssessedOut(BaseModel):
    """A score (hundredths of a point) and the grade that it leads to."""

    score: int
    grade: str
    label: str
    hard_rules: list[HardRuleOut]


class IndicatorChange(BaseModel):
    """An indicator before and after; points in hundredths, the reason in Chinese as after."""

    indicator: str
    label: str
    value_before: int
    value_after: int
    points_before: int
    points_after: int
    reason: str


class Simulation(BaseModel):
    """What the facts come to on a day as they are, and with the changes asked for. Nothing is kept."""

    enterprise_id: str
    on: date
    before: AssessedOut
    after: AssessedOut
    indicators: list[IndicatorChange]
    sentences: list[str]
    clause: str
    cite: str


class FactEffect(BaseModel):
    """A fact that counts today, its last day, and what the enterprise would be assessed at without it.

    `repair_from`: the first day on which its repair may be applied for; absent for what is not repaired.
    """

    fact_id: str
    indicator: str
    label: str
    value: int
    source: str
    occurred_on: date
    counts_until: date | None
    repair_from: date | None
    score_without: int
    grade_without: str
    sentence: str


class Improvement(BaseModel):
    """The first day with a better grade if nothing else happens."""

    on: date
    score: int
    grade: str
    label: str


class WayUp(BaseModel):
    """The fewest facts without which the grade would be better.

    `repair_from`: the day from which all of them may be repaired; absent where one is not repaired.
    """

    fact_ids: list[str]
    repair_from: date | None
    score: int
    grade: str
    label: str


class Outlook(BaseModel):
    """What would change an enterprise's assessed grade: by itself, or by facts that cease to count."""

    enterprise_id: str
    on: date
    now: AssessedOut
    facts: list[FactEffect]
    improves: Improvement | None
    fewest: WayUp | None
    sentences: list[str]
    clause: str
    cite: str


class GradeThen(BaseModel):
    """The grade that was in force on a day as known at an instant, with the reasons of that moment; or none."""

    enterprise_id: str
    on: date
    known_at: datetime
    grade: PastGrade | None
