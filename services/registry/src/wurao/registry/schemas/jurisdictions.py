"""Areas in and out."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from wurao.common.contracts.shared import Level
from wurao.common.imports import CsvModel
from wurao.registry.schemas.base import NO_NUL, AreaCode

AreaName = Annotated[str, StringConstraints(min_length=2, max_length=60, pattern=NO_NUL)]


class AreaRow(CsvModel):
    """A row of areas.csv. A province's parent is `000000`."""

    code: AreaCode
    name: AreaName
    level: Level
    parent: AreaCode


class AreaOut(BaseModel):
    """An area with its name and the names above it, as in 浙江省衢州市柯城区."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    name: str
    full_name: str
    level: str
    parent: str
