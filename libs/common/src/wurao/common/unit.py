"""The unit of work of a request: one commit at the edge, before the reply is sent, idempotency inside it.

Routers use `UnitRoute`; endpoints take `Read` or `Write`. A POST that writes and has an Idempotency-Key keeps its
answer in the same transaction as its effects: a repeat gets the same answer, another body under the key is refused.
"""

import hashlib
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlalchemy import func, select

from wurao.common.auth import Permission, Principal, authenticate
from wurao.common.db import Database, ReadSession, WriteSession
from wurao.common.errors import Conflict, Malformed, Refused, Stale
from wurao.common.platform import IdempotencyRow
from wurao.common.problem import PROBLEMS

KEPT_HEADERS = ("content-type", "etag", "location")


class Unit:
    """Sessions of one request, opened when first asked for."""

    def __init__(self, db: Database, principal: Principal) -> None:
        self._db, self._principal = db, principal
        self._stack = AsyncExitStack()
        self._write: WriteSession | None = None
        self._read: ReadSession | None = None

    async def __aenter__(self) -> "Unit":
        await self._stack.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> bool | None:
        return await self._stack.__aexit__(*error)

    async def read(self) -> ReadSession:
        """A session that sees what the caller may see."""
        if self._read is None:
            self._read = await self._stack.enter_async_context(self._db.read(self._principal.scope()))
        return self._read

    async def write(self) -> WriteSession:
        """The request's one transaction. Use cases check agency and area; row-level security stands behind."""
        if self._write is None:
            self._write = await self._stack.enter_async_context(self._db.write())
        return self._write


class UnitRoute(APIRoute):
    """A route whose writes commit after the answer is built and before it is sent.

    Permission comes first: without it no body is read, no transaction begun and no kept answer repeated.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """See the class."""
        handler = super().get_route_handler()
        calls = list(_calls(self.dependant))
        permissions = [call for call in calls if isinstance(call, Permission)]
        keeps_answers = "POST" in (self.methods or ()) and _write in calls

        async def in_unit(request: Request) -> Response:
            principal = await authenticate(request)
            for permission in permissions:
                permission.require(principal)
            db: Database = request.app.state.service.db
            async with Unit(db, principal) as unit:
                request.state.unit = unit
                key = request.headers.get("Idempotency-Key") if keeps_answers else None
                if key is None:
                    return await handler(request)
                return await _once(unit, principal.subject, _checked(key), request, handler)

        async def keeping_refusals(request: Request) -> Response:
            try:
                return await in_unit(request)
            except Refused as refused:
                await _keep(request, refused)
                raise

        return keeping_refusals


def _calls(dependant: Dependant) -> Iterator[Any]:
    for needed in dependant.dependencies:
        yield needed.call
        yield from _calls(needed)


async def _keep(request: Request, refused: Refused) -> None:
    """Record a refusal's events after the rollback of what was refused."""
    service = request.app.state.service
    for refusal in refused.refusals:
        service.metrics.refused.labels(refusal.code, refusal.clause).inc()
    if refused.events:
        async with service.db.write() as session:
            session.record(*refused.events)


def _checked(key: str) -> str:
    if not 8 <= len(key) <= 128 or not key.isascii() or not key.isprintable():
        raise Malformed("Idempotency-Key 应为 8 至 128 个可打印字符", code="bad_idempotency_key")
    return key


async def _once(
    unit: Unit,
    caller: str,
    key: str,
    request: Request,
    handler: Callable[[Request], Coroutine[Any, Any, Response]],
) -> Response:
    digest = hashlib.sha256(
        b"\0".join(
            [request.method.encode(), request.url.path.encode(), request.url.query.encode(), await request.body()]
        )
    ).hexdigest()
    session = await unit.write()
    await _alone(session, f"{caller}\0{key}")
    known = await session.get(IdempotencyRow, (caller, key))
    if known is not None:
        if known.digest != digest:
            raise Conflict("同一 Idempotency-Key 已用于另一请求", code="idempotency_key_reused")
        return Response(known.body, known.status, {**known.headers, "Idempotency-Replayed": "true"})
    response = await handler(request)
    session.add(
        IdempotencyRow(
            caller=caller,
            key=key,
            digest=digest,
            status=response.status_code,
            headers={name: response.headers[name] for name in KEPT_HEADERS if name in response.headers},
            body=bytes(response.body).decode(),
            created_at=datetime.now(UTC),
        )
    )
    return response


async def _alone(session: WriteSession, name: str) -> None:
    """Equal requests at once take turns: the later ones find the first one's answer. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        digest = hashlib.sha256(name.encode()).digest()
        number = int.from_bytes(digest[:8], signed=True)
        await session.execute(select(func.pg_advisory_xact_lock(number)))


async def _read(request: Request, _: Annotated[Principal, Depends(authenticate)]) -> ReadSession:
    unit: Unit = request.state.unit
    return await unit.read()


async def _write(request: Request, _: Annotated[Principal, Depends(authenticate)]) -> WriteSession:
    unit: Unit = request.state.unit
    return await unit.write()


Read = Annotated[ReadSession, Depends(_read)]
Write = Annotated[WriteSession, Depends(_write)]


def router(tag: str) -> APIRouter:
    """A router of a service's API: unit of work, documented problems, `/v1`."""
    return APIRouter(prefix="/v1", route_class=UnitRoute, responses=PROBLEMS, tags=[tag])


def etag(response: Response, version: int) -> None:
    """Answer with the aggregate's version as a strong ETag."""
    response.headers["ETag"] = f'"{version}"'


def _if_match(if_match: Annotated[str | None, Header(pattern=r'^"\d{1,18}"$|^\*$')] = None) -> int | None:
    return int(if_match.strip('"')) if if_match and if_match != "*" else None


IfMatch = Annotated[int | None, Depends(_if_match)]


def check_match(version: int, if_match: int | None) -> None:
    """Raises Stale when the caller knew another version."""
    if if_match is not None and if_match != version:
        raise Stale("内容已被他人更改，请重新读取后再试")
