"""From YAML text to packs: shape, citations, units, types, periods and inheritance are checked here."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import cast, get_args

from pydantic import JsonValue

from wurao.common.packs.errors import PackError
from wurao.common.packs.nodes import Place, compose
from wurao.common.packs.pack import Pack, Source
from wurao.common.packs.units import UNITS, Unit, codes_in
from wurao.common.packs.values import DatedValue, Origin, Parameter

_NAME = r"[a-z][a-z0-9_]*"

Root = dict[str, Place]
Faults = list[PackError]


def parse_pack(text: str, *, file: str, parents: Mapping[str, Pack]) -> Pack:
    """One pack, resolved with the parent it inherits. Raises PackError with file and line: the first fault."""
    pack, faults = examine_pack(text, file=file, parents=parents)
    if pack is None:
        raise faults[0]
    return pack


def examine_pack(text: str, *, file: str, parents: Mapping[str, Pack]) -> tuple[Pack | None, Faults]:
    """The pack, or every fault of its text in the order of lines."""
    faults: Faults = []
    try:
        pack = _pack(_root(text, file), parents, faults)
    except PackError as error:
        return None, [*faults, error]
    return (None if faults else pack), sorted(faults, key=lambda fault: fault.line)


def parse_packs(texts: Mapping[str, str]) -> dict[str, Pack]:
    """Packs by name from texts by file name, parents first. Raises PackError, for cycles too."""
    roots: dict[str, Root] = {}
    for file, text in texts.items():
        root = _root(text, file)
        name = root["pack"].text(_NAME)
        if name in roots:
            raise root["pack"].error(f"{roots[name]['pack'].file} 已使用名称 {name}")
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
            raise inherits.error(f"循环继承：{' → '.join((*trail, name, parent))}")
        if parent in roots:
            _add_with_parents(parent, roots, packs, (*trail, name))
    faults: Faults = []
    packs[name] = _pack(roots[name], packs, faults)
    if faults:
        raise faults[0]


def _root(text: str, file: str) -> Root:
    return compose(text, file).fields(("pack", "title", "area", "source", "parameters"), ("inherits",))


def _pack(fields: Root, parents: Mapping[str, Pack], faults: Faults) -> Pack:
    name = fields["pack"].text(_NAME)
    parent = _parent(name, fields.get("inherits"), parents)
    source = _source(fields["source"])
    own: dict[str, Parameter] = {}
    for key, place in fields["parameters"].entries().items():
        try:
            own[key] = _Reader(name, source, parent, key).parameter(place)
        except PackError as error:
            faults.append(error)
    pack = Pack(
        name=name,
        title=fields["title"].text(),
        area=fields["area"].text(r"\d{6}"),
        lineage=(name, *(parent.lineage if parent else ())),
        source=source,
        file=fields["pack"].file,
        line=fields["parameters"].line,
        parameters={**(parent.parameters if parent else {}), **own},
    )
    faults.extend(_nameless(pack, own))
    return pack


def _parent(name: str, inherits: Place | None, parents: Mapping[str, Pack]) -> Pack | None:
    if inherits is None:
        return None
    parent = inherits.text(_NAME)
    if parent == name:
        raise inherits.error(f"{name} 不能继承自身")
    if parent not in parents:
        raise inherits.error(f"没有名为 {parent} 的政策包")
    return parents[parent]


def _source(place: Place) -> Source:
    fields = place.fields(("id", "number", "from"))
    return Source(id=fields["id"].text("[A-Z]{2}"), number=fields["number"].text(), since=fields["from"].day())


class _Reader:
    """Reads one parameter of a pack: beside what it inherits, and within the document it comes from."""

    def __init__(self, pack: str, source: Source, parent: Pack | None, name: str) -> None:
        self._pack, self._source, self._parent, self._name = pack, source, parent, name
        self._inherited = parent.parameters.get(name) if parent else None

    def parameter(self, place: Place) -> Parameter:
        place = place.at(place.node, self._name)
        if "." not in self._name or not all(part.isidentifier() for part in self._name.split(".")):
            raise place.error("参数名应写作 主题.名称")
        fields = place.fields(("unit", "values"), ("label",))
        unit = self._unit(fields["unit"])
        label = self._label(fields.get("label"), place)
        own = _timeline([self._dated(item, unit) for item in fields["values"].items()], fields["values"])
        inherited = self._inherited.values if self._inherited else ()
        return Parameter(label=label, unit=unit.name, values=own + inherited)

    def _unit(self, place: Place) -> Unit:
        name = place.text()
        if self._inherited and self._inherited.unit != name:
            raise place.error(f"上级规定的单位是 {self._inherited.unit}，此处写作 {name}")
        if name not in UNITS:
            raise place.error(f"没有单位 {name}；可用：{'、'.join(UNITS)}")
        return UNITS[name]

    def _label(self, place: Place | None, parameter: Place) -> str:
        if place:
            return place.text()
        if self._inherited:
            return self._inherited.label
        raise parameter.error("新参数缺少中文名称 label")

    def _dated(self, place: Place, unit: Unit) -> DatedValue:
        fields = place.fields(("value", "from", "clause", "cite"), ("to", "origin"))
        since, until = self._period(fields)
        return DatedValue(
            value=self._value(fields["value"], unit),
            since=since,
            until=until,
            clause=self._clause(fields["clause"]),
            cite=fields["cite"].text(),
            origin=_origin(fields.get("origin")),
            pack=self._pack,
            file=place.file,
            line=place.line,
        )

    def _period(self, fields: Root) -> tuple[date, date | None]:
        since = fields["from"].day()
        until = fields["to"].day() if "to" in fields else None
        if since < self._source.since:
            raise fields["from"].error(f"{since} 早于文件施行之日 {self._source.since}")
        if until is not None and until <= since:
            raise fields["to"].error("失效日不晚于生效日")
        return since, until

    def _clause(self, place: Place) -> str:
        clause = place.text(r"[A-Z]{2}-\d{2}")
        if self._parent and clause[:2] not in {self._source.id, *_documents(self._parent)}:
            raise place.error(f"条款 {clause} 既不是本文件（{self._source.id}）的，也不是上级规定的")
        return clause

    def _value(self, place: Place, unit: Unit) -> JsonValue:
        value: JsonValue = place.json()
        if value is None:
            if self._inherited and all(other.value is not None for other in self._inherited.values):
                raise place.error("上级规定有值，此处不能为空")
            return None
        if fault := unit.fault(value):
            raise place.error(fault)
        return value


def _documents(pack: Pack) -> set[str]:
    """The letters of the clauses that a pack rests on."""
    return {value.clause[:2] for parameter in pack.parameters.values() for value in parameter.values}


def _nameless(pack: Pack, own: Mapping[str, Parameter]) -> Iterator[PackError]:
    """Codes without a Chinese name: nobody could read them."""
    tables = [value.value for each in pack.parameters.values() if each.unit == "labels" for value in each.values]
    named = {code for table in tables if isinstance(table, dict) for code in table}
    for name, parameter in own.items():
        for value in parameter.values:
            lacking = codes_in(value.value) - named if UNITS[parameter.unit].coded and value.pack == pack.name else ()
            if lacking:
                words = f"代码没有中文名称：{'、'.join(sorted(lacking))}"
                yield PackError(words, file=value.file, line=value.line, parameter=name)


def _origin(place: Place | None) -> Origin:
    return cast("Origin", place.text("|".join(get_args(Origin)))) if place else "text"


def _timeline(values: list[DatedValue], place: Place) -> tuple[DatedValue, ...]:
    if not values:
        raise place.error("没有值")
    ordered = sorted(values, key=lambda value: value.since)
    for earlier, later in pairwise(ordered):
        if earlier.until is None or later.since < earlier.until:
            raise PackError(
                f"与第 {earlier.line} 行的值在同一天都有效",
                file=later.file,
                line=later.line,
                parameter=place.parameter,
            )
    return tuple(ordered)
