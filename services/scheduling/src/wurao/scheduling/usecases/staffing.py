"""Officers for visits that are put together: drawn by ticket, their days filled visit by visit (YZ-10, QZ-06)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from wurao.scheduling.domain import officer_draw, people
from wurao.scheduling.domain.officer_draw import OfficerDraw


@dataclass
class Staff:
    """Officers by agency, how many minutes each day is laid on them already, and who stays away from whom.

    `left` are the officers that an agency can still send on a day of which it said how many go.
    """

    officers: Mapping[str, Sequence[people.OfficerFact]]
    booked: dict[tuple[str, date], int]
    recusals: Mapping[str, Sequence[people.Recusal]]
    left: dict[tuple[str, date], int]

    def draw(
        self,
        agency_id: str,
        count: int,
        seed: str,
        visit_id: str,
        enterprise_id: str,
        day: date,
        minutes: int,
        drawn: Collection[str],
    ) -> OfficerDraw:
        """Officers of an agency by ticket, among those who may go there and whose day still holds the visit.

        Those whom a draw chose for the enterprise go first.
        """
        pool = self.officers.get(agency_id, ())
        busy = {o.officer_id for o in pool if self.booked.get((o.officer_id, day), 0) + minutes > people.DAY_MINUTES}
        away = people.recused_on(self.recusals.get(enterprise_id, ()), day)
        most = min(count, max(0, self.left.get((agency_id, day), count)))
        return officer_draw.hold(pool, most, seed, visit_id, day, busy | away, drawn)

    def lay(self, officers: Iterable[tuple[str, str]], day: date, minutes: int, *, sign: int = 1) -> None:
        """Count a visit on the day of its officers, given as (agency, officer); sign -1 takes it off again."""
        for agency_id, officer_id in officers:
            key = (officer_id, day)
            self.booked[key] = self.booked.get(key, 0) + sign * minutes
            if (agency_id, day) in self.left:
                self.left[agency_id, day] -= sign
