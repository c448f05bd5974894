"""The platform as its users reach it: HTTP, a token for each role, one clock for the sandbox."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import httpx

T = TypeVar("T")

SERVICES = ("registry", "scheduling", "checkin", "penalty", "supervision")


class StepFailed(Exception):
    """Something that the main job promises did not hold."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the services and the issuer answer."""

    services: Mapping[str, str]
    issuer: str
    secret: str

    @classmethod
    def embedded(cls, url: str, secret: str) -> "Endpoints":
        """All under one address."""
        return cls({name: f"{url}/{name}" for name in SERVICES}, f"{url}/issuer", secret)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: status, parsed body, headers."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def refused(self) -> bool:
        """True when a gate said no, with reasons."""
        return self.status in (403, 409) and bool(self.body.get("refusals"))


@dataclass
class Caller:
    """Somebody with a role, calling the services."""

    http: httpx.AsyncClient
    endpoints: Endpoints
    headers: dict[str, str] = field(default_factory=dict)

    async def send(self, method: str, service: str, path: str, **options: Any) -> Answer:
        """Any answer, refusals included."""
        url = f"{self.endpoints.services[service]}{path}"
        answer = await self.http.request(method, url, headers=self.headers | options.pop("headers", {}), **options)
        kind = answer.headers.get("content-type", "")
        return Answer(answer.status_code, answer.json() if "json" in kind else answer.text, answer.headers)

    async def get(self, service: str, path: str, **options: Any) -> Any:
        """The body of a successful GET. Raises StepFailed."""
        return (await self._fine("GET", service, path, **options)).body

    async def post(self, service: str, path: str, json: Any = None, **options: Any) -> Any:
        """The body of a successful POST. Raises StepFailed."""
        return (await self._fine("POST", service, path, json=json, **options)).body

    async def put(self, service: str, path: str, json: Any) -> Any:
        """The body of a successful PUT. Raises StepFailed."""
        return (await self._fine("PUT", service, path, json=json)).body

    async def refusal(self, service: str, path: str, json: Any) -> Any:
        """The problem of a POST that a gate must refuse. Raises StepFailed when it goes through."""
        answer = await self.send("POST", service, path, json=json)
        if not answer.refused:
            raise StepFailed(f"POST {service}{path} 本应被拒绝，却得到 {answer.status}：{str(answer.body)[:400]}")
        return answer.body

    async def pages(self, service: str, path: str, **params: Any) -> list[Any]:
        """All items of a paged list."""
        items: list[Any] = []
        cursor: str | None = None
        while True:
            query = params | {"limit": 200} | ({"cursor": cursor} if cursor else {})
            body = await self.get(service, path, params=query)
            items.extend(body["items"])
            cursor = body["next_cursor"]
            if cursor is None:
                return items

    async def _fine(self, method: str, service: str, path: str, **options: Any) -> Answer:
        answer = await self.send(method, service, path, **options)
        if answer.status >= 300:
            raise StepFailed(f"{method} {service}{path} 得到 {answer.status}：{str(answer.body)[:600]}")
        return answer


class Callers:
    """Callers by role, each with a token of the issuer."""

    def __init__(self, http: httpx.AsyncClient, endpoints: Endpoints) -> None:
        self._http, self._endpoints = http, endpoints
        self._known: dict[tuple[tuple[str, str], ...], Caller] = {}

    @property
    def public(self) -> Caller:
        """Somebody without a login."""
        return Caller(self._http, self._endpoints)

    async def of(self, roles: str, *, name: str | None = None, **claims: str) -> Caller:
        """A caller with space-separated roles and claims; tokens are kept."""
        form = {"client_id": name or roles.replace(" ", "-"), "roles": roles, **claims}
        key = tuple(sorted(form.items()))
        if key not in self._known:
            answer = await self._http.post(
                f"{self._endpoints.issuer}/token", data=form | {"client_secret": self._endpoints.secret}
            )
            if answer.status_code != 200:
                raise StepFailed(f"身份服务拒绝发放凭证：{answer.status_code}")
            token = answer.json()["access_token"]
            self._known[key] = Caller(self._http, self._endpoints, {"Authorization": f"Bearer {token}"})
        return self._known[key]

    async def set_clock(self, instant: datetime) -> None:
        """Move the sandbox clock of all services and let what is due happen."""
        caller = await self.of("sandbox")
        for service in SERVICES:
            await caller.put(service, "/v1/sandbox/clock", {"now": instant.isoformat()})


async def until(what: str, probe: Callable[[], Awaitable[T | None]], *, seconds: float = 60.0) -> T:
    """The first true result of a probe, asked again while events travel. Raises StepFailed after `seconds`."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    pause = 0.02
    while True:
        found = await probe()
        if found:
            return found
        if loop.time() > end:
            raise StepFailed(f"等待超时：{what}")
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 0.5)
