"""Exemptions counted, so that leaks show: tasks that left the draw or the plan on a ground, by agency and month."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

FEWEST, MULTIPLE = 5, 2
"""An agency stands out with at least so many exemptions, and at so many times the share of all others together."""


class Counted(NamedTuple):
    """Tasks of an agency in a month (`2026-03`) on one ground; None for tasks that need none."""

    agency_id: str
    month: str
    ground: str | None
    tasks: int


@dataclass(frozen=True, slots=True)
class Exempted:
    """An agency's tasks, those on each ground, and whether its share of exemptions stands out among its peers'."""

    agency_id: str
    tasks: int
    by_ground: Mapping[str, int]
    by_month: Mapping[str, int]
    permille: int
    peers_permille: int
    stands_out: bool

    @property
    def exempt(self) -> int:
        """How many tasks rest on a ground."""
        return sum(self.by_ground.values())


def per_agency(counted: Iterable[Counted]) -> list[Exempted]:
    """The figures of each agency, in the order of their ids: no ranking."""
    rows = list(counted)
    all_tasks = sum(row.tasks for row in rows)
    all_exempt = sum(row.tasks for row in rows if row.ground is not None)
    found = []
    for agency_id in sorted({row.agency_id for row in rows}):
        own = [row for row in rows if row.agency_id == agency_id]
        exempt = [row for row in own if row.ground is not None]
        tasks, taken = sum(row.tasks for row in own), sum(row.tasks for row in exempt)
        others, theirs = all_tasks - tasks, all_exempt - taken
        found.append(
            Exempted(
                agency_id,
                tasks,
                _added((str(row.ground), row.tasks) for row in exempt),
                _added((row.month, row.tasks) for row in exempt),
                _permille(taken, tasks),
                _permille(theirs, others),
                others > 0 and taken >= FEWEST and taken * others > MULTIPLE * theirs * tasks,
            )
        )
    return found


def _permille(part: int, whole: int) -> int:
    return part * 1000 // whole if whole else 0


def _added(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, count in pairs:
        found[key] = found.get(key, 0) + count
    return dict(sorted(found.items()))
