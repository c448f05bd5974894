"""Whole files in and out of memory, large ones by several threads at once."""

import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

PART = 16 << 20
THREADS = min(4, os.cpu_count() or 1)


def read_whole(path: Path) -> memoryview:
    """What a file holds. Raises OSError."""
    with path.open("rb") as file:
        number = file.fileno()
        state = os.fstat(number)
        if not stat.S_ISREG(state.st_mode):
            return memoryview(file.read())
        content: memoryview = np.empty(state.st_size, np.uint8).data

        def read(begin: int, end: int) -> None:
            while begin < end:
                got = os.preadv(number, [content[begin:end]], begin)
                if not got:
                    raise OSError(0, "读取时文件变短", str(path))
                begin += got

        _in_parts(read, len(content))
    return content.toreadonly()


def write_whole(path: Path, content: bytes | memoryview) -> None:
    """Write a file. Raises OSError."""
    view = memoryview(content)
    with path.open("wb") as file:
        number = file.fileno()

        def write(begin: int, end: int) -> None:
            while begin < end:
                begin += os.pwrite(number, view[begin:end], begin)

        _in_parts(write, len(view))


def _in_parts(function: Callable[[int, int], None], size: int) -> None:
    begins = range(0, size, PART)
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(function, begins, [min(begin + PART, size) for begin in begins]))
