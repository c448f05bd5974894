"""Bodies of requests, bounded by what really arrives."""

from starlette.requests import Request

from wurao.common.errors import TooLarge


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body; raises TooLarge as soon as more than `limit` bytes arrived, whatever was announced."""
    body = bytearray()
    async for chunk in request.stream():
        if len(body) + len(chunk) > limit:
            raise TooLarge(f"上传内容超过 {limit:,} 字节的上限")
        body += chunk
    return bytes(body)
