"""Writes the import files of a sample county, block by block, in bounded memory."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from wurao.embedded.sample.agencies import Agency, agencies
from wurao.embedded.sample.enterprises import BLOCK, EnterpriseMaker
from wurao.embedded.sample.items import forms, items
from wurao.embedded.sample.officers import officers
from wurao.embedded.sample.places import areas, place
from wurao.embedded.sample.tables import COLUMNS, Cell, lines
from wurao.embedded.sample.units import units


@dataclass(frozen=True)
class Summary:
    """What was written: rows per file, and enterprises per GB/T 4754 section and per kind."""

    area: str
    seed: int
    rows: dict[str, int]
    sections: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)

    def share(self, section: str) -> float:
        """Share of the enterprises in a section, 0 to 1."""
        return self.sections.get(section, 0) / max(1, self.rows["enterprises"])


def generate(
    out: Path,
    *,
    enterprises: int = 3000,
    seed: int = 2026,
    area: str = "330802",
    agencies: int = 40,
    officers: int = 400,
    items: int = 300,
    progress: Callable[[int], None] = lambda _: None,
) -> Summary:
    """Write nine CSV files into `out`; equal arguments give equal bytes.

    `progress` hears the number of enterprises written so far.
    Raises ValueError for a county code or counts that the catalogues cannot serve; then nothing is written.
    """
    if not 0 <= enterprises <= 100_000_000:
        raise ValueError("enterprises must be between 0 and 100000000")
    people = _people(area, agencies, officers, items, seed)
    out.mkdir(parents=True, exist_ok=True)
    rows = {name: _write(out, name, table) for name, table in people.tables.items()}
    maker = EnterpriseMaker(place(area), people.agencies, seed)
    return _write_enterprises(out, maker, enterprises, Summary(area, seed, rows), progress)


@dataclass(frozen=True)
class _People:
    agencies: list[Agency]
    tables: dict[str, Sequence[Sequence[Cell]]]


def _people(area: str, agency_count: int, officer_count: int, item_count: int, seed: int) -> _People:
    found = agencies(place(area), agency_count)
    people = officers(found, officer_count, seed)
    held = items(found, item_count)
    tables: dict[str, Sequence[Sequence[Cell]]] = {
        "areas": areas(place(area)),
        "agencies": found,
        "units": units(found, people),
        "officers": people,
        "items": held,
        "forms": forms(held),
    }
    return _People(found, tables)


def _open(out: Path, name: str) -> TextIO:
    file = (out / f"{name}.csv").open("w", encoding="utf-8", newline="")
    file.write(lines([COLUMNS[name]]))
    return file


def _write(out: Path, name: str, rows: Sequence[Sequence[Cell]]) -> int:
    with _open(out, name) as file:
        file.write(lines(rows))
    return len(rows)


def _blocks(count: int) -> Iterable[tuple[int, int]]:
    return ((start // BLOCK, min(BLOCK, count - start)) for start in range(0, count, BLOCK))


def _write_enterprises(
    out: Path, maker: EnterpriseMaker, count: int, base: Summary, progress: Callable[[int], None]
) -> Summary:
    rows, sections, kinds = Counter(base.rows), Counter[str](), Counter[str]()
    rows.update({"enterprises": 0, "premises": 0, "facts": 0})
    with ExitStack() as stack:
        files = {name: stack.enter_context(_open(out, name)) for name in ("enterprises", "premises", "facts")}
        for number, size in _blocks(count):
            made = maker.block(number, size)
            files["enterprises"].writelines(made.enterprises)
            files["premises"].writelines(made.premises)
            files["facts"].writelines(made.facts)
            rows.update(enterprises=size, premises=len(made.premises), facts=made.fact_rows)
            sections.update(made.sections)
            kinds.update(made.kinds)
            progress(rows["enterprises"])
    return Summary(base.area, base.seed, dict(rows), dict(sorted(sections.items())), dict(sorted(kinds.items())))
