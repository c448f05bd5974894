"""Entries over HTTP."""

from fastapi import Response

from wurao.checkin.access import CanInspect, CanKnock, CanRead
from wurao.checkin.api.shared import Signing, require_sight
from wurao.checkin.repository import entries as repository
from wurao.checkin.repository import ledger as ledger_repository
from wurao.checkin.repository import replicas
from wurao.checkin.schemas.entries import (
    DigestIn,
    EnteredOut,
    EntryIn,
    EntryOut,
    EvidenceIn,
    EvidenceOut,
    ExceptionIn,
    FinishedOut,
    Intact,
    RecordIn,
    RecordOut,
    SignatureIn,
    SignatureOut,
)
from wurao.checkin.schemas.fields import PathId
from wurao.checkin.schemas.ledger import TraceOut
from wurao.checkin.tables import Evidence, LedgerRow
from wurao.checkin.usecases import door, entries, exceptions
from wurao.checkin.usecases.ledger import payload_of
from wurao.common.auth import Principal, Role
from wurao.common.errors import Forbidden
from wurao.common.ids import new_id
from wurao.common.paging import CursorParam, LimitParam, Page, page
from wurao.common.unit import IfMatch, Read, Write, check_match, etag
from wurao.common.unit import router as unit_router
from wurao.common.web import Now

router = unit_router("entries")


def _officers(asked: list[str], who: Principal) -> tuple[str, ...]:
    """The officers, each once; an officer who calls is among them. Raises Forbidden."""
    if Role.OFFICER in who.roles and not who.enterprise_id and who.officer_id not in asked:
        raise Forbidden("只能由到场的执法人员本人办理入企", code="entry.not_on_visit")
    return tuple(dict.fromkeys(asked))


@router.post("/entries", status_code=201)
async def enter(
    body: EntryIn, who: CanKnock, session: Write, codes: Signing, clock: Now, response: Response
) -> EnteredOut:
    """Enter by scan: the door gate judges, every reason at once (YZ-01, QZ-09)."""
    attempt = door.Attempt(
        officer_ids=_officers(body.officer_ids, who),
        enterprise_code=body.enterprise_code,
        action_code=body.action_code,
        opened_by=who.officer_id or who.subject,
        caller_enterprise_id=who.enterprise_id,
    )
    entered = await door.enter(session, codes, attempt, clock.now())
    response.headers["Location"] = f"/v1/entries/{entered.entry_id}"
    return EnteredOut.model_validate(entered)


@router.post("/entries/exception", status_code=201)
async def enter_exceptionally(
    body: ExceptionIn, who: CanInspect, session: Write, codes: Signing, clock: Now, response: Response
) -> EnteredOut:
    """Enter on an exception ground (YZ-01, QZ-10, CX-06)."""
    attempt = exceptions.Attempt(
        enterprise_id=body.enterprise_id,
        enterprise_code=body.enterprise_code,
        officer_ids=_officers(body.officer_ids, who),
        ground=body.ground,
        source_record=body.source_record,
        item_ids=tuple(dict.fromkeys(body.item_ids)),
        filing_id=body.filing_id,
        opened_by=who.officer_id or who.subject,
    )
    entered = await exceptions.enter(session, codes, attempt, clock.now())
    response.headers["Location"] = f"/v1/entries/{entered['entry_id']}"
    return EnteredOut.model_validate(entered, from_attributes=False, extra="ignore")


@router.get("/entries/{entry_id}")
async def get_entry(entry_id: PathId, who: CanRead, session: Read, response: Response) -> EntryOut:
    """Everything about an entry, with evidence and signatures."""
    entry = await repository.get(session, entry_id, who.scope())
    out = EntryOut.model_validate(entry)
    out.evidence = [EvidenceOut.model_validate(piece) for piece in await repository.evidence_of(session, entry_id)]
    out.signatures = [
        SignatureOut(
            officer_id=signature.officer_id,
            digest=signature.digest,
            signed_at=signature.signed_at,
            valid=signature.digest == entry.record_digest,
        )
        for signature in await repository.signatures_of(session, entry_id)
    ]
    etag(response, entry.version)
    return out


@router.put("/entries/{entry_id}/record")
async def put_record(
    entry_id: PathId, body: RecordIn, who: CanInspect, session: Write, if_match: IfMatch, response: Response
) -> RecordOut:
    """Keep the on-site record; it follows the visit's form (QZ-04, QZ-11)."""
    entry = await entries.own(session, entry_id, who)
    check_match(entry.version, if_match)
    draft = entries.RecordDraft(
        answers=tuple((answer.question_id, answer.value) for answer in body.answers),
        results=tuple((result.item_id, result.result) for result in body.results),
        findings=tuple(
            entries.FindingDraft(f.item_id, f.violation, f.description, tuple(f.circumstances)) for f in body.findings
        ),
        present=body.present,
    )
    entry = await entries.record(session, entry, draft)
    etag(response, entry.version)
    assert entry.record is not None
    return RecordOut.model_validate(
        {
            "entry_id": entry_id,
            "record_digest": entry.record_digest,
            "findings": entry.record["findings"],
            "version": entry.version,
        }
    )


@router.post("/entries/{entry_id}/evidence", status_code=201)
async def register_evidence(
    entry_id: PathId, body: EvidenceIn, who: CanInspect, session: Write, clock: Now, response: Response
) -> EvidenceOut:
    """Register evidence by its digest (QZ-11)."""
    entry = await entries.own(session, entry_id, who)
    piece = Evidence(
        evidence_id=new_id(),
        entry_id=entry_id,
        registered_by=who.officer_id,
        registered_at=clock.now(),
        **body.model_dump(),
    )
    kept = await entries.register(session, entry, piece)
    response.headers["Location"] = f"/v1/entries/{entry_id}/evidence/{kept.evidence_id}"
    return EvidenceOut.model_validate(kept)


@router.post("/entries/{entry_id}/evidence/{evidence_id}/verify")
async def verify_evidence(entry_id: PathId, evidence_id: PathId, body: DigestIn, who: CanRead, session: Read) -> Intact:
    """Whether a file at hand is the one that was registered (QZ-11)."""
    await repository.get(session, entry_id, who.scope())
    return Intact(intact=await entries.verify(session, entry_id, evidence_id, body.sha256))


@router.post("/entries/{entry_id}/signatures", status_code=201)
async def sign(
    entry_id: PathId, who: CanInspect, session: Write, clock: Now, body: SignatureIn | None = None
) -> SignatureOut:
    """Sign the record as it stands, each officer with the own token (DT-09)."""
    entry = await entries.own(session, entry_id, who)
    assert who.officer_id is not None
    signature = await entries.sign(session, entry, who.officer_id, body.record_digest if body else None, clock.now())
    return SignatureOut.model_validate(signature)


@router.post("/entries/{entry_id}/finish")
async def finish(
    entry_id: PathId, who: CanInspect, session: Write, clock: Now, if_match: IfMatch, response: Response
) -> FinishedOut:
    """End a visit: record and signatures present (QZ-11, DT-09)."""
    entry = await entries.own(session, entry_id, who)
    check_match(entry.version, if_match)
    entry = await entries.finish(session, entry, clock.now())
    etag(response, entry.version)
    return FinishedOut.model_validate(entry)


@router.get("/enterprises/{enterprise_id}/entries")
async def trace(
    enterprise_id: PathId, who: CanRead, session: Read, cursor: CursorParam = None, limit: LimitParam = 50
) -> Page[TraceOut]:
    """An enterprise's trace, newest first: scans, exceptions, ends, declines, reports (YZ-01).

    Agencies see their own acts only; others see enterprises of their area, an enterprise itself.
    """
    scope = who.scope()
    if scope.kind != "agency":
        if who.enterprise_id:
            who.require_enterprise(enterprise_id)
        require_sight(who, enterprise_id, (await replicas.enterprise(session, enterprise_id)).area)
    query = ledger_repository.of_enterprise(scope, enterprise_id)
    rows, following = await page(session, query, LedgerRow.seq, cursor=cursor, limit=limit, descending=True)
    return Page(items=[_line(row) for row in rows], next_cursor=following)


def _line(row: LedgerRow) -> TraceOut:
    return TraceOut(
        seq=row.seq,
        kind=row.kind,
        subject_id=row.subject_id,
        at=row.at,
        agencies=row.agencies,
        details=payload_of(row),
    )
