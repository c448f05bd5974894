"""Bodies of requests, bounded by what really arrives; large ones wait in a file without a name."""

import asyncio
import io
import mmap
from collections.abc import AsyncIterator
from tempfile import TemporaryFile
from typing import IO, Any

from starlette.requests import Request

from wurao.common.errors import TooLarge

SPOOL_FROM = 4 << 20

Body = bytes | mmap.mmap


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body; raises TooLarge as soon as more than `limit` bytes arrived, whatever was announced."""
    return b"".join([chunk async for chunk in _bounded(request, limit)])


async def spool_body(request: Request, limit: int, *, spool_from: int = SPOOL_FROM) -> Body:
    """The whole body; from `spool_from` bytes on as the pages of a file that vanishes with their last user.

    Raises TooLarge like `read_body`.
    """
    held, file = bytearray(), None
    try:
        async for chunk in _bounded(request, limit):
            held += chunk
            if len(held) >= spool_from:
                file = file or TemporaryFile(buffering=0)  # noqa: SIM115 - closed below
                await asyncio.to_thread(_append, file, held)
                held = bytearray()
        if file is None:
            return bytes(held)
        await asyncio.to_thread(_append, file, held)
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    finally:
        if file is not None:
            file.close()


async def _bounded(request: Request, limit: int) -> AsyncIterator[bytes]:
    arrived = 0
    async for chunk in request.stream():
        arrived += len(chunk)
        if arrived > limit:
            raise TooLarge(f"上传内容超过 {limit:,} 字节的上限")
        yield chunk


def _append(file: IO[Any], data: bytearray) -> None:
    """Write all of the data: an unbuffered file may take less at once."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


class Pages(io.RawIOBase):
    """A body as a binary stream from a position on, without a copy of it."""

    def __init__(self, body: Body, at: int = 0) -> None:
        self._view, self._at = memoryview(body), at

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what comes next; 0 at the end."""
        part = self._view[self._at : self._at + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)
