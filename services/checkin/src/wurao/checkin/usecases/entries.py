"""After the door: record, evidence, signatures, finish."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wurao.checkin.domain import filings
from wurao.checkin.domain import record as rules
from wurao.checkin.domain.policy import law_of
from wurao.checkin.repository import entries as repository
from wurao.checkin.tables import Entry, Evidence, Signature
from wurao.checkin.usecases import content
from wurao.checkin.usecases.ledger import Act, append
from wurao.common.auth import Principal
from wurao.common.clock import legal_date
from wurao.common.contracts.checkin import InspectionFinished
from wurao.common.contracts.shared import Finding, ItemResult, OfficerRef, Question
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import Conflict, Forbidden, Refused, Stale
from wurao.common.ids import new_id
from wurao.common.packs import Bases
from wurao.common.policy import calendar_for, pack_for
from wurao.common.workdays import CalendarUnknown


@dataclass(frozen=True, slots=True)
class FindingDraft:
    """A violation as an officer notes it."""

    item_id: str
    violation: str
    description: str
    circumstances: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordDraft:
    """An on-site record as sent."""

    answers: tuple[tuple[str, rules.Value], ...]
    results: tuple[tuple[str, str], ...]
    findings: tuple[FindingDraft, ...]
    present: str


async def own(session: WriteSession, entry_id: str, who: Principal) -> Entry:
    """An entry of the calling officer, locked: simultaneous deeds take turns. Raises NotFound or Forbidden."""
    entry = await repository.get(session, entry_id)
    await session.refresh(entry, with_for_update=True)
    if who.officer_id is None or who.officer_id not in {officer["officer_id"] for officer in entry.officers}:
        raise Forbidden("只有本次入企的执法人员可以办理", code="entry.not_on_visit")
    return entry


async def _open_basis(session: ReadSession, entry: Entry) -> Bases:
    """The bases of an open entry, of the day on which it began. Raises Conflict when it is finished (DT-09)."""
    day = legal_date(entry.started_at)
    basis = (await pack_for(session, entry.area, day)).section(Bases, on=day)
    if entry.finished_at is not None:
        raise Conflict("检查已经结束，记录不得更改", code="entry.finished", clause=basis.signed_ledger.clause)
    return basis


async def record(session: WriteSession, entry: Entry, draft: RecordDraft) -> Entry:
    """Keep the on-site record; signatures under an earlier one are void. Raises Refused or Conflict."""
    basis = await _open_basis(session, entry)
    form = rules.Form(
        tuple(Question.model_validate(question) for question in entry.questions),
        tuple(item["item_id"] for item in entry.items),
    )
    notes = tuple(rules.FindingNote(finding.item_id, finding.violation) for finding in draft.findings)
    if refusals := rules.check(rules.Record(draft.answers, draft.results, notes), form, basis):
        raise Refused(refusals)
    entry.record = _kept(entry, draft)
    entry.record_digest = content.digest_of(entry, await repository.evidence_of(session, entry.entry_id))
    await session.flush()
    return entry


def _kept(entry: Entry, draft: RecordDraft) -> dict[str, Any]:
    agencies = {item["item_id"]: item["agency_id"] for item in entry.items}
    return {
        "answers": [{"question_id": asked, "value": value} for asked, value in draft.answers],
        "results": [{"item_id": i, "agency_id": agencies[i], "result": result} for i, result in draft.results],
        "findings": [
            {
                "finding_id": new_id(),
                "item_id": finding.item_id,
                "agency_id": agencies[finding.item_id],
                "violation": finding.violation,
                "description": finding.description,
                "circumstances": list(finding.circumstances),
            }
            for finding in draft.findings
        ],
        "present": draft.present,
    }


async def register(session: WriteSession, entry: Entry, piece: Evidence) -> Evidence:
    """Register evidence by its digest; it becomes part of what officers sign (QZ-11)."""
    await _open_basis(session, entry)
    session.add(piece)
    await session.flush()
    if entry.record is not None:
        entry.record_digest = content.digest_of(entry, await repository.evidence_of(session, entry.entry_id))
        await session.flush()
    return piece


async def sign(session: WriteSession, entry: Entry, officer_id: str, seen: str | None, now: datetime) -> Signature:
    """Sign the record as it stands; `seen` is the digest that the officer read (QZ-11). Raises Conflict or Stale."""
    basis = await _open_basis(session, entry)
    if entry.record_digest is None:
        raise Conflict("没有现场检查记录，不能签名", code="sign.no_record", clause=basis.on_site_record.clause)
    if seen is not None and seen != entry.record_digest:
        raise Stale("记录在阅读后已被更改，请重新阅读再签名")
    await repository.drop_signature(session, entry.entry_id, officer_id)
    signature = Signature(entry_id=entry.entry_id, officer_id=officer_id, digest=entry.record_digest, signed_at=now)
    session.add(signature)
    await session.flush()
    return signature


async def finish(session: WriteSession, entry: Entry, now: datetime) -> Entry:
    """End a visit: record and signatures present, ledger row written. Raises Refused or Conflict (QZ-11, DT-09)."""
    basis = await _open_basis(session, entry)
    signatures = await repository.signatures_of(session, entry.entry_id)
    holding = content.holding(entry, signatures)
    if refusals := list(rules.may_finish(entry.record is not None, len(holding), basis)):
        raise Refused(refusals)
    assert entry.record_digest is not None
    entry.finished_at = now
    act = Act(
        content.FINISHED,
        entry.entry_id,
        entry.enterprise_id,
        entry.area,
        entry.agencies,
        content.finished(entry, entry.record_digest, signatures),
        now,
    )
    entry.ledger_seq = await append(session, act)
    if entry.filing_state in filings.OPEN:
        await set_filing_due(session, entry)
    await session.flush()
    session.record(_finished(entry))
    return entry


async def set_filing_due(session: WriteSession, entry: Entry) -> bool:
    """When the filing must have followed; False while the year's holidays are not published (QZ-10)."""
    assert entry.finished_at is not None
    day = legal_date(entry.finished_at)
    law = law_of(await pack_for(session, entry.area, day), day)
    try:
        due = filings.makeup_due(entry.finished_at, law.filing, await calendar_for(session))
    except CalendarUnknown:
        return False
    if due is None:
        return False
    entry.filing_due, entry.filing_explained = due.at, due.explain()
    return True


def _finished(entry: Entry) -> InspectionFinished:
    assert entry.record is not None
    assert entry.record_digest is not None
    assert entry.ledger_seq is not None
    assert entry.finished_at is not None
    return InspectionFinished(
        entry_id=entry.entry_id,
        visit_id=entry.visit_id or entry.makeup_visit_id,
        enterprise_id=entry.enterprise_id,
        enterprise_name=entry.enterprise_name,
        area=entry.area,
        agencies=tuple(entry.agencies),
        officers=tuple(OfficerRef.model_validate(officer) for officer in entry.officers),
        mode="scan" if entry.mode == "scan" else "exception",
        ground=entry.ground,
        results=tuple(ItemResult.model_validate(result) for result in entry.record["results"]),
        findings=tuple(Finding.model_validate(finding) for finding in entry.record["findings"]),
        record_digest=entry.record_digest,
        ledger_seq=entry.ledger_seq,
        started_at=entry.started_at,
        finished_at=entry.finished_at,
        minutes=max(0, int((entry.finished_at - entry.started_at).total_seconds() // 60)),
        version=entry.version,
    )


async def verify(session: ReadSession, entry_id: str, evidence_id: str, sha256: str) -> bool:
    """Whether a file is the one that was registered (QZ-11)."""
    return (await repository.piece(session, entry_id, evidence_id)).sha256 == sha256
