"""What can go wrong, said once: kind, stable code, clause, Chinese sentence, lawful alternatives.

Pure: rules raise these; `problem` turns a kind into an HTTP status (RFC 9457).
"""

from collections.abc import Sequence
from enum import StrEnum

from wurao.common.contracts.base import Event
from wurao.common.contracts.shared import Refusal


class Kind(StrEnum):
    """How an error is answered."""

    MALFORMED = "malformed"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    STALE = "stale"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"


class WuraoError(Exception):
    """Base of all errors that a caller may see. `message` is Chinese, `code` is stable."""

    kind: Kind = Kind.CONFLICT
    code: str = "error"
    clause: str | None = None

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        clause: str | None = None,
        refusals: Sequence[Refusal] = (),
        alternatives: Sequence[str] = (),
        fields: Sequence[dict[str, str]] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.clause = clause or type(self).clause
        self.refusals = tuple(refusals)
        self.alternatives = tuple(alternatives)
        self.fields = tuple(fields)


class Malformed(WuraoError):
    """The request cannot be understood."""

    kind, code = Kind.MALFORMED, "malformed"


class Unauthenticated(WuraoError):
    """No token, or one that does not verify."""

    kind, code = Kind.UNAUTHENTICATED, "unauthenticated"


class Forbidden(WuraoError):
    """The caller may not do this."""

    kind, code = Kind.FORBIDDEN, "forbidden"


class NotFound(WuraoError):
    """There is no such thing within the caller's sight."""

    kind, code = Kind.NOT_FOUND, "not_found"


class Conflict(WuraoError):
    """The state does not allow this."""

    kind, code = Kind.CONFLICT, "conflict"


class Stale(WuraoError):
    """Somebody changed the thing since the caller read it (If-Match)."""

    kind, code = Kind.STALE, "stale"


class TooLarge(WuraoError):
    """More than the limit in one request."""

    kind, code = Kind.TOO_LARGE, "too_large"


class TooMany(WuraoError):
    """More requests than the limit allows."""

    kind, code = Kind.TOO_MANY, "too_many"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Refused(WuraoError):
    """A gate refused; every reason carries its clause and the nearest lawful alternatives.

    `events` outlive the rollback: what was prevented is evidence.
    """

    code = "refused"

    def __init__(
        self, refusals: Sequence[Refusal], *, kind: Kind = Kind.CONFLICT, events: Sequence[Event] = ()
    ) -> None:
        first = refusals[0]
        super().__init__(
            "；".join(refusal.message for refusal in refusals),
            code=first.code,
            clause=first.clause,
            refusals=refusals,
            alternatives=tuple(dict.fromkeys(a for refusal in refusals for a in refusal.alternatives)),
        )
        self.kind = kind
        self.events = tuple(events)
