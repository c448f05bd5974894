"""The enterprise's evaluation of a visit: what an agency may learn from it (QZ-12).

An agency sees aggregates only, and they grow in steps of three: comparing two readings never shows one rating.
"""

from collections.abc import Mapping
from dataclasses import dataclass

STEP = 3
FLAGS = ("code_shown", "certificates_shown", "disturbed", "fees_asked")


@dataclass(frozen=True, slots=True)
class Rating:
    """One evaluation: satisfaction 1 to 5, and what was seen."""

    satisfaction: int
    code_shown: bool
    certificates_shown: bool
    disturbed: bool
    fees_asked: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of an agency: `released` may be shown, `pending` waits for its third rating."""

    released: Mapping[str, int]
    pending: Mapping[str, int]

    @property
    def count(self) -> int:
        """All evaluations, shown or waiting."""
        return self.released.get("ratings", 0) + self.pending.get("ratings", 0)

    def add(self, rating: Rating) -> "Tally":
        """The tally with one more rating."""
        pending = _sum(self.pending, _counts(rating))
        if pending["ratings"] < STEP:
            return Tally(self.released, pending)
        return Tally(_sum(self.released, pending), {})


@dataclass(frozen=True, slots=True)
class Figures:
    """What an agency sees: averages in hundredths, shares in permille, of `ratings` evaluations."""

    ratings: int
    satisfaction_hundredths: int
    code_shown_permille: int
    certificates_shown_permille: int
    disturbed_permille: int
    fees_asked_permille: int


def figures(tally: Tally) -> Figures | None:
    """The released figures; None below three evaluations."""
    released = tally.released
    ratings = released.get("ratings", 0)
    if ratings < STEP:
        return None
    shares = {f"{flag}_permille": _share(released.get(flag, 0), ratings, 1000) for flag in FLAGS}
    return Figures(ratings, _share(released["satisfaction"], ratings, 100), **shares)


def _counts(rating: Rating) -> dict[str, int]:
    flags = {flag: int(getattr(rating, flag)) for flag in FLAGS}
    return {"ratings": 1, "satisfaction": rating.satisfaction, **flags}


def _sum(left: Mapping[str, int], right: Mapping[str, int]) -> dict[str, int]:
    return {name: left.get(name, 0) + right.get(name, 0) for name in {*left, *right}}


def _share(part: int, whole: int, scale: int) -> int:
    return (part * scale * 2 + whole) // (whole * 2)
