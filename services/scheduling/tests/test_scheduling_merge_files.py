"""Large files are scanned as bytes: what comes of it is just what the strict reader makes of the same file."""

from collections.abc import Callable
from functools import cache
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wurao.common.workdays import WorkCalendar
from wurao.scheduling.domain.draw import BadFile
from wurao.scheduling.domain.merge import clean, sheets, strict
from wurao.scheduling.domain.merge.calendar import Calendar
from wurao.scheduling.domain.merge.work import Work

T = TypeVar("T")
ROWS = 4_000
WORK = WorkCalendar()


@cache
def tasks_csv() -> bytes:
    """Some thousand tasks: ids of all lengths that fit, days of two years, no row like another."""
    chance = np.random.default_rng(5)
    lines = [",".join(sheets.TASKS)]
    for number in range(ROWS):
        enterprise = "9133080_MA2:x-8.K7zzzzzz"[: int(chance.integers(1, 25))]
        agency = "agency-of.some:county_AB"[: int(chance.integers(6, 25))]
        day = np.datetime64("2025-01-01") + int(chance.integers(0, 690))
        last = day + int(chance.integers(0, 40))
        minutes, officers = chance.integers(1, 1_000_000, 2)
        lines.append(
            f"t{number:0{chance.integers(4, 63)}},{enterprise},{agency},i1;i2,{day},{last},{minutes},{officers}"
        )
    return ("\n".join(lines) + "\n").encode()


@cache
def capacity_csv() -> bytes:
    """Officers of two hundred agencies on days of a year."""
    days = [str(np.datetime64("2026-01-01") + day) for day in range(0, 365, 5)]
    rows = [
        f"a{agency},{day},{(agency * day_number) % 40}" for agency in range(200) for day_number, day in enumerate(days)
    ]
    return ("\n".join([",".join(sheets.CAPACITY), *rows]) + "\n").encode()


def told(read: Callable[[], T]) -> T | list[str]:
    """What a reader makes of a file, or its faults."""
    try:
        return read()
    except BadFile as error:
        return [str(fault) for fault in error.faults]


def same_work(one: tuple[Work, Calendar], other: tuple[Work, Calendar]) -> None:
    """The same tasks, ids and calendar."""
    (work, calendar), (strict_work, strict_calendar) = one, other
    assert work.rows.tolist() == strict_work.rows.tolist()
    assert work.task_ids.texts() == strict_work.task_ids.texts()
    assert work.enterprises.texts() == strict_work.enterprises.texts()
    assert list(work.agencies) == list(strict_work.agencies)
    assert calendar.workdays == strict_calendar.workdays
    assert calendar.following.tolist() == strict_calendar.following.tolist()


def check_tasks(content: bytes) -> bool:
    """Compare both readers; tells whether the file was scanned."""
    scanned = told(lambda: clean.tasks(content, WORK, "tasks.csv"))
    if scanned is None:
        return False
    strictly = told(lambda: strict.tasks(content, WORK, "tasks.csv"))
    if isinstance(scanned, list) or isinstance(strictly, list):
        assert scanned == strictly
    else:
        same_work(scanned, strictly)
    return True


def test_a_clean_large_file_is_scanned() -> None:
    """Not left to the strict reader, and read alike."""
    assert len(tasks_csv()) > clean.LARGE
    assert check_tasks(tasks_csv())


CHANGES = st.tuples(
    st.sampled_from(["replace", "insert", "delete"]),
    st.integers(0, 1 << 30),
    st.sampled_from(
        [b"0", b"9", b"-", b",", b"\n", b";", b"a", b" ", b'"', b"\r", b"\0", b"\xe5\xb8\x82", b"2026-02-30"]
    ),
)


def changed(content: bytes, change: tuple[str, int, bytes]) -> bytes:
    """A file with one place changed."""
    kind, at, piece = change
    at %= len(content)
    if kind == "insert":
        return content[:at] + piece + content[at:]
    return (
        content[:at] + (piece if kind == "replace" else b"") + content[at + (len(piece) if kind == "replace" else 1) :]
    )


@settings(max_examples=250)
@given(CHANGES)
def test_a_changed_file_is_read_alike_or_left_to_the_strict_reader(change: tuple[str, int, bytes]) -> None:
    """Bytes replaced, put in or taken out anywhere: never another result, never a fault overlooked."""
    check_tasks(changed(tasks_csv(), change))


ROW = "t-new,e1,a1,i1,2026-03-02,2026-03-06,60,2"


@pytest.mark.parametrize(
    ("row", "scanned"),
    [
        (ROW, True),
        (ROW.replace("t-new", "x" * 64), True),
        (ROW.replace("e1", "e" * 24).replace("a1", "a" * 24), True),
        (ROW.replace(",60,", ",999999,"), True),
        (ROW.replace(",60,", ",060,"), True),
        (ROW.replace("t-new", "x" * 65), False),
        (ROW.replace("e1", "e" * 25), False),
        (ROW.replace("a1", "a" * 25), False),
        (ROW.replace("t-new", tasks_csv().split(b"\n")[7].split(b",")[0].decode()), False),
        (ROW.replace("t-new", "t;1"), False),
        (ROW.replace(",60,", ",0,"), False),
        (ROW.replace(",60,", ",1000000,"), False),
        (ROW.replace(",60,", ",+60,"), False),
        (ROW.replace(",60,", ",,"), False),
        (ROW.replace("2026-03-06", "2026-03-01"), False),
        (ROW.replace("2026-03-06", "2026-3-06"), False),
        (ROW.replace("2026-03-06", "2026-02-30"), False),
        (ROW.replace("2026-03-06", "2031-03-06"), False),
        (ROW.replace("2026-03-02", "0000-00-00"), False),
        (ROW.replace(",i1,", ",,"), False),
        (ROW + ",more", False),
        (ROW.removesuffix(",2"), False),
        ("", False),
    ],
)
def test_what_is_scanned_and_what_is_left(row: str, scanned: bool) -> None:
    """One more row at the end of a large file."""
    assert check_tasks(tasks_csv() + row.encode() + b"\n") is scanned


@settings(max_examples=100)
@given(CHANGES)
@example(("insert", 1 << 30, b"9"))
def test_officers_are_read_alike(change: tuple[str, int, bytes]) -> None:
    """Agencies, days and numbers as the strict reader has them; a day of an agency twice is left to it."""
    content = changed(capacity_csv(), change)
    scanned = clean.officers(content, WORK)
    if scanned is not None:
        strictly = strict.officers(content, scanned.agencies, "capacity.csv")
        assert scanned.agency.tolist() == strictly.agency.tolist()
        assert scanned.day.tolist() == strictly.day.tolist()
        assert scanned.officers.tolist() == strictly.officers.tolist()


def test_officers_of_a_large_file_are_scanned() -> None:
    """Not left to the strict reader, except where a day stands twice."""
    assert len(capacity_csv()) > clean.LARGE
    assert clean.officers(capacity_csv(), WORK) is not None
    assert clean.officers(capacity_csv() + b"a0,2026-01-01,3\n", WORK) is None
