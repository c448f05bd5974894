"""Packs and calendars in and out."""

from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from wurao.registry.schemas.base import NO_NUL, AreaCode, LegalDay, Reason

PackName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, StringConstraints(max_length=500, pattern=NO_NUL, strip_whitespace=True)]


class PackOut(BaseModel):
    """A pack that can be activated; `uploaded_by` is null for those that come with the platform."""

    name: str
    title: str
    area: str
    number: str
    in_force_from: date
    digest: str
    parameters: int
    uploaded_by: str | None = None
    uploaded_at: AwareDatetime | None = None


class Proposal(BaseModel):
    """A pack to take effect in an area from a day. Without a digest: the newest text of that name."""

    pack: PackName
    digest: Digest | None = None
    area: AreaCode
    effective_from: LegalDay
    reason: Text = ""


class Note(BaseModel):
    """What the deciding person adds."""

    note: Text = ""


class Ending(BaseModel):
    """Why something is turned down or taken back."""

    reason: Reason


class ActivationOut(BaseModel):
    """An activation with both persons and where it stands; `standing_label` says it in Chinese."""

    model_config = ConfigDict(from_attributes=True)

    activation_id: str
    area: str
    pack: str
    digest: str
    title: str
    number: str
    effective_from: date
    reason: str
    state: str
    standing: str
    standing_label: str
    proposed_by: str
    proposed_at: AwareDatetime
    decided_by: str | None
    decided_at: AwareDatetime | None
    decision: str
    ended_by: str | None
    ended_at: AwareDatetime | None
    ended_because: str
    version: int


class ChangeOut(BaseModel):
    """A parameter that would change, in words: before and after, each with its source."""

    topic: str
    name: str
    label: str
    before: str
    before_source: str
    after: str
    after_source: str


class ParameterOut(BaseModel):
    """A parameter in force, with its source."""

    name: str
    label: str
    value: Any
    said: str
    unit: str
    clause: str
    cite: str
    since: date
    origin: str


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
