"""Plans in and out."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from wurao.scheduling.schemas.shared import Body, Day, Identifier, Line, Out, Text

ItemIds = Annotated[list[Identifier], Field(min_length=1, max_length=500)]


class PlanIn(Body):
    """A plan to enter. The last six are what the pack may demand (LX-02, CX-05)."""

    agency_id: Identifier
    title: Line
    kind: Literal["annual", "quarterly", "joint"]
    period_from: Day
    period_to: Day
    item_ids: ItemIds
    basis: Text | None = None
    content: Text | None = None
    targets: Text | None = None
    frequency: Text | None = None
    method: Text | None = None
    time: Text | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.period_to < self.period_from:
            raise ValueError("period_to is before period_from")
        return self

    def contents(self) -> dict[str, str | None]:
        """What the plan says."""
        return self.model_dump(include={"basis", "content", "targets", "frequency", "method", "time"})


class Approval(Body):
    """The conference names its resolution."""

    resolution: Line | None = None


class PlanOut(Out):
    """A plan. `filing_due` and `late` are known once it is filed."""

    plan_id: str
    agency_id: str
    area: str
    title: str
    kind: str
    period_from: date
    period_to: date
    item_ids: list[str]
    contents: dict[str, str | None]
    state: Literal["draft", "approved", "published"]
    created_by: str
    approved_by: str | None
    approved_at: AwareDatetime | None
    resolution: str | None
    office: str | None
    filed_at: AwareDatetime | None
    filing_due: date | None
    late: bool
    published_at: AwareDatetime | None
    version: int


class PlanPublicOut(Out):
    """A published plan as anyone may read it."""

    plan_id: str
    agency_id: str
    area: str
    title: str
    kind: str
    period_from: date
    period_to: date
    item_ids: list[str]
    contents: dict[str, str | None]
    office: str | None
    filed_at: AwareDatetime | None
    late: bool
    published_at: AwareDatetime | None
