"""Keys of check-in: its own ring for enterprise codes and ledger heads, and scheduling's published action keys."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wurao.common.codes import ActionClaims, EnterpriseClaims, InvalidCode, KeyRing, Verifier

LEDGER_HEAD = "wurao-ledger-head"
# A generated ring's first key signs whatever the clock of a sandbox says.
SINCE = datetime(2000, 1, 1, tzinfo=UTC)


def load_ring(path: Path | None) -> KeyRing:
    """The ring in the file; a new one, kept there, when there is none. See KeyRing.load for what it raises."""
    if path is not None and path.exists():
        return KeyRing.load(path)
    ring = KeyRing.generate(SINCE)
    if path is not None:
        ring.save(path)
    return ring


class Codes:
    """Signs and verifies; the action keys are a cache of the replica table, shared by API and consumers."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self._own = Verifier(ring.public())
        self._actions = Verifier()

    def public(self) -> list[dict[str, Any]]:
        """Check-in's public keys as JWKs."""
        return self._ring.public()

    def enterprise_token(self, claims: EnterpriseClaims) -> str:
        """The same claims give the same token, so that a code can be shown again and again."""
        return claims.to_token(self._ring)

    def enterprise_claims(self, token: str) -> EnterpriseClaims:
        """The claims of a genuine enterprise code. Raises InvalidCode."""
        return EnterpriseClaims.from_token(self._own, token)

    def trust(self, jwk: dict[str, Any]) -> None:
        """Trust an action key. ValueError if it is none, or its kid stands for another key."""
        self._actions.add(jwk)

    def action_claims(self, token: str) -> ActionClaims:
        """The claims of a genuine action code. Raises InvalidCode; `unknown_key` may mean the cache is behind."""
        return ActionClaims.from_token(self._actions, token)

    def sign_head(self, size: int, root: bytes, now: datetime) -> str:
        """A signed tree head."""
        claims = {"size": size, "root": root.hex(), "iat": int(now.timestamp())}
        return self._ring.sign(LEDGER_HEAD, claims)

    def head_claims(self, token: str) -> dict[str, Any] | None:
        """The claims of a genuine tree head, or None."""
        try:
            return self._own.verify(token, typ=LEDGER_HEAD)
        except InvalidCode:
            return None
