"""Large files without any peculiarity or fault, scanned as they are; None where the strict reader must look.

Ids are compared by all their letters, except that a file in which two task ids have one hash of 64 bits is left to the
strict reader, which tells whether they are equal.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from wurao.common.workdays import WorkCalendar
from wurao.scheduling.domain.merge import compiled
from wurao.scheduling.domain.merge.calendar import FURTHEST, Calendar
from wurao.scheduling.domain.merge.columns import CAPACITY, TASKS
from wurao.scheduling.domain.merge.scanning import (
    COUNT,
    DATE,
    KEY,
    LIST,
    MONTHS,
    NAME,
    NEWLINE,
    PECULIAR,
    WIDTH,
    YEARS,
    Cells,
    Words,
)
from wurao.scheduling.domain.merge.texts import Bytes, Texts
from wurao.scheduling.domain.merge.work import ROWS, Indices, Ints, Work

Content = bytes | memoryview
LARGE = 200_000
"""Bytes from which scanning is worth while: its functions have to be compiled on a new machine."""
MOST = 999_999
BLOCK = 1 << 18


class Officers(NamedTuple):
    """Officers of agencies by day: the agency's position among all in order, the day since 1970-01-01, how many."""

    agencies: Sequence[str]
    agency: Ints
    day: Ints
    officers: Ints


def tasks(raw: Content, work: WorkCalendar, name: str) -> tuple[Work, Calendar] | None:
    """The tasks of a file and the calendar of their period. Raises BadFile."""
    cells = _scanned(raw, TASKS, (KEY, NAME, NAME, LIST, DATE, DATE, COUNT, COUNT), work)
    if cells is None:
        return None
    earliest, latest = cells.numbers[:, 0], cells.numbers[:, 1]
    if latest.max() - earliest.min() > FURTHEST:
        return None
    calendar = Calendar.between(work, int(earliest.min()), int(latest.max()), name)
    rows = np.empty(cells.at.size, ROWS)

    def fill() -> Texts | None:
        if not _sound(cells):
            return None
        rows["place"], rows["previous"] = -1, -1
        rows["first"] = calendar.following[earliest - calendar.first]
        rows["last"] = calendar.preceding[latest - calendar.first]
        rows["minutes"], rows["officers"] = cells.numbers[:, 2], cells.numbers[:, 3]
        rows["agency"], agencies = _numbered(cells.words[1])
        return agencies

    def number_enterprises() -> Texts | None:
        rows["owner"], enterprises = _numbered(cells.words[0])
        return enterprises

    enterprises, agencies = compiled.at_once(number_enterprises, fill)
    if enterprises is None or agencies is None:
        return None
    ids = Texts(np.frombuffer(raw, np.uint8), cells.at, cells.size)
    return Work(rows, ids, enterprises, agencies.texts()), calendar


def _sound(cells: Cells) -> bool:
    """Tell whether no two hashes are equal, windows begin before they end, and minutes and officers are in bounds."""
    hashes, counts = np.sort(cells.hashes), cells.numbers[:, 2:]
    return bool(
        (hashes[1:] != hashes[:-1]).all()
        and (cells.numbers[:, 0] <= cells.numbers[:, 1]).all()
        and counts.min() >= 1
        and counts.max() <= MOST
    )


def officers(raw: Content, work: WorkCalendar) -> Officers | None:
    """The officers of a file, no day of an agency twice."""
    cells = _scanned(raw, CAPACITY, (NAME, DATE, COUNT), work)
    if cells is None:
        return None
    agency, known = _numbered(cells.words[0])
    day, count = cells.numbers[:, 0], cells.numbers[:, 1]
    keys = np.sort(agency.astype(np.int64) << 32 | day)
    return None if (keys[1:] == keys[:-1]).any() else Officers(known.texts(), agency, day, count)


def _scanned(raw: Content, columns: Sequence[str], kinds: Sequence[int], work: WorkCalendar) -> Cells | None:
    header = ",".join(columns).encode() + b"\n"
    if len(raw) < LARGE or raw[: len(header)] != header or raw[-1:] != b"\n":
        return None
    buffer, dates, does = np.frombuffer(raw, np.uint8), _dates(work), compiled.compiled()
    bounds = _stretches(buffer, len(header))
    counts = compiled.side_by_side(lambda begin, end: _lines(buffer[begin:end]), bounds)
    size = sum(counts)
    row_of = dict(zip(bounds, np.cumsum([0, *counts]).tolist(), strict=True))
    cells = Cells(
        at=np.empty(size, np.int64),
        size=np.empty(size, np.int64),
        hashes=np.empty(size, np.uint64),
        words=np.empty((kinds.count(NAME), size, WIDTH), np.uint64),
        numbers=np.empty((size, kinds.count(DATE) + kinds.count(COUNT)), np.int32),
    )
    kind_of = np.array(kinds, np.int32)
    ends = compiled.side_by_side(
        lambda begin, end: int(does.scan(buffer, begin, end, kind_of, dates, row_of[begin], cells)), bounds
    )
    return None if PECULIAR in ends else cells


def _stretches(buffer: Bytes, begin: int) -> list[int]:
    """About as many bytes each, all beginning after a line end."""
    bounds = [begin]
    for part in range(1, compiled.THREADS):
        at = max(bounds[-1], begin + (buffer.size - begin) * part // compiled.THREADS)
        line = bytes(buffer[at : at + 4096]).find(b"\n")
        if line >= 0 and at + line + 1 < buffer.size:
            bounds.append(at + line + 1)
    return [*bounds, buffer.size]


def _lines(buffer: Bytes) -> int:
    """How many lines end within some bytes."""
    return sum(int(np.count_nonzero(buffer[at : at + BLOCK] == NEWLINE)) for at in range(0, buffer.size, BLOCK))


def _dates(work: WorkCalendar) -> Ints:
    """Days since 1970-01-01 by year, month and day (see `scanning.day_at`), for the years of the calendar."""
    first, last = min(work.tables), max(work.tables)
    days = np.arange(f"{first}-01-01", f"{last + 1}-01-01", dtype="datetime64[D]")
    years, months = days.astype("datetime64[Y]"), days.astype("datetime64[M]")
    dates = np.full((last + 1) * YEARS, PECULIAR, np.int32)
    year, month = years.astype(np.int64) + 1970, (months - years).astype(np.int64) + 1
    known = np.isin(year, list(work.tables))
    entries = year * YEARS + month * MONTHS + (days - months).astype(np.int64) + 1
    dates[entries[known]] = days.astype(np.int64)[known]
    return dates


def _numbered(words: Words) -> tuple[Ints, Texts]:
    """The position of each name among all names in order, and these."""
    codes, known = np.empty(words.shape[0], np.int32), np.empty_like(words)
    known = known[: compiled.compiled().number(words, codes, known)]
    order, (letters, sizes) = compiled.both(lambda: _in_order(known), lambda: _letters(known))
    rank = np.empty(order.size, np.int32)
    rank[order] = np.arange(order.size, dtype=np.int32)
    return rank[codes], Texts(letters.ravel(), order * letters.shape[1], sizes[order])


def _letters(known: Words) -> tuple[Bytes, Indices]:
    """The letters of names, filled up with zeros, and how many there are."""
    letters = known.astype(">u8").view(np.uint8)
    return letters, np.count_nonzero(letters, axis=1)


def _in_order(known: Words) -> Indices:
    """The order of names by their words, of which those that are alike everywhere do not matter."""
    differing = [column for column in known.T[::-1] if (column != column[0]).any()]
    return np.lexsort(differing) if differing else np.arange(known.shape[0])
