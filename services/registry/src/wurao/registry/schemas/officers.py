"""Officers in and out."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from wurao.common.contracts.shared import Level, Refusal
from wurao.common.imports import CsvModel, ImportReport, RowError
from wurao.registry.schemas.base import Identifier, LegalDay, Line, Name, Reason

CertificateNo = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,40}$")]


class OfficerRow(CsvModel):
    """A row of officers.csv."""

    officer_id: Identifier
    name: Name
    agency_id: Identifier
    unit: Line = ""
    kind: Literal["officer", "auxiliary"]
    certificate_no: CertificateNo | None = None
    valid_from: LegalDay | None = None
    valid_to: LegalDay | None = None
    trained: bool = False
    examined: bool = False
    in_post: bool = False
    legal_reviewer: bool = False
    legal_qualified: bool = False
    leader: bool = False
    management_authority: Level = "county"

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("证件有效期的止期早于起期")
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
    legal_reviewer: bool
    legal_qualified: bool
    leader: bool
    management_authority: str
    standing: str
    standing_reason: str
    suspended_until: date | None
    version: int


class Suspension(BaseModel):
    """Why a certificate is suspended, and its last day; none: until further notice."""

    reason: Reason
    until: LegalDay | None = None


class Because(BaseModel):
    """Why a standing changes."""

    reason: Reason


class Verification(BaseModel):
    """Officers to verify; with an agency, each must belong to it."""

    officer_ids: Annotated[list[Identifier], Field(min_length=1, max_length=1000)]
    agency_id: Identifier | None = None


class Verified(BaseModel):
    """Whether an officer may enforce today; if not, why."""

    officer_id: str
    valid: bool
    code: str | None = None
    clause: str | None = None
    message: str | None = None


class Reviewed(BaseModel):
    """A certificate that ought to be withdrawn, and why (DT-02)."""

    officer_id: str
    name: str
    agency_id: str
    standing: str
    reasons: list[Refusal]
