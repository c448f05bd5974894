"""The embedded issuer over HTTP: discovery, keys, and tokens for the sample roles (RFC 6749 §4.4)."""

import os
import secrets
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Form, HTTPException
from pydantic import BaseModel, StringConstraints

from wurao.common.auth import Role
from wurao.common.issuer import Issuer

LIFETIME = 3600
Claim = Annotated[str, StringConstraints(max_length=64)]


class Token(BaseModel):
    """An access token (RFC 6749 §5.1)."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the type's name, not a secret
    expires_in: int = LIFETIME


def stored_secret(path: Path) -> str:
    """The secret of the sample clients, made on first use in a file that only its owner can read."""
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text().strip()


def issuer_app(issuer: Issuer, secret_file: Path) -> FastAPI:
    """The issuer's app. Whoever knows the secret may take on any sample role: a sandbox, never production."""
    app = FastAPI(title="Wurao issuer", docs_url=None, redoc_url=None)
    secret = stored_secret(secret_file)

    @app.get("/.well-known/openid-configuration")
    async def discovery() -> dict[str, Any]:
        """OpenID Connect discovery."""
        return {
            "issuer": issuer.url,
            "jwks_uri": f"{issuer.url}/jwks",
            "token_endpoint": f"{issuer.url}/token",
            "id_token_signing_alg_values_supported": ["Ed25519"],
            "response_types_supported": ["token"],
            "subject_types_supported": ["public"],
        }

    @app.get("/jwks")
    async def jwks() -> dict[str, Any]:
        """The public keys."""
        return issuer.jwks()

    @app.post("/token")
    async def token(
        client_id: Annotated[Claim, Form()],
        client_secret: Annotated[str, Form(max_length=200)],
        roles: Annotated[str, Form(max_length=200)],
        area: Annotated[Claim | None, Form()] = None,
        agency_id: Annotated[Claim | None, Form()] = None,
        officer_id: Annotated[Claim | None, Form()] = None,
        enterprise_id: Annotated[Claim | None, Form()] = None,
        recipient: Annotated[Claim | None, Form()] = None,
    ) -> Token:
        """A token for a sample subject with space-separated roles and the claims that bound them."""
        if not secrets.compare_digest(client_secret.encode(), secret.encode()):
            raise HTTPException(401, "invalid_client")
        wanted = roles.split()
        if not wanted or any(role not in set(Role) for role in wanted):
            raise HTTPException(400, "invalid_scope")
        claims = {
            "area": area,
            "agency_id": agency_id,
            "officer_id": officer_id,
            "enterprise_id": enterprise_id,
            "recipient": recipient,
        }
        return Token(access_token=issuer.mint(client_id, wanted, seconds=LIFETIME, claims=claims))

    return app
