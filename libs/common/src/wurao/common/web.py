"""HTTP around a service: middleware, health, metrics, documentation without a CDN, jobs, dead letters, sandbox."""

import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from importlib.resources import files
from math import ceil
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import AwareDatetime, BaseModel
from sse_starlette import EventSourceResponse
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wurao.common import jobs
from wurao.common.auth import ANONYMOUS, Principal, Public, Role, authenticate, permission
from wurao.common.clock import AdjustableClock, Clock
from wurao.common.consumer import dead_letters
from wurao.common.errors import TooLarge, TooMany
from wurao.common.ids import new_id
from wurao.common.problem import PROBLEMS, Problem, of_error, respond
from wurao.common.settings import ServiceSettings
from wurao.common.telemetry import Metrics, span
from wurao.common.unit import Read, Write, router

log = structlog.get_logger()

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline';"
    " script-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
}

CanOperate = Annotated[Principal, permission("platform.operate", Role.PLATFORM)]
CanSeeJobs = Annotated[Principal, permission("platform.jobs", *Role)]
CanSetClock = Annotated[Principal, permission("platform.clock", Role.SANDBOX)]


def create_app(name: str, title: str, settings: ServiceSettings, lifespan: Lifespan) -> FastAPI:
    """The bare app of a service."""
    return FastAPI(
        title=f"Wurao {name}",
        summary=title,
        version="1.0.0",
        docs_url=None,
        redoc_url=None,
        root_path=settings.root_path,
        lifespan=lifespan,
        dependencies=[Depends(_rate_limited)],
        separate_input_output_schemas=False,
    )


async def _rate_limited(request: Request) -> None:
    """Counts each caller (subject, else address) against the service's limit. Raises TooMany."""
    principal = await authenticate(request)
    caller = principal.subject if principal is not ANONYMOUS else _address(request)
    limiter: MovingWindowRateLimiter = request.app.state.limiter
    limit: RateLimitItem = request.app.state.limit
    if not await limiter.hit(limit, caller):
        window = await limiter.get_window_stats(limit, caller)
        raise TooMany("请求过于频繁，请稍后再试", retry_after=max(1, ceil(window.reset_time - time.time())))


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def clock_of(request: Request) -> Clock:
    """The service's clock."""
    clock: Clock = request.app.state.clock
    return clock


Now = Annotated[Clock, Depends(clock_of)]


def finish(app: FastAPI, settings: ServiceSettings, metrics: Metrics, monotonic: Callable[[], float]) -> None:
    """Health, metrics, documentation and middleware, after all routers are in."""
    app.state.limit = parse(settings.rate_limit)
    app.state.limiter = MovingWindowRateLimiter(MemoryStorage())
    app.add_middleware(BodyLimit, limit=settings.body_limit, import_limit=settings.import_limit)
    app.add_middleware(RequestContext, metrics=metrics, monotonic=monotonic)
    _serve_documentation(app)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = openapi_document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the issuer's address and the Problem schema that all error answers refer to."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        routes=app.routes,
        separate_input_output_schemas=False,
    )
    components = document.setdefault("components", {})
    issuer = app.state.service.settings.oidc_issuer
    components["securitySchemes"]["oidc"]["openIdConnectUrl"] = f"{issuer}/.well-known/openid-configuration"
    schemas = components.setdefault("schemas", {})
    problem_schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem_schema.pop("$defs", {}))
    schemas["Problem"] = problem_schema
    for operations in document["paths"].values():
        for operation in operations.values():
            answer = operation.get("responses", {}).get("422")
            if answer and "application/json" in answer.get("content", {}):
                answer["content"].pop("application/json")
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    return json.loads(json.dumps(document))  # type: ignore[no-any-return]


def _serve_documentation(app: FastAPI) -> None:
    app.mount("/assets", StaticFiles(directory=str(files("fastapi_offline") / "static")), name="assets")

    async def documentation(request: Request) -> HTMLResponse:
        root = request.scope.get("root_path", "").rstrip("/")
        return get_swagger_ui_html(
            openapi_url=f"{root}/openapi.json",
            title=app.title,
            swagger_js_url=f"{root}/assets/swagger-ui-bundle.js",
            swagger_css_url=f"{root}/assets/swagger-ui.css",
            swagger_favicon_url=f"{root}/assets/favicon.png",
        )

    app.add_route("/docs", documentation, include_in_schema=False)


def platform_routers(sandbox: bool) -> Sequence[APIRouter]:
    """What every service answers beside its own API."""
    return [health, platform, *([sandbox_router] if sandbox else [])]


health = APIRouter(tags=["health"], responses={401: PROBLEMS[401], 429: PROBLEMS[429]})
platform = router("platform")
sandbox_router = router("sandbox")


class Health(BaseModel):
    """State of a service and its parts."""

    status: str
    parts: dict[str, str]


@health.get("/health/live")
async def live(request: Request, who: Public) -> Health:
    """The process answers."""
    return Health(status="ok", parts={})


@health.get("/health/ready", responses={503: {"model": Health}})
async def ready(request: Request, response: Response, who: Public) -> Health:
    """The service may take traffic."""
    parts = await request.app.state.service.ready()
    fine = all(state == "ok" for state in parts.values())
    response.status_code = 200 if fine else 503
    return Health(status="ok" if fine else "unready", parts=parts)


@health.get("/metrics", response_class=Response)
async def metrics(request: Request, who: Public) -> Response:
    """Prometheus metrics; the network policy keeps outsiders away."""
    return Response(generate_latest(request.app.state.service.metrics.registry), media_type=CONTENT_TYPE_LATEST)


@platform.get("/jobs/{job_id}")
async def get_job(job_id: str, who: CanSeeJobs, session: Read) -> jobs.Job:
    """A job's progress and result."""
    return await jobs.find(session, job_id, who.subject)


@platform.get("/jobs/{job_id}/events", response_class=EventSourceResponse)
async def watch_job(job_id: str, request: Request, who: CanSeeJobs, session: Read) -> EventSourceResponse:
    """A job's progress as server-sent events, until it ends."""
    await jobs.find(session, job_id, who.subject)

    async def stream() -> AsyncIterator[dict[str, str]]:
        async for job in jobs.watch(request.app.state.service.db, job_id, who.subject):
            yield {"event": job.state, "data": job.model_dump_json()}

    return EventSourceResponse(stream())


class DeadLetter(BaseModel):
    """An event that could not be digested."""

    event_id: str
    topic: str
    key: str
    reason: str
    attempts: int
    died_at: AwareDatetime


@platform.get("/dead-letters")
async def list_dead_letters(who: CanOperate, session: Read) -> list[DeadLetter]:
    """Up to 200 dead letters, oldest first."""
    return [DeadLetter.model_validate(row, from_attributes=True) for row in await dead_letters(session, 200)]


@platform.post("/dead-letters/{event_id}/replay", status_code=204)
async def replay_dead_letter(event_id: str, request: Request, who: CanOperate, session: Write) -> None:
    """Handle a dead letter again; it stays when the handler fails again."""
    await request.app.state.service.consumer.replay(session, event_id)


class ClockSetting(BaseModel):
    """The sandbox's instant."""

    now: AwareDatetime


class Swept(BaseModel):
    """What the sweeps did after the clock moved."""

    now: AwareDatetime
    acted: dict[str, int]


@sandbox_router.put("/sandbox/clock")
async def set_clock(body: ClockSetting, request: Request, who: CanSetClock) -> Swept:
    """Move the sandbox's clock and run what became due. Exists only where the sandbox is switched on."""
    service = request.app.state.service
    assert isinstance(service.clock, AdjustableClock)
    service.clock.set(body.now)
    return Swept(now=service.clock.now(), acted=await service.sweep())


class BodyLimit:
    """Cuts off request bodies above the limit; imports have their own, larger one."""

    def __init__(self, app: ASGIApp, *, limit: int, import_limit: int) -> None:
        self.app, self.limit, self.import_limit = app, limit, import_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.import_limit if scope["path"].endswith("/import") else self.limit
        error = TooLarge(f"请求内容超过上限（{limit} 字节）")
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            await respond(of_error(error, scope["path"]))(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                # FastAPI turns anything but an HTTPException into "could not parse the body".
                raise HTTPException(413) from error
            return message

        await self.app(scope, counted, send)


class RequestContext:
    """Request id, trace span, security headers, metrics and one log line per request."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, monotonic: Callable[[], float]) -> None:
        self.app, self.metrics, self.monotonic = app, metrics, monotonic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode().lower(): value.decode(errors="replace") for name, value in scope["headers"]}
        request_id = headers.get("x-request-id", "")[:64] or new_id()
        began, status = self.monotonic(), 500

        async def annotated(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                extra = {"X-Request-Id": request_id, **SECURITY_HEADERS}
                message["headers"] = [
                    *message.get("headers", []),
                    *((name.lower().encode(), value.encode("latin-1", "replace")) for name, value in extra.items()),
                ]
            await send(message)

        with (
            structlog.contextvars.bound_contextvars(request_id=request_id),
            span(f"{scope['method']} {scope['path']}", headers.get("traceparent")),
        ):
            try:
                await self.app(scope, receive, annotated)
            finally:
                took = self.monotonic() - began
                self.metrics.requests.labels(scope["method"], str(status)).observe(took)
                log.info(
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    status=status,
                    milliseconds=round(took * 1000, 1),
                )
