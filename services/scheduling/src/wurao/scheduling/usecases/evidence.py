"""What was prevented is evidence: every refusal of scheduling leaves an InspectionRefused behind."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from wurao.common.contracts.scheduling import InspectionRefused
from wurao.common.contracts.shared import Refusal
from wurao.common.errors import Kind, Refused
from wurao.common.ids import new_id

Stage = Literal["plan", "task", "visit", "code", "filing"]


@dataclass(frozen=True, slots=True)
class About:
    """What was asked, by whom and when."""

    stage: Stage
    requested_by: str
    at: datetime
    agency_id: str
    area: str
    enterprise_id: str | None = None
    item_ids: tuple[str, ...] = ()

    def event(self, refusals: Sequence[Refusal]) -> InspectionRefused:
        """The event that tells of the refusal."""
        return InspectionRefused(
            refusal_id=new_id(),
            stage=self.stage,
            agency_id=self.agency_id,
            enterprise_id=self.enterprise_id,
            item_ids=self.item_ids,
            area=self.area,
            requested_by=self.requested_by,
            refused_at=self.at,
            refusals=tuple(refusals),
            version=1,
        )

    def refused(self, refusals: Sequence[Refusal], *, kind: Kind = Kind.CONFLICT) -> Refused:
        """The error whose event outlives the rollback."""
        return Refused(refusals, kind=kind, events=(self.event(refusals),))

    def require(self, refusals: Sequence[Refusal]) -> None:
        """Raises Refused when there is any refusal."""
        if refusals:
            raise self.refused(refusals)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Give a rule's Refused its event."""
        try:
            yield
        except Refused as refused:
            raise self.refused(refused.refusals, kind=refused.kind) from refused
