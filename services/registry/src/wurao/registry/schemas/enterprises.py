"""Enterprises and premises in and out."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from wurao.common.contracts.shared import Premises
from wurao.common.imports import CsvModel
from wurao.registry.schemas.base import AreaCode, Identifier, LegalDay, Line, Name, Uscc

Tag = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class EnterpriseRow(CsvModel):
    """A row of enterprises.csv."""

    enterprise_id: Uscc
    name: Name
    kind: Literal["company", "branch", "individual", "cooperative"]
    industry: Annotated[str, StringConstraints(pattern=r"^[A-T][0-9]{2,4}$")]
    size: Literal["micro", "small", "medium", "large"]
    area: AreaCode
    address: Line = ""
    registered_on: LegalDay | None = None
    park: Line = ""
    tags: Annotated[tuple[Tag, ...], Field(max_length=50)] = ()


class PremisesRowIn(CsvModel):
    """A row of premises.csv."""

    premises_id: Identifier
    enterprise_id: Uscc
    name: Name
    address: Line = ""
    area: AreaCode


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
    version: int


class EnterpriseOut(EnterpriseBrief):
    """An enterprise with its premises and its grade as last announced."""

    registered_on: date | None
    park: str
    scheme: str | None
    score: int | None
    sampling_permille: int | None
    yearly_cap: int | None
    graded_from: date | None
    premises: list[Premises] = []
