"""From YAML text to packs: shape, citations, periods and inheritance are checked here."""

from collections.abc import Mapping
from itertools import pairwise
from typing import cast, get_args

from wurao.common.packs.errors import PackError
from wurao.common.packs.nodes import Place, compose
from wurao.common.packs.pack import Pack, Source
from wurao.common.packs.values import DatedValue, Origin, Parameter

_NAME = r"[a-z][a-z0-9_]*"

Root = dict[str, Place]


def parse_pack(text: str, *, file: str, parents: Mapping[str, Pack]) -> Pack:
    """One pack, resolved with the parent it inherits. Raises PackError with file and line."""
    return _pack(_root(text, file), parents)


def parse_packs(texts: Mapping[str, str]) -> dict[str, Pack]:
    """Packs by name from texts by file name, parents first. Raises PackError, for cycles too."""
    roots: dict[str, Root] = {}
    for file, text in texts.items():
        root = _root(text, file)
        name = root["pack"].text(_NAME)
        if name in roots:
            raise root["pack"].error(f"{name} is already the name of {roots[name]['pack'].file}")
        roots[name] = root
    packs: dict[str, Pack] = {}
    for name in roots:
        _add_with_parents(name, roots, packs, trail=())
    return packs


def _add_with_parents(name: str, roots: Mapping[str, Root], packs: dict[str, Pack], trail: tuple[str, ...]) -> None:
    if name in packs:
        return
    inherits = roots[name].get("inherits")
    if inherits:
        parent = inherits.text(_NAME)
        if parent in (*trail, name):
            raise inherits.error(f"inherits in a circle: {' → '.join((*trail, name, parent))}")
        if parent in roots:
            _add_with_parents(parent, roots, packs, (*trail, name))
    packs[name] = _pack(roots[name], packs)


def _root(text: str, file: str) -> Root:
    return compose(text, file).fields(("pack", "title", "area", "source", "parameters"), ("inherits",))


def _pack(fields: Root, parents: Mapping[str, Pack]) -> Pack:
    name = fields["pack"].text(_NAME)
    parent = _parent(name, fields.get("inherits"), parents)
    own = {key: _parameter(name, key, place, parent) for key, place in fields["parameters"].entries().items()}
    return Pack(
        name=name,
        title=fields["title"].text(),
        area=fields["area"].text(r"\d{6}"),
        lineage=(name, *(parent.lineage if parent else ())),
        source=_source(fields["source"]),
        file=fields["pack"].file,
        line=fields["parameters"].line,
        parameters={**(parent.parameters if parent else {}), **own},
    )


def _parent(name: str, inherits: Place | None, parents: Mapping[str, Pack]) -> Pack | None:
    if inherits is None:
        return None
    parent = inherits.text(_NAME)
    if parent == name:
        raise inherits.error(f"{name} cannot inherit itself")
    if parent not in parents:
        raise inherits.error(f"there is no pack {parent}")
    return parents[parent]


def _source(place: Place) -> Source:
    fields = place.fields(("id", "number", "from"))
    return Source(id=fields["id"].text("[A-Z]{2}"), number=fields["number"].text(), since=fields["from"].day())


def _parameter(pack: str, name: str, place: Place, parent: Pack | None) -> Parameter:
    place = place.at(place.node, name)
    if "." not in name or not all(part.isidentifier() for part in name.split(".")):
        raise place.error("a parameter is named section.name")
    fields = place.fields(("unit", "values"), ("label",))
    inherited = parent.parameters.get(name) if parent else None
    unit = fields["unit"].text()
    if inherited and inherited.unit != unit:
        raise fields["unit"].error(f"the unit is {inherited.unit} where this is inherited from, not {unit}")
    label = fields["label"].text() if "label" in fields else inherited.label if inherited else name
    own = _timeline([_dated(pack, item) for item in fields["values"].items()], fields["values"])
    return Parameter(label=label, unit=unit, values=own + (inherited.values if inherited else ()))


def _dated(pack: str, place: Place) -> DatedValue:
    fields = place.fields(("value", "from", "clause", "cite"), ("to", "origin"))
    since = fields["from"].day()
    until = fields["to"].day() if "to" in fields else None
    if until is not None and until <= since:
        raise fields["to"].error("the period ends before it begins")
    return DatedValue(
        value=fields["value"].json(),
        since=since,
        until=until,
        clause=fields["clause"].text(r"[A-Z]{2}-\d{2}"),
        cite=fields["cite"].text(),
        origin=_origin(fields.get("origin")),
        pack=pack,
        file=place.file,
        line=place.line,
    )


def _origin(place: Place | None) -> Origin:
    return cast("Origin", place.text("|".join(get_args(Origin)))) if place else "text"


def _timeline(values: list[DatedValue], place: Place) -> tuple[DatedValue, ...]:
    if not values:
        raise place.error("there is no value")
    ordered = sorted(values, key=lambda value: value.since)
    for earlier, later in pairwise(ordered):
        if earlier.until is None or later.since < earlier.until:
            raise PackError(
                f"overlaps the value of line {earlier.line}",
                file=later.file,
                line=later.line,
                parameter=place.parameter,
            )
    return tuple(ordered)
