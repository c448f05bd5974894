"""Bodies of requests."""

from collections.abc import Iterator

import pytest
from starlette.requests import Request
from starlette.types import Message

from wurao.common.errors import TooLarge
from wurao.common.uploads import Pages, read_body, spool_body


def request(chunks: Iterator[bytes], *headers: tuple[bytes, bytes]) -> Request:
    """A request whose body arrives in these chunks."""

    async def receive() -> Message:
        chunk = next(chunks, None)
        return {"type": "http.request", "body": chunk or b"", "more_body": chunk is not None}

    return Request({"type": "http", "method": "POST", "headers": list(headers)}, receive)


async def test_a_body_of_just_the_limit_is_read_whole() -> None:
    """Chunks up to the limit are joined in order."""
    assert await read_body(request(iter([b"ab", b"", b"cd"])), 4) == b"abcd"


async def test_a_body_beyond_the_limit_is_refused_while_it_arrives() -> None:
    """Reading stops at the chunk that passes the limit, however small the announced length."""
    chunks = iter([b"ab", b"cd", b"e", b"never", b"read"])
    with pytest.raises(TooLarge):
        await read_body(request(chunks, (b"content-length", b"1")), 4)
    assert list(chunks) == [b"never", b"read"]


@pytest.mark.parametrize("spool_from", [1, 4, 5, 100])
async def test_a_large_body_waits_in_a_file_and_is_the_same(spool_from: int) -> None:
    """Whether held or spooled, a body has the bytes that arrived, from any position, again and again."""
    body = await spool_body(request(iter([b"abc", b"", b"defg", b"h"])), 8, spool_from=spool_from)
    assert isinstance(body, bytes) == (spool_from > 8)
    assert (bytes(body), Pages(body, 2).read(), Pages(body, 8).read()) == (b"abcdefgh", b"cdefgh", b"")


async def test_a_spooled_body_beyond_the_limit_is_refused() -> None:
    """The limit counts what was written to the file, too."""
    with pytest.raises(TooLarge):
        await spool_body(request(iter([b"abc", b"defg", b"h", b"i"])), 8, spool_from=2)
