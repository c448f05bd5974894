"""Officers of a visit drawn by ticket from a list that is kept, so that anyone can draw again (docs/draw.md)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from wurao.scheduling.domain import people

HEADER = "officer_id,chosen"


@dataclass(frozen=True, slots=True)
class OfficerDraw:
    """Who was drawn, in the order of the tickets, and the list of those who might have been."""

    officers: tuple[people.OfficerFact, ...]
    document: str

    @property
    def digest(self) -> str:
        """SHA-256 of the list's bytes (hex)."""
        return sha256(self.document.encode()).hexdigest()


def hold(
    pool: Sequence[people.OfficerFact],
    count: int,
    seed: str,
    visit_id: str,
    day: date,
    busy: Collection[str] = (),
    chosen: Collection[str] = (),
) -> OfficerDraw:
    """Up to `count` officers of the pool who are valid on the day and not busy; those whom a draw chose go first."""
    able = [officer for officer in pool if officer.officer_id not in busy and people.valid_on(officer, day)]
    first = people.drawn([one for one in able if one.officer_id in chosen], count, seed, visit_id, day)
    others = [one for one in able if one.officer_id not in chosen]
    drawn = (*first, *people.drawn(others, count - len(first), seed, visit_id, day))
    return OfficerDraw(drawn, canonical({officer.officer_id: officer.officer_id in chosen for officer in able}))


def canonical(able: dict[str, bool]) -> str:
    """The list as CSV: header, ids ascending by their bytes, 1 for those whom a draw chose, LF after every line."""
    rows = (f"{officer_id},{int(able[officer_id])}" for officer_id in sorted(able, key=str.encode))
    return "".join(f"{line}\n" for line in (HEADER, *rows))
