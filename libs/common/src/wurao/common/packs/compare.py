"""Questions about whole packs: where two differ, and whether every section can be read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from wurao.common.packs.errors import PackError
from wurao.common.packs.pack import Pack
from wurao.common.packs.section import Section, parameter_names
from wurao.common.packs.values import Param


@dataclass(frozen=True)
class Difference:
    """A parameter whose values differ; None where that pack has none in force."""

    name: str
    label: str
    a: Param[Any] | None
    b: Param[Any] | None


@dataclass(frozen=True)
class Report:
    """What `check` found: errors by pack, and parameters that no declared section reads."""

    errors: dict[str, list[PackError]]
    unread: list[str]

    @property
    def sound(self) -> bool:
        return not any(self.errors.values())


def diff(a: Pack, b: Pack, on: date) -> list[Difference]:
    """Parameters whose values differ on `on`, by name; the same value cited differently is no difference."""
    ours, theirs = a.in_force(on), b.in_force(on)
    labels = {**_labels(b), **_labels(a)}
    names = sorted(ours.keys() | theirs.keys())
    pairs = [Difference(name, labels[name], ours.get(name), theirs.get(name)) for name in names]
    return [pair for pair in pairs if pair.a is None or pair.b is None or pair.a.value != pair.b.value]


def check(packs: Mapping[str, Pack], sections: Collection[type[Section]], on: date) -> Report:
    """Reads every section from every pack as of `on`."""
    errors = {
        name: [error for section in sections for error in pack.problems(section, on=on)] for name, pack in packs.items()
    }
    read = {name for section in sections for name in parameter_names(section)}
    known = {name for pack in packs.values() for name in pack.parameters}
    return Report(errors=errors, unread=sorted(known - read))


def _labels(pack: Pack) -> dict[str, str]:
    return {name: parameter.label for name, parameter in pack.parameters.items()}
