"""Uploads in pieces, and their loading."""

import asyncio
import gc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common import imports
from wurao.common.db import Database, WriteSession
from wurao.common.errors import TooLarge
from wurao.common.imports import Checked, CsvModel, Mode, Tally, check, pieces
from wurao.common.loading import SELDOM, Incoming, load


class Item(CsvModel):
    key: int


def body(keys: list[int | None]) -> bytes:
    """A file; None is a row whose key is no number."""
    return ("key\n" + "".join(f"{'x' if key is None else key}\n" for key in keys)).encode()


def key_of(item: Item) -> str:
    return str(item.key)


KEYS = st.lists(st.one_of(st.integers(0, 9), st.none()), max_size=30)


@given(keys=KEYS, size=st.integers(1, 12), mode=st.sampled_from(["all", "good"]))
def test_pieces_add_up_to_the_whole(keys: list[int | None], size: int, mode: Mode) -> None:
    """However an upload is cut, rows, numbers, errors and duplicates are those of the upload checked whole."""
    whole = check(body(keys), "text/csv", Item, mode, unique=key_of)
    parts = list(pieces(body(keys), "text/csv", Item, unique=key_of, size=size))
    tally = Tally(mode)
    for part in parts:
        tally.add(part.report)
    assert tally.report() == whole.report
    if whole.report.loaded:
        assert [row for part in parts for row in part.good] == whole.good
        assert [number for part in parts for number in part.numbers] == whole.numbers
    assert all(part.report.rows == size for part in parts[:-1])


class Recording:
    """A loader that keeps what it was given."""

    def __init__(self, broken: bool = False) -> None:
        self.entered: list[int] = []
        self.finished, self.broken = False, broken

    def prepare(self, piece: Checked[Item]) -> int:
        """The sum of the keys."""
        return sum(row.key for row in piece.good)

    async def look(self, piece: Checked[Item]) -> Checked[Item]:
        """As it is."""
        return piece

    async def enter(self, piece: Checked[Item], made: int) -> None:
        """Keep the sum."""
        if self.broken:
            raise RuntimeError("the database is gone")
        assert made == sum(row.key for row in piece.good)
        self.entered.append(made)

    async def finish(self) -> None:
        """Note it."""
        self.finished = True


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[WriteSession]:
    """A session on an empty database."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/loading.db", source="/wurao/test")
    async with database.write() as session:
        yield session
    await database.dispose()


def incoming(raw: bytes, mode: Mode = "all") -> Incoming[Item]:
    """An upload of items."""
    return Incoming(raw, "text/csv", mode, Item, key_of)


async def test_every_piece_is_entered_and_seen_in_order(session: WriteSession) -> None:
    """Each piece comes with what was made of it, progress counts rows, and the end is told."""
    count, loader, seen = imports.PIECE * 2 + 1, Recording(), []

    async def note(rows: int) -> None:
        seen.append(rows)

    report = await load(session, incoming(body(list(range(count)))), loader, note)
    assert (report.loaded, report.accepted, loader.finished) == (True, count, True)
    assert (len(loader.entered), sum(loader.entered)) == (3, sum(range(count)))
    assert seen == [imports.PIECE, imports.PIECE * 2, count]


@pytest.mark.parametrize(("mode", "entered"), [("all", 1), ("good", 2)])
async def test_after_an_error_nothing_more_is_entered_unless_good_rows_were_asked_for(
    session: WriteSession, mode: Mode, entered: int
) -> None:
    """The rest of a spoilt file is still checked: the report counts it all."""
    loader = Recording()
    keys: list[int | None] = [*range(imports.PIECE), None, imports.PIECE]
    report = await load(session, incoming(body(keys), mode), loader)
    assert (report.rows, report.rejected) == (imports.PIECE + 2, 1)
    assert (len(loader.entered), report.loaded, loader.finished) == (entered, mode == "good", mode == "good")


async def test_collection_of_cycles_is_as_before_after_loads_that_overlap(session: WriteSession) -> None:
    """It is seldom while rows are loaded, and what it was when the last of several loads has ended."""
    usual, during = gc.get_threshold(), []

    class Watching(Recording):
        async def enter(self, piece: Checked[Item], made: int) -> None:
            """Note how seldom it is."""
            during.append(gc.get_threshold()[0])
            await asyncio.sleep(0)
            await super().enter(piece, made)

    loads = [load(session, incoming(body([1, 2])), Watching(broken=broken)) for broken in (True, False, False)]
    outcomes = await asyncio.gather(*loads, return_exceptions=True)
    assert [isinstance(outcome, RuntimeError) for outcome in outcomes] == [True, False, False]
    assert (set(during), gc.get_threshold()) == ({SELDOM}, usual)


async def test_a_failure_while_entering_ends_the_loading(session: WriteSession) -> None:
    """The error comes out as it is, though the next piece is being checked."""
    with pytest.raises(RuntimeError, match="gone"):
        await load(session, incoming(body(list(range(imports.PIECE * 3)))), Recording(broken=True))


async def test_a_file_of_too_many_rows_is_refused_as_a_whole(
    session: WriteSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TooLarge raised in the thread reaches the caller."""
    monkeypatch.setattr("wurao.common.rowfiles.MAX_ROWS", 3)
    with pytest.raises(TooLarge):
        await load(session, incoming(body([1, 2, 3, 4])), Recording())
