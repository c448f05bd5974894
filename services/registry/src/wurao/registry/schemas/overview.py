"""What an enterprise reads about itself."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from wurao.common.contracts.shared import Finding, OfficerRef
from wurao.registry.schemas.enterprises import EnterpriseOut
from wurao.registry.schemas.grading import GradeOut


class VisitOut(BaseModel):
    """A visit to come, or one that was cancelled."""

    model_config = ConfigDict(from_attributes=True)

    visit_id: str
    agencies: list[str]
    officers: list[OfficerRef]
    items: list[str]
    kind: str
    opens: datetime
    closes: datetime
    papers: int
    cancelled: str | None


class EntryOut(BaseModel):
    """An inspection on site; `minutes` is 0 until it is finished."""

    model_config = ConfigDict(from_attributes=True)

    entry_id: str
    visit_id: str | None
    agencies: list[str]
    item_ids: list[str]
    started_at: datetime
    finished_at: datetime | None
    minutes: int
    findings: list[Finding]


class CaseOut(BaseModel):
    """A case. Money is fen; `state` is open, noticed, decided or settled."""

    model_config = ConfigDict(from_attributes=True)

    case_id: str
    case_no: str
    agency_id: str
    violation: str
    state: str
    opened_on: date | None
    statement_due: date | None
    hearing_due: date | None
    decided_on: date | None
    outcome: str | None
    fine_fen: int | None
    pay_by: date | None
    paid_fen: int | None


class MeasureOut(BaseModel):
    """A coercive measure."""

    model_config = ConfigDict(from_attributes=True)

    measure_id: str
    agency_id: str
    kind: str
    imposed_at: datetime | None
    due: date | None
    lifted_at: datetime | None


class ComplaintOut(BaseModel):
    """A complaint that the enterprise filed."""

    model_config = ConfigDict(from_attributes=True)

    complaint_id: str
    category: str
    filed_at: datetime | None
    due: date | None
    outcome: str | None
    closed_at: datetime | None


class BurdenOut(BaseModel):
    """The burden of this year: inspections, minutes on site, papers asked, inspections by agency."""

    model_config = ConfigDict(from_attributes=True)

    year: int
    visits: int
    minutes: int
    papers: int
    by_agency: dict[str, int]


class RightOut(BaseModel):
    """A right of the enterprise, with its source."""

    model_config = ConfigDict(from_attributes=True)

    text: str
    clause: str
    cite: str


class Overview(BaseModel):
    """Everything held about an enterprise, in one answer; `agencies` names the agencies that appear in it."""

    enterprise: EnterpriseOut
    grade: GradeOut
    burden: BurdenOut
    coming: list[VisitOut]
    cancelled: list[VisitOut]
    past: list[EntryOut]
    cases: list[CaseOut]
    measures: list[MeasureOut]
    complaints: list[ComplaintOut]
    rights: list[RightOut]
    agencies: dict[str, str]
