"""What signatures and ledger rows say about an entry; written once, so that a check can write it again."""

from collections.abc import Mapping, Sequence
from typing import Any

from wurao.checkin.domain.record import record_digest
from wurao.checkin.tables import Entry, Evidence, Signature

SCANNED, EXCEPTED, FINISHED = "entry_scanned", "entry_excepted", "inspection_finished"
OF_ENTRIES = frozenset({SCANNED, EXCEPTED, FINISHED})
AT_THE_DOOR = (
    "entry_id",
    "visit_id",
    "enterprise_id",
    "enterprise_name",
    "area",
    "agencies",
    "officers",
    "items",
    "mode",
    "ground",
    "source_record",
    "code_id",
    "filing_id",
    "opened_by",
    "started_at",
)


def entered(entry: Entry | Mapping[str, Any]) -> dict[str, Any]:
    """What was known at the door; the same for a row about to be inserted and for one read back."""
    if isinstance(entry, Mapping):
        return {name: entry.get(name) for name in AT_THE_DOOR}
    return {name: getattr(entry, name) for name in AT_THE_DOOR}


def digest_of(entry: Entry, evidence: Sequence[Evidence]) -> str:
    """The digest that officers sign."""
    pieces = [
        {name: getattr(piece, name) for name in ("evidence_id", "kind", "media_type", "size", "sha256", "taken_at")}
        for piece in evidence
    ]
    return record_digest(entered(entry), {"record": entry.record, "questions": entry.questions}, pieces)


def holding(entry: Entry, signatures: Sequence[Signature]) -> list[Signature]:
    """The signatures that are under the record as it stands."""
    return [signature for signature in signatures if signature.digest == entry.record_digest]


def finished(entry: Entry, digest: str, signatures: Sequence[Signature]) -> dict[str, Any]:
    """What the ledger keeps of a finished visit (DT-09)."""
    return {
        "entry_id": entry.entry_id,
        "record_digest": digest,
        "signatures": [
            {"officer_id": s.officer_id, "digest": s.digest, "signed_at": s.signed_at}
            for s in sorted(signatures, key=lambda s: s.officer_id)
            if s.digest == digest
        ],
        "finished_at": entry.finished_at,
    }
