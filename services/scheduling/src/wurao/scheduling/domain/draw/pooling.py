"""Who stands in the pool of a draw, in which stratum, and how a drawn enterprise is inspected (YZ-02, LX-08)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from wurao.scheduling.domain.draw.spec import Spec
from wurao.scheduling.domain.gate import ItemFact

UNGRADED = "ungraded"


def applies(industries: Sequence[str], industry: str) -> bool:
    """Tell whether an item with these industry prefixes concerns an industry; without prefixes it concerns all."""
    return not industries or any(industry.startswith(prefix) for prefix in industries)


def concerned(items: Mapping[str, Sequence[Sequence[str]]], industry: str) -> tuple[str, ...]:
    """The agencies of which an item concerns an industry, ascending; `items` has the prefixes of each agency's."""
    return tuple(
        agency_id for agency_id in sorted(items) if any(applies(prefixes, industry) for prefixes in items[agency_id])
    )


class Strata:
    """Like enterprises: of one grade drawn at one rate, and in a joint draw concerning the same agencies."""

    def __init__(self, agencies: Collection[str], otherwise: int) -> None:
        self._joint, self._otherwise = len(agencies) > 1, otherwise
        self._known: dict[str, tuple[int, tuple[str, ...]]] = {}

    def of(self, grade: str | None, permille: int | None, agencies: tuple[str, ...]) -> str:
        """The stratum of an enterprise; those without a grade are drawn at the rate for them."""
        if grade is None or permille is None:
            grade, permille = UNGRADED, self._otherwise
        name = f"{grade}@{permille}" + (f"/{'+'.join(agencies)}" if self._joint else "")
        self._known[name] = (permille, agencies)
        return name

    def spec(self, draw_id: str, officers_per_visit: int) -> Spec:
        """The rule of the draw: the ratio of every stratum so far, and the agencies that send officers."""
        return Spec(
            draw_id,
            {name: Decimal(permille) / 1000 for name, (permille, _) in self._known.items()},
            officers_per_visit,
            {name: agencies for name, (_, agencies) in self._known.items()},
        )


def split(items: Sequence[ItemFact], *, off_site_first: bool) -> dict[str, list[ItemFact]]:
    """Items by the way in which a drawn enterprise is inspected (LX-09, QZ-15).

    Where a visit is needed anyway, items that allow both ways come along; else they stay off site if that
    comes first.
    """
    visit_needed = any(item.method == "on_site" for item in items)
    either = "on_site" if visit_needed or not off_site_first else "off_site"
    ways: dict[str, list[ItemFact]] = defaultdict(list)
    for item in items:
        ways[either if item.method == "either" else item.method].append(item)
    return dict(ways)
