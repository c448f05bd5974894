"""Relations that require recusal, in and out."""

from datetime import date
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, StrictBool, model_validator

from wurao.common.contracts.shared import ConflictKind
from wurao.registry.schemas.base import EnterpriseId, LegalDay, Reason


class ConflictIn(BaseModel):
    """An officer's relation to an enterprise; of a former employer, the day on which the officer left it."""

    enterprise_id: EnterpriseId
    kind: ConflictKind
    detail: Reason
    since: LegalDay | None = None
    until: LegalDay | None = None
    left_on: LegalDay | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.kind == "former_employer") != (self.left_on is not None):
            raise ValueError("曾任职企业须填写离职日期，其他情形不填")
        if self.since and self.until and self.until < self.since:
            raise ValueError("止期早于起期")
        return self


class ConflictDecision(BaseModel):
    """Whether a report is upheld, and why."""

    upheld: StrictBool
    reason: Reason


class ConflictOut(BaseModel):
    """A relation that requires recusal, or may do so."""

    model_config = ConfigDict(from_attributes=True)

    conflict_id: str
    officer_id: str
    enterprise_id: str
    agency_id: str
    kind: str
    detail: str
    source: str
    since: date
    until: date | None
    state: str
    entered_by: str
    entered_at: AwareDatetime
    decided_by: str | None
    decided_at: AwareDatetime | None
    reason: str
    version: int
