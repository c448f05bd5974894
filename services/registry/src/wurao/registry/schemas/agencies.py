"""Agencies in and out."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from wurao.common.contracts.shared import Level
from wurao.common.imports import CsvModel
from wurao.registry.schemas.base import AreaCode, Identifier, Reason


class AgencyRow(CsvModel):
    """A row of agencies.csv."""

    agency_id: Identifier
    name: Annotated[str, StringConstraints(min_length=2, max_length=100)]
    kind: Annotated[str, StringConstraints(max_length=40)]
    level: Level
    area: AreaCode
    line: Annotated[str, StringConstraints(pattern=r"^[a-z_]{2,40}$")]
    parent_id: Identifier | None = None
    authority: Annotated[str, StringConstraints(max_length=500)] = ""
    procedure: Annotated[str, StringConstraints(max_length=2000)] = ""
    remedies: Annotated[str, StringConstraints(max_length=2000)] = ""
    phone: Annotated[str, StringConstraints(max_length=40)] = ""


class AgencyOut(BaseModel):
    """An agency as the directory shows it."""

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
    version: int


class Withdrawal(BaseModel):
    """Why an agency loses its standing."""

    reason: Reason
