"""Tokens: who a caller is, and when a token is none."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, OKPKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from wurao.common.auth import ANONYMOUS, Authenticator, FixedKeys, KeySource, Principal, RemoteKeys, Role
from wurao.common.errors import Forbidden, Unauthenticated
from wurao.common.issuer import Issuer
from wurao.common.scope import NOBODY, Scope

URL = "https://issuer.test"


def authenticator(source: KeySource) -> Authenticator:
    return Authenticator(source, issuer=URL, audience="wurao")


@pytest.fixture
def issuer() -> Issuer:
    """An issuer with a key of its own."""
    return Issuer(URL)


def signed(claims: Mapping[str, Any], key: OKPKey | OctKey, algorithm: str, kid: str | None) -> str:
    header = {"alg": algorithm} | ({"kid": kid} if kid else {})
    return jwt.encode(header, dict(claims), key, algorithms=[algorithm])


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    usual = {"iss": URL, "aud": "wurao", "sub": "s", "exp": now + 60, "roles": ["officer"]}
    return {name: value for name, value in (usual | changed).items() if value is not None}


async def refused(source: KeySource, token: str) -> bool:
    try:
        await authenticator(source).principal(f"Bearer {token}")
    except Unauthenticated:
        return True
    return False


@pytest.mark.parametrize(
    ("role", "bound", "claim"),
    [
        (Role.ENTERPRISE, {"enterprise_id": "e"}, {"agency_id": "a"}),
        *((role, {"agency_id": "a"}, {}) for role in (Role.OFFICER, Role.PLANNER, Role.HEAD, Role.REVIEWER)),
    ],
)
async def test_role_counts_only_with_the_claim_that_bounds_it(
    issuer: Issuer, role: Role, bound: dict[str, str], claim: dict[str, str]
) -> None:
    """A token that names an enterprise or agency role without saying which one carries no such role."""
    for claims_, expected in ((bound, {role, Role.TREASURY}), (claim, {Role.TREASURY})):
        token = issuer.mint("x", [role, Role.TREASURY], claims={"area": "330802", **claims_})
        assert (await authenticator(issuer.keys()).principal(f"Bearer {token}")).roles == expected


async def test_token_becomes_a_principal(issuer: Issuer) -> None:
    """Subject, roles and claims of a valid token are the caller's."""
    token = issuer.mint("li", [Role.OFFICER], claims={"agency_id": "a1", "officer_id": "o1", "area": "330802"})
    principal = await authenticator(issuer.keys()).principal(f"bearer {token}")
    assert principal == Principal("li", frozenset({"officer"}), area="330802", agency_id="a1", officer_id="o1")


async def test_caller_without_token_is_anonymous(issuer: Issuer) -> None:
    """No header at all is no error: public routes are for everybody."""
    assert await authenticator(issuer.keys()).principal(None) is ANONYMOUS


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Basic abc", "Bearer a.b.c", "Bearer ..", "Bearer €", "Bearer e30.e30.e30", "Bearer W10.x.y"],
)
async def test_what_is_no_bearer_token_is_refused(issuer: Issuer, header: str) -> None:
    """Another scheme or text that is no JWS is refused, never a fault of the service."""
    with pytest.raises(Unauthenticated):
        await authenticator(issuer.keys()).principal(header)


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": 1_000_000_000},
        {"exp": None},
        {"exp": "tomorrow"},
        {"nbf": 4_102_444_800},
        {"aud": "another"},
        {"aud": None},
        {"iss": "https://other.test"},
        {"iss": None},
        {"sub": None},
        {"area": "no-code"},
    ],
    ids=str,
)
async def test_token_with_wrong_claims_is_refused(changed: dict[str, Any]) -> None:
    """An expired token, one for another audience, of another issuer, without a subject or with a wrong area."""
    key = OKPKey.generate_key("Ed25519", auto_kid=True)
    source = FixedKeys(dict(KeySet([key]).as_dict(private=False)))
    assert not await refused(source, signed(claims(), key, "Ed25519", key.kid))
    assert await refused(source, signed(claims(**changed), key, "Ed25519", key.kid))


async def test_token_of_another_key_is_refused(issuer: Issuer) -> None:
    """A token signed by an unknown key is refused, whatever kid it names; so is one with another algorithm."""
    stranger = OKPKey.generate_key("Ed25519", auto_kid=True)
    [known] = issuer.jwks()["keys"]
    for kid in (stranger.kid, known["kid"], None):
        assert await refused(issuer.keys(), signed(claims(), stranger, "Ed25519", kid))
    secret = OctKey.import_key(known["x"])
    assert await refused(issuer.keys(), signed(claims(), secret, "HS256", known["kid"]))


async def test_tampered_token_is_refused(issuer: Issuer) -> None:
    """A token whose claims were changed after signing is refused."""
    head, _, signature = issuer.mint("s", [Role.OFFICER]).split(".")
    other = issuer.mint("s", [Role.PLATFORM]).split(".")[1]
    assert await refused(issuer.keys(), f"{head}.{other}.{signature}")


async def test_roles_of_another_shape_give_no_role() -> None:
    """Roles that are no list of texts, and claims that are no text, are passed over."""
    key = OKPKey.generate_key("Ed25519", auto_kid=True)
    source = FixedKeys(dict(KeySet([key]).as_dict(private=False)))
    for roles, expected in (("platform", frozenset()), ([1, "treasury"], frozenset({"treasury"})), ({}, frozenset())):
        token = signed(claims(roles=roles, agency_id=7), key, "Ed25519", key.kid)
        principal = await authenticator(source).principal(f"Bearer {token}")
        assert (principal.roles, principal.agency_id) == (expected, None)


@pytest.mark.parametrize(
    ("principal", "scope"),
    [
        (Principal("x"), NOBODY),
        (Principal("x", area="330800"), Scope("area", area="3308")),
        (Principal("x", area="330800", agency_id="a"), Scope("agency", agency_id="a")),
        (Principal("x", frozenset({Role.SUPERVISOR}), area="330800", agency_id="a"), Scope("area", area="3308")),
        (Principal("x", frozenset({Role.SUPERVISOR}), agency_id="a"), NOBODY),
        (Principal("x", area="330800", agency_id="a", enterprise_id="e"), Scope("enterprise", enterprise_id="e")),
    ],
)
def test_narrowest_claim_bounds_what_is_seen(principal: Principal, scope: Scope) -> None:
    """An enterprise sees itself, an agency itself, a supervisor the area, anybody else nothing."""
    assert principal.scope() == scope


def test_others_matters_are_refused() -> None:
    """Another agency's or enterprise's matter is forbidden, one's own is not."""
    officer = Principal("o", agency_id="a")
    officer.require_agency("a")
    with pytest.raises(Forbidden, match="本机关"):
        officer.require_agency("b")
    enterprise = Principal("e", enterprise_id="e")
    enterprise.require_enterprise("e")
    with pytest.raises(Forbidden, match="本企业"):
        enterprise.require_enterprise("f")


@dataclass
class JwksServer:
    """A real HTTP server that publishes keys; counts how often it is asked."""

    jwks: Any
    status: int = 200
    asked: int = 0
    url: str = field(default="", init=False)

    async def answer(self, request: Request) -> Response:
        self.asked += 1
        return JSONResponse(self.jwks, self.status)


@asynccontextmanager
async def serving(jwks: Any) -> AsyncIterator[JwksServer]:
    server = JwksServer(jwks)
    app = Starlette(routes=[Route("/jwks", server.answer)])
    running = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="off"))
    running.config.load()
    running.lifespan = running.config.lifespan_class(running.config)
    await running.startup()
    server.url = f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}/jwks"
    try:
        yield server
    finally:
        await running.shutdown()


async def test_remote_keys_are_fetched_once_and_again_for_a_new_kid(issuer: Issuer) -> None:
    """The JWKS is fetched for the first token, kept for the next ones, and fetched again when a new kid appears."""
    async with serving(issuer.jwks()) as server:
        source = RemoteKeys(server.url, refetch_seconds=0.0)
        for _ in range(3):
            assert not await refused(source, issuer.mint("s", []))
        assert server.asked == 1
        rotated = Issuer(URL)
        assert await refused(source, rotated.mint("s", []))
        server.jwks = {"keys": [*issuer.jwks()["keys"], *rotated.jwks()["keys"]]}
        assert not await refused(source, rotated.mint("s", []))
        assert not await refused(source, issuer.mint("s", []))
        assert server.asked == 3


async def test_unknown_kids_do_not_make_the_issuer_busy(issuer: Issuer) -> None:
    """Any number of tokens with unknown kids, also at once, fetch the JWKS once within the pause."""
    async with serving(issuer.jwks()) as server:
        source = RemoteKeys(server.url)
        tokens = [Issuer(URL).mint("s", []) for _ in range(20)]
        assert all(await asyncio.gather(*(refused(source, token) for token in tokens)))
        assert server.asked == 1


@pytest.mark.parametrize("broken", [{"keys": "none"}, [], "text", {"keys": [{"kty": "unknown"}]}], ids=str)
async def test_issuer_that_answers_nonsense_is_no_fault(issuer: Issuer, broken: Any) -> None:
    """While the issuer answers nonsense or an error, tokens are refused; when it recovers they are taken."""
    async with serving(broken) as server:
        source = RemoteKeys(server.url, retry_seconds=0.0)
        token = issuer.mint("s", [])
        assert await refused(source, token)
        server.jwks, server.status = issuer.jwks(), 500
        assert await refused(source, token)
        server.status = 200
        assert not await refused(source, token)


async def test_known_keys_outlive_an_absent_issuer(issuer: Issuer) -> None:
    """Keys that were fetched go on verifying while the issuer is away; an unknown kid is refused."""
    async with serving(issuer.jwks()) as server:
        source = RemoteKeys(server.url, refetch_seconds=0.0)
        assert not await refused(source, issuer.mint("s", []))
    assert not await refused(source, issuer.mint("s", []))
    assert await refused(source, Issuer(URL).mint("s", []))


async def test_nobody_at_the_url_is_answered_with_401() -> None:
    """Where no issuer listens a token is refused."""
    with pytest.raises(Unauthenticated, match="身份服务"):
        await RemoteKeys("http://127.0.0.1:9/jwks").keys("kid")
