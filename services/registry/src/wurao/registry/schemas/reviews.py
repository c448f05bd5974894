"""Reviews of certificates in and out."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictInt, model_validator

from wurao.common.contracts.shared import Refusal
from wurao.registry.schemas.base import AreaCode, Identifier, LegalDay, Line


class ReviewIn(BaseModel):
    """Whose certificates are reviewed, of an area or of one agency, and for which year."""

    area: AreaCode | None = None
    agency_id: Identifier | None = None
    year: Annotated[StrictInt, Field(ge=2000, le=2199)]

    @model_validator(mode="after")
    def _one_scope(self) -> Self:
        if (self.area is None) == (self.agency_id is None):
            raise ValueError("填写区域或者执法主体之一")
        return self


class DecisionIn(BaseModel):
    """What becomes of a certificate: kept, renewed until a day, or withdrawn for a reason."""

    officer_id: Identifier
    decision: Literal["keep", "renew", "withdraw"]
    valid_to: LegalDay | None = None
    reason: Line = ""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.decision == "renew") != (self.valid_to is not None):
            raise ValueError("换证须填写新的有效期止期，其他决定不填")
        if self.decision == "withdraw" and len(self.reason.strip()) < 2:
            raise ValueError("收回证件须说明理由")
        return self


class DecisionsIn(BaseModel):
    """Decisions on certificates, taken together or not at all."""

    decisions: Annotated[list[DecisionIn], Field(min_length=1, max_length=500)]


class ReviewOut(BaseModel):
    """A review and its progress; `overdue` are those not decided when its time was over."""

    review_id: str
    area: str
    agency_id: str | None
    year: int
    due_at: AwareDatetime
    clause: str
    cite: str
    opened_by: str
    opened_at: AwareDatetime
    certificates: int
    doubtful: int
    kept: int
    renewed: int
    withdrawn: int
    undecided: int
    overdue: int


class ReviewEntryOut(BaseModel):
    """A certificate under review: why it ought to be withdrawn, and what was decided."""

    model_config = ConfigDict(from_attributes=True)

    officer_id: str
    name: str
    agency_id: str
    reasons: list[Refusal]
    decision: str | None
    reason: str
    valid_to: date | None
    decided_by: str | None
    decided_at: AwareDatetime | None
    overdue: bool = False
