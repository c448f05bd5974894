"""Adjustments and objections in and out."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictBool

from wurao.registry.schemas.base import Identifier, LegalDay, Line, Name, Reason

Level = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_]+$")]
Materials = Annotated[tuple[Name, ...], Field(max_length=20)]
FactIds = Annotated[tuple[Identifier, ...], Field(max_length=100)]


class AdjustmentIn(BaseModel):
    """A downgrade or upgrade to a level, or an exposure; `law` and `article` name what it rests on (LX-11).

    `facts`: ids of the enterprise's facts that it rests on. `ends_on`: its last day.
    """

    kind: Literal["downgrade", "upgrade", "exposure"]
    level: Level | None = None
    law: Line = ""
    article: Line = ""
    facts: FactIds = ()
    reason: Reason
    ends_on: LegalDay


class AdjustmentOut(BaseModel):
    """An adjustment as it stands; `objection_until`: the last day on which the enterprise objects beforehand."""

    model_config = ConfigDict(from_attributes=True)

    adjustment_id: str
    enterprise_id: str
    area: str
    kind: str
    level: str | None
    law: str
    article: str
    clause: str
    facts: list[str]
    reason: str
    agency_id: str
    agency_name: str
    state: str
    ends_on: date
    proposed_by: str
    proposed_at: AwareDatetime
    approved_by: str | None
    approved_at: AwareDatetime | None
    served_on: date | None
    served_how: str
    objection_until: date | None
    in_force_from: date | None
    closed_at: AwareDatetime | None
    closed_reason: str
    version: int


class Service(BaseModel):
    """How and when the enterprise was notified."""

    served_on: LegalDay
    served_how: Reason


class Because(BaseModel):
    """Why."""

    reason: Reason


class ExposureOut(BaseModel):
    """What the public sees of an exposure: who, why, on what basis, by whom, from when until when."""

    enterprise_id: str
    name: str
    law: str
    article: str
    reason: str
    agency_name: str
    in_force_from: date
    ends_on: date


class ObjectionIn(BaseModel):
    """An objection; against the grade in force no target is named."""

    against: Literal["grade", "adjustment", "fact", "class_list"]
    target_id: Identifier | None = None
    reason: Reason
    materials: Materials = ()


class DecisionIn(BaseModel):
    """A decision on an objection: rejected ones name the remedies, upheld ones may name the facts that were wrong."""

    upheld: StrictBool
    reason: Reason
    remedies: Line = ""
    withdraw: FactIds = ()


class ObjectionOut(BaseModel):
    """An objection as it stands."""

    model_config = ConfigDict(from_attributes=True)

    objection_id: str
    enterprise_id: str
    area: str
    against: str
    target_id: str
    reason: str
    materials: list[str]
    state: str
    filed_at: AwareDatetime
    due_on: date
    decided_at: AwareDatetime | None
    decision: str
    remedies: str
    version: int
