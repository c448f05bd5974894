"""Tasks as rows of an upload."""

from typing import Annotated, Literal

from pydantic import Field

from wurao.common.imports import CsvModel
from wurao.scheduling.domain.gate import TaskRequest
from wurao.scheduling.schemas.shared import Day, Ground, Identifier, Line


class TaskRow(CsvModel):
    """One task, as `POST /v1/tasks` takes it; several items are separated by `;`."""

    agency_id: Identifier
    enterprise_id: Identifier
    premises_id: Identifier | None = None
    item_ids: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=100)]
    earliest: Day
    latest: Day
    origin: Literal["plan", "draw", "triggered", "campaign"]
    plan_id: Identifier | None = None
    ground: Ground | None = None
    source_record: Line | None = None
    method: Literal["on_site", "off_site"] = "on_site"
    reason: Line | None = None
    unit: Line | None = None
    superior_approval: Line | None = None

    def request(self, *, by_head: bool) -> TaskRequest:
        """The question for the gate."""
        values = self.model_dump(exclude={"item_ids"})
        return TaskRequest(item_ids=tuple(dict.fromkeys(self.item_ids)), by_head=by_head, **values)

    def key(self) -> str:
        """What makes two rows one: the same agency, enterprise, items and days."""
        return "|".join(
            (self.agency_id, self.enterprise_id, *sorted(set(self.item_ids)), f"{self.earliest}", f"{self.latest}")
        )
