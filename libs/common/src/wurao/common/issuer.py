"""A small OIDC issuer: keys and tokens. The embedded platform and the tests run it; production brings its own."""

import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

from wurao.common.auth import FixedKeys
from wurao.common.ids import new_id

ALGORITHM = "Ed25519"


class Issuer:
    """Signs tokens with one Ed25519 key (RFC 8037)."""

    def __init__(self, url: str, audience: str = "wurao", key: OKPKey | None = None) -> None:
        self.url, self.audience = url, audience
        self._key = key or OKPKey.generate_key("Ed25519", auto_kid=True)

    @classmethod
    def stored(cls, path: Path, url: str, audience: str = "wurao") -> "Issuer":
        """The issuer whose key is kept in a file that only its owner can read; made when missing."""
        if path.exists():
            return cls(url, audience, OKPKey.import_key(json.loads(path.read_text())))
        issuer = cls(url, audience)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(issuer._key.as_dict(private=True), file)
        return issuer

    def jwks(self) -> dict[str, Any]:
        """The public keys."""
        return dict(KeySet([self._key]).as_dict(private=False))

    def keys(self) -> FixedKeys:
        """The public keys as a source for services of the same process."""
        return FixedKeys(self.jwks())

    def mint(
        self,
        subject: str,
        roles: Sequence[str],
        *,
        seconds: int = 3600,
        claims: Mapping[str, str | None] = MappingProxyType({}),
    ) -> str:
        """A bearer token for a subject with roles and claims (area, agency_id, officer_id, enterprise_id)."""
        now = int(time.time())
        payload: dict[str, Any] = {
            "iss": self.url,
            "aud": self.audience,
            "sub": subject,
            "iat": now,
            "exp": now + seconds,
            "jti": new_id(),
            "roles": list(roles),
            **{name: value for name, value in claims.items() if value is not None},
        }
        header = {"alg": ALGORITHM, "kid": self._key.kid}
        return jwt.encode(header, payload, self._key, algorithms=[ALGORITHM])
