"""What makes a case heavy: filed with the supervision body by itself, open to a hearing (QZ-31, PL-63)."""

from collections.abc import Collection

from wurao.penalty.domain.policy import ProcedureSection

LARGE_FINE, SEIZURE = "large_fine", "seizure"


def heavy_grounds(fine_fen: int, kinds: Collection[str], section: ProcedureSection) -> tuple[str, ...]:
    """Which of the pack's heavy kinds a penalty or measure meets; empty: not heavy (QZ-31).

    `large_fine` stands for a fine of at least the pack's large fine.
    """
    return _met(section.heavy_kinds.value, fine_fen, kinds, section.large_fine_fen.value)


def hearing_grounds(fine_fen: int, kinds: Collection[str], section: ProcedureSection) -> tuple[str, ...]:
    """Which kinds give the party the right to a hearing; empty: no such right (PL-63)."""
    return _met(section.hearing_kinds.value, fine_fen, kinds, section.large_fine_fen.value)


def is_major(fine_fen: int, kinds: Collection[str], section: ProcedureSection) -> bool:
    """A major decision, which needs legal review and collective discussion (YZ-11, 行政处罚法 art. 57)."""
    return bool(heavy_grounds(fine_fen, kinds, section) or hearing_grounds(fine_fen, kinds, section))


def _met(named: Collection[str], fine_fen: int, kinds: Collection[str], large_fen: int) -> tuple[str, ...]:
    large = {LARGE_FINE} if fine_fen >= large_fen else set()
    met = large | set(kinds)
    return tuple(kind for kind in named if kind in met)
