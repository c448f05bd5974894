"""One spelling of a JSON document, so that equal documents have equal digests on every machine."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def canonical(document: Mapping[str, Any]) -> str:
    """Sorted keys, no spaces, UTF-8 as it is, instants as UTC ISO 8601 with microseconds. TypeError for the rest."""
    return json.dumps(
        document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_instant
    )


def digest(text: str) -> str:
    """SHA-256 of the text's UTF-8, 64 hex characters."""
    return hashlib.sha256(text.encode()).hexdigest()


def _instant(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"{type(value).__name__} has no canonical spelling")
