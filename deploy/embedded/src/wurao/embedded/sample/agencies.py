"""Agencies of three levels and the townships, in the order in which a smaller sample keeps them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from wurao.embedded.sample.catalogue import load
from wurao.embedded.sample.places import Place

SUPERIORS = ("market", "justice", "emergency", "ecology", "fire")
DOCUMENTED = ("market", "emergency", "ecology", "fire", "health", "justice", "development")
MINIMUM = 12
"""The documented county agencies, one township office and the two superiors of market and justice."""


class Agency(NamedTuple):
    """One row of agencies.csv."""

    agency_id: str
    name: str
    kind: str
    level: str
    area: str
    line: str
    parent_id: str
    authority: str
    procedure: str
    remedies: str
    phone: str
    delegating_id: str = ""
    delegation_no: str = ""
    delegation_from: str = ""
    delegation_to: str = ""
    delegation_scope: str = ""
    delegation_basis: str = ""


def agencies(place: Place, count: int) -> list[Agency]:
    """The first `count` agencies; ValueError outside the range that the catalogue can fill."""
    drafts = list(_drafts(place))
    if not MINIMUM <= count <= len(drafts):
        raise ValueError(f"agencies must be between {MINIMUM} and {len(drafts)}")
    chosen = drafts[:count]
    known = {agency.agency_id for agency in chosen}
    return [agency._replace(parent_id=agency.parent_id if agency.parent_id in known else "") for agency in chosen]


def _drafts(place: Place) -> Iterator[Agency]:
    lines: dict[str, dict[str, Any]] = load("agencies")["lines"]
    towns = [_town(place, index) for index in range(len(place.towns))]
    yield from (_organ(place, line, "county") for line in DOCUMENTED)
    yield towns[0]
    for line in ("market", "justice"):
        yield from (_organ(place, line, level) for level in ("prefecture", "province"))
    yield from (_organ(place, line, "county") for line in lines if line not in DOCUMENTED)
    yield from towns[1:]
    yield from (_organ(place, line, "prefecture") for line in SUPERIORS[2:])
    yield from (_organ(place, line, "province") for line in SUPERIORS[2:4])
    yield from (_team(place, line) for line in load("agencies")["entrusted"])
    for level in ("prefecture", "province"):
        held = SUPERIORS if level == "prefecture" else SUPERIORS[:4]
        yield from (_organ(place, line, level) for line in lines if line not in held)


def _organ(place: Place, line: str, level: str) -> Agency:
    spec = load("agencies")["lines"][line]
    codes = {"county": place.area, "prefecture": place.prefecture_area, "province": place.province_area}
    parents = {"county": f"{place.prefecture_area}-{line}", "prefecture": f"{place.province_area}-{line}"}
    position = list(load("agencies")["lines"]).index(line)
    return _agency(
        place,
        agency_id=f"{codes[level]}-{line}",
        name=_name(place, spec, level),
        kind=spec.get("kind", "organ"),
        level=level,
        area=codes[level],
        line=line,
        parent_id=parents.get(level, ""),
        authority=spec["authority"],
        extension=100 * ("county", "prefecture", "province").index(level) + position,
    )


def _name(place: Place, spec: dict[str, Any], level: str) -> str:
    own = spec.get(f"{level}_title")
    if own:
        names = {"c": f"{place.prefecture}{place.county}", "p": place.prefecture, "v": place.province}
        return str(own).format(**names, short=place.county_short)
    owner = {
        "county": f"{place.prefecture}{place.county}",
        "prefecture": place.prefecture,
        "province": place.province,
    }
    return f"{owner[level]}{spec.get(level, spec['title'])}"


def _town(place: Place, index: int) -> Agency:
    code, name = place.towns[index]
    office = "办事处" if name.endswith("街道") else "人民政府"
    return _agency(
        place,
        agency_id=f"{code}-town",
        name=f"{place.prefecture}{place.county}{name}{office}",
        kind="organ",
        level="township",
        area=code,
        line="city_management",
        parent_id=f"{place.area}-city_management",
        authority=load("agencies")["town_authority"],
        extension=400 + index,
    )


def _team(place: Place, line: str) -> Agency:
    spec = load("agencies")["entrusted"][line]
    position = list(load("agencies")["entrusted"]).index(line)
    team = _agency(
        place,
        agency_id=f"{place.area}-{line}-{spec['suffix']}",
        name=f"{place.prefecture}{place.county}{spec['title']}",
        kind="entrusted",
        level="county",
        area=place.area,
        line=line,
        parent_id=f"{place.prefecture_area}-{line}",
        authority=load("agencies")["entrusted_authority"],
        extension=500 + position,
    )
    return team._replace(
        delegating_id=f"{place.area}-{line}",
        delegation_no=f"{place.county_short}委托〔2024〕{position + 1}号",
        delegation_from="2024-01-01",
        delegation_to="2028-12-31",
        delegation_scope=spec["scope"],
        delegation_basis=load("agencies")["entrusted_authority"],
    )


def _agency(
    place: Place,
    *,
    agency_id: str,
    name: str,
    kind: str,
    level: str,
    area: str,
    line: str,
    parent_id: str,
    authority: str,
    extension: int,
) -> Agency:
    book = load("agencies")
    return Agency(
        agency_id=agency_id,
        name=name,
        kind=kind,
        level=level,
        area=area,
        line=line,
        parent_id=parent_id,
        authority=authority,
        procedure=book["procedure"],
        remedies=book["remedies"],
        phone=f"{place.dialling}-8800{extension:03d}",
    )
