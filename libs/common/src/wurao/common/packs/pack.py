"""A policy pack: the law of one jurisdiction as data, already resolved with its parents."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from functools import cached_property, lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from wurao.common.packs.errors import PackError
from wurao.common.packs.section import Found, Section, SectionT, assemble, problems
from wurao.common.packs.values import Param, Parameter, Text

PackName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", strict=True)]
AreaCode = Annotated[str, StringConstraints(pattern=r"^\d{6}$", strict=True)]


class Source(BaseModel):
    """The document a pack writes down: its short id, official number and first day in force."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$", strict=True)]
    number: Text
    since: date


class Pack(BaseModel):
    """Parameters of a jurisdiction, asked as of a day. `lineage` is the pack's own name, then its parents'.

    Two packs are equal when their digests are: where a value stands in its file is not part of the law.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: PackName
    title: Text
    area: AreaCode
    lineage: tuple[PackName, ...]
    source: Source
    file: Text
    line: int
    parameters: dict[str, Parameter]

    def section(self, section: type[SectionT], *, on: date) -> SectionT:
        """The typed section in force on `on`. Raises PackError with file, line and parameter."""
        found = _section(self, section, on)
        assert isinstance(found, section)
        return found

    def problems(self, section: type[Section], *, on: date) -> list[PackError]:
        """Everything that keeps `section` from being read on `on`."""
        return problems(section, lambda name: self._find(name, on))

    def param(self, name: str, on: date) -> Param[Any]:
        """The value of `name` in force on `on`. Raises PackError when there is none."""
        parameter, dated = self._find(name, on)
        return parameter.cited(dated)

    def names_on(self, on: date) -> list[str]:
        """Names of the parameters in force on `on`, sorted."""
        return sorted(name for name, parameter in self.parameters.items() if parameter.at(on))

    def in_force(self, on: date) -> dict[str, Param[Any]]:
        """Every parameter in force on `on`, by name."""
        return {name: self.param(name, on) for name in self.names_on(on)}

    def to_document(self) -> dict[str, Any]:
        """The whole pack as JSON-safe data; `from_document` reads it back."""
        return self.model_dump(mode="json")

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Pack":
        """Raises PackError when the document is not one that `to_document` wrote."""
        try:
            return cls.model_validate_json(json.dumps(dict(document)), strict=True)
        except (TypeError, ValueError) as error:
            raise PackError(_reason(error), file="document", line=0) from error

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the canonical document: sorted keys, no spaces, no file names or line numbers."""
        text = json.dumps(
            _without_places(self.to_document()), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        return hashlib.sha256(text.encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pack) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def _find(self, name: str, on: date) -> Found:
        parameter = self.parameters.get(name)
        if parameter is None:
            raise PackError("缺少", file=self.file, line=self.line, parameter=name)
        dated = parameter.at(on)
        if dated is None:
            nearest = parameter.values[0]
            raise PackError(f"{on} 尚无有效规定", file=nearest.file, line=nearest.line, parameter=name)
        return parameter, dated


@lru_cache(maxsize=4096)
def _section(pack: Pack, section: type[Section], on: date) -> Section:
    return assemble(section, lambda name: pack._find(name, on))


def _without_places(document: dict[str, Any]) -> dict[str, Any]:
    parameters = {
        name: {**parameter, "values": [_omit(value, "file", "line") for value in parameter["values"]]}
        for name, parameter in document["parameters"].items()
    }
    return {**_omit(document, "file", "line"), "parameters": parameters}


def _omit(data: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in keys}


def _reason(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
