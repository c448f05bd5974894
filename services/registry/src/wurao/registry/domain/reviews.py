"""The yearly review of certificates: reasons to withdraw, and what may be decided (DT-02).

Each certificate is kept, renewed or withdrawn, by somebody other than its holder and before the review's due day.
"""

from datetime import date

from wurao.common.contracts.shared import Refusal
from wurao.common.errors import Conflict, Refused
from wurao.common.packs import Bases
from wurao.registry.domain.officers import CERTIFIED, SUSPENDED, Record, review
from wurao.registry.domain.policy import OfficerSection, refusal

KEEP, RENEW, WITHDRAW = "keep", "renew", "withdraw"


class AlreadyDecided(Conflict):
    """A certificate is decided on once in a review (DT-02)."""

    code = "officer_review.decided"


def reasons(record: Record, hours: int, year: int, today: date, bases: Bases, rules: OfficerSection) -> list[Refusal]:
    """Why a certificate ought to be withdrawn, training of the review's year included (DT-02)."""
    if record.standing not in (CERTIFIED, SUSPENDED):
        return []
    found = review(record, today, bases)
    demanded = rules.review_training_hours
    if demanded is not None and hours < demanded.value:
        message = f"{year}年度培训{hours}学时，不足{demanded.value}学时"
        found.append(refusal("officer.undertrained", demanded, message, "补足培训学时后保留证件"))
    return found


def require_year(year: int, today: date, clause: str) -> None:
    """A review is of this year or of the one before. Raises Conflict."""
    if not today.year - 1 <= year <= today.year:
        message = f"只能审验{today.year - 1}年度或者{today.year}年度的证件"
        raise Conflict(message, code="officer_review.bad_year", clause=clause)


def require_open(decision: str | None, record: Record, clause: str) -> None:
    """Raises AlreadyDecided; and Conflict when the certificate went by another decision meanwhile."""
    if decision is not None:
        raise AlreadyDecided("该证件在本次审验中已作出决定", clause=clause)
    if record.standing not in (CERTIFIED, SUSPENDED):
        raise Conflict("该人员已不持有执法证件", code=f"officer.{record.standing}", clause=clause)


def require_allowed(
    decision: str, reasons: list[Refusal], valid_to: date | None, record: Record, today: date, bases: Bases
) -> None:
    """An unfit holder's certificate is neither kept nor renewed; renewal prolongs it. Raises Refused (DT-02)."""
    if decision == WITHDRAW:
        return
    against = [why for why in reasons if decision == KEEP or why.code != "officer.expired"]
    if decision == RENEW and not _prolongs(valid_to, record, today):
        message = "换证的有效期止期应晚于今日和原止期，并早于退休日期"
        against.append(refusal("officer_review.not_renewed", bases.officer_certification, message, "更正有效期止期"))
    if against:
        raise Refused(against)


def _prolongs(valid_to: date | None, record: Record, today: date) -> bool:
    if valid_to is None or valid_to < today or (record.valid_to is not None and valid_to <= record.valid_to):
        return False
    return record.retires_on is None or valid_to < record.retires_on
