"""The lines of visits.csv, by enterprise and day: measured first, then written, each stretch of enterprises apart."""

from typing import NamedTuple

import numpy as np

from wurao.scheduling.domain.merge.texts import Bytes, Texts
from wurao.scheduling.domain.merge.work import Indices, Ints

FEW = 24
FIXED = 24
"""Bytes of a line beside its ids: the letter, two dates, separators and the line end."""
COMMA, HYPHEN, NEWLINE, SEMICOLON, VISIT = b",-\n;V"


class Print(NamedTuple):
    """What is printed: days (-1 for none) and ids of tasks in canonical order, and where those of an enterprise begin;
    `turn` is scratch for as many; `dates` are the days as YYYYMMDD and YYYY-MM-DD, one behind the other."""

    day: Ints
    start: Indices
    turn: Indices
    task_ids: Texts
    enterprises: Texts
    dates: Bytes


def sort_many(sheet: Print, begin: int, end: int) -> None:
    """Sort a stretch of `turn` by day, equal ones as they stand."""
    turn = sheet.turn[begin:end].copy()
    sheet.turn[begin:end] = turn[np.argsort(sheet.day[turn], kind="mergesort")]


def take_turns(sheet: Print, owner: int) -> tuple[int, int]:
    """Put an enterprise's tasks that have a day into `turn` by day; where they begin and end."""
    begin, end = sheet.start[owner], sheet.start[owner]
    for task in range(begin, sheet.start[owner + 1]):
        if sheet.day[task] >= 0:
            sheet.turn[end] = task
            end += 1
    if end - begin > FEW:
        sort_many(sheet, begin, end)
    else:
        for at in range(begin + 1, end):
            task, place = sheet.turn[at], at
            while place > begin and sheet.day[sheet.turn[place - 1]] > sheet.day[task]:
                sheet.turn[place] = sheet.turn[place - 1]
                place -= 1
            sheet.turn[place] = task
    return begin, end


def measure_lines(sheet: Print, first: int, last: int) -> int:
    """How many bytes the lines of some enterprises take."""
    size = 0
    for owner in range(first, last):
        begin, end = take_turns(sheet, owner)
        before = -1
        for at in range(begin, end):
            task = sheet.turn[at]
            if sheet.day[task] != before:
                size += FIXED + 2 * sheet.enterprises.size[owner]
                before = sheet.day[task]
            else:
                size += 1
            size += sheet.task_ids.size[task]
    return size


def copy_text(target: Bytes, at: int, texts: Texts, position: int) -> int:
    """Copy a text; where it ends."""
    begin = texts.at[position]
    for step in range(texts.size[position]):
        target[at + step] = texts.buffer[begin + step]
    return int(at + texts.size[position])


def write_lines(target: Bytes, sheet: Print, first: int, last: int) -> int:
    """Write the lines of some enterprises; where they end."""
    at = 0
    for owner in range(first, last):
        begin, end = take_turns(sheet, owner)
        before = -1
        for turn in range(begin, end):
            task = sheet.turn[turn]
            day = sheet.day[task]
            if day != before:
                if before >= 0:
                    target[at] = NEWLINE
                    at += 1
                target[at] = VISIT
                at += 1
                for step in range(8):
                    target[at + step] = sheet.dates[day, step]
                target[at + 8] = HYPHEN
                at = copy_text(target, at + 9, sheet.enterprises, owner)
                target[at] = COMMA
                at = copy_text(target, at + 1, sheet.enterprises, owner)
                target[at] = COMMA
                for step in range(10):
                    target[at + 1 + step] = sheet.dates[day, 8 + step]
                target[at + 11] = COMMA
                at += 12
                before = day
            else:
                target[at] = SEMICOLON
                at += 1
            at = copy_text(target, at, sheet.task_ids, task)
        if end > begin:
            target[at] = NEWLINE
            at += 1
    return at
