"""Item lists in and out."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from wurao.common.contracts.shared import JsonObject
from wurao.registry.schemas.base import Identifier, Reason

State = Literal["reviewing", "passed", "returned", "withdrawn", "published", "replaced"]


class Submission(BaseModel):
    """A list for a year: of these items, or of all that are not cancelled."""

    year: Annotated[StrictInt, Field(ge=2000, le=2199)]
    item_ids: Annotated[list[Identifier], Field(min_length=1, max_length=5_000)] | None = None


class Review(BaseModel):
    """The outcome of the legal review, with its opinion."""

    passed: StrictBool
    opinion: Reason


class PublicList(BaseModel):
    """A list that is or was in force. `digest` is SHA-256 over its items; see wurao.registry.domain.item_lists."""

    model_config = ConfigDict(from_attributes=True)

    list_id: str
    agency_id: str
    year: int
    number: int
    state: State
    items: int
    digest: str
    published_on: date | None


class ItemListOut(PublicList):
    """A list in any state."""

    submitted_by: str
    submitted_at: datetime
    reviewed_by: str | None
    reviewed_at: datetime | None
    opinion: str
    published_by: str | None
    version: int


class ListedItemOut(BaseModel):
    """An item of a list as frozen on submission, and what the list did to it."""

    model_config = ConfigDict(from_attributes=True)

    item_id: str
    change: Literal["new", "changed", "unchanged"]
    edition: int | None
    content: JsonObject


class PublicEntries(PublicList):
    """A published list with its items."""

    entries: list[ListedItemOut]


class ListEntries(ItemListOut):
    """A list in any state with its items."""

    entries: list[ListedItemOut]
