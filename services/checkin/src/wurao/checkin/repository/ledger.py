"""The ledger's rows, nodes and heads."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Select, Table, exists, insert, select, tuple_, update

from wurao.checkin.domain.ledger import Coordinate
from wurao.checkin.repository.sight import seen_by
from wurao.checkin.tables import LedgerHead, LedgerNode, LedgerRow
from wurao.common.db import ReadSession, WriteSession
from wurao.common.scope import Scope

CHUNK = 500
# What an agency never learns from the ledger: who rated it and who reported it (QZ-12, QZ-13).
HIDDEN_FROM_AGENCIES = ("visit_evaluated", "unfiled_entry_reported")

_APPEND = insert(cast("Table", LedgerRow.__table__)).returning(LedgerRow.seq)


async def append(session: WriteSession, values: Mapping[str, Any]) -> int:
    """Insert a row in the business transaction; its number in the ledger."""
    seq: int | None = await session.scalar(_APPEND, dict(values))
    assert seq is not None
    return seq


async def unsealed(session: ReadSession, limit: int) -> Sequence[LedgerRow]:
    """The oldest rows that no leaf seals yet; the leaf is asked too, so that nothing is sealed twice."""
    leaf = exists().where(LedgerNode.seq == LedgerRow.seq)
    query = select(LedgerRow).where(~LedgerRow.sealed, ~leaf).order_by(LedgerRow.seq).limit(limit)
    return (await session.scalars(query)).all()


async def mark_sealed(session: WriteSession, seqs: Sequence[int]) -> None:
    """Take rows out of the sealer's queue."""
    for at in range(0, len(seqs), CHUNK):
        await session.execute(
            update(LedgerRow)
            .where(LedgerRow.seq.in_(seqs[at : at + CHUNK]))
            .values(sealed=True)
            .execution_options(synchronize_session=False)
        )


async def nodes(session: ReadSession, coordinates: Iterable[Coordinate]) -> dict[Coordinate, bytes]:
    """The nodes at the coordinates, those that exist."""
    wanted = tuple_(LedgerNode.level, LedgerNode.position).in_(sorted(coordinates))
    rows = await session.execute(select(LedgerNode.level, LedgerNode.position, LedgerNode.hash).where(wanted))
    return {(level, position): found for level, position, found in rows}


async def add_nodes(session: WriteSession, added: Mapping[Coordinate, bytes], seqs: Mapping[int, int]) -> None:
    """Insert new nodes; `seqs` names the row of each leaf by its position."""
    rows = [
        {"level": level, "position": position, "hash": found, "seq": None if level else seqs[position]}
        for (level, position), found in added.items()
    ]
    await session.execute(insert(LedgerNode), rows)


async def head(session: ReadSession, size: int | None = None) -> LedgerHead | None:
    """The newest signed head, or the one of a size."""
    query = select(LedgerHead).order_by(LedgerHead.size.desc()).limit(1)
    return (await session.scalars(query if size is None else query.where(LedgerHead.size == size))).first()


async def leaf(session: ReadSession, seq: int) -> tuple[int, bytes] | None:
    """Position and hash of the leaf that seals a row."""
    query = select(LedgerNode.position, LedgerNode.hash).where(LedgerNode.seq == seq)
    row = (await session.execute(query)).first()
    return (row.position, row.hash) if row else None


async def row(session: ReadSession, seq: int, scope: Scope) -> LedgerRow | None:
    """The row, if it exists and the scope may see it."""
    return (await session.scalars(visible(scope).where(LedgerRow.seq == seq))).first()


def visible(scope: Scope) -> Select[LedgerRow]:
    """Rows that the scope may see."""
    condition = seen_by(scope, area=LedgerRow.area, agencies=LedgerRow.agencies, enterprise=LedgerRow.enterprise_id)
    query = select(LedgerRow).where(condition)
    return query.where(LedgerRow.kind.not_in(HIDDEN_FROM_AGENCIES)) if scope.kind == "agency" else query


def of_enterprise(scope: Scope, enterprise_id: str) -> Select[LedgerRow]:
    """An enterprise's acts that the scope may see: its trace. Nobody but supervisors reads evaluations there."""
    return visible(scope).where(LedgerRow.enterprise_id == enterprise_id, LedgerRow.kind != "visit_evaluated")
