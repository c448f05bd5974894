"""Inspection items with their legal bases, and the forms that they are inspected with."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from wurao.embedded.sample.agencies import Agency
from wurao.embedded.sample.catalogue import article, load

LONGEST_FORM = 8
SHORTEST_FORM = 4
_TEAM_ITEMS = 4
_PAPERS = ("记录", "许可", "证", "票", "档案", "备案", "预案", "执照")
_RANK = {"county": 1.0, "township": 1.6, "prefecture": 3.0, "province": 4.0}
"""A smaller sample keeps the county's items first: the rank stretches the place in the line's list."""


class Matter(NamedTuple):
    """One entry of items.yaml."""

    name: str
    law: str
    article: int
    topic: str
    common: str
    method: str
    flags: str
    recognition_days: int
    minutes: int
    officers: int
    industries: str


class Question(NamedTuple):
    """One entry of topics.yaml."""

    key: str
    text: str
    type: str
    standard: str
    law: str
    article: int


class Item(NamedTuple):
    """One row of items.csv."""

    item_id: str
    agency_id: str
    name: str
    line: str
    law: str
    article: str
    method: str
    random_list: bool
    special_industry: bool
    key_area: bool
    recognition_days: int
    delegable: bool
    minutes: int
    officers: int
    industries: str
    form_id: str


class FormRow(NamedTuple):
    """One row of forms.csv."""

    form_id: str
    version: str
    question_id: str
    position: int
    text: str
    type: str
    mandatory: bool
    standard: str
    law: str
    article: str
    evidence: str
    shared_key: str


@cache
def matters(line: str) -> tuple[Matter, ...]:
    return tuple(Matter(*entry) for entry in load("items")[line])


def items(found: list[Agency], count: int) -> list[Item]:
    """`count` items, at least one for each agency. ValueError outside what the catalogue can fill."""
    ranked = sorted(
        (place * (3.0 if agency.kind == "entrusted" else _RANK[agency.level]), number, place)
        for number, agency in enumerate(found)
        for place in range(len(_own(agency)))
    )
    if not len(found) <= count <= len(ranked):
        raise ValueError(f"items must be between {len(found)} and {len(ranked)} for these agencies")
    kept = sorted((number, place) for _, number, place in ranked[:count])
    return [_item(found[number], place) for number, place in kept]


def forms(used: Iterable[Item]) -> list[FormRow]:
    """The rows of every form that an item uses, in the order of first use."""
    wanted = dict.fromkeys(item.form_id for item in used)
    shared = _shared_keys()
    return [row for form_id in wanted for row in _rows(form_id, shared)]


def _line(agency: Agency) -> str:
    return "township" if agency.level == "township" else agency.line


def _own(agency: Agency) -> tuple[Matter, ...]:
    found = matters(_line(agency))
    return found[:_TEAM_ITEMS] if agency.kind == "entrusted" else found


def _item(agency: Agency, place: int) -> Item:
    matter = matters(_line(agency))[place]
    return Item(
        item_id=f"{agency.agency_id}-i{place + 1:02d}",
        agency_id=agency.agency_id,
        name=matter.name,
        line=agency.line,
        law=matter.law,
        article=article(matter.article),
        method=matter.method,
        random_list="R" in matter.flags,
        special_industry="S" in matter.flags,
        key_area="K" in matter.flags,
        recognition_days=matter.recognition_days,
        delegable="D" in matter.flags,
        minutes=matter.minutes,
        officers=matter.officers,
        industries=matter.industries,
        form_id=_form_id(_line(agency), matter),
    )


@cache
def _form_ids() -> dict[tuple[str, str, str], str]:
    """Form of each line, topic and set of common questions; a second set gets the suffix -2."""
    ids: dict[tuple[str, str, str], str] = {}
    seen: dict[tuple[str, str], int] = defaultdict(int)
    for line in load("items"):
        for matter in matters(line):
            key = (line, matter.topic, matter.common)
            if key not in ids:
                seen[line, matter.topic] += 1
                nth = seen[line, matter.topic]
                ids[key] = f"form-{line}-{matter.topic}" + (f"-{nth}" if nth > 1 else "")
    return ids


def _form_id(line: str, matter: Matter) -> str:
    return _form_ids()[line, matter.topic, matter.common]


@cache
def _questions() -> dict[str, tuple[Question, ...]]:
    book = load("topics")
    common = {key: Question(*entry) for key, entry in book["common"].items()}
    built = {}
    for (_, topic, names), form_id in _form_ids().items():
        own = [Question(*entry) for entry in book["topics"][topic]]
        chosen = names.split()
        if len(own) + len(chosen) < SHORTEST_FORM:
            chosen.append("licence")
        head = [common[name] for name in chosen]
        built[form_id] = tuple(head + own[: LONGEST_FORM - len(head)])
    return built


def _evidence(question: Question) -> str:
    """What proves the answer: a paper where text or standard speaks of one, else a picture; figures are measured."""
    if question.type == "number":
        return "measurement"
    spoken = question.text + question.standard
    return "document" if any(paper in spoken for paper in _PAPERS) else "photo"


@cache
def _shared_keys() -> frozenset[str]:
    lines: dict[str, set[str]] = defaultdict(set)
    for (line, _, _), form_id in _form_ids().items():
        for question in _questions()[form_id]:
            lines[question.key].add(line)
    return frozenset(key for key, asking in lines.items() if len(asking) > 1)


def _rows(form_id: str, shared: frozenset[str]) -> list[FormRow]:
    return [
        FormRow(
            form_id=form_id,
            version="1",
            question_id=f"{form_id}-q{position}",
            position=position,
            text=question.text,
            type=question.type,
            mandatory=question.type == "yes_no",
            standard=question.standard,
            law=question.law,
            article=article(question.article),
            evidence=_evidence(question),
            shared_key=question.key if question.key in shared else "",
        )
        for position, question in enumerate(_questions()[form_id], 1)
    ]
