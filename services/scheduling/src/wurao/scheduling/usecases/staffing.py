"""Officers for visits that are put together: drawn by ticket, their days filled visit by visit (YZ-10, QZ-06)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from wurao.scheduling.domain import people


@dataclass
class Staff:
    """Officers by agency, how many minutes each day is laid on them already, and who stays away from whom."""

    officers: Mapping[str, Sequence[people.OfficerFact]]
    booked: dict[tuple[str, date], int]
    recusals: Mapping[str, Sequence[people.Recusal]]

    def draw(
        self, agency_id: str, count: int, seed: str, visit_id: str, enterprise_id: str, day: date, minutes: int
    ) -> list[people.OfficerFact]:
        """Officers of an agency by ticket, among those who may go there and whose day still holds the visit."""
        pool = self.officers.get(agency_id, ())
        busy = {o.officer_id for o in pool if self.booked.get((o.officer_id, day), 0) + minutes > people.DAY_MINUTES}
        away = people.recused_on(self.recusals.get(enterprise_id, ()), day)
        return people.drawn(pool, count, seed, visit_id, day, busy | away)

    def lay(self, officer_ids: Iterable[str], day: date, minutes: int) -> None:
        """Count a visit on its officers' day; negative minutes take it off again."""
        for officer_id in officer_ids:
            key = (officer_id, day)
            self.booked[key] = self.booked.get(key, 0) + minutes
