"""Penalties on the spot: the limits, and what the form must have (PL-51)."""

from collections.abc import Collection
from typing import Literal

from wurao.common.contracts.shared import Refusal
from wurao.penalty.domain.policy import ProcedureSection

Party = Literal["citizen", "organisation"]

ON_THE_SPOT = frozenset({"fine", "warning"})
ORDINARY_INSTEAD = ("改用普通程序：送达告知书、听取陈述申辩后再作决定",)


def party_of(enterprise_kind: str) -> Party:
    """An individual business is its owner, a citizen; every other enterprise is an organisation."""
    return "citizen" if enterprise_kind == "individual" else "organisation"


def beyond_summary(party: Party, fine_fen: int, kinds: Collection[str], section: ProcedureSection) -> list[Refusal]:
    """Refusals of a penalty that may not be imposed on the spot (PL-51)."""
    limit = section.summary_limit_citizen_fen if party == "citizen" else section.summary_limit_organisation_fen
    refusals = []
    if fine_fen > limit.value:
        message = f"当场处罚的罚款不得超过{limit.value}分，拟罚{fine_fen}分"
        refusals.append(_refusal("summary.fine_above_limit", limit.clause, limit.cite, message))
    if not set(kinds) <= ON_THE_SPOT:
        refusals.append(_refusal("summary.kind", limit.clause, limit.cite, "当场只能处以警告或者限额以内的罚款"))
    return refusals


def _refusal(code: str, clause: str, cite: str, message: str) -> Refusal:
    return Refusal(code=code, clause=clause, cite=cite, message=message, alternatives=ORDINARY_INSTEAD)
