"""Items and forms in and out."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from wurao.common.contracts.shared import EvidenceKind, Method, Question
from wurao.common.imports import CsvModel
from wurao.registry.domain.usage import Finding
from wurao.registry.schemas.base import Identifier, Line, Name, Reason

Industry = Annotated[str, StringConstraints(pattern=r"^[A-T][0-9]{0,4}$")]


class ItemRow(CsvModel):
    """A row of items.csv. Law and article may be missing here; then the item cannot be published (DT-10)."""

    item_id: Identifier
    agency_id: Identifier
    name: Name
    line: Line = ""
    law: Line = ""
    article: Line = ""
    method: Method
    random_list: bool = False
    special_industry: bool = False
    key_area: bool = False
    recognition_days: Annotated[int, Field(ge=0, le=3660)] | None = None
    delegable: bool = False
    minutes: Annotated[int, Field(ge=1, le=10_000)] = 60
    officers: Annotated[int, Field(ge=1, le=100)] = 2
    industries: Annotated[tuple[Industry, ...], Field(max_length=200)] = ()
    form_id: Identifier | None = None


class QuestionRow(CsvModel):
    """A row of forms.csv: one question of one version of a form."""

    form_id: Identifier
    version: Annotated[int, Field(ge=1, le=1_000_000)]
    question_id: Identifier
    position: Annotated[int, Field(ge=1, le=10_000)]
    text: Name
    type: Literal["yes_no", "number", "text"]
    mandatory: bool = True
    standard: Line = ""
    law: Line = ""
    article: Line = ""
    evidence: Annotated[tuple[EvidenceKind, ...], Field(max_length=5)] = ()
    shared_key: Identifier | None = None


class ItemOut(BaseModel):
    """An item as its agency edits it. `edition` counts its publications."""

    model_config = ConfigDict(from_attributes=True)

    item_id: str
    agency_id: str
    name: str
    line: str
    law: str
    article: str
    method: str
    random_list: bool
    special_industry: bool
    key_area: bool
    recognition_days: int | None
    delegable: bool
    minutes: int
    officers: int
    industries: list[str]
    form_id: str | None
    state: str
    edition: int
    published_on: date | None
    cancelled_on: date | None
    cancel_reason: str
    version: int


class PublishedItem(BaseModel):
    """An item as published, with everything the public is owed: body, basis, procedure, remedies (DT-03, YZ-03)."""

    item_id: str
    edition: int
    published_on: date
    agency_id: str
    agency_name: str
    authority: str
    procedure: str
    remedies: str
    phone: str
    name: str
    line: str = ""
    law: str
    article: str
    method: Method
    random_list: bool
    special_industry: bool
    key_area: bool
    recognition_days: int | None
    delegable: bool
    minutes: int
    officers: int
    industries: list[str]
    form_id: str | None
    form_version: int | None
    questions: list[Question]


class Cancellation(BaseModel):
    """Why an item is cancelled."""

    reason: Reason


class UsageOut(BaseModel):
    """How often an item was used in the period, and what that says (QZ-03)."""

    model_config = ConfigDict(from_attributes=True)

    item_id: str
    name: str
    published_on: date
    inspections: int
    violations: int
    last_used_on: date | None
    findings: list[Finding]


class UsageReport(BaseModel):
    """Use of an agency's items since a day, against the thresholds of the pack or of the question."""

    agency_id: str
    since: date
    frequent_from: int
    fruitless_from: int
    clause: str
    cite: str
    items: list[UsageOut]


class ProposalOut(BaseModel):
    """A proposal to cancel an item: the findings, the figures behind them, what became of it (QZ-03)."""

    model_config = ConfigDict(from_attributes=True)

    proposal_id: str
    item_id: str
    agency_id: str
    name: str
    findings: list[Finding]
    since: date
    inspections: int
    violations: int
    last_used_on: date | None
    state: Literal["open", "accepted", "dismissed"]
    proposed_on: date
    decided_by: str | None
    decided_on: date | None
    reason: str
    version: int


class ProposalDecision(BaseModel):
    """Whether the item is cancelled, and why or why not."""

    cancel: StrictBool
    reason: Reason


class Merging(BaseModel):
    """The items whose forms are put together."""

    item_ids: Annotated[list[Identifier], Field(min_length=1, max_length=200)]


class MergedForm(BaseModel):
    """One form for several items (QZ-07); `spared` is how many questions more the single forms would ask."""

    questions: list[Question]
    spared: int
