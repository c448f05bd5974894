"""Agencies, their units and delegations in and out."""

from datetime import date
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, model_validator

from wurao.common.contracts.shared import Level
from wurao.common.imports import CsvModel
from wurao.registry.domain.agencies import Delegation
from wurao.registry.schemas.base import NO_NUL, AreaCode, Identifier, LegalDay, Name, Reason

Kind = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=NO_NUL)]
LineCode = Annotated[str, StringConstraints(pattern=r"^[a-z_]{2,40}$")]
Phone = Annotated[str, StringConstraints(max_length=40, pattern=NO_NUL)]
Text = Annotated[str, StringConstraints(max_length=500, pattern=NO_NUL)]
LongText = Annotated[str, StringConstraints(max_length=2000, pattern=NO_NUL)]
Said = Annotated[str, StringConstraints(min_length=2, max_length=500, pattern=NO_NUL)]
DocumentNo = Annotated[str, StringConstraints(min_length=2, max_length=100, pattern=NO_NUL)]

PARTICULARS = (
    "name",
    "kind",
    "level",
    "area",
    "line",
    "parent_id",
    "authority",
    "procedure",
    "remedies",
    "phone",
)


class _Particulars(CsvModel):
    """What an agency is and what the public is told about it."""

    agency_id: Identifier
    name: Annotated[str, StringConstraints(min_length=2, max_length=100, pattern=NO_NUL)]
    kind: Kind
    level: Level
    area: AreaCode
    line: LineCode
    parent_id: Identifier | None = None
    authority: Text = ""
    procedure: LongText = ""
    remedies: LongText = ""
    phone: Phone = ""

    def particulars(self) -> dict[str, Any]:
        """The columns of the agency's own row."""
        return self.model_dump(include=set(PARTICULARS))


class DelegationIn(BaseModel):
    """A written delegation (行政处罚法 第二十条): who delegates what, in force from the first to the last day."""

    model_config = ConfigDict(extra="forbid")

    document_no: DocumentNo
    delegating_id: Identifier
    begins: LegalDay
    ends: LegalDay
    scope: Said
    basis: Said

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends < self.begins:
            raise ValueError("委托的终止日期不得早于起始日期")
        return self

    def as_rule(self) -> Delegation:
        """As the rules know it."""
        return Delegation(**self.model_dump())


DELEGATION = {
    "document_no": "delegation_no",
    "delegating_id": "delegating_id",
    "begins": "delegation_from",
    "ends": "delegation_to",
    "scope": "delegation_scope",
    "basis": "delegation_basis",
}


class AgencyRow(_Particulars):
    """A row of agencies.csv. An entrusted body has its delegation in the same row: all of its cells or none.

    `reason` says why a withdrawn agency is confirmed anew, or why a known one changes.
    """

    delegating_id: Identifier | None = None
    delegation_no: DocumentNo | None = None
    delegation_from: LegalDay | None = None
    delegation_to: LegalDay | None = None
    delegation_scope: Said | None = None
    delegation_basis: Said | None = None
    reason: Reason | None = None

    @model_validator(mode="after")
    def _whole_delegation(self) -> Self:
        given = [getattr(self, column) is not None for column in DELEGATION.values()]
        if any(given) and not all(given):
            raise ValueError("委托的机关、文号、起止日期、事项和依据须一并填写")
        if self.delegation_from and self.delegation_to and self.delegation_to < self.delegation_from:
            raise ValueError("委托的终止日期不得早于起始日期")
        return self

    def delegated(self) -> Delegation | None:
        """The row's delegation."""
        if self.delegation_no is None:
            return None
        return Delegation(**{name: getattr(self, column) for name, column in DELEGATION.items()})


class AgencyIn(_Particulars):
    """An agency that is registered by itself."""

    delegation: DelegationIn | None = None


class AgencyOut(BaseModel):
    """An agency as it is registered. `delegated_until`: the last day of an entrusted body's delegations."""

    model_config = ConfigDict(from_attributes=True)

    agency_id: str
    name: str
    kind: str
    level: str
    area: str
    line: str
    parent_id: str | None
    authority: str
    procedure: str
    remedies: str
    phone: str
    state: str
    published_on: date | None
    withdrawn_on: date | None
    delegated_until: date | None
    version: int


class LegalBasis(BaseModel):
    """A law and an article that an authority cites."""

    law: str
    article: str


class UnitOut(BaseModel):
    """An internal unit of an agency."""

    model_config = ConfigDict(from_attributes=True)

    unit_id: str
    name: str
    duties: str
    phone: str


class DelegationOut(BaseModel):
    """A delegation as the public sees it."""

    model_config = ConfigDict(from_attributes=True)

    document_no: str
    delegating_id: str
    delegating_name: str
    begins: date
    ends: date
    scope: str
    basis: str


class PublicAgency(AgencyOut):
    """An agency as the directory shows it: what it is, on what its authority rests, whom to ask (DT-01, DT-03)."""

    area_name: str
    line_name: str
    bases: list[LegalBasis]
    delegation: DelegationOut | None
    units: list[UnitOut]


class Lapsing(BaseModel):
    """A body whose delegation ends soon, or has ended; `days_left` counts from today, negative when it is over."""

    agency_id: str
    name: str
    area: str
    area_name: str
    state: str
    document_no: str
    delegating_id: str
    delegated_until: date
    days_left: int


class ChangeOut(BaseModel):
    """What somebody did to an agency; `changed` has before and after of each particular."""

    model_config = ConfigDict(from_attributes=True)

    change_id: str
    action: str
    changed: dict[str, Any]
    reason: str
    by: str
    at: AwareDatetime


class UnitRow(CsvModel):
    """A row of units.csv: an internal unit of an agency."""

    unit_id: Identifier
    agency_id: Identifier
    name: Name
    duties: Text = ""
    phone: Phone = ""
    closed: bool = False


class Withdrawal(BaseModel):
    """Why an agency loses its standing."""

    reason: Reason


class Confirmation(BaseModel):
    """Why a withdrawn agency is confirmed anew."""

    reason: Reason
