"""The engine's functions, as they stand for few tasks and compiled by numba for many.

Compiling takes seconds, once for a machine: its result is kept beside the source, or where `NUMBA_CACHE_DIR` says.
Compiled functions hold no lock, so that stretches of enterprises are worked on side by side.
"""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from threading import Lock
from types import FunctionType, ModuleType, SimpleNamespace
from typing import TypeVar

import numpy as np

from wurao.scheduling.domain.merge import (
    arranging,
    bound,
    grouping,
    placing,
    printing,
    rescue,
    scanning,
    texts,
    tidying,
    visits,
)
from wurao.scheduling.domain.merge.work import Indices

T = TypeVar("T")
U = TypeVar("U")

MODULES: tuple[ModuleType, ...] = (
    texts, scanning, arranging, printing, grouping, bound, visits, placing, rescue, tidying,
)  # fmt: skip
INNERMOST = frozenset(
    (
        "comes_before",
        "precedes",
        "take_turns",
        "copy_text",
        "seat",
        "link",
        "visit_on",
        "is_free",
        "lacking",
        "best_day",
    )
)
"""Functions that are worth copying into their callers."""
ALLOCATING = frozenset(("empty", "full", "zeros", "copy"))
"""Functions that call none of these need not count who holds an array, which costs more than most of what they do."""
WORTHWHILE = 2_000
"""From so many tasks on the compiled functions are faster, though they may have to be compiled first."""
THREADS = min(4, os.cpu_count() or 1)
STRETCHES, WORTH_A_STRETCH = 4 * THREADS, 25_000
"""So many stretches at most, so that threads that get on faster do more, with so many tasks at least."""

_ONE_AT_A_TIME = Lock()


def functions(tasks: int) -> SimpleNamespace:
    """The functions of all modules by name, for so many tasks."""
    return compiled() if tasks >= WORTHWHILE else plain()


@cache
def plain() -> SimpleNamespace:
    """The functions as they stand."""
    return SimpleNamespace(**{name: each for module in MODULES for name, each in _own(module).items()})


def compiled() -> SimpleNamespace:
    """The functions compiled, each calling the others compiled; threads that ask at once get the same."""
    with _ONE_AT_A_TIME:
        return _made()


@cache
def _made() -> SimpleNamespace:
    made: dict[str, object] = {}
    version = _version()
    for module in MODULES:
        known = {**vars(module), **made}
        for name, each in _own(module).items():
            options = {"forceinline": name in INNERMOST, "_nrt": not ALLOCATING.isdisjoint(each.__code__.co_names)}
            # The same code over names of its own: there it finds the compiled ones.
            same = FunctionType(each.__code__, known, name, each.__defaults__)
            same.__qualname__ = f"{name}_{version}"
            known[name] = _compiled(same, options)
        made |= {name: known[name] for name in _own(module)}
    return SimpleNamespace(**made)


def _version() -> str:
    """What tells the sources of all functions from other ones, short enough for the name of a file.

    numba keeps what it compiled as long as the file of a function is the same, though it holds the functions of other
    files too: so the names under which it is kept change with any of them.
    """
    sources = b"".join(Path(str(module.__file__)).read_bytes() for module in MODULES)
    return hashlib.sha256(sources).hexdigest()[:12]


def _compiled(function: FunctionType, options: Mapping[str, bool]) -> object:
    """A function compiled, and kept for other processes where there is a folder for it."""
    from numba import njit

    try:
        return njit(cache=True, nogil=True, **options)(function)  # type: ignore[call-overload] # no stub for _nrt
    except RuntimeError:
        return njit(nogil=True, **options)(function)  # type: ignore[call-overload] # no stub for _nrt


def _own(module: ModuleType) -> dict[str, FunctionType]:
    own = {name: each for name, each in vars(module).items() if isinstance(each, FunctionType)}
    return {name: each for name, each in own.items() if each.__module__ == module.__name__}


def stretches(start: Indices) -> list[int]:
    """Where stretches of enterprises with about as many tasks each begin, and where the last ends.

    `start` tells where the tasks of each enterprise begin, and where the last end.
    """
    tasks = int(start[-1])
    parts = max(1, min(STRETCHES, tasks // WORTH_A_STRETCH))
    return [*np.searchsorted(start, np.arange(parts) * tasks // parts).tolist(), start.size - 1]


def side_by_side(function: Callable[[int, int], T], bounds: Sequence[int]) -> list[T]:
    """Call a function for each stretch between two bounds, all at once; the results in order."""
    return at_once(*(partial(function, begin, end) for begin, end in pairwise(bounds)))


def at_once(*calls: Callable[[], T]) -> list[T]:
    """Make calls, each in a thread of its own; their results in order."""
    if len(calls) == 1:
        return [calls[0]()]
    with ThreadPoolExecutor(min(THREADS, len(calls))) as threads:
        return list(threads.map(lambda call: call(), calls))


def both(one: Callable[[], T], other: Callable[[], U]) -> tuple[T, U]:
    """Make two calls at once; what the first raises comes before what the other does."""
    with ThreadPoolExecutor(1) as thread:
        later = thread.submit(other)
        return one(), later.result()
