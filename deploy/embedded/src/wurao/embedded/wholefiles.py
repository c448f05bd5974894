"""Whole files in and out of memory, large ones by several threads at once."""

import errno
import os
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

PART = 8 << 20
Buffer = bytes | memoryview
WHY: Mapping[int | None, str] = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EISDIR: "这是文件夹",
    errno.ENOTDIR: "上级不是文件夹",
    errno.EEXIST: "已有同名的文件",
    errno.ENAMETOOLONG: "名称过长",
    errno.ENOSPC: "磁盘已满",
    errno.EFBIG: "文件超过允许的大小",
    errno.EDQUOT: "磁盘配额已用完",
    errno.EROFS: "磁盘只读",
    errno.EIO: "磁盘读写出错",
}
THREADS = min(4, os.cpu_count() or 1)


def why(error: OSError) -> str:
    """Why a file cannot be read or written."""
    return WHY.get(error.errno) or error.strerror or str(error)


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
