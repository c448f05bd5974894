"""One pass over the bytes of a clean CSV: each cell is checked to the letter, and numbers are made of it.

A file with any peculiarity (quotes, blanks, other line ends, a cell that is not as it should be) is left to the strict
reader, which says what is wrong with it. These functions are for large files, and run compiled.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wurao.scheduling.domain.merge.texts import Bytes, Indices
from wurao.scheduling.domain.merge.work import Ints

Words = NDArray[np.uint64]

KEY, NAME, LIST, DATE, COUNT = range(5)
"""Columns: an id met once, an id met often, ids with semicolons, a day, a number of up to six digits."""
PECULIAR = -1
LONGEST, WIDTH, DIGITS, DATE_SIZE = 64, 3, 6, 10
"""A key has 64 letters at most, a name 24: three words of eight."""
YEARS, MONTHS = 512, 32
COMMA, HYPHEN, NEWLINE, ZERO, NINE = b",-\n09"
IN_ID = np.zeros(256, np.bool_)
IN_ID[list(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.:-")] = True
IN_LIST = IN_ID.copy()
IN_LIST[ord(";")] = True
LETTER, SPREAD, SHIFT = np.uint64(8), np.uint64(0x9E3779B97F4A7C15), np.uint64(32)


class Cells(NamedTuple):
    """What a scan finds, by row: where the key lies, its size and hash; words of names; days and counts."""

    at: Indices
    size: Indices
    hashes: Words
    words: Words
    numbers: Ints


def mix(hash_so_far: np.uint64, word: np.uint64) -> np.uint64:
    """A hash of all words up to this one."""
    mixed = (hash_so_far ^ word) * SPREAD
    return mixed ^ (mixed >> SHIFT)


def day_at(raw: Bytes, at: int, dates: Ints) -> int:
    """The entry of `dates` for YYYY-MM-DD, -1 if there is none: it goes by year * 512 + month * 32 + day."""
    for step in range(DATE_SIZE):
        if step in (4, 7):
            if raw[at + step] != HYPHEN:
                return PECULIAR
        elif raw[at + step] < ZERO or raw[at + step] > NINE:
            return PECULIAR
    year = raw[at] * 1000 + raw[at + 1] * 100 + raw[at + 2] * 10 + raw[at + 3] - ZERO * 1111
    month = raw[at + 5] * 10 + raw[at + 6] - ZERO * 11
    day = raw[at + 8] * 10 + raw[at + 9] - ZERO * 11
    # Beyond their bounds a month or a day would be the entry of a later one.
    if month >= YEARS // MONTHS or day >= MONTHS:
        return PECULIAR
    entry = year * YEARS + month * MONTHS + day
    return dates[entry] if entry < dates.size else PECULIAR


def scan(raw: Bytes, begin: int, end: int, kinds: Ints, dates: Ints, row: int, cells: Cells) -> int:
    """Read the lines of a stretch into rows from `row` on; the row after the last, or PECULIAR.

    The stretch begins after a line end and ends with one.
    """
    at = begin
    while at < end:
        names = numbers = 0
        for column in range(kinds.size):
            kind, start = kinds[column], at
            if kind == DATE:
                day = day_at(raw, at, dates) if at + DATE_SIZE < end else PECULIAR
                if day == PECULIAR:
                    return PECULIAR
                cells.numbers[row, numbers] = day
                numbers += 1
                at += DATE_SIZE
            elif kind == COUNT:
                count = 0
                while ZERO <= raw[at] <= NINE and at - start <= DIGITS:
                    count = count * 10 + raw[at] - ZERO
                    at += 1
                if at - start > DIGITS:
                    return PECULIAR
                cells.numbers[row, numbers] = count
                numbers += 1
            elif kind == LIST:
                while IN_LIST[raw[at]]:
                    at += 1
            else:
                word, mixed = np.uint64(0), np.uint64(0)
                while IN_ID[raw[at]]:
                    word = (word << LETTER) | np.uint64(raw[at])
                    at += 1
                    if (at - start) % 8 == 0:
                        if kind == NAME:
                            if at - start > WIDTH * 8:
                                return PECULIAR
                            cells.words[names, row, (at - start) // 8 - 1] = word
                        mixed, word = mix(mixed, word), np.uint64(0)
                size = at - start
                if kind == NAME:
                    if size > WIDTH * 8:
                        return PECULIAR
                    for _ in range(8 - size % 8):
                        word <<= LETTER
                    for place in range(size // 8, WIDTH):
                        cells.words[names, row, place] = word
                        word = np.uint64(0)
                    names += 1
                else:
                    if size > LONGEST:
                        return PECULIAR
                    cells.at[row], cells.size[row] = start, size
                    cells.hashes[row] = mix(mix(mixed, word), np.uint64(size))
            if at == start or raw[at] != (COMMA if column + 1 < kinds.size else NEWLINE):
                return PECULIAR
            at += 1
        row += 1
    return row


def number(words: Words, codes: Ints, known: Words) -> int:
    """Number names in the order in which they first come: the number of each in `codes`, their words in `known`."""
    slots = 2
    while slots < 2 * codes.size:
        slots *= 2
    table = np.full(slots, -1, np.int32)
    count = 0
    for row in range(codes.size):
        mixed = np.uint64(0)
        for place in range(WIDTH):
            mixed = mix(mixed, words[row, place])
        slot = np.int64(mix(mixed, np.uint64(0))) & (slots - 1)
        while True:
            code = table[slot]
            if code < 0:
                code = table[slot] = count
                known[count] = words[row]
                count += 1
            place = 0
            while place < WIDTH and known[code, place] == words[row, place]:
                place += 1
            if place == WIDTH:
                codes[row] = code
                break
            slot = (slot + 1) & (slots - 1)
    return count
