"""Commitments and the seed: fixed by all parties together, known to none of them beforehand (as in RFC 3797)."""

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256

SEED = re.compile(r"[0-9a-f]{1,256}")


def commitment(secret: str) -> str:
    """What a party publishes before it reveals its secret: SHA-256 (hex)."""
    return sha256(secret.encode()).hexdigest()


def seed(secrets: Iterable[str], digests: Sequence[str], outside: str | None = None) -> str:
    """The seed (hex): SHA-256 of the sorted secrets, the outside value if one was named, and the files' digests.

    `digests` are those of pool, officers, conflicts and rule, in that order. Each part is ended by a line feed.
    """
    parts = (*sorted(secrets), *([outside] if outside is not None else ()), *digests)
    return sha256("".join(f"{part}\n" for part in parts).encode()).hexdigest()
