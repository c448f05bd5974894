"""Enterprises and premises in and out."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from wurao.common.contracts.shared import Premises
from wurao.common.imports import CsvModel
from wurao.common.paging import Page
from wurao.registry.domain.enterprises import Kind, Size, Tag
from wurao.registry.domain.industries import checked_industry
from wurao.registry.schemas.base import AreaCode, Identifier, LegalDay, Line, Name, Reason, Uscc

Industry = Annotated[str, StringConstraints(pattern=r"^[A-T][0-9]{2,4}$"), AfterValidator(checked_industry)]
Tags = Annotated[tuple[Tag, ...], Field(max_length=50)]
FormerCode = Annotated[str, StringConstraints(pattern=r"^([0-9]{15}|[0-9A-HJ-NPQRTUWXY]{18})$")]


class EnterpriseRow(CsvModel):
    """A row of enterprises.csv; `parent_id` is the enterprise whose branch this is."""

    enterprise_id: Uscc
    name: Name
    kind: Kind
    industry: Industry
    size: Size
    area: AreaCode
    address: Line = ""
    registered_on: LegalDay | None = None
    park: Line = ""
    tags: Tags = ()
    parent_id: Uscc | None = None


class PremisesRowIn(CsvModel):
    """A row of premises.csv."""

    premises_id: Identifier
    enterprise_id: Uscc
    name: Name
    address: Line = ""
    area: AreaCode


class Registration(BaseModel):
    """An enterprise to register singly; a branch names its parent."""

    enterprise_id: Uscc
    name: Name
    kind: Kind
    industry: Industry
    size: Size
    area: AreaCode
    address: Line = ""
    registered_on: LegalDay | None = None
    park: Line = ""
    tags: Tags = ()
    parent_id: Uscc | None = None
    reason: Reason = "设立登记"


class Alteration(BaseModel):
    """What changes in an enterprise's particulars, from a day on (today if none is named); what is absent stays."""

    name: Name | None = None
    kind: Kind | None = None
    industry: Industry | None = None
    size: Size | None = None
    area: AreaCode | None = None
    address: Line | None = None
    park: Line | None = None
    tags: Tags | None = None
    parent_id: Uscc | None = None
    effective_on: LegalDay | None = None
    reason: Reason


class Step(BaseModel):
    """A step in an enterprise's life, from a day on (today if none is named)."""

    effective_on: LegalDay | None = None
    reason: Reason


class NewPremises(BaseModel):
    """Premises to add; without an id they get one."""

    premises_id: Identifier | None = None
    name: Name
    address: Line = ""
    area: AreaCode
    opened_on: LegalDay | None = None
    reason: Reason = "增加经营场所"


class EnterpriseBrief(BaseModel):
    """An enterprise in a list."""

    model_config = ConfigDict(from_attributes=True)

    enterprise_id: str
    name: str
    kind: str
    industry: str
    size: str
    area: str
    address: str
    tags: list[str]
    status: str
    grade: str | None
    merged_into: str | None
    version: int


class Found(Page[EnterpriseBrief]):
    """What a search found, the best match first.

    `capped` tells that more match than were looked at: name the enterprise more precisely, or add a filter.
    `indexing` tells that enterprises of a long import are still being indexed: till then their codes find them.
    """

    capped: bool = False
    indexing: bool = False


class Renaming(BaseModel):
    """A name that an enterprise had until a day; `source_id` had it, if that one's record was merged into this."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    used_until: date
    source_id: str | None


class PremisesOut(BaseModel):
    """A place of business, open unless it was closed."""

    model_config = ConfigDict(from_attributes=True)

    premises_id: str
    name: str
    address: str
    area: str
    opened_on: date | None
    closed_on: date | None


class EnterpriseOut(EnterpriseBrief):
    """An enterprise with its premises and its grade as last announced.

    One whose record was merged into another's names it in `merged_into`. `as_of` is the day of a look back.
    """

    registered_on: date | None
    park: str
    parent_id: str | None
    scheme: str | None
    score: int | None
    sampling_permille: int | None
    yearly_cap: int | None
    graded_from: date | None
    premises: list[Premises] = []
    former_names: list[Renaming] = []
    former_codes: list[str] = []
    as_of: date | None = None


class DeedOut(BaseModel):
    """A change in an enterprise's life, with what the changed particulars were before and after."""

    model_config = ConfigDict(from_attributes=True)

    deed_id: str
    enterprise_id: str
    verb: str
    effective_on: date
    reason: str
    before: dict[str, Any]
    after: dict[str, Any]
    done_by: str
    known_at: AwareDatetime


class OldCode(BaseModel):
    """An old code of an enterprise: a registration number of 15 digits, or a credit code that was replaced."""

    code: FormerCode
    reason: Reason


class Vocabulary(BaseModel):
    """The words that enterprises are described with, and their Chinese names."""

    kinds: dict[str, str]
    sizes: dict[str, str]
    statuses: dict[str, str]
    tags: dict[str, str]
    sections: dict[str, str]
    changes: dict[str, str]


class ProposalOut(BaseModel):
    """Two enterprises that may be one and the same, and why it looks so."""

    model_config = ConfigDict(from_attributes=True)

    proposal_id: str
    first_id: str
    second_id: str
    area: str
    grounds: list[str]
    reasons: list[str]
    state: str
    found_at: AwareDatetime
    decided_by: str | None
    decided_at: AwareDatetime | None
    decision_reason: str | None
    version: int


class Comparison(ProposalOut):
    """A proposal with both enterprises side by side."""

    enterprises: list[EnterpriseBrief]


class DuplicateSearch(BaseModel):
    """Look for duplicates among the enterprises of an area."""

    area: AreaCode


class Decision(BaseModel):
    """Why somebody decided so."""

    reason: Reason


class MergeIn(BaseModel):
    """Merge one enterprise's record into that of the survivor."""

    merged_id: Uscc
    survivor_id: Uscc
    reason: Reason


class MergeOut(BaseModel):
    """A merge, and whether it was undone."""

    model_config = ConfigDict(from_attributes=True)

    merge_id: str
    merged_id: str
    survivor_id: str
    proposal_id: str | None
    reason: str
    facts: list[str]
    premises: list[str]
    names: list[str]
    codes: list[str]
    adjustments: list[str]
    objections: list[str]
    conflicts: list[str]
    merged_by: str
    merged_at: AwareDatetime
    undone_by: str | None
    undone_at: AwareDatetime | None
    undone_reason: str | None
    version: int


ProposalState = Literal["open", "dismissed", "merged", "undone"]
