"""Officers in and out."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    model_validator,
)

from wurao.common.contracts.shared import Level, Refusal
from wurao.common.imports import CsvModel, ImportReport, RowError
from wurao.registry.schemas.base import Identifier, LegalDay, Line, Name, Reason

Kind = Literal["officer", "auxiliary", "grid_worker", "temporary"]
Employment = Literal["administrative", "institutional", "contract", "dispatched", "seconded"]
CertificateNo = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,40}$")]


DISORDERED = "证件有效期的止期早于起期"


class OfficerRow(CsvModel):
    """A row of officers.csv."""

    officer_id: Identifier
    name: Name
    agency_id: Identifier
    unit: Line = ""
    kind: Kind
    certificate_no: CertificateNo | None = None
    valid_from: LegalDay | None = None
    valid_to: LegalDay | None = None
    trained: bool = False
    examined: bool = False
    in_post: bool = False
    post: Line = ""
    employment: Employment | None = None
    retires_on: LegalDay | None = None
    legal_reviewer: bool = False
    legal_qualified: bool = False
    leader: bool = False
    management_authority: Level = "county"

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError(DISORDERED)
        return self


class OfficerImportReport(ImportReport):
    """An import's report: certificates issued or changed, and why persons were recorded without one."""

    certified: int
    notes: list[RowError]


class Certificate(BaseModel):
    """A certificate to issue."""

    certificate_no: CertificateNo
    valid_from: LegalDay
    valid_to: LegalDay

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.valid_to < self.valid_from:
            raise ValueError(DISORDERED)
        return self


class OfficerOut(BaseModel):
    """An officer as the registry knows it."""

    model_config = ConfigDict(from_attributes=True)

    officer_id: str
    name: str
    agency_id: str
    area: str
    unit: str
    kind: str
    certificate_no: str | None
    valid_from: date | None
    valid_to: date | None
    trained: bool
    examined: bool
    in_post: bool
    post: str
    employment: str | None
    retires_on: date | None
    legal_reviewer: bool
    legal_qualified: bool
    qualification_no: str
    leader: bool
    management_authority: str
    standing: str
    standing_reason: str
    suspended_until: date | None
    suspended_above: bool
    version: int


class Suspension(BaseModel):
    """Why a certificate is suspended, and its last day; none: until further notice."""

    reason: Reason
    until: LegalDay | None = None


class Because(BaseModel):
    """Why a standing changes."""

    reason: Reason


class Verification(BaseModel):
    """Up to 1,000 officers to verify, by id or by the certificate shown; with an agency, each must belong to it."""

    officer_ids: Annotated[list[Identifier], Field(max_length=1000)] = []
    certificate_nos: Annotated[list[CertificateNo], Field(max_length=1000)] = []
    agency_id: Identifier | None = None

    @model_validator(mode="after")
    def _counted(self) -> Self:
        if not 1 <= len(self.officer_ids) + len(self.certificate_nos) <= 1000:
            raise ValueError("一次核验 1 至 1000 人")
        return self


class Verified(BaseModel):
    """Whether an officer may enforce today, what to show of the certificate; if not, why."""

    asked: str
    officer_id: str | None
    valid: bool
    name: str | None = None
    agency_id: str | None = None
    agency_name: str | None = None
    unit: str | None = None
    certificate_no: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    standing: str | None = None
    code: str | None = None
    clause: str | None = None
    message: str | None = None


class PublicCertificate(BaseModel):
    """What anybody may know of a certificate shown at the door."""

    certificate_no: str
    name: str
    agency_name: str
    valid: bool
    valid_to: date | None
    message: str


class Reviewed(BaseModel):
    """A certificate that ought to be withdrawn, and why (DT-02)."""

    officer_id: str
    name: str
    agency_id: str
    standing: str
    reasons: list[Refusal]


class TrainingIn(BaseModel):
    """A course that an officer took."""

    course: Name
    hours: Annotated[StrictInt, Field(ge=1, le=1000)]
    finished_on: LegalDay
    passed: StrictBool


class ExaminationIn(BaseModel):
    """An examination that an officer sat; the score in points."""

    sat_on: LegalDay
    score: Annotated[StrictInt, Field(ge=0, le=1000)]
    passed: StrictBool


class PostIn(BaseModel):
    """An enforcement post taken up, on which kind of employment."""

    post: Name
    employment: Employment
    unit: Line | None = None
    began_on: LegalDay
    retires_on: LegalDay | None = None


class PostEnd(BaseModel):
    """A post left."""

    ended_on: LegalDay
    reason: Reason


class Appointment(BaseModel):
    """Whether a person reviews decisions, and the number of the legal qualification."""

    appointed: StrictBool
    qualification_no: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{4,40}$")] | None = None


class TrainingOut(BaseModel):
    """A course taken."""

    model_config = ConfigDict(from_attributes=True)

    training_id: str
    course: str
    hours: int
    finished_on: date
    passed: bool
    recorded_by: str
    recorded_at: AwareDatetime


class ExaminationOut(BaseModel):
    """An examination sat."""

    model_config = ConfigDict(from_attributes=True)

    examination_id: str
    sat_on: date
    score: int
    passed: bool
    recorded_by: str
    recorded_at: AwareDatetime


class PostOut(BaseModel):
    """A post held."""

    model_config = ConfigDict(from_attributes=True)

    post_id: str
    post: str
    employment: str
    began_on: date
    ended_on: date | None
    recorded_by: str
    recorded_at: AwareDatetime


class StandingOut(BaseModel):
    """A decision on a standing."""

    model_config = ConfigDict(from_attributes=True)

    decision_id: str
    standing: str
    reason: str
    until: date | None
    decided_by: str
    decided_at: AwareDatetime


class Dossier(BaseModel):
    """Everything recorded of an officer, the latest first."""

    officer: OfficerOut
    trainings: list[TrainingOut]
    examinations: list[ExaminationOut]
    posts: list[PostOut]
    decisions: list[StandingOut]


class AgencyReviewers(BaseModel):
    """Legal reviewers of one agency among its certified officers; `missing` is what the least share wants."""

    agency_id: str
    agency_name: str
    officers: int
    reviewers: int
    qualified: int
    share_permille: int
    missing: int


class ReviewersReport(BaseModel):
    """Legal reviewers of an area against the least share of its pack; agencies by id, not by figures."""

    area: str
    least_permille: int | None
    clause: str | None
    cite: str | None
    officers: int
    reviewers: int
    qualified: int
    share_permille: int
    missing: int
    agencies: list[AgencyReviewers]
