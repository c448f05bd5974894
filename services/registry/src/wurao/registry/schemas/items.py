"""Items and forms in and out."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from wurao.common.contracts.shared import Method, Question
from wurao.common.imports import CsvModel
from wurao.registry.domain.usage import Finding
from wurao.registry.schemas.base import Identifier, Line, Name, Reason

Industry = Annotated[str, StringConstraints(pattern=r"^[A-T][0-9]{0,4}$")]


class ItemRow(CsvModel):
    """A row of items.csv. Law and article may be missing here; then the item cannot be published (DT-10)."""

    item_id: Identifier
    agency_id: Identifier
    name: Name
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
    shared_key: Identifier | None = None


class ItemOut(BaseModel):
    """An item as its agency edits it. `edition` counts its publications."""

    model_config = ConfigDict(from_attributes=True)

    item_id: str
    agency_id: str
    name: str
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


class Publication(BaseModel):
    """What a publication of an agency's drafts brought."""

    agency_id: str
    published: list[ItemOut]


class Cancellation(BaseModel):
    """Why an item is cancelled."""

    reason: Reason


class UsageOut(BaseModel):
    """How often an item was used in the period, and what that says (QZ-03)."""

    item_id: str
    name: str
    inspections: int
    violations: int
    last_used_on: date | None
    finding: Finding


class UsageReport(BaseModel):
    """Use of an agency's items in the `months` before today."""

    agency_id: str
    since: date
    frequent_from: int
    items: list[UsageOut]
