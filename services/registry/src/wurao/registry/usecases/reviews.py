"""Open a year's review of certificates, decide on each of them, show how far it got (DT-02)."""

from collections.abc import Sequence
from datetime import date, datetime

from wurao.common.area import prefix
from wurao.common.auth import Principal
from wurao.common.clock import legal_date
from wurao.common.contracts.shared import Refusal
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import Conflict, NotFound
from wurao.common.ids import new_id
from wurao.common.legalclock import Period, due_date
from wurao.common.policy import calendar_for
from wurao.common.scope import Scope
from wurao.registry.access import require_authority_over
from wurao.registry.domain import officers as officer_rules
from wurao.registry.domain import reviews as rules
from wurao.registry.repository import bulk, officer_records
from wurao.registry.repository import officers as officer_repository
from wurao.registry.repository import reviews as repository
from wurao.registry.schemas.reviews import DecisionIn, ReviewOut
from wurao.registry.tables import Officer, OfficerReview, OfficerReviewEntry
from wurao.registry.usecases import officers
from wurao.registry.usecases.officer_law import OfficerLaw


async def open_review(
    session: WriteSession, area: str, agency_id: str | None, year: int, by: str, now: datetime
) -> OfficerReview:
    """Put every certificate of an area or agency under review, with the reasons to withdraw it."""
    law = OfficerLaw(session, legal_date(now))
    duty = (await law.rules(area)).review_days
    rules.require_year(year, legal_date(now), duty.clause)
    reviewed = agency_id or area
    if await repository.is_open_for(session, reviewed, year):
        raise Conflict(f"{year}年度证件审验已经启动", code="officer_review.open", clause=duty.clause)
    period = Period(duty.value, "working", duty.cite)
    review = OfficerReview(
        review_id=new_id(),
        scope=reviewed,
        area=area,
        agency_id=agency_id,
        year=year,
        due_at=due_date(now, period, await calendar_for(session)).at,
        clause=duty.clause,
        cite=duty.cite,
        opened_by=by,
        opened_at=now,
    )
    session.add(review)
    await session.flush()
    scope = Scope("agency", agency_id=agency_id) if agency_id else Scope("area", area=prefix(area))
    holders = (await session.scalars(repository.holders(scope))).all()
    for part in bulk.chunked(holders):
        reasons = await _reasons(session, part, year, legal_date(now), law)
        rows = [_entry(review.review_id, officer, reasons[officer.officer_id]) for officer in part]
        await bulk.insert_all(session, OfficerReviewEntry, rows)
    return review


def _entry(review_id: str, officer: Officer, reasons: Sequence[Refusal]) -> bulk.Values:
    return {
        "review_id": review_id,
        "officer_id": officer.officer_id,
        "agency_id": officer.agency_id,
        "area": officer.area,
        "name": officer.name,
        "reasons": [why.model_dump(mode="json") for why in reasons],
        "doubtful": bool(reasons),
        "reason": "",
        "version": 1,
    }


async def _reasons(
    session: ReadSession, holders: Sequence[Officer], year: int, today: date, law: OfficerLaw
) -> dict[str, list[Refusal]]:
    hours = await officer_records.hours(session, [officer.officer_id for officer in holders], year)
    return {
        officer.officer_id: rules.reasons(
            await law.record(officer),
            hours.get(officer.officer_id, 0),
            year,
            today,
            await law.bases(officer.area),
            await law.rules(officer.area),
        )
        for officer in holders
    }


async def decide(
    session: WriteSession, review: OfficerReview, wanted: Sequence[DecisionIn], who: Principal, now: datetime
) -> None:
    """Keep, renew or withdraw certificates, all of them or none; reasons are looked at again as of now.

    Raises NotFound, OwnMatter, AlreadyDecided, and Refused when an unfit holder would keep the certificate.
    """
    ids = [decision.officer_id for decision in wanted]
    entries = await repository.known(session, review.review_id, ids)
    holders = await officer_repository.known(session, ids)
    today = legal_date(now)
    law = OfficerLaw(session, today)
    reasons = await _reasons(session, list(holders.values()), review.year, today, law)
    for decision in wanted:
        entry, officer = entries.get(decision.officer_id), holders.get(decision.officer_id)
        if entry is None or officer is None:
            raise NotFound(f"本次审验中没有人员{decision.officer_id}")
        require_authority_over(who, officer.agency_id, officer.area)
        officer_rules.require_other(officer.officer_id, who.officer_id, who.subject)
        record = await law.record(officer)
        rules.require_open(entry.decision, record, review.clause)
        rules.require_allowed(
            decision.decision,
            reasons[officer.officer_id],
            decision.valid_to,
            record,
            today,
            await law.bases(officer.area),
        )
        await _carry_out(session, officer, decision, review.year, who.subject, now)
        entry.decision, entry.reason, entry.valid_to = decision.decision, decision.reason, decision.valid_to
        entry.decided_by, entry.decided_at = who.subject, now
    await session.flush()


async def _carry_out(
    session: WriteSession, officer: Officer, decision: DecisionIn, year: int, by: str, now: datetime
) -> None:
    if decision.decision == rules.WITHDRAW:
        reason = f"{year}年度审验收回证件：{decision.reason}"
        await officers.withdraw(session, officer, reason, legal_date(now), new_id(), by, now)
    elif decision.decision == rules.RENEW:
        officer.valid_to = decision.valid_to
        officer.changed_unseen = officer.changed_unseen or officer.standing == officer_rules.SUSPENDED
        await session.flush()
        officers.tell_particulars(session, officer)


async def progress(session: ReadSession, review: OfficerReview, scope: Scope, now: datetime) -> ReviewOut:
    """A review with how far it got among the certificates that a scope sees."""
    listed, doubtful, kept, renewed, withdrawn = await repository.progress(session, review.review_id, scope)
    left = listed - kept - renewed - withdrawn
    return ReviewOut(
        review_id=review.review_id,
        area=review.area,
        agency_id=review.agency_id,
        year=review.year,
        due_at=review.due_at,
        clause=review.clause,
        cite=review.cite,
        opened_by=review.opened_by,
        opened_at=review.opened_at,
        certificates=listed,
        doubtful=doubtful,
        kept=kept,
        renewed=renewed,
        withdrawn=withdrawn,
        undecided=left,
        overdue=left if now > review.due_at else 0,
    )
