"""Identity: OIDC bearer tokens against a JWKS, roles, and permissions as annotated aliases.

An endpoint's signature says who may call it: `who: CanPlan`, where
`CanPlan = Annotated[Principal, permission("scheduling.plan", Role.PLANNER)]` stands in the service's `access` module.
"""

import asyncio
import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Protocol

import httpx
import structlog
from fastapi import Request, Security
from fastapi.openapi.models import OpenIdConnect
from fastapi.security import SecurityScopes
from fastapi.security.base import SecurityBase
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.util import urlsafe_b64decode

from wurao.common import area as areas
from wurao.common.errors import Forbidden, Unauthenticated
from wurao.common.scope import NOBODY, Scope

log = structlog.get_logger()

ALGORITHMS = ["Ed25519", "EdDSA", "ES256", "RS256"]
REFETCH_SECONDS = 30.0
RETRY_SECONDS = 1.0


class Role(StrEnum):
    """What a caller is. A token may carry several."""

    PLATFORM = "platform"
    REVIEWER = "reviewer"
    PLANNER = "planner"
    HEAD = "head"
    OFFICER = "officer"
    ENTERPRISE = "enterprise"
    SUPERVISOR = "supervisor"
    CONFERENCE = "conference"
    DISCIPLINE = "discipline"
    TREASURY = "treasury"
    SANDBOX = "sandbox"


# Roles that mean nothing without the claim that bounds them: lacking it, they would see their whole area.
BOUND_BY: Mapping[Role, str] = MappingProxyType(
    {
        Role.ENTERPRISE: "enterprise_id",
        Role.OFFICER: "agency_id",
        Role.PLANNER: "agency_id",
        Role.HEAD: "agency_id",
        Role.REVIEWER: "agency_id",
    }
)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: subject, roles, and the claims that bound what is visible."""

    subject: str
    roles: frozenset[str] = frozenset()
    area: str | None = None
    agency_id: str | None = None
    officer_id: str | None = None
    enterprise_id: str | None = None
    recipient: str | None = None
    permissions: frozenset[str] = field(default=frozenset())

    @property
    def person(self) -> str:
        """Who acts, whichever account is used: an officer is one person by all accounts."""
        return self.officer_id or self.subject

    @property
    def accounts(self) -> frozenset[str]:
        """The names under which an act of this person may have been kept."""
        return frozenset({self.subject, self.person})

    def scope(self) -> Scope:
        """Whose rows this caller may see: the narrowest claim wins; none sees nothing."""
        if self.enterprise_id:
            return Scope("enterprise", enterprise_id=self.enterprise_id)
        if self.agency_id and not self.roles & {Role.SUPERVISOR, Role.PLATFORM, Role.CONFERENCE}:
            return Scope("agency", agency_id=self.agency_id)
        if self.area is not None:
            return Scope("area", area=areas.prefix(self.area))
        return NOBODY

    def require_agency(self, agency_id: str) -> None:
        """Raises Forbidden when the caller belongs to another agency."""
        if self.agency_id != agency_id:
            raise Forbidden("只能办理本机关的事项", code="other_agency")

    def require_enterprise(self, enterprise_id: str) -> None:
        """Raises Forbidden when the caller is another enterprise."""
        if self.enterprise_id != enterprise_id:
            raise Forbidden("只能办理本企业的事项", code="other_enterprise")


ANONYMOUS = Principal("anonymous")

PERMISSIONS: dict[str, frozenset[Role]] = {}


class KeySource(Protocol):
    """Where the issuer's public keys come from."""

    async def keys(self, kid: str | None) -> KeySet: ...


class FixedKeys:
    """Keys known beforehand: the embedded issuer, and tests."""

    def __init__(self, jwks: dict[str, Any]) -> None:
        self._keys = KeySet.import_key_set(jwks)  # type: ignore[arg-type]

    async def keys(self, kid: str | None) -> KeySet:
        """The key set, whatever the kid."""
        return self._keys


class RemoteKeys:
    """A JWKS URL, fetched when first needed and again when an unknown kid appears, at most every 30 seconds.

    Callers share one fetch; while none has succeeded, one is tried every second at most.
    """

    def __init__(
        self, url: str, *, refetch_seconds: float = REFETCH_SECONDS, retry_seconds: float = RETRY_SECONDS
    ) -> None:
        self._url = url
        self._refetch_seconds, self._retry_seconds = refetch_seconds, retry_seconds
        self._keys: KeySet | None = None
        self._tried = -math.inf
        self._turn = asyncio.Lock()

    async def keys(self, kid: str | None) -> KeySet:
        """The key set; raises Unauthenticated when the issuer cannot be reached and none is known."""
        if not self._knows(kid):
            async with self._turn:
                if not self._knows(kid) and self._may_try():
                    await self._fetch()
        if self._keys is None:
            raise Unauthenticated("身份服务暂不可用")
        return self._keys

    def _knows(self, kid: str | None) -> bool:
        return self._keys is not None and any(key.kid == kid for key in self._keys.keys)

    def _may_try(self) -> bool:
        pause = self._retry_seconds if self._keys is None else self._refetch_seconds
        return time.monotonic() - self._tried >= pause

    async def _fetch(self) -> None:
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                answer = await client.get(self._url)
                answer.raise_for_status()
                self._keys = KeySet.import_key_set(answer.json())
        except (httpx.HTTPError, ValueError, TypeError, KeyError, AttributeError, JoseError) as error:
            log.warning("auth.keys_unavailable", url=self._url, error=repr(error))
        finally:
            self._tried = time.monotonic()


class Authenticator:
    """Verifies bearer tokens: signature, issuer, audience, times."""

    def __init__(self, source: KeySource, *, issuer: str, audience: str) -> None:
        self._source = source
        self._claims = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
            leeway=30,
        )

    async def principal(self, authorization: str | None) -> Principal:
        """The caller of an Authorization header; ANONYMOUS without one. Raises Unauthenticated."""
        if not authorization:
            return ANONYMOUS
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("凭证格式有误")
        try:
            kid = _kid(token)
            decoded = jwt.decode(token, await self._source.keys(kid), algorithms=ALGORITHMS)
            self._claims.validate(decoded.claims)
            return _principal(decoded.claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Unauthenticated("凭证无效或已过期") from error


def _kid(token: str) -> str | None:
    header = json.loads(urlsafe_b64decode(token.partition(".")[0].encode()))
    return header.get("kid") if isinstance(header, dict) else None


def _text(claims: dict[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) and value else None


def _area(claims: dict[str, Any]) -> str | None:
    """Raises ValueError for text that is no area code."""
    code = _text(claims, "area")
    return code if code is None else areas.canonical(code)


def _roles(claims: dict[str, Any]) -> frozenset[str]:
    """The roles that count: those with the claim that bounds them."""
    named = claims.get("roles")
    roles = frozenset(role for role in named if isinstance(role, str)) if isinstance(named, list) else frozenset()
    return roles - {role for role, claim in BOUND_BY.items() if _text(claims, claim) is None}


def _principal(claims: dict[str, Any]) -> Principal:
    return Principal(
        subject=str(claims["sub"]),
        roles=_roles(claims),
        area=_area(claims),
        agency_id=_text(claims, "agency_id"),
        officer_id=_text(claims, "officer_id"),
        enterprise_id=_text(claims, "enterprise_id"),
        recipient=_text(claims, "recipient"),
    )


async def authenticate(request: Request) -> Principal:
    """The caller of a request, verified once and kept on the request."""
    known = getattr(request.state, "principal", None)
    if known is None:
        known = await request.app.state.authenticator.principal(request.headers.get("Authorization"))
        request.state.principal = known
    assert isinstance(known, Principal)
    return known


class Permission(SecurityBase):
    """Checks the caller's roles against those that hold the permission; shows up in OpenAPI with its name."""

    def __init__(self, roles: Sequence[Role]) -> None:
        self.model = OpenIdConnect(openIdConnectUrl="/issuer/.well-known/openid-configuration")
        self.scheme_name = "oidc"
        self.roles = frozenset(roles)

    async def __call__(self, request: Request, scopes: SecurityScopes) -> Principal:
        principal = await authenticate(request)
        self.require(principal)
        return principal

    def require(self, principal: Principal) -> None:
        """Raises Unauthenticated without a login, Forbidden without the permission."""
        if principal is ANONYMOUS:
            raise Unauthenticated("请先登录")
        if not principal.roles & self.roles:
            raise Forbidden("当前身份无此权限", code="no_permission")


class _Public(SecurityBase):
    """Lets everybody in, by name: a public route says so."""

    def __init__(self) -> None:
        self.model = OpenIdConnect(openIdConnectUrl="/issuer/.well-known/openid-configuration")
        self.scheme_name = "oidc"

    async def __call__(self, request: Request, scopes: SecurityScopes) -> Principal:
        return ANONYMOUS


def permission(name: str, *roles: Role) -> Any:
    """What stands in a permission's alias: `CanPlan = Annotated[Principal, permission("scheduling.plan", ...)]`."""
    PERMISSIONS[name] = frozenset(roles)
    return Security(Permission(roles), scopes=[name])


Public = Annotated[Principal, Security(_Public(), scopes=["public"])]
