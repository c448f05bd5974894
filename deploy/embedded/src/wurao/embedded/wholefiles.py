"""Whole files in and out of memory, large ones by several threads at once."""

import os
import stat
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

PART = 8 << 20
Buffer = bytes | memoryview
THREADS = min(4, os.cpu_count() or 1)


def read_whole(path: Path) -> memoryview:
    """What a file holds. Raises OSError."""
    with path.open("rb") as file:
        number = file.fileno()
        state = os.fstat(number)
        if not stat.S_ISREG(state.st_mode):
            return memoryview(file.read())
        content: memoryview = np.empty(state.st_size, np.uint8).data

        def read(begin: int) -> None:
            end = min(begin + PART, len(content))
            while begin < end:
                got = os.preadv(number, [content[begin:end]], begin)
                if not got:
                    raise OSError(0, "读取时文件变短", str(path))
                begin += got

        _at_once(read, range(0, len(content), PART))
    return content.toreadonly()


def write_whole(path: Path, begins: Sequence[int], make: Callable[[int], Buffer]) -> None:
    """Write a file from parts: where each begins (and at last where the file ends), and how it is made.

    Parts are made and written at once. Raises OSError.
    """
    with path.open("wb") as file:
        number = file.fileno()

        def write(part: int) -> None:
            content, at = memoryview(make(part)), begins[part]
            while content:
                written = os.pwrite(number, content, at)
                content, at = content[written:], at + written

        _at_once(write, range(len(begins) - 1))


def _at_once(function: Callable[[int], None], numbers: Iterable[int]) -> None:
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(function, numbers))
