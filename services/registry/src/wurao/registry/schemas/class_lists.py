"""Class lists in and out."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictInt

from wurao.common.jobs import Job
from wurao.registry.schemas.base import AreaCode, EnterpriseId, Reason


class ClassListIn(BaseModel):
    """A list to be proposed for a year.

    `enterprise_ids`: whom a supplementary list is about; without any, those that are in no approved list yet.
    """

    area: AreaCode
    year: Annotated[StrictInt, Field(ge=2000, le=2199)]
    kind: Literal["annual", "first", "supplementary"] = "annual"
    enterprise_ids: Annotated[tuple[EnterpriseId, ...], Field(max_length=1_000)] = ()


class ClassListOut(BaseModel):
    """A list as it stands. `digest`: SHA-256 over its entries in the order of their ids.

    Each entry is a line of JSON without spaces: [id, class, score, reasons]. `changes` counts the enterprises that
    move between classes (`A→B`; `→B` for those that had none). `announced`: every class has been announced.
    """

    model_config = ConfigDict(from_attributes=True)

    list_id: str
    area: str
    year: int
    kind: str
    state: str
    as_of: date
    total: int
    counts: dict[str, int]
    changes: dict[str, int]
    digest: str
    published_until: date | None
    proposed_by: str
    proposed_at: AwareDatetime
    approved_by: str | None
    approved_at: AwareDatetime | None
    resolution: str
    in_force_from: date | None
    announced: bool
    version: int


class ListUnderWay(BaseModel):
    """A list, and the job that makes or announces it."""

    class_list: ClassListOut
    job: Job


class ApprovalIn(BaseModel):
    """The resolution by which a list is approved."""

    resolution: Reason


class EntryOut(BaseModel):
    """An enterprise's class in a list; `previous`: its class before."""

    enterprise_id: str
    name: str
    grade: str
    previous: str | None
    score: int
    reasons: list[str]


class OwnClassOut(BaseModel):
    """An enterprise's class in a proposed or approved list; `enterprise_id` is the one listed, perhaps merged since."""

    list_id: str
    enterprise_id: str
    year: int
    kind: str
    state: str
    grade: str
    previous: str | None
    score: int
    reasons: list[str]
    published_until: date | None
    in_force_from: date | None
