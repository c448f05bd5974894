"""A pack takes effect by two persons: one proposes, another approves or rejects; what is scheduled may be withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from wurao.common.errors import Conflict
from wurao.common.packs import Pack

PROPOSED, APPROVED, REJECTED, WITHDRAWN, REPLACED = "proposed", "approved", "rejected", "withdrawn", "replaced"

STANDINGS = {
    "proposed": "待另一人批准",
    "scheduled": "已批准，待生效",
    "in_force": "现行有效",
    "past": "已被后来的政策包取代",
    "rejected": "未获批准",
    "withdrawn": "已撤回",
    "replaced": "同日由另一政策包替换",
}


@dataclass(frozen=True, slots=True)
class Term:
    """An approved activation on the line of an area's packs."""

    activation_id: str
    effective_from: date


def require_day(pack: Pack, effective_from: date, today: date, reason: str) -> None:
    """Raises Conflict: before the document itself is in force, or backdated without a reason."""
    if effective_from < pack.source.since:
        raise Conflict(
            f"{pack.source.number}自 {pack.source.since} 起施行，政策包不能更早生效",
            code="pack.before_its_document",
            alternatives=[f"改为 {pack.source.since} 或者以后"],
        )
    if effective_from < today and not reason:
        raise Conflict(
            f"{effective_from} 已过，追溯生效须说明理由", code="pack.backdated_needs_reason", alternatives=["填写理由"]
        )


def require_open(state: str) -> None:
    """Raises Conflict when the proposal is no longer open."""
    if state != PROPOSED:
        raise Conflict("此项启用已经办结", code="pack.not_open")


def require_other_person(proposed_by: str, decided_by: str) -> None:
    """Raises Conflict when one person would do both (the database refuses it too)."""
    if proposed_by == decided_by:
        raise Conflict(
            "政策包启用须由另一人批准，提出人不能自行决定",
            code="pack.two_persons",
            alternatives=["请另一名有权人员批准或者驳回"],
        )


def require_withdrawable(state: str, effective_from: date, today: date) -> None:
    """Raises Conflict unless it is still a proposal, or approved for a day to come."""
    if state not in (PROPOSED, APPROVED):
        raise Conflict("此项启用已经办结", code="pack.not_open")
    if state == APPROVED and effective_from <= today:
        raise Conflict(
            "政策包已经生效，不能撤回", code="pack.already_in_force", alternatives=["另行提出启用其他政策包"]
        )


def standing(activation_id: str, state: str, effective_from: date, approved: Sequence[Term], today: date) -> str:
    """Where an activation stands on `today`: a key of STANDINGS; `approved` are those of its area."""
    if state != APPROVED:
        return state
    if effective_from > today:
        return "scheduled"
    begun = [term for term in approved if term.effective_from <= today]
    latest = max(begun, key=lambda term: term.effective_from)
    return "in_force" if latest.activation_id == activation_id else "past"
