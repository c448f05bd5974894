"""Large files are scanned as bytes: what comes of it is just what the strict reader makes of the same file."""

from collections.abc import Callable
from functools import cache
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wurao.common.rowfiles import MAX_ROWS
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
        (ROW.replace("2026-03-06", "2026-03-00"), False),
        (ROW.replace("2026-03-06", "2026-02-33"), False),
        (ROW.replace("2026-03-06", "2026-03-99"), False),
        (ROW.replace("2026-03-02", "2025-17-01"), False),
        (ROW.replace("2026-03-06", "2026-00-06"), False),
        (ROW.replace("2026-03-06", "2031-03-06"), False),
        (ROW.replace("2026-03-02", "0000-00-00"), False),
        (ROW.replace(",i1,", ",,"), False),
        (ROW + ",more", False),
        (ROW.removesuffix(",2"), False),
        ("", False),
        (ROW.replace("2026-03-02", "2014-03-02") + "\n" + ROW, False),
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
    assert clean.officers(capacity_csv() + b"a0,2026-01-34,3\n", WORK) is None


def marked(content: bytes) -> bytes:
    """The file as office software saves it."""
    return b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n")


def test_files_of_office_software_are_scanned_too() -> None:
    """A byte order mark and CRLF change neither what is read nor where a fault stands."""
    plain, office = (
        sheets.read(sheets.File("tasks.csv", content), None, WORK)[:2] for content in (tasks_csv(), marked(tasks_csv()))
    )
    same_work(plain, office)
    # The strict reader makes texts of its own; a scan leaves ids where they lie.
    assert office[0].task_ids.at[0] == len(",".join(sheets.TASKS)) + 1
    fault = tasks_csv() + ROW.replace("2026-03-06", "2026-03-01").encode() + b"\n"
    assert (
        read_or_faults(marked(fault))
        == read_or_faults(fault)
        == [f"tasks.csv 第{ROWS + 2}行 latest：时限的末日早于首日"]
    )


def read_or_faults(content: bytes) -> object:
    """What comes of a file of tasks."""
    return told(lambda: sheets.read(sheets.File("tasks.csv", content), None, WORK))


@pytest.mark.parametrize("blank", [" ", "\t", "\x0b", "\x1f", "\u3000", "\u00a0"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_blanks_about_a_cell_are_trimmed_in_every_file(blank: str, line_end: str) -> None:
    """Of whatever kind, and whether or not something else in the file is peculiar."""
    row = ROW.replace(",60,", f",{blank}60{blank},").replace(",e1,", f",e1{blank},")
    work, _ = strict.tasks(line_end.join([",".join(sheets.TASKS), row, ""]).encode(), WORK, "tasks.csv")
    assert (work.enterprises.texts(), work.rows["minutes"].tolist()) == (["e1"], [60])


def test_more_rows_than_can_be_read_one_by_one_are_a_fault_of_the_file() -> None:
    """Told as all faults are."""
    content = b'"agency_id",date,officer_days\n' + b"a,2026-03-02,1\n" * (MAX_ROWS + 1)
    assert told(lambda: strict.officers(content, ["a"], "capacity.csv")) == [
        "capacity.csv：一次最多导入 1,100,000 行，请分批上传"
    ]
