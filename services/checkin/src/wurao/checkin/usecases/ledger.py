"""Append to the ledger, seal it into the tree, prove and check what it holds.

A proof reads O(log² n) nodes; nothing here walks the whole tree, at any size.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wurao.checkin.domain import ledger as tree
from wurao.checkin.domain.canonical import canonical, digest
from wurao.checkin.repository import entries
from wurao.checkin.repository import ledger as repository
from wurao.checkin.signing import Codes
from wurao.checkin.tables import Entry, LedgerHead, LedgerRow
from wurao.checkin.usecases import content
from wurao.common.clock import legal_date
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import Conflict, Malformed, NotFound
from wurao.common.packs import Bases
from wurao.common.policy import pack_for
from wurao.common.scope import SYSTEM, Scope

BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Act:
    """What a ledger row says: a kind of act, on what, at whose place, by which agencies, with what content."""

    kind: str
    subject_id: str
    enterprise_id: str
    area: str
    agencies: Sequence[str]
    payload: dict[str, Any]
    at: datetime


async def append(session: WriteSession, act: Act) -> int:
    """Write an act in the business transaction; its number. The sealer puts it into the tree."""
    payload = canonical(act.payload)
    values = {
        "kind": act.kind,
        "subject_id": act.subject_id,
        "enterprise_id": act.enterprise_id,
        "area": act.area,
        "agencies": list(act.agencies),
        "payload": payload,
        "digest": digest(payload),
        "at": act.at,
        "sealed": False,
    }
    return await repository.append(session, values)


def leaf_entry(row: LedgerRow) -> bytes:
    """What a leaf's hash covers: the row without its content, which its digest stands for."""
    return canonical(
        {
            "seq": row.seq,
            "kind": row.kind,
            "subject_id": row.subject_id,
            "enterprise_id": row.enterprise_id,
            "area": row.area,
            "agencies": row.agencies,
            "digest": row.digest,
            "at": row.at,
        }
    ).encode()


async def seal(session: WriteSession, codes: Codes, now: datetime) -> int:
    """Put unsealed rows into the tree and sign its head; how many."""
    rows = await repository.unsealed(session, BATCH)
    if not rows:
        return 0
    newest = await repository.head(session)
    size = newest.size if newest else 0
    nodes = await repository.nodes(session, tree.cover((0, size)))
    added = tree.grow(nodes, size, (tree.leaf_hash(leaf_entry(row)) for row in rows))
    grown = size + len(rows)
    root = tree.root(nodes | added, grown)
    await repository.add_nodes(session, added, {size + i: row.seq for i, row in enumerate(rows)})
    await repository.mark_sealed(session, [row.seq for row in rows])
    session.add(LedgerHead(size=grown, root=root, token=codes.sign_head(grown, root, now), signed_at=now))
    await session.flush()
    return len(rows)


async def newest_head(session: ReadSession) -> LedgerHead:
    """The newest signed head. Raises NotFound while the ledger is empty."""
    head = await repository.head(session)
    if head is None:
        raise NotFound("台账尚未封存任何记录")
    return head


@dataclass(frozen=True, slots=True)
class Receipt:
    """An inclusion proof: anyone can compute `head.root` from `entry` and `proof`, with check-in's public key."""

    entry: bytes
    leaf_index: int
    proof: list[bytes]
    head: LedgerHead


async def receipt(session: ReadSession, seq: int, scope: Scope) -> Receipt:
    """The proof that the newest head contains a row. Raises NotFound, or Conflict before it is sealed (DT-09)."""
    row = await repository.row(session, seq, scope)
    if row is None:
        raise NotFound("台账没有这条记录")
    sealed = await repository.leaf(session, seq)
    if sealed is None:
        day = legal_date(row.at)
        duty = (await pack_for(session, row.area, day)).section(Bases, on=day).signed_ledger
        raise Conflict("该记录尚未封存，请稍后再取回执", code="ledger.not_sealed", clause=duty.clause)
    head = await newest_head(session)
    index = sealed[0]
    return Receipt(leaf_entry(row), index, await _proof(session, tree.inclusion_spans(index, head.size)), head)


async def consistency(session: ReadSession, first: int, second: int) -> tuple[LedgerHead, LedgerHead, list[bytes]]:
    """The proof that one signed head is the beginning of another. Raises Malformed, or NotFound without such heads."""
    if not 0 < first <= second:
        raise Malformed("前一封存点不得大于后一封存点", code="ledger.bad_range")
    earlier, later = await repository.head(session, first), await repository.head(session, second)
    if earlier is None or later is None:
        raise NotFound("没有这个规模的封存点")
    return earlier, later, await _proof(session, tree.consistency_spans(first, second))


async def _proof(session: ReadSession, spans: list[tree.Span]) -> list[bytes]:
    nodes = await repository.nodes(session, tree.needed(spans))
    return tree.hashes(nodes, spans)


@dataclass(frozen=True, slots=True)
class Inspection:
    """A row with the verdict on it: `broken` names every part that is not what was sealed."""

    seq: int
    row: LedgerRow | None
    sealed: bool
    broken: tuple[str, ...]


async def inspect(session: ReadSession, codes: Codes, seq: int, scope: Scope) -> Inspection:
    """Check a row against its content, its leaf, the tree and the signed head. Raises NotFound."""
    row = await repository.row(session, seq, scope)
    sealed = await repository.leaf(session, seq)
    if row is None:
        if sealed is None or await repository.row(session, seq, SYSTEM) is not None:
            raise NotFound("台账没有这条记录")
        return Inspection(seq, None, True, ("deleted",))
    broken = [] if digest(row.payload) == row.digest else ["payload"]
    broken += await _departures(session, row)
    if sealed is not None:
        broken += await _tree_breaks(session, codes, row, *sealed)
    return Inspection(seq, row, sealed is not None, tuple(broken))


async def _tree_breaks(session: ReadSession, codes: Codes, row: LedgerRow, index: int, leaf: bytes) -> list[str]:
    """Whether the row's own hash leads to a head that check-in signed."""
    broken = [] if tree.leaf_hash(leaf_entry(row)) == leaf else ["leaf"]
    head = await newest_head(session)
    claims = codes.head_claims(head.token)
    if claims is None or (claims.get("size"), claims.get("root")) != (head.size, head.root.hex()):
        return [*broken, "head"]
    try:
        proof = await _proof(session, tree.inclusion_spans(index, head.size))
    except (KeyError, ValueError):
        return [*broken, "tree"]
    if not tree.includes(leaf, index, head.size, proof, head.root):
        broken.append("tree")
    return broken


async def _departures(session: ReadSession, row: LedgerRow) -> list[str]:
    """Whether the entry that the row speaks of still says the same."""
    if row.kind not in content.OF_ENTRIES:
        return []
    entry = await entries.find(session, row.subject_id)
    if entry is None:
        return ["entry"]
    try:
        kept = json.loads(row.payload)
    except ValueError:
        return []
    return ["entry"] if await _now(session, row.kind, entry) != kept else []


async def _now(session: ReadSession, kind: str, entry: Entry) -> dict[str, Any]:
    """What the row would say if it were written now."""
    if kind != content.FINISHED:
        said = content.entered(entry)
    else:
        evidence = await entries.evidence_of(session, entry.entry_id)
        signatures = await entries.signatures_of(session, entry.entry_id)
        said = content.finished(entry, content.digest_of(entry, evidence), signatures)
    now: dict[str, Any] = json.loads(canonical(said))
    return now


def payload_of(row: LedgerRow) -> dict[str, Any]:
    """A row's content as a document; what was tampered into no document is shown as text."""
    try:
        found = json.loads(row.payload)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"text": row.payload}
