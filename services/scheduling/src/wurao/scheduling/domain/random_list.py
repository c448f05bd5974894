"""How much of what agencies may inspect stands on the random list (LX-08)."""

from collections.abc import Iterable
from typing import NamedTuple


class Listed(NamedTuple):
    """So many published items of an agency that are alike in these three marks."""

    agency_id: str
    on_list: bool
    excused: bool
    items: int


class Share(NamedTuple):
    """Published items, those on the list, those excused as special industry or key area, and those that are neither.

    `permille` is the share of the list among items that are not excused; None where every item is excused.
    """

    items: int
    on_list: int
    excused: int
    missing: int
    permille: int | None


def share(counts: Iterable[Listed]) -> Share:
    """The share over any set of items; an item on the list needs no excuse."""
    items = on_list = excused = 0
    for count in counts:
        items += count.items
        if count.on_list:
            on_list += count.items
        elif count.excused:
            excused += count.items
    due = items - excused
    return Share(items, on_list, excused, due - on_list, on_list * 1000 // due if due else None)


def by_agency(counts: Iterable[Listed]) -> dict[str, Share]:
    """The share of each agency, by id ascending."""
    found: dict[str, list[Listed]] = {}
    for count in counts:
        found.setdefault(count.agency_id, []).append(count)
    return {agency_id: share(found[agency_id]) for agency_id in sorted(found)}
