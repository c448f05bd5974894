"""Tasks and preflight in and out."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from wurao.common.contracts.shared import Refusal
from wurao.scheduling.domain.gate import TaskRequest
from wurao.scheduling.schemas.shared import Body, Ground, Identifier, Line, Out, Text, Windowed


class TaskIn(Windowed):
    """An inspection that an agency wants between two days, or as part of a coming visit (`join_visit_id`).

    With `or_off_site` a task that need not be on site becomes an off-site one instead of being refused (LX-09, QZ-15).
    """

    agency_id: Identifier
    enterprise_id: Identifier
    premises_id: Identifier | None = None
    item_ids: Annotated[list[Identifier], Field(min_length=1, max_length=100)]
    origin: Literal["plan", "draw", "triggered", "campaign"]
    plan_id: Identifier | None = None
    ground: Ground | None = None
    source_record: Line | None = None
    method: Literal["on_site", "off_site"] = "on_site"
    reason: Text | None = None
    unit: Line | None = None
    superior_approval: Line | None = None
    join_visit_id: Identifier | None = None
    or_off_site: bool = False

    def request(self, *, by_head: bool) -> TaskRequest:
        """The question for the gate."""
        values = self.model_dump(exclude={"item_ids"})
        return TaskRequest(item_ids=tuple(dict.fromkeys(self.item_ids)), by_head=by_head, **values)


class TaskOut(Out):
    """A task as it stands."""

    task_id: str
    agency_id: str
    enterprise_id: str
    premises_id: str | None
    area: str
    item_ids: list[str]
    earliest: date
    latest: date
    origin: str
    plan_id: str | None
    draw_id: str | None
    ground: str | None
    source_record: str | None
    method: str
    reason: str | None
    unit: str | None
    superior_approval: str | None
    notified_agency_id: str | None
    counter: str | None
    counted: bool
    acceptance_of: str | None
    state: Literal["open", "scheduled", "done", "cancelled", "lapsed"]
    visit_id: str | None
    note: str
    created_by: str
    created_at: AwareDatetime
    version: int


class PreflightIn(Body):
    """Questions for the gate."""

    requests: Annotated[list[TaskIn], Field(min_length=1, max_length=1_000)]


class VerdictOut(BaseModel):
    """Permitted, or every reason why not."""

    permitted: bool
    refusals: list[Refusal]


class PreflightOut(BaseModel):
    """One verdict for each question, in order."""

    verdicts: list[VerdictOut]
