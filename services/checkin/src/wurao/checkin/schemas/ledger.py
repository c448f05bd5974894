"""The ledger in and out. Hashes are lower-case hex, `entry` is base64url of the bytes that a leaf's hash covers."""

from typing import Any

from pydantic import AwareDatetime

from wurao.checkin.schemas.fields import Out
from wurao.common.contracts.shared import JsonObject


class HeadOut(Out):
    """A signed tree head; `token` is a JWS of type wurao-ledger-head."""

    size: int
    root: str
    token: str
    signed_at: AwareDatetime


class LedgerRowOut(Out):
    """A row and whether it is what was sealed; `broken` names the parts that are not."""

    seq: int
    kind: str | None
    subject_id: str | None
    enterprise_id: str | None
    payload: Any
    digest: str | None
    at: AwareDatetime | None
    sealed: bool
    intact: bool
    broken: list[str]


class ReceiptOut(Out):
    """An inclusion proof (RFC 9162 §2.1.3)."""

    seq: int
    entry: str
    leaf_index: int
    leaf_hash: str
    proof: list[str]
    head: HeadOut


class ConsistencyOut(Out):
    """A consistency proof (RFC 9162 §2.1.4) between two signed heads."""

    first: HeadOut
    second: HeadOut
    proof: list[str]


class KeySetOut(Out):
    """Public keys as a JWK set."""

    keys: list[JsonObject]


class TraceOut(Out):
    """One line of an enterprise's trace; `seq` is its number in the ledger."""

    seq: int
    kind: str
    subject_id: str
    at: AwareDatetime
    agencies: list[str]
    details: JsonObject
