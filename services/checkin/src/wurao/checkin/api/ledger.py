"""The ledger over HTTP."""

from base64 import urlsafe_b64encode
from typing import Annotated

from fastapi import Query

from wurao.checkin.access import CanRead, Public
from wurao.checkin.api.shared import Signing, UnscopedRead
from wurao.checkin.domain.ledger import leaf_hash
from wurao.checkin.schemas.fields import Seq
from wurao.checkin.schemas.ledger import ConsistencyOut, HeadOut, KeySetOut, LedgerRowOut, ReceiptOut
from wurao.checkin.tables import LedgerHead
from wurao.checkin.usecases import ledger as usecases
from wurao.common.unit import Read
from wurao.common.unit import router as unit_router

router = unit_router("ledger")

Size = Annotated[int, Query(ge=1, le=2**53)]


def _head(head: LedgerHead) -> HeadOut:
    return HeadOut(size=head.size, root=head.root.hex(), token=head.token, signed_at=head.signed_at)


@router.get("/ledger/head")
async def get_head(who: CanRead, session: Read) -> HeadOut:
    """The newest signed tree head."""
    return _head(await usecases.newest_head(session))


@router.get("/public/ledger/head")
async def get_public_head(who: Public, session: UnscopedRead) -> HeadOut:
    """The same for anybody: whoever keeps a head can prove later that nothing before it changed."""
    return _head(await usecases.newest_head(session))


@router.get("/public/ledger/consistency")
async def get_consistency(who: Public, session: UnscopedRead, first: Size, second: Size) -> ConsistencyOut:
    """The proof that the head of size `first` is the beginning of the head of size `second`."""
    earlier, later, proof = await usecases.consistency(session, first, second)
    return ConsistencyOut(first=_head(earlier), second=_head(later), proof=[found.hex() for found in proof])


@router.get("/ledger/{seq}")
async def get_row(seq: Seq, who: CanRead, session: UnscopedRead, codes: Signing) -> LedgerRowOut:
    """A row, checked against its entry, its leaf, the tree and the signed head (DT-09)."""
    found = await usecases.inspect(session, codes, seq, who.scope())
    row = found.row
    return LedgerRowOut(
        seq=seq,
        kind=row.kind if row else None,
        subject_id=row.subject_id if row else None,
        enterprise_id=row.enterprise_id if row else None,
        payload=usecases.payload_of(row) if row else None,
        digest=row.digest if row else None,
        at=row.at if row else None,
        sealed=found.sealed,
        intact=not found.broken,
        broken=list(found.broken),
    )


@router.get("/ledger/{seq}/receipt")
async def get_receipt(seq: Seq, who: CanRead, session: Read) -> ReceiptOut:
    """The proof that the newest head contains a row; it verifies without the platform."""
    found = await usecases.receipt(session, seq, who.scope())
    return ReceiptOut(
        seq=seq,
        entry=urlsafe_b64encode(found.entry).decode(),
        leaf_index=found.leaf_index,
        leaf_hash=leaf_hash(found.entry).hex(),
        proof=[step.hex() for step in found.proof],
        head=_head(found.head),
    )


@router.get("/public/ledger/keys")
async def get_keys(who: Public, codes: Signing) -> KeySetOut:
    """Keys that verify tree heads and enterprise codes, as a JWK set."""
    return KeySetOut(keys=codes.public())
