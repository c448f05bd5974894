"""Loading uploads piece by piece: while the database takes one, the next is checked beside the event loop.

In mode `all` the pieces lie behind a savepoint: the first error takes them back, and checking goes on to find the rest.
"""

import asyncio
import gc
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncSessionTransaction

from wurao.common.db import WriteSession
from wurao.common.imports import PIECE, Checked, CsvModel, ImportReport, Mode, Tally, pieces
from wurao.common.uploads import Body

SELDOM = 200_000
TURN = 0.0005

T = TypeVar("T")
Model = TypeVar("Model", bound=CsvModel)
Made = TypeVar("Made")
Seen = Callable[[int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Incoming(Generic[Model]):
    """An upload that is still to be checked. `unique` gives a row's key, which no other row of it may have."""

    body: Body
    content_type: str
    mode: Mode
    model: type[Model]
    unique: Callable[[Model], str]

    def pieces(self) -> Iterator[Checked[Model]]:
        """The upload as it is checked."""
        return pieces(self.body, self.content_type, self.model, unique=self.unique)


class Loader(Protocol[Model, Made]):
    """What an import does with rows that passed the check."""

    def prepare(self, piece: Checked[Model]) -> Made:
        """What can be made of the rows beside the event loop, ahead of the second look."""

    async def look(self, piece: Checked[Model]) -> Checked[Model]:
        """The piece after a second look, such as for ids that name nothing known."""

    async def enter(self, piece: Checked[Model], made: Made) -> None:
        """Write the rows; rows of other pieces may still be rejected, and these be taken back."""

    async def finish(self) -> None:
        """Do what waits for all rows; called when they are taken."""


async def load(
    session: WriteSession, incoming: Incoming[Model], loader: Loader[Model, Made], seen: Seen | None = None
) -> ImportReport:
    """Check and enter an upload within the session's transaction; nothing of it stays unless the report says so.

    `seen` hears how many rows have been read. Raises what `pieces` raises.
    """
    with _undisturbed():
        return await _load(session, incoming, loader, seen)


async def _load(
    session: WriteSession, incoming: Incoming[Model], loader: Loader[Model, Made], seen: Seen | None
) -> ImportReport:
    tally, savepoint = Tally(incoming.mode), _Savepoint(session)
    prepared = ((piece, loader.prepare(piece)) for piece in incoming.pieces())
    async with aclosing(_ahead(prepared)) as coming:
        async for piece, made in coming:
            found = await loader.look(piece)
            tally.add(found.report)
            if tally.spoilt:
                await savepoint.roll_back()
            else:
                if incoming.mode == "all" and found.report.rows >= PIECE:
                    await savepoint.begin()
                await loader.enter(found, made)
            if seen is not None:
                await seen(tally.accepted + tally.rejected)
    report = tally.report()
    await savepoint.release()
    if report.loaded:
        await loader.finish()
    return report


_usual: list[tuple[tuple[int, int, int], float]] = []


@contextmanager
def _undisturbed() -> Iterator[None]:
    """While rows are loaded, cycles are looked for seldom and threads take turns often.

    Rows come and go by the thousand and hold no cycles: looking for some at every 700th took a quarter of the time;
    cycles of other work are still found. Each answer of the database waited up to 5 ms for the thread that checks rows,
    another eighth. The last of several loads restores what was set before the first.
    """
    _usual.append((gc.get_threshold(), sys.getswitchinterval()))
    gc.set_threshold(SELDOM, *_usual[0][0][1:])
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        threshold, interval = _usual.pop()
        if not _usual:
            gc.set_threshold(*threshold)
            sys.setswitchinterval(interval)


class _Savepoint:
    """A savepoint begun when it is first needed: an upload of one piece needs none."""

    def __init__(self, session: WriteSession) -> None:
        self._session = session
        self._open: AsyncSessionTransaction | None = None

    async def begin(self) -> None:
        if self._open is None:
            self._open = await self._session.begin_nested()

    async def roll_back(self) -> None:
        if self._open is not None:
            await self._open.rollback()
            self._open = None

    async def release(self) -> None:
        if self._open is not None:
            await self._open.commit()
            self._open = None


async def _ahead(items: Iterator[T]) -> AsyncGenerator[T, None]:
    """The items, each made in a thread while the one before it is in use."""
    coming = asyncio.create_task(asyncio.to_thread(next, items, None))
    try:
        while (item := await coming) is not None:
            coming = asyncio.create_task(asyncio.to_thread(next, items, None))
            yield item
    finally:
        # A thread cannot be cancelled; what it makes is not wanted any more.
        await asyncio.gather(coming, return_exceptions=True)
