"""Bounded parts of requests."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from wurao.common import area as areas

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
OuterId = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]{1,100}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,60}$")]


def _plain(text: str) -> str:
    """No database keeps NUL in text, and lone surrogates are no text at all."""
    if "\x00" in text:
        raise ValueError("不得含有空字符")
    text.encode()
    return text


Text = Annotated[str, StringConstraints(max_length=4_000), AfterValidator(_plain)]
ShortText = Annotated[str, StringConstraints(min_length=2, max_length=1_000), AfterValidator(_plain)]
AreaParam = Annotated[
    str,
    Query(max_length=9, description="行政区划代码；000000 为全国"),
    AfterValidator(areas.canonical),
]
Quarter = Annotated[str, Query(pattern=r"^20\d{2}Q[1-4]$", description="2026Q1")]
Key = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class Out(BaseModel):
    """Base of answers that are read from rows."""

    model_config = ConfigDict(from_attributes=True)


class In(BaseModel):
    """Base of request bodies: nothing unknown, so that a misspelt field is not silently lost."""

    model_config = ConfigDict(extra="forbid")
